"""An application nobody has accepted has its clock from the first minute, and stands among what presses."""

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.screen.queries.cases import desk_of, lines
from jiedian.cases.screen.queries.replay import differences
from jiedian.cases.screen.views.lists import own_lines
from jiedian.clocks.models import Clock
from jiedian.clocks.services import sweep
from jiedian.people.models import User
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from jiedian.shell.shell import share_of
from tests.cast import do, lodge, moment

pytestmark = pytest.mark.django_db


def standing(case: Case, at: str) -> str:
    (line,) = lines([case], at=moment(at))
    return line.presses


@pytest.mark.parametrize("kind", ["RES", "LV0", "HV1"])
def test_an_application_is_due_the_same_day_and_late_the_next(kind: str) -> None:
    case = lodge(kind, "2025-09-15 09:00")
    assert standing(case, "2025-09-15 10:00") == "due"
    assert standing(case, "2025-09-16 09:00") == "late"
    manager = User.objects.get(pk=case.account_manager_id)
    held = own_lines(manager, at=moment("2025-10-15 09:00"))
    assert [line.case for line in held["late"]] == [case] and held["late"][0].left_wd < -15
    clerk = User.objects.get(pk=open_steps(case.number).get().owner_id)
    (row,) = desk_of(clerk, at=moment("2025-09-15 10:00")).steps
    assert row.clock and row.clock.left_wd == 0


def test_after_the_cut_off_hour_it_is_due_on_the_next_working_day() -> None:
    assert standing(lodge("RES", "2025-09-19 16:30"), "2025-09-19 16:40") == "soon"


def test_accepted_in_time_the_clock_is_kept_and_everything_agrees() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    clock = Clock.objects.get(subject=case.number, step="ACCEPT")
    assert (clock.state, clock.stopped_at) == ("kept", moment("2025-09-15 10:00"))
    assert not differences(case.number)


def test_what_nobody_accepts_lowers_the_share_and_is_in_the_list_of_the_late() -> None:
    case = lodge("LV0", "2025-09-15 09:00")
    at = moment("2025-09-30 09:00")
    share = share_of("promises_kept", since=moment("2025-09-01 00:00"), until=at)
    assert (share.part, share.whole) == (0, 1)
    sweep(at=at)
    SimulatedTime.objects.create(at=at)
    client = Client()
    client.force_login(User.objects.get(pk=case.account_manager_id))
    assert case.number in client.get(reverse("cases"), {"late": "1"}).content.decode()
    assert "超" in client.get(reverse("case", args=[case.number])).content.decode()
    assert not differences(case.number)
