"""A manager calls on a department's resources; only that department answers, and a refusal keeps its reason."""

import pytest
from django.test import Client

from jiedian.ground.journal.queries import facts_of
from jiedian.people.models import Call
from jiedian.people.queries import actor
from jiedian.people.services import call_on
from tests.cast import lodge, moment, staff

pytestmark = pytest.mark.django_db


def test_only_the_department_asked_answers_and_a_refusal_needs_a_reason() -> None:
    case, manager = lodge("HV1"), staff("manager3")
    call = call_on(
        manager,
        resource="live_line_slot",
        department="operation",
        subject=case.number,
        actor=actor(manager),
        at=moment("2025-09-16 09:00"),
    )
    client = Client()
    client.force_login(staff("planner"))
    client.post(f"/people/calls/{call.pk}/", {"granted": "yes"})
    assert Call.objects.get(pk=call.pk).is_granted is None
    client.force_login(staff("operator"))
    assert "不予调配" in client.get("/people/").content.decode()
    client.post(f"/people/calls/{call.pk}/", {"granted": "no", "reason": ""})
    assert Call.objects.get(pk=call.pk).is_granted is None
    client.post(f"/people/calls/{call.pk}/", {"granted": "no", "reason": "本周班次已满"})
    assert Call.objects.get(pk=call.pk).reason == "本周班次已满"
    client.force_login(manager)
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert "未予调配" in page and "本周班次已满" in page
    assert "call.refused" in [fact.kind for fact in facts_of(case.stream)]
