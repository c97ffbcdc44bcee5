"""Standing still of a promise: a pause moves it by whole working days, and not at all by a night or a lunch. Pure arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from jiedian.core.workdays import Calendar, local

from .promises import Limit, Unit

SHORTEST = timedelta(hours=1)
"""A pause that takes less working time than this moves nothing."""
SHORT_WD = 5
"""A limit of no more working days counts its pauses in hours: what is less than a day is kept for the next pause."""

Span = tuple[time, time]


@dataclass(frozen=True)
class WorkingDay:
    """The hours somebody works on a working day.

    >>> day = WorkingDay(((time(8), time(12)), (time(13), time(17))))
    >>> str(day.length), str(day.between(time(11), time(14)))
    ('8:00:00', '2:00:00')
    """

    spans: Sequence[Span]

    @property
    def length(self) -> timedelta:
        return self.between(time.min, time.max)

    def between(self, begun: time, ended: time) -> timedelta:
        """Working time of a day between two times of it."""
        parts = (_gap(max(begun, first), min(ended, last)) for first, last in self.spans)
        return sum(parts, timedelta(0))


def _gap(begun: time, ended: time) -> timedelta:
    day = date.min
    return max(datetime.combine(day, ended) - datetime.combine(day, begun), timedelta(0))


def working_time(begun: datetime, ended: datetime, calendar: Calendar, hours: WorkingDay) -> timedelta:
    """Working time between two instants, at the company's place."""
    first, last = local(begun), local(ended)
    if last <= first:
        return timedelta(0)
    if first.date() == last.date():
        whole = hours.between(first.time(), last.time())
        return whole if calendar.is_working(first.date()) else timedelta(0)
    between = calendar.number(last.date() - timedelta(days=1)) - calendar.number(first.date())
    total = between * hours.length
    if calendar.is_working(first.date()):
        total += hours.between(first.time(), time.max)
    if calendar.is_working(last.date()):
        total += hours.between(time.min, last.time())
    return total


@dataclass(frozen=True)
class Moved:
    """Shift of a promise by a pause: working days, plain days, wall time for limits in hours, and what is kept for later."""

    working_days: int = 0
    days: int = 0
    wall: timedelta = timedelta(0)
    kept: timedelta = timedelta(0)


@dataclass(frozen=True)
class Pausing:
    """A pause of one promise: from when to when, what earlier ones left over, and whether it was broken before."""

    begun: datetime
    ended: datetime
    kept: timedelta = timedelta(0)
    is_past: bool = False


def moved(limit: Limit, pause: Pausing, calendar: Calendar, hours: WorkingDay) -> Moved:
    """Shift of a promise by a pause. One that was broken before stays where it was.

    The day a pause begins counts as used and the day it ends as standing; a short limit counts the hours instead.
    """
    stood = working_time(pause.begun, pause.ended, calendar, hours)
    if pause.is_past or stood < SHORTEST:
        return Moved(kept=pause.kept)
    first, last = local(pause.begun).date(), local(pause.ended).date()
    working_days, kept = calendar.between(first, last), pause.kept
    if Unit(limit.unit) is Unit.WORKING_DAY and limit.value <= SHORT_WD:
        working_days, kept = divmod(pause.kept + stood, hours.length)
    return Moved(working_days, (last - first).days, pause.ended - pause.begun, kept)
