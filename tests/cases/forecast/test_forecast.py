"""The one date of power: from today on, inside its interval, along what is really still to be done, the same everywhere."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiedian.cases.case.models.case import Case
from jiedian.cases.forecast.calc.forecast import FEWEST, Pace, forecast, left_of, pace_of
from jiedian.cases.forecast.queries import CaseForecast, paces_of
from jiedian.cases.screen.queries.gantt import gantt_of
from jiedian.clocks.queries import calendar
from jiedian.core.workdays import Calendar
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from tests.cast import do, lodge, moment, staff

START = date(2025, 9, 1)
DAYS = Calendar.of(
    (day, day.weekday() < 5)
    for day in map(date.fromordinal, range(START.toordinal() - 60, START.toordinal() + 2500))
)
WHOLE = st.integers(0, 12)
PACES = st.tuples(WHOLE, WHOLE, WHOLE).map(lambda wd: Pace(*sorted(wd)))
PARTS = st.integers(0, 40).map(lambda wd: Pace(wd / 8, wd / 4, wd / 2))


def dated(left: dict[str, Pace], before: dict[str, set[str]], today: date) -> tuple[date, date, date]:
    made = forecast(left, before, power="power", today=today, needed_on=None, calendar=DAYS)
    return made.low_on, made.on, made.high_on


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(PACES | PARTS, st.integers(0, 40)), min_size=1, max_size=8),
    st.integers(0, 2**32),
    st.integers(0, 400),
    PACES,
)
def test_never_past_inside_its_interval_and_later_with_a_step_more(
    held: list[tuple[Pace, int]], seed: int, day: int, more: Pace
) -> None:
    today = START + timedelta(days=day)  # also a Saturday
    left = {f"s{i}": left_of(pace, used) for i, (pace, used) in enumerate(held)}
    before = {f"s{i}": {f"s{j}" for j in range(i) if (seed >> (i * 3 + j)) & 1} for i in range(len(left))}
    left["power"], before["power"] = Pace(0, 0.5, 1), set(left)
    low, on, high = dated(left, before, today)
    assert today <= low <= on <= high
    after = dict(before, added={"s0"}, power={*before["power"], "added"})
    assert all(
        b <= a for b, a in zip((low, on, high), dated(left | {"added": more}, after, today), strict=True)
    )


@given(PACES | PARTS, st.integers(0, 90))
def test_what_is_left_stays_in_order_and_is_something_once_it_is_late(pace: Pace, used: int) -> None:
    left = left_of(pace, used)
    assert 0 <= left.low_wd <= left.typical_wd <= left.high_wd
    assert used <= pace.typical_wd or left.typical_wd >= 1


@given(st.lists(st.integers(0, 60), min_size=FEWEST, max_size=100))
def test_a_pace_is_in_order_and_between_what_was_seen(taken: list[int]) -> None:
    pace = pace_of(taken)
    assert min(taken) <= pace.low_wd <= pace.typical_wd <= pace.high_wd <= max(taken)


def ahead(case: Case, at: str) -> CaseForecast:
    gantt = gantt_of(case, at=moment(at), is_zh=True)
    assert gantt and gantt.forecast
    return gantt.forecast


def far(case: Case) -> None:
    """Everything but the works of the customer is done; the scheme took a day."""
    for code in ("ACCEPT", "SURVEY", "SCHEME_DRAFT", "SCHEME_REPLY"):
        do(case, code, "2025-09-16 10:00")
    do(case, "SCHEME_SIGN", "2025-09-17 10:00")


@pytest.mark.django_db
def test_the_date_moves_with_today_when_nothing_is_done() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    far(case)
    for at in ("2025-09-18 09:00", "2025-11-18 09:00", "2026-02-18 09:00"):
        seen = ahead(case, at)
        assert moment(at).date() < seen.low_on <= seen.on <= seen.high_on
        gantt = gantt_of(case, at=moment(at), is_zh=True)
        assert gantt
        planned = [bar for bar in gantt.bars if bar.expected]
        assert min(bar.expected[0] for bar in planned if bar.expected) >= moment(at).date()
        assert max(bar.expected[1] for bar in planned if bar.expected) == seen.on, "never two dates of power"


@pytest.mark.django_db
def test_what_failed_is_on_the_way_again() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    far(case)
    while not open_steps(case.number).filter(code="COMPLETION_CHECK").exists():
        for step in open_steps(case.number):
            do(case, step.code, "2025-09-25 10:00")
    before = ahead(case, "2025-09-25 11:00")
    do(case, "COMPLETION_CHECK", "2025-09-25 12:00", result="rectify", defects="柜门不能闭锁")
    after = ahead(case, "2025-09-25 13:00")
    codes = {step.code for step in after.days.plan.steps}
    assert {"RECTIFY", "COMPLETION_APPLY", "COMPLETION_CHECK", "ENERGISE"} <= codes
    assert after.on > before.on and after.low_on >= before.low_on


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "most_wd"), [("RES", 1), ("LV0", 3)])
def test_a_flat_and_a_shop_are_told_days_not_weeks(kind: str, most_wd: int) -> None:
    case = lodge(kind, "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["id_card", "licence"])
    seen = ahead(case, "2025-09-15 11:00")
    assert DAYS.between(date(2025, 9, 15), seen.on) <= most_wd and seen.n_cases == 0


@pytest.mark.django_db
def test_durations_are_learned_once_enough_cases_have_ended() -> None:
    """Twenty shops took a working day a step; the next one is told what they took, as the home page is."""
    for n in range(FEWEST):
        case = lodge("LV0", "2025-09-01 09:00", title=f"店 {n}")
        day = 1
        while case.energised_at is None:
            for step in open_steps(case.number):
                do(case, step.code, f"2025-09-{day:02d} 10:00")
            day += 1
    ended = DAYS.between(date(2025, 9, 1), case.energised_at.date())
    paces = paces_of("low_voltage", "LV0", at=moment("2025-09-15 09:00"))
    assert paces.n_cases == FEWEST and paces.by_step["SURVEY"].typical_wd == 1
    new = lodge("LV0", "2025-09-15 09:00")
    seen = ahead(new, "2025-09-15 09:30")
    assert seen.n_cases == FEWEST and DAYS.between(date(2025, 9, 15), seen.on) == ended


@pytest.mark.django_db
def test_tracker_and_case_page_say_the_same_one_date() -> None:
    case = lodge("HV1", "2025-09-15 09:00", needed_on=date(2025, 10, 20))
    far(case)
    SimulatedTime.objects.create(at=moment("2025-12-18 09:00"))
    customer, manager = Client(), Client()
    session = customer.session
    session["tracked"] = [case.number]
    session.save()
    manager.force_login(staff("manager3"))
    pages = [
        customer.get(reverse("tracker", args=[case.number])).content.decode(),
        manager.get(reverse("case", args=[case.number])).content.decode(),
    ]
    told = [re.findall(r"预计 (\S+)通电", page) for page in pages]
    assert told[0] == told[1] and len(told[0]) == 1
    assert all("比需要的" in page or "晚" in page for page in pages)


@pytest.mark.django_db
def test_the_worked_numbers_of_the_page() -> None:
    left = {"A": left_of(Pace(2, 4, 8), 3), "B": Pace(0, 0.5, 1), "power": Pace(0, 1, 3)}
    assert left["A"] == Pace(0, 1, 5)
    made = forecast(
        left,
        {"power": {"A", "B"}},
        power="power",
        today=date(2025, 9, 22),
        needed_on=None,
        calendar=calendar(),
    )
    assert (made.low_on, made.on, made.high_on) == (date(2025, 9, 22), date(2025, 9, 24), date(2025, 10, 9))
