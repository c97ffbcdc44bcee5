"""The day's list of many cases: where each stands is asked of the database at once, a row is loaded only when it is drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import overload

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from jiedian.cases.case.models.case import Case
from jiedian.clocks.queries import calendar
from jiedian.core.workdays import local_day
from jiedian.process.rows import steps as step_rows

from .cases import SOON_WD, Line, lines

CHUNK = 500
NOTHING_PRESSES = 999


@dataclass(frozen=True)
class Standing:
    """Standing of a case on a day: the most pressing promise, whether one is late, whether the customer is awaited."""

    pk: int
    number: str
    left_wd: int
    due_on: date | None
    is_late: bool
    is_waiting: bool

    @property
    def presses(self) -> str:
        """Part of the day's list that a case belongs to: due, late, soon, waiting, or the rest."""
        if self.is_waiting and not self.is_late:
            return "waiting"
        if self.is_late:
            return "late"
        return "due" if self.left_wd == 0 else "soon" if 0 < self.left_wd <= SOON_WD else "rest"


class DayRows(Sequence[Line]):
    """The rows of a day in their order; how many there are is known, what is drawn of them is loaded by the page."""

    def __init__(self, standings: Sequence[Standing], *, at: datetime) -> None:
        self.standings, self.at = standings, at

    def __len__(self) -> int:
        return len(self.standings)

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        if isinstance(index, slice):
            return self._loaded(self.standings[index])
        return self._loaded([self.standings[index]])[0]

    def __iter__(self) -> Iterator[Line]:
        for begin in range(0, len(self), CHUNK):
            yield from self._loaded(self.standings[begin : begin + CHUNK])

    def _loaded(self, chosen: Sequence[Standing]) -> list[Line]:
        cases = Case.objects.filter(pk__in=[row.pk for row in chosen]).select_related("customer")
        by = {line.case.pk: line for line in lines(cases, at=self.at)}
        return [by[row.pk] for row in chosen if row.pk in by]


def day_rows(cases: QuerySet[Case], *, at: datetime) -> DayRows:
    """Standings of the cases of a list, the most pressing first. One query, however many cases."""
    try:
        held, params = cases.order_by().values("id", "number").query.sql_with_params()
    except EmptyResultSet:
        return DayRows((), at=at)
    customers = [row.id for row in step_rows().values() if row.performer == "customer"]
    today = local_day(at)
    asked = [*params, today, calendar().number(today), at, customers, NOTHING_PRESSES]
    with connection.cursor() as cursor:
        cursor.execute(_SQL.replace("HELD", held), asked)
        return DayRows([Standing(*row) for row in cursor.fetchall()], at=at)


_SQL = """
WITH held(id, number) AS MATERIALIZED (HELD),
now(today, number, at) AS (SELECT %s::date, %s::int, %s::timestamptz),
live AS (
  SELECT c.subject, c.due_on, c.due_at, c.due_number, c.state, c.is_overdue,
    CASE WHEN c.state = 'paused' AND NOT c.is_overdue THEN greatest(now.number - c.paused_number, 0) ELSE 0 END AS stood
  FROM clocks_clock c JOIN held ON held.number = c.subject CROSS JOIN now
  WHERE c.state IN ('running', 'paused') AND c.ref = ''
),
pressing AS (
  SELECT DISTINCT ON (live.subject) live.subject, coalesce(live.due_on, day.day) AS due_on,
    CASE WHEN live.due_on IS NULL THEN live.due_number + live.stood - now.number
      ELSE live.due_on - now.today END AS left_wd,
    live.is_overdue OR (live.state = 'running' AND (live.due_number < now.number OR live.due_at < now.at
      OR (live.due_at IS NULL AND live.due_on < now.today))) AS is_late
  FROM live CROSS JOIN now LEFT JOIN clocks_calendarday day
    ON day.number = live.due_number + live.stood AND day.is_working
  ORDER BY live.subject, due_on, is_late DESC
),
waits AS (
  SELECT run.subject, bool_and(step.code = ANY(%s)) AS is_waiting
  FROM held JOIN process_run run ON run.subject = held.number
    JOIN process_step step ON step.run_id = run.id AND step.state = 'open'
  GROUP BY run.subject
)
SELECT held.id, held.number, coalesce(pressing.left_wd, %s) AS left_wd, pressing.due_on,
  coalesce(pressing.is_late, false), coalesce(waits.is_waiting, false)
FROM held LEFT JOIN pressing ON pressing.subject = held.number LEFT JOIN waits ON waits.subject = held.number
ORDER BY left_wd, held.number
"""
