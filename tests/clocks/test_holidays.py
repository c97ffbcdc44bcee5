"""Holidays of years that are not announced: forecast from the decree, marked, and never a page that falls down."""

import csv
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.clocks import services as clocks
from jiedian.clocks.calc.feasts import FeastRow, forecast
from jiedian.clocks.models import CalendarDay
from jiedian.clocks.queries import calendar, clocks_of, forecast_from
from jiedian.clocks.rows import HolidayRow
from jiedian.core.evidence import Grade
from jiedian.ground.rulebook.services import RULES, load
from tests.cast import do, lodge, moment, staff

FEASTS = {int(row.id): row for row in load("clocks/feasts.csv", FeastRow)}
OWED_2027 = {
    date(2027, 2, 9),
    date(2027, 2, 10),
    date(2027, 5, 3),
    date(2027, 5, 4),
    date(2027, 10, 4),
    date(2027, 10, 5),
}
"""Six days that article 6 of the decree owes in 2027. Origin: the package ``holidays`` 0.109 has exactly these."""


def test_2027_has_the_days_of_article_2_and_those_article_6_owes() -> None:
    """第六条：全体公民放假的假日，如果适逢周六、周日，应当在工作日补假。"""
    off = forecast(FEASTS[2027])
    assert {day for day, zh in off.items() if zh.endswith("补假")} == OWED_2027
    assert len(off) == 13 + 6


def test_the_file_of_2027_is_the_forecast() -> None:
    rows = csv.DictReader((RULES / "calendar/2027.csv").read_text("utf-8").splitlines())
    assert {date.fromisoformat(row["id"]) for row in rows} == set(forecast(FEASTS[2027]))


@pytest.mark.parametrize("year", sorted(FEASTS))
def test_thirteen_working_days_are_off_in_every_year(year: int) -> None:
    """Every feast day is off on a working day: on its own, or on the one owed for it."""
    off = forecast(FEASTS[year])
    assert sum(day.weekday() < 5 for day in off) == 13


def test_two_feasts_on_one_day_owe_a_day() -> None:
    """Mid-Autumn 2028 lies on 3 October, the third day of National Day."""
    assert date(2028, 10, 4) in forecast(FEASTS[2028])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (date(2027, 1, 28), 10, date(2027, 2, 17)),
        (date(2027, 9, 29), 3, date(2027, 10, 7)),
    ],
)
def test_due_days_of_2027_keep_off_the_days_owed(start: date, days: int, due: date) -> None:
    assert calendar().add(start, days) == due and calendar().is_forecast(due)
    assert calendar().between(date(2026, 12, 31), date(2027, 12, 31)) == 248


@pytest.mark.django_db
def test_a_year_counts_as_announced_once_its_file_rests_on_the_notice() -> None:
    assert forecast_from() == 2027
    day = HolidayRow(
        "2027-02-11", False, "春节", "Spring Festival",
        source_id=clocks.NOTICE, clause="二", grade=Grade.ISSUER,
    )  # fmt: skip
    clocks.load_calendar([day])
    try:
        assert forecast_from() == 2028
        assert not calendar().is_forecast(date(2027, 12, 31)) and calendar().is_forecast(date(2028, 1, 4))
        assert not calendar().is_working(date(2027, 2, 11))
        assert CalendarDay.objects.get(day=date(2027, 3, 1)).status == CalendarDay.ANNOUNCED
    finally:
        clocks.load_calendar()


@pytest.mark.django_db
def test_a_due_day_in_a_forecast_year_says_so_and_no_page_falls_down(client: Client) -> None:
    """A case accepted on 1 December 2027, with no notice for 2027 or 2028: every page of it opens, the due days are marked."""
    case = lodge("HV2", "2027-12-01 09:00")
    do(case, "ACCEPT", "2027-12-01 10:00")
    seen = clocks_of(case.number, at=moment("2027-12-01 11:00"))
    assert {v.is_forecast for v in seen} == {True} and max(v.due_on for v in seen) > date(2027, 12, 31)
    client.force_login(staff("manager"))
    page = client.get(reverse("case", args=[case.number]))
    assert page.status_code == 200 and ">按推算</span>" in page.content.decode()
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    assert ">按推算</span>" in client.get(reverse("tracker", args=[case.number])).content.decode()
    early = lodge("HV1", "2025-09-15 09:00")
    do(early, "ACCEPT", "2025-09-15 10:00")
    assert not any(v.is_forecast for v in clocks_of(early.number, at=moment("2025-09-15 11:00")))
    limits_page = client.get(reverse("limits")).content.decode()
    assert "2027 年起的放假安排尚未公布" in limits_page


@pytest.mark.django_db
def test_a_clock_is_as_strong_as_the_pause_that_moved_it() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    (law,) = [v for v in clocks_of(case.number, at=moment("2025-09-16 09:00")) if v.limit.id == "T61"]
    assert law.grade == Grade.VERBATIM
    law.clock.start_number += 2
    law.clock.due_number = (law.clock.due_number or 0) + 2
    law.clock.save()
    (law,) = [v for v in clocks_of(case.number, at=moment("2025-09-18 09:00")) if v.limit.id == "T61"]
    assert law.grade == Grade.OURS, "how long a pause may last is our own figure"
