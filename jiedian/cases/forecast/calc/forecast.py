"""Forecast of a case: the day power is to be expected, planned from today along what is still to be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from jiedian.core.workdays import Calendar

from .plan import DUST, Plan, plan, up_to

FEWEST = 20
"""Durations are learned from as many ended cases at least; fewer say more about those cases than about the next one."""
LOW, HIGH = 0.2, 0.8
"""Shares of the steps seen that were quicker than the quick and the slow duration."""


@dataclass(frozen=True)
class Pace:
    """Pace of a step in working days: one done quickly, the usual one, and a slow one; ``low ≤ typical ≤ high``."""

    low_wd: float
    typical_wd: float
    high_wd: float


def pace_of(taken_wd: Sequence[int]) -> Pace:
    """The pace of a step from how long it took: the mean, so that steps add up, with one case in ten cut at each end.

    >>> pace_of([0, 0, 1, 1, 1, 2, 2, 3, 5, 40])
    Pace(low_wd=1, typical_wd=1.875, high_wd=5)
    """
    ordered = sorted(taken_wd)
    cut = len(ordered) // 10
    middle = ordered[cut : len(ordered) - cut]
    typical = sum(middle) / len(middle)
    low, high = (ordered[min(int(share * len(ordered)), len(ordered) - 1)] for share in (LOW, HIGH))
    return Pace(min(low, typical), typical, max(high, typical))


def left_of(pace: Pace, used_wd: int) -> Pace:
    """Rest of an open step that has used so many working days.

    A quarter of its usual time at least, and a day once that is over: what is late is not done today for being late.

    >>> left_of(Pace(2, 4, 8), 1), left_of(Pace(2, 4, 8), 30)
    (Pace(low_wd=1, typical_wd=3, high_wd=7), Pace(low_wd=0, typical_wd=1, high_wd=4))
    """
    typical = max(pace.typical_wd - used_wd, _least(pace, used_wd)) if used_wd else pace.typical_wd
    high = max(pace.high_wd - used_wd, ceil(pace.high_wd / 2), typical)
    return Pace(min(max(pace.low_wd - used_wd, 0), typical), typical, high)


def not_before(pace: Pace, wd: int) -> Pace:
    """Rest of a step for which a day was agreed on: not less than the working days until then.

    >>> not_before(Pace(0, 1, 8), 3)
    Pace(low_wd=3, typical_wd=3, high_wd=8)
    """
    return Pace(max(pace.low_wd, wd), max(pace.typical_wd, wd), max(pace.high_wd, wd))


def _least(pace: Pace, used_wd: int) -> float:
    quarter = ceil(pace.typical_wd / 4 - DUST)
    return max(quarter, 1) if used_wd > pace.typical_wd else min(quarter, pace.typical_wd)


@dataclass(frozen=True)
class Forecast:
    """The day to expect power on, the earliest and the latest one, and the plan of what is left from today to it."""

    on: date
    low_on: date
    high_on: date
    plan: Plan


def forecast(
    left: Mapping[str, Pace],
    before: Mapping[str, set[str]],
    *,
    power: str,
    today: date,
    needed_on: date | None,
    calendar: Calendar,
) -> Forecast:
    """Forecast of power: its day if every step is done at its usual pace, and if each is quick or each is slow.

    ``left`` are the steps still to do with what is left of each; ``power`` is the step that brings power. What comes
    after it holds nobody up.
    """
    codes = [code for code in left if code in up_to(before, power)]

    def planned(wd: dict[str, float]) -> Plan:
        return plan(wd, before, start_on=today, needed_on=needed_on, calendar=calendar)

    usual = planned({code: left[code].typical_wd for code in codes})
    quick = planned({code: left[code].low_wd for code in codes}).finish_on
    slow = planned({code: left[code].high_wd for code in codes}).finish_on
    return Forecast(usual.finish_on, quick, slow, usual)
