"""A mis-click can be taken back for a while: step, rows, clocks and messages, as if it had not been."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case, Handoff
from jiedian.cases.case.services.undo import undo
from jiedian.cases.screen.queries.replay import differences
from jiedian.clocks.models import Clock
from jiedian.core.findings import Refused
from jiedian.ground.journal.queries import facts_of, verify
from jiedian.ground.journal.services import Actor
from jiedian.links.models import Outbox
from jiedian.links.services import Message, send
from jiedian.people.queries import actor, person
from jiedian.process.models import Step
from jiedian.process.queries import open_steps, steps_of
from jiedian.supply.scheme.models import Countersign
from tests.cast import codes, do, lodge, moment

pytestmark = pytest.mark.django_db
WAY = ("ACCEPT", "SURVEY", "SCHEME_DRAFT", "COUNTERSIGN", "SCHEME_REPLY", "SCHEME_SIGN")


def along(kind: str, *steps: str, day: int = 15) -> Case:
    case = lodge(kind, "2025-09-15 09:00")
    for n, code in enumerate(steps):
        do(case, code, f"2025-09-{day + n} 09:00")
    return case


def last(case: Case, code: str) -> tuple[Step, Actor]:
    step = steps_of(case.number).filter(code=code).order_by("-id")[0]
    fact = [f for f in facts_of(case.stream) if f.data.get("step_id") == step.pk and "outcome" in f.data][-1]
    return step, Actor(fact.actor_id, fact.actor_name, fact.actor_role)


def back(case: Case, code: str, at: str) -> None:
    step, who = last(case, code)
    undo(case, step, actor=who, at=moment(at))
    case.refresh_from_db()


def clocks(case: Case) -> set[tuple[object, ...]]:
    live = Clock.objects.filter(subject=case.number).exclude(state="cancelled")
    return set(live.values_list("limit_id", "started_at", "due_number", "due_on", "state", "paused_on"))


CASES = [
    ("HV2", WAY[:1], "SURVEY"),
    ("HV2", WAY[:2], "SCHEME_DRAFT"),
    ("HV2", WAY[:3], "COUNTERSIGN"),
    ("HV2", WAY, "FEE_DETERMINE"),
    ("HV2", WAY, "CONTRACT_DRAFT"),
    ("HV2", (*WAY, "CONTRACT_DRAFT"), "CONTRACT_SIGN"),
    ("HV2", WAY, "METER_ALLOC"),
    ("HV2", WAY, "CUSTOMER_DESIGN"),
    ("RES", ("ACCEPT", "CONTRACT_SIGN"), "METER_INSTALL"),
    ("RES", ("ACCEPT", "METER_INSTALL"), "CONTRACT_SIGN"),
]


@pytest.mark.parametrize(("kind", "before", "code"), CASES)
def test_a_step_taken_back_leaves_the_case_as_it_was(kind: str, before: tuple[str, ...], code: str) -> None:
    case = along(kind, *before)
    was, open_then = clocks(case), codes(case)
    do(case, code, "2025-09-26 09:00")
    assert codes(case) != open_then
    back(case, code, "2025-09-26 09:20")
    assert codes(case) == open_then and clocks(case) == was
    assert differences(case.number) == [] and verify() is None
    assert not Handoff.objects.filter(
        step_id__in=steps_of(case.number).filter(state="cancelled").values("id")
    )
    fact = facts_of(case.stream).get(kind="step.undone")
    assert fact.data["step"] == code
    do(case, code, "2025-09-26 09:40")
    assert codes(case) != open_then, "and it can be done again"
    assert differences(case.number) == []


def test_a_branch_beside_it_goes_on_undisturbed() -> None:
    case = along("HV2", *WAY)
    do(case, "METER_ALLOC", "2025-09-26 09:00")
    do(case, "CONTRACT_DRAFT", "2025-09-26 09:05")
    back(case, "METER_ALLOC", "2025-09-26 09:10")
    assert {"METER_ALLOC", "CONTRACT_SIGN"} <= codes(case) and "METER_INSTALL" not in codes(case)
    for code in ("CONTRACT_SIGN", "METER_ALLOC", "METER_INSTALL"):
        do(case, code, "2025-09-26 10:00")
    assert not {"METER_ALLOC", "METER_INSTALL", "CONTRACT_SIGN"} & codes(case)


def test_a_gateway_is_asked_anew() -> None:
    case = along("HV2", *WAY[:3])
    do(case, "COUNTERSIGN", "2025-09-26 09:00", agreed="no", text="改接")
    assert codes(case) == {"SCHEME_DRAFT"}
    back(case, "COUNTERSIGN", "2025-09-26 09:10")
    assert codes(case) == {"COUNTERSIGN"} and case.schemes.get().state == "draft"
    assert not Countersign.objects.exists()
    do(case, "COUNTERSIGN", "2025-09-26 09:20")
    assert codes(case) == {"SCHEME_REPLY"}


def test_a_survey_taken_back_says_what_was_said_before() -> None:
    case = along("HV1", "ACCEPT")
    do(case, "SURVEY", "2025-09-16 09:00", case_class="HV2", capacity_kva=Decimal(2000), importance="second")
    back(case, "SURVEY", "2025-09-16 09:10")
    assert (case.case_class, case.capacity_kva, case.importance) == ("HV1", Decimal(1260), "ordinary")
    assert codes(case) == {"SURVEY"} and differences(case.number) == []


def test_after_a_move_what_was_done_since_can_be_taken_back_and_the_move_cannot() -> None:
    case = along("LVN", "ACCEPT")
    do(case, "SURVEY", "2025-09-16 09:00", case_class="HV1", voltage_kv="10", capacity_kva=Decimal(400))
    with pytest.raises(Refused) as refusal:
        back(case, "SURVEY", "2025-09-16 09:01")
    assert [finding.code for finding in refusal.value.findings] == ["undo.closed"]
    do(case, "SCHEME_DRAFT", "2025-09-17 09:00")
    back(case, "SCHEME_DRAFT", "2025-09-17 09:10")
    assert codes(case) == {"SCHEME_DRAFT"} and not case.schemes.exists()


def test_what_may_not_be_taken_back_says_why(settings: Any) -> None:
    settings.DEMO = False
    case = along("HV2", *WAY[:4])
    for code, at, why in (
        ("ACCEPT", "2025-09-15 09:01", "undo.final"),
        ("SCHEME_DRAFT", "2025-09-17 09:10", "undo.followed"),
        ("COUNTERSIGN", "2025-09-18 09:31", "undo.late"),
    ):
        with pytest.raises(Refused) as refusal:
            back(case, code, at)
        assert [finding.code for finding in refusal.value.findings] == [why], code
    step, _who = last(case, "COUNTERSIGN")
    with pytest.raises(Refused) as refusal:
        undo(case, step, actor=Actor(999, "别人", "clerk"), at=moment("2025-09-18 09:01"))
    assert [finding.code for finding in refusal.value.findings] == ["undo.not_yours"]
    assert codes(case) == {"SCHEME_REPLY"}


def test_twice_is_once_and_a_message_not_yet_sent_is_withdrawn() -> None:
    case = along("HV2", *WAY[:3])
    do(case, "COUNTERSIGN", "2025-09-26 09:00")
    step, who = last(case, "COUNTERSIGN")
    fact = facts_of(case.stream).get(kind="scheme.countersigned")
    words = {"number": case.number, "manager": "某"}
    queued = send(
        Message("sms", "13800000000", "scheme_ready", words),
        idempotency_key=f"{fact.uid}:sms",
        at=moment("2025-09-26 09:01"),
    )
    undo(case, step, actor=who, at=moment("2025-09-26 09:05"))
    assert queued and Outbox.objects.get(pk=queued.pk).state == "off"
    with pytest.raises(Refused):
        undo(case, step, actor=who, at=moment("2025-09-26 09:06"))


def test_the_page_offers_it_to_who_did_it(monkeypatch: pytest.MonkeyPatch) -> None:
    case = along("HV1", "ACCEPT")
    step = open_steps(case.number).get()
    client = Client()
    client.force_login(person(step.owner_id))
    from jiedian.cases.screen.views import screens

    monkeypatch.setattr(screens, "business_now", lambda: moment("2025-09-16 09:05"))
    do(case, "SURVEY", "2025-09-16 09:00")
    url = reverse("undo_step", args=[case.number, step.pk])
    assert url in client.get(reverse("case", args=[case.number])).content.decode()
    assert url in client.get(reverse("step", args=[case.number, step.pk])).content.decode()
    assert client.post(url).status_code == 302 and codes(case) == {"SURVEY"}
    assert actor(person(step.owner_id)).id == facts_of(case.stream).get(kind="step.undone").actor_id
