"""The day's list of many cases agrees with the rows one by one, and loads only what is drawn."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.screen.queries.cases import lines
from jiedian.cases.screen.queries.standing import day_rows
from jiedian.cases.screen.views.lists import own_lines
from jiedian.clocks import services as clocks
from jiedian.ground.journal.services import Actor
from jiedian.shell.models import SimulatedTime
from tests.cast import do, lodge, moment, staff

pytestmark = pytest.mark.django_db
MANAGER = Actor(1, "赵敏", "account_manager")


@pytest.fixture
def several() -> list[Case]:
    made = [
        lodge(kind, f"2025-09-{15 + n} 09:00", title=kind) for n, kind in enumerate(("HV1", "LVN", "RES"))
    ]
    for case in made[:2]:
        do(case, "ACCEPT", "2025-09-17 15:00")
    for code in ("SURVEY", "SCHEME_DRAFT", "SCHEME_REPLY"):
        do(made[0], code, "2025-09-18 10:00")
    asked: dict[str, Any] = {"subject": made[1].number, "stream": made[1].stream, "actor": MANAGER}
    clocks.suspend(reason="WAIT_PERMIT", evidence="批复 3 号", at=moment("2025-09-18 09:00"), **asked)
    return made


@pytest.mark.parametrize("at", ["2025-09-18 12:00", "2025-09-25 09:00", "2025-12-01 09:00"])
def test_where_a_case_stands_is_told_as_its_row_tells_it(several: list[Case], at: str) -> None:
    told = {row.number: row for row in day_rows(Case.objects.all(), at=moment(at)).standings}
    for line in lines(Case.objects.all(), at=moment(at)):
        row = told[line.case.number]
        assert (row.left_wd, row.is_late, row.is_waiting, row.presses) == (
            line.left_wd,
            line.is_late,
            line.is_waiting,
            line.presses,
        )
        assert row.due_on == (line.pressing.due_on if line.pressing else None)
    assert [line.case.number for line in day_rows(Case.objects.all(), at=moment(at))] == [
        line.case.number for line in lines(Case.objects.all(), at=moment(at))
    ]


def test_the_number_of_questions_does_not_grow_with_the_cases(several: list[Case]) -> None:
    at, me = moment("2025-09-25 09:00"), staff("head")

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            held = own_lines(me, at=at)
            assert [len(rows) >= 0 for rows in held.values()]
        return len(seen)

    few = asked()
    for n in range(4):
        lodge("LVN", "2025-09-20 09:00", title=f"店{n}")
    assert asked() == few == 1


def test_the_day_is_searched_and_sorted(several: list[Case], client: Client) -> None:
    SimulatedTime.objects.create(at=moment("2025-09-25 09:00"))
    client.force_login(staff("head"))
    page = client.get(reverse("today"), {"q": "hv1"})
    assert page.context["n_found"] == 1 and page.context["counts"]["total"] == 3
    for sort in ("due", "-due", "title", "capacity", "-applied", "progress"):
        page = client.get(reverse("today"), {"sort": sort})
        assert page.status_code == 200 and page.context["n_found"] == 3
    assert client.get(reverse("today_sheet")).status_code == 200
    assert client.get(reverse("department")).status_code == 200
