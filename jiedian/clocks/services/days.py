"""Days of the calendar, written with their numbers; what was promised stays promised when the past is corrected."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import chinese_calendar
from django.db import transaction
from django.db.models import F, Q

from jiedian.ground.rulebook.services import RULES, load

from ..calc.feasts import FeastRow, forecast
from ..models import CalendarDay, Clock
from ..queries import forget_calendar
from ..rows import HolidayRow

FIRST_YEAR, LAST_PUBLISHED_YEAR = 2004, 2026
NOTICE = "JIEJIARI-NOTICE"
"""The source of a calendar file made from the notice of its year: that year is announced, all others are forecast."""
LIVE = (Clock.State.RUNNING, Clock.State.PAUSED)


@transaction.atomic
def load_calendar(
    extra: Iterable[HolidayRow] = (), *, on: date | None = None, moves_past: bool = False
) -> int:
    """Write the calendar: published years, the files over them, and a forecast for the years to come. Returns how many days it has.

    A day corrected before a clock began moves no due day, nor does one that lies before ``on`` (today),
    unless ``moves_past`` says so: what was promised stays promised.
    """
    overriding = [row for path in sorted((RULES / "calendar").glob("*.csv")) for row in _file(path.name)]
    known = {date.fromisoformat(row.id): row for row in [*overriding, *extra]}
    rows = _days(known)
    held = dict(CalendarDay.objects.values_list("day", "is_working"))
    CalendarDay.objects.all().delete()
    CalendarDay.objects.bulk_create(rows, batch_size=2000)
    corrected = [row for row in rows if row.day in held and row.is_working != held[row.day]]
    if corrected:
        _keep_promises(corrected, on=None if moves_past else on)
    forget_calendar()
    return len(rows)


def _days(known: Mapping[date, HolidayRow]) -> list[CalendarDay]:
    """Every day of the calendar with its number."""
    announced = {day.year for day, row in known.items() if row.source_id == NOTICE}
    feasts = {int(row.id): row for row in load("clocks/feasts.csv", FeastRow)}
    rows, number, day = [], 0, date(FIRST_YEAR, 1, 1)
    last_year = max([LAST_PUBLISHED_YEAR, *feasts, *(day.year for day in known)])
    expected = {day: zh for row in feasts.values() for day, zh in forecast(row).items()}
    while day.year <= last_year:
        row, is_published = known.get(day), day.year <= LAST_PUBLISHED_YEAR
        is_known = is_published or day.year in announced
        name_zh = row.name_zh if row else "" if is_known else expected.get(day, "")
        usual = chinese_calendar.is_workday(day) if is_published else day.weekday() < 5 and not name_zh
        is_working = row.is_working if row else usual
        number += is_working
        status = CalendarDay.ANNOUNCED if is_known else CalendarDay.FORECAST
        rows.append(
            CalendarDay(day=day, is_working=is_working, number=number, status=status, name_zh=name_zh)
        )
        day += timedelta(days=1)
    return rows


def _keep_promises(corrected: Iterable[CalendarDay], *, on: date | None) -> None:
    """Renumber the clocks that a corrected day has no bearing on, so that they fall due when they did.

    Those are the clocks that began after it, those that ended, and with ``on`` every one where it lies in the past.
    The days are in order: each correction finds the numbers as the earlier ones left them.
    """
    for row in corrected:
        change = 1 if row.is_working else -1
        least = row.number if row.is_working else row.number + 1
        begun_after = Q(started_at__date__gte=row.day)
        stays = begun_after | ~Q(state__in=LIVE)
        if on is not None and row.day < on:
            stays = Q()
        Clock.objects.filter(stays, due_number__gte=least).update(due_number=F("due_number") + change)
        begun = Clock.objects.filter(start_number__gte=least).exclude(kind=Clock.EXTERNAL)
        begun.filter(begun_after).update(start_number=F("start_number") + change)
        paused = Clock.objects.filter(paused_on__gte=row.day, paused_number__gte=least)
        paused.update(paused_number=F("paused_number") + change)


def _file(name: str) -> tuple[HolidayRow, ...]:
    return load(f"calendar/{name}", HolidayRow)
