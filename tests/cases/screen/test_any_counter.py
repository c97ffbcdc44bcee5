"""同城异地: whichever counter the customer stands at accepts his application; what is not acceptance stays with its owner."""

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case, Handoff
from jiedian.ground.journal.queries import facts_of
from jiedian.people.models import User
from jiedian.process.queries import open_steps, steps_of
from tests.cast import codes, lodge, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere() -> tuple[Case, User]:
    """An application of one area, and a clerk who has nothing to do with it."""
    case, owner = lodge("LVN", area="west"), None
    owner = open_steps(case.number).get().owner_id
    clerk = User.objects.filter(roles__contains=["clerk"], is_active=True).exclude(pk=owner).first()
    if clerk is None:
        clerk = User.objects.create(
            username="counter",
            name_zh="另一窗口",
            name_en="Other counter",
            roles=["clerk"],
            department=staff("clerk").department,
        )
    return case, clerk


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_clerk_of_another_area_accepts_and_the_manager_stays_the_districts(
    elsewhere: tuple[Case, User],
) -> None:
    case, clerk = elsewhere
    manager, step, client = case.account_manager_id, open_steps(case.number).get(), client_of(elsewhere[1])
    url = reverse("step", args=[case.number, step.pk])
    assert url in client.get(reverse("case", args=[case.number])).content.decode(), "the button is there"
    assert client.get(url).status_code == 200
    point = case.points.all()[0]
    said = {"held": ["licence"], "originals_seen": "on", "point": [point.pk]}
    assert client.post(url, said).status_code == 302
    case.refresh_from_db()
    assert case.accepted_at and case.account_manager_id == manager
    done = steps_of(case.number).get(code="ACCEPT")
    assert (done.owner_id, done.state) == (clerk.pk, "done")
    handoff = Handoff.objects.get(step_id=step.pk)
    assert handoff.receiver_id == clerk.pk and handoff.acknowledged == [point.pk]
    assert facts_of(case.stream).get(kind="case.accepted").actor_id == clerk.pk
    assert open_steps(case.number).get().owner_id != clerk.pk


def test_a_refused_acceptance_leaves_the_step_with_its_owner(elsewhere: tuple[Case, User]) -> None:
    case, clerk = elsewhere
    step, client = open_steps(case.number).get(), client_of(clerk)
    assert client.post(reverse("step", args=[case.number, step.pk]), {}).status_code == 422
    assert open_steps(case.number).get().owner_id == step.owner_id and codes(case) == {"ACCEPT"}


def test_any_other_step_is_still_done_by_its_owner(elsewhere: tuple[Case, User]) -> None:
    case, clerk = elsewhere
    step, client = open_steps(case.number).get(), client_of(clerk)
    client.post(reverse("step", args=[case.number, step.pk]), {"held": ["licence"], "originals_seen": "on"})
    survey = open_steps(case.number).get(code="SURVEY")
    assert client.get(reverse("step", args=[case.number, survey.pk])).status_code == 403


def test_who_is_no_clerk_cannot_accept(elsewhere: tuple[Case, User]) -> None:
    case, _clerk = elsewhere
    step = open_steps(case.number).get()
    assert client_of(staff("planner")).get(reverse("step", args=[case.number, step.pk])).status_code == 403
