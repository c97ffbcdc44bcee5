"""A message goes out at every step that concerns the customer, once, with the manager's name; every such event has a text."""

from string import Formatter

import pytest

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services import steps
from jiedian.cases.coordination.reactions import event_of, tell, texts
from jiedian.cases.coordination.services import coordination
from jiedian.cases.papers.services import ask_for_more, send_back
from jiedian.core.findings import Refused
from jiedian.ground.journal.models import Fact, Reaction
from jiedian.ground.journal.services import react
from jiedian.ground.rulebook.services import load
from jiedian.links.models import Outbox
from jiedian.links.queries import MessageRow
from jiedian.links.views import MESSAGES
from jiedian.people.queries import actor, person
from jiedian.process.models import Definition
from jiedian.process.queries import diagram
from jiedian.process.rows import cards
from tests.cast import do, lodge, moment, staff

pytestmark = pytest.mark.django_db
AT = moment("2025-10-10 09:00")


def told(case: Case) -> list[str]:
    """The messages of a case by SMS, in their order, after every reaction has run twice."""
    waiting = list(Reaction.objects.filter(function__endswith="coordination.reactions.tell").order_by("pk"))
    for reaction in waiting:
        for _ in range(2):
            react(str(reaction.fact_uid), reaction.function)
    return list(Outbox.objects.filter(channel="sms").order_by("id").values_list("template", flat=True))


def text_of(template: str) -> str:
    return Outbox.objects.filter(channel="sms", template=template).latest("id").text


def test_every_step_of_the_customer_in_every_diagram_has_a_text() -> None:
    events = {
        f"opened:{code}"
        for definition in Definition.objects.all()
        for code in diagram(definition).codes
        if cards(definition.key)[code].performer == "customer"
    }
    assert len(events) > 5 and events - texts().keys() == set()


def test_every_text_names_the_manager_and_the_case_in_both_languages_and_has_a_name() -> None:
    rows = {row.id: row for row in load("labels/messages.csv", MessageRow)}
    for message in {text for row in texts().values() for text in (row.message, row.message_pv) if text}:
        for text in (rows[message].zh, rows[message].en):
            names = {name for _, name, _, _ in Formatter().parse(text) if name}
            assert {"number", "manager"} <= names, message
        assert message in MESSAGES, message


def test_a_factory_is_told_of_everything_once() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 09:10")
    do(case, "SURVEY", "2025-09-16 09:00", has_fee="yes", importance="second")
    do(case, "SCHEME_DRAFT", "2025-09-18 09:00")
    while not case.schemes.filter(state="replied").exists():
        open_now = Fact.objects.filter(stream=case.stream, kind="step.opened").latest("id").data["step"]
        do(case, open_now, "2025-09-18 15:00")
    assert told(case) == ["applied", "receipt", "papers_added", "scheme_ready"]
    do(case, "SCHEME_SIGN", "2025-09-22 09:00")
    do(case, "FEE_DETERMINE", "2025-09-23 09:00")
    do(case, "CONTRACT_DRAFT", "2025-09-23 09:00")
    assert sorted(told(case)[4:]) == ["contract_ready", "design_turn", "fee_due"]
    assert "80643.15" in text_of("fee_due") and case.account_manager_name in text_of("fee_due")
    do(case, "CUSTOMER_DESIGN", "2025-09-24 09:00")
    do(case, "DESIGN_REVIEW", "2025-09-25 09:00", result="rectify", defects="缺接地图")
    assert told(case)[7:] == ["design_rejected"] and "缺接地图" in text_of("design_rejected")
    do(case, "CUSTOMER_DESIGN", "2025-09-26 09:00")
    do(case, "DESIGN_REVIEW", "2025-09-27 09:00")
    assert sorted(told(case)[8:]) == ["design_passed", "works_turn"]
    do(case, "CUSTOMER_WORKS", "2025-09-28 09:00")
    do(case, "MID_INSPECTION", "2025-09-28 10:00", result="rectify", defects="螺栓松动")
    assert told(case)[10:] == ["rectify_turn"] and "螺栓松动" in text_of("rectify_turn")


def test_papers_managers_messages_and_ends_are_told() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 09:10", held=["licence", "title_deed_hv"])
    who = actor(person(case.account_manager_id or 0))
    send_back(case.papers.get(code="licence"), reason="照片不清", actor=who, at=AT)
    assert told(case)[2:] == ["paper_sent_back"]
    assert "照片不清" in text_of("paper_sent_back") and "licence" not in text_of("paper_sent_back")
    with pytest.raises(Refused):
        ask_for_more(case, "licence", actor=who, at=AT)
    coordination.tell_customer(case, text="下周二上门。", actor=who, at=AT)
    assert told(case)[3:] == ["manager_message"] and "下周二上门。" in text_of("manager_message")
    steps.reassign(case, to=staff("manager2"), actor=who, at=AT)
    case.refresh_from_db()
    assert told(case)[4:] == ["new_manager"] and case.account_manager_name in text_of("new_manager")
    steps.terminate(case, reason="改由园区供电", actor=who, at=AT)
    assert told(case)[5:] == ["terminated"] and "改由园区供电" in text_of("terminated")


def test_what_concerns_nobody_outside_is_not_told() -> None:
    case = lodge("RES")
    do(case, "ACCEPT", "2025-09-15 10:00")
    facts = {event_of(fact) for fact in Fact.objects.filter(stream=case.stream)}
    assert "opened:ACCEPT" in facts and "opened:ACCEPT" not in texts()
    before = Outbox.objects.count()
    tell(Fact.objects.get(stream=case.stream, kind="case.accepted"))
    assert Outbox.objects.count() == before
