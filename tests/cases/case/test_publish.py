"""What the home page says of the company's speed, and what a department sees coming."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.queries.published import FEWEST, speeds
from jiedian.cases.screen.queries import coming
from jiedian.cases.screen.queries.coming import coming_to
from jiedian.cases.screen.queries.day import loads
from jiedian.cases.screen.queries.standing import day_rows
from jiedian.people.models import User
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from tests.cast import codes, do, lodge, moment

pytestmark = pytest.mark.django_db


def test_a_median_is_published_only_for_enough_cases() -> None:
    for n in range(FEWEST):
        case = lodge("RES", "2025-09-15 09:00")
        do(case, "ACCEPT", "2025-09-15 09:10")
        do(case, "CONTRACT_SIGN", "2025-09-15 09:20")
        do(case, "METER_INSTALL", "2025-09-15 14:00")
        do(case, "ENERGISE", f"2025-09-{16 + n % 2} 15:00")
        (seen,) = speeds(at=moment("2025-09-20 09:00"))
        assert seen.connected == n + 1
        assert seen.median_wd == (1 if n + 1 == FEWEST else None)
    assert speeds(at=moment("2026-03-20 09:00")) == []


def test_who_still_waits_is_counted_beside_the_median_of_those_who_have_power() -> None:
    for _n in range(FEWEST):
        case = lodge("RES", "2025-09-15 09:00")
        for code in ("ACCEPT", "CONTRACT_SIGN", "METER_INSTALL", "ENERGISE"):
            do(case, code, "2025-09-15 10:00")
    do(lodge("RES", "2025-09-15 09:00"), "ACCEPT", "2025-09-15 10:00")
    do(lodge("RES", "2025-09-19 09:00"), "ACCEPT", "2025-09-19 10:00")
    do(lodge("LV0", "2025-09-15 09:00"), "ACCEPT", "2025-09-15 10:00")
    homes, shops = speeds(at=moment("2025-09-19 12:00"))
    assert (homes.connected, homes.median_wd, homes.waiting, homes.longer) == (FEWEST, 0, 2, 1)
    assert (shops.connected, shops.median_wd, shops.waiting, shops.longer) == (0, None, 1, None)


def test_a_case_older_than_the_calendar_takes_no_page_down(client: Client) -> None:
    """An imported case still running was accepted in 1996; the calendar begins later."""
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    Case.objects.filter(pk=case.pk).update(
        accepted_at=moment("1996-03-01 09:00"), applied_at=moment("1996-02-27 09:00")
    )
    (seen,) = speeds(at=moment("2025-09-20 09:00"))
    assert seen.waiting == 1
    client.force_login(User.objects.get(username="head"))
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    for path in (
        "/",
        "/today/",
        "/cases/",
        "/department/",
        "/desk/",
        f"/cases/{case.number}/",
        f"/track/{case.number}/",
    ):
        assert client.get(path).status_code == 200, path


def test_the_load_of_a_person_says_how_much_of_it_is_late() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    holder = open_steps(case.number).get()
    for at, late in (("2025-09-15 10:00", 0), ("2025-09-18 10:00", 1)):
        rows = day_rows(Case.objects.filter(pk=case.pk), at=moment(at))
        (load,) = loads({holder.owner_id or 0}, rows)
        assert (load.owner_name, load.n, load.late) == (holder.owner_name, 1, late)


def test_a_department_sees_what_is_coming_and_when() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    at = moment("2025-09-15 09:30")
    (metering,) = coming_to("metering", at=at, without=set())
    (dispatch,) = coming_to("dispatch", at=at, without=set())
    assert (metering.case, metering.step_code, dispatch.step_code) == (case, "METER_ALLOC", "ENERGISE")
    assert at.date() < metering.expected_on < dispatch.expected_on
    assert coming_to("metering", at=at, without={case.number}) == []


def test_a_department_is_not_told_of_what_a_case_does_not_pass() -> None:
    """The survey finds that no supporting works are needed: who builds them has nothing to expect."""
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 10:00", grid_works="yes")
    other = lodge("HV1", "2025-09-15 09:00")
    found = coming_to("operation", at=moment("2025-09-16 11:00"), without=set())
    assert [(c.case, c.step_code) for c in found] == [(case, "GRID_WORKS")] and other.is_open


def test_everybody_sees_his_department_while_a_scheme_is_countersigned() -> None:
    """The draft is done and left out of what is to come, and the customer may still send the scheme back to it."""
    case = lodge("HV2", "2025-09-15 09:00")
    for code, day in (("ACCEPT", 15), ("SURVEY", 16), ("SCHEME_DRAFT", 18)):
        do(case, code, f"2025-09-{day} 10:00")
    assert codes(case) == {"COUNTERSIGN"}
    SimulatedTime.objects.create(at=moment("2025-09-19 09:00"))
    people = [p for p in User.objects.filter(is_active=True) if p.department]
    assert len(people) > 10
    client, seen = Client(), {}
    for person in people:
        client.force_login(person)
        answer = client.get(reverse("department"))
        seen[person.username] = answer.status_code
        if person.department.code == "metering":
            assert case.number in answer.content.decode()
    assert set(seen.values()) <= {200, 403} and list(seen.values()).count(200) > 10, seen


def test_a_case_that_cannot_be_planned_is_named_and_the_others_keep_their_day(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = lodge("HV1", "2025-09-15 09:00"), lodge("RES", "2025-09-15 09:00")
    plan = coming.plan

    def refuses_the_long_one(durations: dict[str, int], *args: Any, **kwargs: Any) -> Any:
        if "SCHEME_DRAFT" in durations:
            raise ValueError("a loop")
        return plan(durations, *args, **kwargs)

    monkeypatch.setattr(coming, "plan", refuses_the_long_one)
    first, second = coming_to("metering", at=moment("2025-09-15 09:30"), without=set())
    assert (first.case, first.step_code, first.expected_on) == (broken, "METER_ALLOC", None)
    assert second.case == sound and second.expected_on and broken.number in caplog.text
    SimulatedTime.objects.create(at=moment("2025-09-15 09:30"))
    client = Client()
    client.force_login(User.objects.filter(department__code="metering")[0])
    page = client.get(reverse("department")).content.decode()
    assert broken.number in page and "排不出日期" in page and sound.number in page
