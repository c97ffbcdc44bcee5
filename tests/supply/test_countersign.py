"""A countersign that says no sends the scheme back with its reason, and nobody decides blind."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.work import Work
from jiedian.cases.coordination.services.desks import cover
from jiedian.cases.screen.queries.replay import differences
from jiedian.core.findings import Refused
from jiedian.ground.journal.queries import facts_of
from jiedian.people.queries import actor, person
from jiedian.people.services.absences import AbsencePlan, register_absence
from jiedian.process.queries import open_steps, open_steps_of_owner
from jiedian.supply.scheme.forms import CountersignForm
from jiedian.supply.scheme.models import Countersign
from jiedian.supply.scheme.queries.countersigns import asked_about, silent
from jiedian.supply.scheme.steps import countersign
from tests.cast import codes, do, lodge, moment, staff

pytestmark = pytest.mark.django_db
WHY = "两路电源同出一座变电站，请改接另一座"


@pytest.fixture
def drafted() -> Case:
    case = lodge("HV2", "2025-09-15 09:00", importance="second")
    for code, day in (("ACCEPT", 15), ("SURVEY", 16), ("SCHEME_DRAFT", 18)):
        do(case, code, f"2025-09-{day} 10:00")
    return case


def test_a_no_goes_back_to_the_draft_and_the_next_version_is_asked_again(drafted: Case) -> None:
    do(drafted, "COUNTERSIGN", "2025-09-19 09:00", agreed="no", text=WHY)
    assert codes(drafted) == {"SCHEME_DRAFT"}
    again = open_steps(drafted.number).get()
    assert (again.round, again.owner_name) == (2, drafted.account_manager_name)
    assert drafted.schemes.get().state == "refused"
    do(drafted, "SCHEME_DRAFT", "2025-09-22 09:00")
    assert codes(drafted) == {"COUNTERSIGN"}, "who refused sees what came of it"
    do(drafted, "COUNTERSIGN", "2025-09-23 09:00")
    assert codes(drafted) == {"SCHEME_REPLY"}
    do(drafted, "SCHEME_REPLY", "2025-09-23 10:00")
    assert [(s.version, s.state) for s in drafted.schemes.order_by("version")] == [
        (1, "refused"),
        (2, "replied"),
    ]
    said = [(row.has_agreed, row.text, row.department) for row in Countersign.objects.order_by("id")]
    asked = ["development", "operation", "dispatch"]
    assert said == [(False, WHY, "development"), *((True, "同意", name) for name in asked)]
    assert facts_of(drafted.stream).filter(kind="scheme.refused").count() == 1


def test_a_no_without_a_reason_is_refused_and_nothing_moves(drafted: Case) -> None:
    step = open_steps(drafted.number).get()
    work = Work(
        drafted, step, actor(staff("planner")), moment("2025-09-19 09:00"), {"agreed": "no", "text": " "}
    )
    with pytest.raises(Refused) as refusal:
        countersign(work)
    assert [finding.code for finding in refusal.value.findings] == ["scheme.disagreed"]
    assert codes(drafted) == {"COUNTERSIGN"} and not Countersign.objects.exists()
    form = CountersignForm({"agreed": "no", "text": ""}, case=drafted)
    assert not form.is_valid() and set(form.errors) == {"text"}
    assert CountersignForm({"agreed": "yes", "text": ""}, case=drafted).is_valid()


def test_who_countersigns_sees_the_scheme_and_nothing_is_ticked_for_him(drafted: Case) -> None:
    step, client = open_steps(drafted.number).get(), Client()
    client.force_login(staff("planner"))
    url = reverse("step", args=[drafted.number, step.pk])
    page = client.get(url).content.decode()
    for word in ("10kV 柳泉线 12 号杆", "10kV 高新线 3 号柜", "柳泉线 12 号杆跌落式熔断器上桩头", "第 1 版"):
        assert word in page, word
    assert 'name="agreed"' in page and not re.search(r'name="agreed"[^>]*checked', page)
    answer = client.post(url, {"agreed": "no", "text": WHY})
    assert answer.status_code == 302 and codes(drafted) == {"SCHEME_DRAFT"}


def test_who_drafts_anew_sees_who_refused_and_why(drafted: Case) -> None:
    do(drafted, "COUNTERSIGN", "2025-09-19 09:00", agreed="no", text=WHY)
    step, client = open_steps(drafted.number).get(), Client()
    client.force_login(person(step.owner_id))
    who = Countersign.objects.get().signed_by
    for page in (
        reverse("step", args=[drafted.number, step.pk]),
        reverse("step", args=[drafted.number, step.pk]) + "?by_hand",
        reverse("scheme", args=[drafted.number]),
        reverse("case", args=[drafted.number]),
    ):
        shown = client.get(page, follow=True).content.decode()
        assert WHY in shown and who in shown and "不同意" in shown, page


def say(case: Case, at: str, *, agreed: str = "yes", text: str = "") -> str:
    """Whoever has the countersign gives his department's opinion; returns who he is."""
    step = open_steps(case.number).get(code="COUNTERSIGN")
    who = person(step.owner_id)
    countersign(Work(case, step, actor(who), moment(at), {"agreed": agreed, "text": text}))
    case.refresh_from_db()
    return str(who.department.code if who.department else "")


def test_every_department_that_is_asked_agrees_before_the_customer_is_answered(drafted: Case) -> None:
    asked = asked_about(drafted, drafted.schemes.get(), "COUNTERSIGN")
    assert [one.department for one in asked] == ["development", "operation", "dispatch"]
    assert all(one.why for one in asked[1:]) and not asked[0].why
    assert say(drafted, "2025-09-19 09:00") == "development"
    assert codes(drafted) == {"COUNTERSIGN"}
    assert silent(drafted, drafted.schemes.get(), "COUNTERSIGN") == ["operation", "dispatch"]
    assert say(drafted, "2025-09-19 10:00") == "operation" and codes(drafted) == {"COUNTERSIGN"}
    assert say(drafted, "2025-09-19 11:00") == "dispatch" and codes(drafted) == {"SCHEME_REPLY"}
    kinds = [fact.kind for fact in facts_of(drafted.stream) if fact.kind.startswith("scheme.")]
    assert kinds[-3:] == ["scheme.opinion", "scheme.opinion", "scheme.countersigned"]
    assert differences(drafted.number) == []


def test_one_no_goes_back_at_once_and_all_are_asked_again_about_the_next_version(drafted: Case) -> None:
    say(drafted, "2025-09-19 09:00")
    say(drafted, "2025-09-19 10:00", agreed="no", text=WHY)
    assert codes(drafted) == {"SCHEME_DRAFT"} and drafted.schemes.get().state == "refused"
    do(drafted, "SCHEME_DRAFT", "2025-09-22 09:00")
    first = [say(drafted, f"2025-09-22 1{n}:00") for n in range(3)]
    assert first == ["development", "operation", "dispatch"] and codes(drafted) == {"SCHEME_REPLY"}


def test_an_ordinary_single_source_case_asks_one_department() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 10:00", open_capacity="no")
    do(case, "SCHEME_DRAFT", "2025-09-18 10:00")
    assert say(case, "2025-09-19 09:00") == "development" and codes(case) == {"SCHEME_REPLY"}


def test_each_sees_the_draft_who_is_asked_and_what_the_others_said(drafted: Case) -> None:
    client, step = Client(), open_steps(drafted.number).get()
    url = reverse("step", args=[drafted.number, step.pk])
    client.force_login(person(step.owner_id))
    answer = client.post(url, {"agreed": "yes", "text": "电源点无异议"}, follow=True)
    assert "转给下一个要会签的部门" in answer.content.decode()
    assert client.post(url, {"agreed": "yes", "text": "再点一次"}).status_code == 403  # no longer his turn
    step.refresh_from_db()
    assert Countersign.objects.get().text == "电源点无异议"
    other = person(step.owner_id)
    assert other.department and other.department.code == "operation"
    client.force_login(other)
    page = client.get(url).content.decode()
    for word in (
        "10kV 柳泉线 12 号杆",
        "电源点无异议",
        "要会签的部门",
        "双电源：运行核对联络与切换",
        "待会签",
    ):
        assert word in page, word
    assert step.code in {held.code for held in open_steps_of_owner(other.pk)}, "it lies on his desk"


def test_two_clicks_at_once_speak_for_one_department(drafted: Case) -> None:
    step = open_steps(drafted.number).get()
    work = Work(drafted, step, actor(person(step.owner_id)), moment("2025-09-19 09:00"), {"agreed": "yes"})
    countersign(work)
    with pytest.raises(Refused) as refusal:
        countersign(work)
    assert [finding.code for finding in refusal.value.findings] == ["step.closed"]
    assert [one.department for one in Countersign.objects.all()] == ["development"]


def test_when_the_asked_one_is_away_somebody_of_his_department_has_it(drafted: Case) -> None:
    say(drafted, "2025-09-19 09:00")
    holder = person(open_steps(drafted.number).get().owner_id)
    plan = AbsencePlan(date(2025, 9, 19), date(2025, 9, 26), None, False)
    register_absence(holder, plan, actor=actor(staff("head")), at=moment("2025-09-19 09:30"))
    cover(at=moment("2025-09-19 09:40"))
    step = open_steps(drafted.number).get()
    stand_in = person(step.owner_id)
    assert stand_in != holder and (not stand_in.department or stand_in.department.code != "development")
    say(drafted, "2025-09-19 10:00")
    assert [one.department for one in Countersign.objects.order_by("id")] == ["development", "operation"]


def test_capacity_that_nobody_computed_goes_to_planning_and_dispatch() -> None:
    """Above the main transformers the network says nothing: a version by hand there is no account manager's alone."""
    case = lodge("HV1", "2025-09-15 09:00", voltage_kv=Decimal(35), capacity_kva=Decimal(8000))
    for code, day in (("ACCEPT", 15), ("SURVEY", 16), ("SCHEME_DRAFT", 18)):
        do(case, code, f"2025-09-{day} 10:00")
    assert codes(case) == {"COUNTERSIGN"}
    asked = asked_about(case, case.schemes.get(), "COUNTERSIGN")
    assert [one.department for one in asked] == ["development", "dispatch"]
    assert "人工核定" in asked[1].why[0].zh
