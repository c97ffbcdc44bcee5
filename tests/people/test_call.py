"""A manager calls on a department's resources; only that department answers, and a refusal keeps its reason."""

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.coordination.services.calls import answer_call, call_on
from jiedian.cases.screen.queries.cases import desk_of
from jiedian.clocks.models import Clock
from jiedian.core.findings import Refused
from jiedian.ground.journal.queries import facts_of
from jiedian.people.models import Call, Department
from jiedian.people.queries import actor
from jiedian.people.services import load_departments
from tests.cast import do, lodge, moment, staff

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 09:00")


def test_only_the_department_asked_answers_and_a_refusal_needs_a_reason() -> None:
    case, manager = lodge("HV1"), staff("manager3")
    call = call_on(case, resource="live_line_slot", department="operation", actor=actor(manager), at=AT)
    client = Client()
    client.force_login(staff("planner"))
    client.post(reverse("reply", args=["call", call.pk]), {"act": "granted"})
    assert Call.objects.get(pk=call.pk).is_granted is None
    client.force_login(staff("operator"))
    assert "不予调配" in client.get("/desk/").content.decode()
    url = reverse("reply", args=["call", call.pk])
    client.post(url, {"act": "refused", "text": ""})
    assert Call.objects.get(pk=call.pk).is_granted is None
    client.post(url, {"act": "refused", "text": "本周班次已满"})
    assert Call.objects.get(pk=call.pk).reason == "本周班次已满"
    client.force_login(manager)
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert "未予调配" in page and "本周班次已满" in page
    assert "call.refused" in [fact.kind for fact in facts_of(case.stream)]


def test_a_call_is_answered_once_and_a_no_needs_its_reason() -> None:
    case, manager = lodge("HV1"), staff("manager3")
    operator, at = actor(staff("operator")), moment("2025-09-16 10:00")
    call = call_on(case, resource="live_line_slot", department="operation", actor=actor(manager), at=AT)
    with pytest.raises(Refused) as refusal:
        answer_call(call, is_granted=False, reason=" ", actor=operator, at=at)
    assert [finding.code for finding in refusal.value.findings] == ["call.reason"]
    answer_call(call, is_granted=True, reason="", actor=operator, at=at)
    call.refresh_from_db()
    assert (call.is_granted, call.answered_by, call.answered_at) == (True, operator.name, at)
    assert facts_of(case.stream).get(kind="call.granted").data["call"] == call.pk
    with pytest.raises(Refused) as refusal:
        answer_call(call, is_granted=False, reason="改主意", actor=operator, at=at)
    assert [finding.code for finding in refusal.value.findings] == ["call.answered"]


def test_the_departments_of_the_rules_are_brought_up_to_date_and_none_twice() -> None:
    before = set(Department.objects.values_list("pk", "code"))
    Department.objects.filter(code="marketing").update(name_zh="旧名", area="east")
    load_departments()
    assert set(Department.objects.values_list("pk", "code")) == before
    row = Department.objects.get(code="marketing")
    assert (row.name_zh, row.area) == ("营销部", "")


def test_a_call_waits_on_the_desk_of_a_specialist_with_a_clock_and_its_answer_on_the_managers() -> None:
    case, manager, operator = lodge("HV1"), staff("manager3"), staff("operator")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    asked = {"resource": "live_line_slot", "department": "operation", "actor": actor(manager), "at": AT}
    call = call_on(case, **asked)
    assert call_on(case, **asked) == call and Call.objects.count() == 1, "pressed twice"
    desk = desk_of(operator, at=AT)
    assert desk.calls == [call] and desk.due[call.ref].clock.limit_id == "K-CALL"
    answer_call(call, is_granted=False, reason="本周班次已满", actor=actor(operator), at=AT)
    assert Clock.objects.get(ref=call.ref).state == "kept"
    assert desk_of(operator, at=AT).calls == []
    assert desk_of(manager, at=AT).answers.refused_calls == [call]
