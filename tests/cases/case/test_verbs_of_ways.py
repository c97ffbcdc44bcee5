"""Each verb of the ways back by itself: move on, carry papers over, forget a survey, ask whether, call off."""

from decimal import Decimal
from typing import Any

import pytest

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.moves import move_on
from jiedian.cases.case.services.steps import pass_gates
from jiedian.cases.case.services.undo import may_undo
from jiedian.cases.case.services.work import Work
from jiedian.cases.intake.services.survey import forget_survey, go_on
from jiedian.cases.papers.services import carry_over
from jiedian.core.findings import Refused
from jiedian.ground.journal.services import SYSTEM
from jiedian.links.models import Outbox
from jiedian.links.services import Message, call_off, send
from jiedian.people.queries import actor, person
from jiedian.process import services as process
from jiedian.process.queries import open_steps, run_of, steps_of
from tests.cast import codes, do, lodge, moment

pytestmark = pytest.mark.django_db
FACTS = {"three_zero": "no", "sources": "single", "review": "no", "open_capacity": "yes", "grid_works": "no"}
FACTS |= {"fee": "no", "customer_works": "yes"}


@pytest.fixture
def case() -> Case:
    made = lodge("LVN", "2025-09-15 09:00")
    do(made, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    return made


def work(case: Case) -> Work:
    step = open_steps(case.number).get()
    return Work(case, step, actor(person(step.owner_id)), moment("2025-09-16 09:00"))


def test_a_step_ends_and_the_case_goes_on_elsewhere(case: Case) -> None:
    case.case_class, case.voltage_kv = "HV1", Decimal(10)
    case.save()
    advance = move_on(work(case), "high_voltage", FACTS)
    assert advance.done and advance.done.code == "SURVEY" and codes(case) == {"SCHEME_DRAFT"}
    assert run_of(case.number).definition.key == case.process_key == "high_voltage"


def test_a_survey_goes_on_where_its_class_belongs(case: Case) -> None:
    assert go_on(work(case), FACTS).run.definition.key == "low_voltage"


def test_papers_follow_what_a_case_is_now_and_what_is_held_stays(case: Case) -> None:
    held = set(case.papers.filter(state="held").values_list("code", flat=True))
    case.case_class, case.process_key = "HV1", "high_voltage"
    case.save()
    new = carry_over(case, actor=SYSTEM, at=moment("2025-09-16 09:00"))
    assert new and all(paper.state == "owed" for paper in new)
    assert case.notices.filter(kind="supplement").count() == 2, "one notice, in two languages"
    assert set(case.papers.filter(state="held").values_list("code", flat=True)) == held
    assert carry_over(case, actor=SYSTEM, at=moment("2025-09-16 09:01")) == [], "twice asks for nothing more"


def test_what_is_due_by_a_step_keeps_it_open(case: Case) -> None:
    pass_gates(work(case))
    case.papers.update(due_step="SURVEY", state="owed")
    with pytest.raises(Refused):
        pass_gates(work(case))


def test_a_survey_is_forgotten(case: Case) -> None:
    do(case, "SURVEY", "2025-09-16 09:00", case_class="LV0", capacity_kva=Decimal(60))
    step = steps_of(case.number).get(code="SURVEY")
    forget_survey(Work(case, step, actor(person(step.owner_id)), moment("2025-09-16 09:05")))
    case.refresh_from_db()
    assert (case.case_class, case.capacity_kva) == ("LVN", Decimal(80))


def test_only_who_did_it_may_and_only_for_a_while(case: Case, settings: Any) -> None:
    settings.DEMO = False
    do(case, "SURVEY", "2025-09-16 09:00")
    step = steps_of(case.number).get(code="SURVEY")
    ask = [(step.owner_id, "09:29"), (step.owner_id, "09:31"), ((step.owner_id or 0) + 1, "09:01")]
    told = [may_undo(case, step, actor_id=who, at=moment(f"2025-09-16 {at}")) for who, at in ask]
    assert told == [True, False, False]


def test_a_run_is_walked_anew_without_the_step_taken_back(case: Case) -> None:
    do(case, "SURVEY", "2025-09-16 09:00")
    survey, accept = (steps_of(case.number).get(code=code) for code in ("SURVEY", "ACCEPT"))
    advance = process.take_back(
        subject=case.number,
        step_id=survey.pk,
        begun=None,
        history=[(accept.pk, {})],
        at=moment("2025-09-16 09:05"),
    )
    assert codes(case) == {"SURVEY"} and advance.cancelled
    process.complete(subject=case.number, step_id=survey.pk, outcome=FACTS, at=moment("2025-09-16 09:10"))
    assert "SURVEY" not in codes(case)


def test_only_what_is_queued_is_called_off(case: Case) -> None:
    uid = case.once or "6f2b6c52-7d0b-4e6e-9d3a-0b6a4e2f8a11"
    words, at = {"number": case.number, "manager": "某"}, moment("2025-09-16 09:00")
    for channel in ("sms", "mail"):
        send(
            Message(channel, "13800000000", "scheme_ready", words), idempotency_key=f"{uid}:{channel}", at=at
        )
    Outbox.objects.filter(idempotency_key=f"{uid}:mail").update(state="sent")
    assert call_off([uid]) == 1 and call_off([uid]) == 0
    assert {
        row.channel: row.state for row in Outbox.objects.filter(idempotency_key__startswith=str(uid))
    } == {
        "sms": "off",
        "mail": "sent",
    }
