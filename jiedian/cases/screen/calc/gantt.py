"""Drawing rows of a case: limits spread over the steps of a baseline, and bars of what was to be, was, and is to come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from jiedian.cases.forecast.calc.plan import order, up_to


@dataclass(frozen=True)
class Allowance:
    """A limit over steps: together, parallel ones at once, they may take so many working days.

    A ceiling (application to power) only presses; any other limit is a step's own time and is used up.
    """

    limit_id: str
    codes: frozenset[str]
    working_days: int
    is_ceiling: bool = False


def allotted(
    durations_wd: Mapping[str, int], predecessors: Mapping[str, set[str]], allowances: Iterable[Allowance]
) -> dict[str, int]:
    """Durations by which every limit is met on its last day; steps under one limit share it as they usually take.

    >>> usual, before = {"survey": 1, "draft": 4, "reply": 1}, {"draft": {"survey"}, "reply": {"draft"}}
    >>> allotted(usual, before, [Allowance("T61", frozenset(usual), 10)])
    {'survey': 2, 'draft': 6, 'reply': 2}
    """
    made = dict(durations_wd)
    for limit in sorted(allowances, key=lambda limit: (limit.is_ceiling, -len(limit.codes))):
        codes = limit.codes & made.keys()
        if len(codes) == 1 and not limit.is_ceiling:
            made |= dict.fromkeys(codes, limit.working_days)
            continue
        ends: dict[str, int] = {}
        graph = {code: predecessors.get(code, set()) & codes for code in codes}
        for code in order(graph):
            ends[code] = max((ends[before] for before in graph[code]), default=0) + made[code]
        length = max(ends.values(), default=0)
        if not length or (limit.is_ceiling and length <= limit.working_days):
            continue
        for code, end in ends.items():
            first, last = (_half_up(day * limit.working_days, length) for day in (end - made[code], end))
            made[code] = last - first
    return made


def _half_up(share: int, whole: int) -> int:
    return (2 * share + whole) // (2 * whole)


def between(predecessors: Mapping[str, set[str]], *, after: str, to: str) -> frozenset[str]:
    """The steps that come after one step and up to another, the other included."""
    return up_to(predecessors, to) - up_to(predecessors, after)


@dataclass(frozen=True)
class Bar:
    """One row of the drawing: the plan by the limits, what happened, and the last day that still fits the need.

    ``expected`` is when it is to be expected as things stand: from today on at the earliest, nothing once it is done.
    """

    code: str
    label: str
    planned: tuple[date, date] | None
    actual: tuple[date, date] | None
    state: str
    is_customer: bool
    is_critical: bool
    latest_on: date | None = None
    expected: tuple[date, date] | None = None


@dataclass(frozen=True)
class Span:
    """Bar of one step of a case: from the day it opened to the day it was done, or to today."""

    label: str
    start: date
    end: date
    state: str


@dataclass(frozen=True)
class CaseBar:
    """One case as one row of the day's Gantt. ``begun_on`` to ``promised_on`` is the promise, the spans are actual."""

    number: str
    title: str
    who: str
    begun_on: date
    spans: tuple[Span, ...]
    promised_on: date | None
    needed_on: date | None
    is_late: bool
