"""The working-day calendar: count working days, add months, turn instants into local days."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .findings import refuse

PLACE = ZoneInfo("Asia/Shanghai")
"""Where the company is; its days begin and end there."""


def local(at: datetime) -> datetime:
    """The instant on the company's own clock."""
    return at.astimezone(PLACE)


def local_day(at: datetime) -> date:
    """The day at the company's place."""
    return local(at).date()


@dataclass(frozen=True)
class Calendar:
    """Working days in order. The number of a day counts the working days up to and including it.

    >>> week = Calendar.of((date(2025, 9, d), d not in (6, 7)) for d in range(1, 13))
    >>> week.number(date(2025, 9, 5)), week.number(date(2025, 9, 7)), week.day(6)
    (5, 5, datetime.date(2025, 9, 8))
    """

    working: tuple[date, ...]
    first: date
    last: date
    days: frozenset[date] = field(repr=False)
    known_until: date = date.max
    """The last day whose holidays were announced; later ones are a forecast."""

    @classmethod
    def of(cls, rows: Iterable[tuple[date, bool]], *, known_until: date = date.max) -> "Calendar":
        """A calendar from (day, is_working) rows."""
        known = sorted(rows)
        working = tuple(day for day, is_working in known if is_working)
        return cls(working, known[0][0], known[-1][0], frozenset(working), known_until)

    def is_forecast(self, day: date) -> bool:
        """True if the holidays of the day's year are not announced yet: working days up to it may still change."""
        return day > self.known_until

    def number(self, day: date) -> int:
        """Number of working days up to and including a day."""
        self._known(day)
        return bisect_right(self.working, day)

    def day(self, number: int) -> date:
        """The working day with a number."""
        if not 1 <= number <= len(self.working):
            raise _unknown(self.last if number > 0 else self.first)
        return self.working[number - 1]

    def is_working(self, day: date) -> bool:
        self._known(day)
        return day in self.days

    def add(self, day: date, working_days: int) -> date:
        """The last day of so many working days; the start day does not count."""
        number = self.number(day) + working_days
        return self.day(number) if working_days else day

    def subtract(self, day: date, working_days: int) -> date:
        """The working day so many working days before a day."""
        self._known(day)
        return self.day(bisect_left(self.working, day) + 1 - working_days)

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative when end lies before."""
        return self.number(end) - self.number(start)

    def _known(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise _unknown(day)


def _unknown(day: date) -> Exception:
    return refuse("calendar.unknown", year=day.year)


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month.

    >>> add_months(date(2025, 1, 31), 1), add_months(date(2025, 12, 1), 2)
    (datetime.date(2025, 2, 28), datetime.date(2026, 2, 1))
    """
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))
