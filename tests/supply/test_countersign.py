"""A countersign that says no sends the scheme back with its reason, and nobody decides blind."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.work import Work
from jiedian.core.findings import Refused
from jiedian.ground.journal.queries import facts_of
from jiedian.people.queries import actor, person
from jiedian.process.queries import open_steps
from jiedian.supply.scheme.forms import CountersignForm
from jiedian.supply.scheme.models import Countersign
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
    assert said == [(False, WHY, "development"), (True, "同意", "development")]
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
