"""Between departments: errands with clocks, pressing, questions. Between company and customer: one contact only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.steps import tick
from jiedian.core.findings import refuse
from jiedian.core.words import Text
from jiedian.core.workdays import local_day
from jiedian.ground.journal.services import Actor, record
from jiedian.people.models import Call, User
from jiedian.people.queries import able_to_act, person, stands_in_for
from jiedian.process.queries import open_steps

from ..models import Errand, Message, Question, Urging
from ..queries import LINE, sends_on


@dataclass(frozen=True)
class ErrandDraft:
    """An errand before it is sent: a notice, a countersign or a task, in words, to one person, perhaps of a step and a day."""

    kind: str
    text: str
    receiver: User
    step_code: str = ""
    due_on: date | None = None


@dataclass(frozen=True)
class UrgingDraft:
    """An expedite or supervised order to be written: of a case or a step by its number, in words, to whom; a supervised order has a day."""

    kind: str
    target: str
    text: str
    receiver: User
    due_on: date | None = None


@transaction.atomic
def send_errand(case: Case, draft: ErrandDraft, *, actor: Actor, at: datetime) -> Errand:
    """Send a work notice, a countersign or a task; its acknowledgement and its answer have clocks from now on.

    Sent twice within minutes it is one.
    """
    kind, receiver = draft.kind, draft.receiver
    _said(draft.text)
    department = _department(receiver, actor)
    _not_past(draft.due_on, at=at)
    said = {
        "case": case,
        "kind": kind,
        "text": draft.text.strip(),
        "step_code": draft.step_code,
        "due_on": draft.due_on,
        "sender_id": actor.id,
        "receiver_id": receiver.pk,
    }
    if twin := _twin(Errand, case, said, at=at):
        return twin
    errand = Errand.objects.create(
        **said,
        sender_name=actor.name,
        receiver_name=receiver.name_zh,
        receiver_department=department,
        sent_at=at,
    )
    sent = {"errand": errand.pk, "kind": kind, "receiver": receiver.pk, "step": draft.step_code}
    event = {"event": f"{kind}.sent", "ref": errand.ref}
    record("errand.sent", stream=case.stream, actor=actor, at=at, data=sent | event)
    tick(case, f"{kind}.sent", ref=errand.ref, at=at)
    return errand


def _department(receiver: User, actor: Actor) -> str:
    """Department of a receiver who may act on cases and is not the one who sends."""
    if receiver.pk == actor.id:
        raise refuse("errand.self")
    if receiver.department is None or not able_to_act().filter(pk=receiver.pk).exists():
        raise refuse("errand.receiver", receiver=Text(receiver.name_zh, receiver.name_en))
    return receiver.department.code


def _not_past(due_on: date | None, *, at: datetime) -> None:
    if due_on and due_on < local_day(at):
        raise refuse("errand.past", today=local_day(at))


TWICE = timedelta(minutes=10)
"""Whoever sends the very same within this time pressed twice."""


Item = TypeVar("Item", bound=Model)


def _twin(
    model: type[Item], case: Case, said: dict[str, Any], *, at: datetime, sent: str = "sent_at"
) -> Item | None:
    """The same that was sent a moment ago; the case is held, so that of two at once the second sees the first."""
    Case.objects.select_for_update().get(pk=case.pk)
    return model._default_manager.filter(**said, **{f"{sent}__gt": at - TWICE, f"{sent}__lte": at}).first()


@transaction.atomic
def acknowledge_errand(errand: Errand, *, actor: Actor, at: datetime) -> None:
    """The receiver takes the errand on."""
    _by_receiver(errand.receiver_id, actor)
    moved = Errand.objects.filter(pk=errand.pk, state=Errand.State.SENT).update(
        state=Errand.State.ACKNOWLEDGED, acknowledged_at=at
    )
    if not moved:
        raise refuse("errand.acknowledged")
    record(
        "errand.acknowledged",
        stream=errand.case.stream,
        actor=actor,
        at=at,
        data={"errand": errand.pk, "event": f"{errand.kind}.acknowledged", "ref": errand.ref},
    )
    tick(errand.case, f"{errand.kind}.acknowledged", ref=errand.ref, at=at)


@transaction.atomic
def answer_errand(errand: Errand, *, answer: str, text: str, actor: Actor, at: datetime) -> None:
    """The receiver answers: agreed, refused or done, with words. Answering also acknowledges."""
    _by_receiver(errand.receiver_id, actor)
    _said(text)
    if answer not in Errand.Answer.values or not answer:
        raise refuse("errand.answer")
    if errand.state == Errand.State.SENT:
        acknowledge_errand(errand, actor=actor, at=at)
    moved = Errand.objects.filter(pk=errand.pk, state=Errand.State.ACKNOWLEDGED).update(
        state=Errand.State.ANSWERED, answer=answer, answer_text=text.strip(), answered_at=at
    )
    if not moved:
        raise refuse("errand.answered")
    record(
        "errand.answered",
        stream=errand.case.stream,
        actor=actor,
        at=at,
        data={
            "errand": errand.pk,
            "answer": answer,
            "event": f"{errand.kind}.answered",
            "ref": errand.ref,
        },
    )
    tick(errand.case, f"{errand.kind}.answered", ref=errand.ref, at=at)
    if answer == Errand.Answer.REFUSED:
        back_to = errand.sender_id or errand.case.account_manager_id
        data = {"errand": errand.pk, "receiver": back_to, "event": "errand.refused", "ref": errand.ref}
        record("errand.refused", stream=errand.case.stream, actor=actor, at=at, data=data)
        tick(errand.case, "errand.refused", ref=errand.ref, at=at)


@transaction.atomic
def settle(item: Errand | Question | Urging | Call, *, note: str = "", actor: Actor, at: datetime) -> None:
    """The sender takes note of an answer; of a refusal he says what he does about it. Then it leaves his desk."""
    if _sender_of(item) not in {actor.id, *_those(actor, at=at)}:
        raise refuse("permission.sender")
    is_refusal = isinstance(item, Errand) and item.answer == Errand.Answer.REFUSED
    if is_refusal and not note.strip():
        raise refuse("errand.note")
    model = type(item)
    if not model._default_manager.filter(pk=item.pk, answered_at__isnull=False, seen_at=None).update(
        seen_at=at
    ):
        raise refuse("errand.seen")
    if is_refusal and isinstance(item, Errand):
        data = {"errand": item.pk, "note": note.strip()[:200], "event": "errand.settled", "ref": item.ref}
        record("errand.settled", stream=item.case.stream, actor=actor, at=at, data=data)
        tick(item.case, "errand.settled", ref=item.ref, at=at)


def _sender_of(item: Errand | Question | Urging | Call) -> int | None:
    """Whoever an answer goes to; of what the system sent, the account manager."""
    if isinstance(item, Question):
        return item.asker_id
    if isinstance(item, Call):
        return item.manager_id
    return item.sender_id or item.case.account_manager_id


def _those(actor: Actor, *, at: datetime) -> set[int]:
    """People for whom the one who acts stands in."""
    user = User.objects.filter(pk=actor.id or 0).first()
    return stands_in_for(user, on=local_day(at)) if user else set()


@transaction.atomic
def urge(case: Case, draft: UrgingDraft, *, actor: Actor, at: datetime) -> Urging:
    """Press for a step or an errand (催办), or order it under supervision with a date (督办) that is not past.

    Sent twice within minutes it is one.
    """
    _said(draft.text)
    if draft.kind == Urging.Kind.SUPERVISED and draft.due_on is None:
        raise refuse("urging.date")
    _department(draft.receiver, actor)
    _not_past(draft.due_on, at=at)
    said = {
        "case": case,
        "kind": draft.kind,
        "target": draft.target,
        "text": draft.text.strip(),
        "due_on": draft.due_on,
        "sender_id": actor.id,
        "receiver_id": draft.receiver.pk,
    }
    if twin := _twin(Urging, case, said, at=at):
        return twin
    urging = Urging.objects.create(
        **said, sender_name=actor.name, receiver_name=draft.receiver.name_zh, sent_at=at
    )
    record(
        f"urging.{draft.kind}",
        stream=case.stream,
        actor=actor,
        at=at,
        data={"urging": urging.pk, "receiver": draft.receiver.pk, "target": draft.target},
    )
    return urging


@transaction.atomic
def expedite_owners(case: Case, *, text: str, actor: Actor, at: datetime) -> list[Urging]:
    """Press whoever holds the case now: the owners of its open steps, else its account manager."""
    if not case.is_open:
        raise refuse("case.closed")
    holders = {step.owner_id for step in open_steps(case.number) if step.owner_id}
    holders = holders - {actor.id} or holders
    pressed = [person(holder) for holder in sorted(holders) or [case.account_manager_id or 0]]
    drafts = [UrgingDraft(Urging.Kind.EXPEDITE, case.number, text, to) for to in pressed]
    return [urge(case, draft, actor=actor, at=at) for draft in drafts]


@transaction.atomic
def answer_urging(urging: Urging, *, text: str, actor: Actor, at: datetime) -> None:
    """The one who was pressed says what he did."""
    _by_receiver(urging.receiver_id, actor)
    _said(text)
    moved = Urging.objects.filter(pk=urging.pk, answered_at__isnull=True).update(
        answer_text=text.strip(), answered_at=at
    )
    if not moved:
        raise refuse("urging.answered")
    record("urging.answered", stream=urging.case.stream, actor=actor, at=at, data={"urging": urging.pk})


@transaction.atomic
def verify_urging(urging: Urging, *, actor: Actor, at: datetime) -> None:
    """The one who ordered confirms that it is done; only then is a supervised order closed."""
    if actor.id == urging.receiver_id:
        raise refuse("permission.own_work")
    if not _may_verify(urging, actor, at=at):
        raise refuse("urging.verifier", sender=urging.sender_name)
    moved = Urging.objects.filter(pk=urging.pk, answered_at__isnull=False, verified_at__isnull=True).update(
        verified_at=at, verified_by=actor.name
    )
    if not moved:
        raise refuse("urging.unanswered")
    record("urging.verified", stream=urging.case.stream, actor=actor, at=at, data={"urging": urging.pk})


def _may_verify(urging: Urging, actor: Actor, *, at: datetime) -> bool:
    """True for whoever ordered it, who stands in for him, and a head of his department once he is gone."""
    if urging.sender_id in {actor.id, *_those(actor, at=at)}:
        return True
    sender = User.objects.filter(pk=urging.sender_id or 0).first()
    head = User.objects.filter(pk=actor.id or 0, roles__contains=["department_head"]).first()
    return bool(
        head and (sender is None or not sender.is_active or sender.department_id == head.department_id)
    )


@transaction.atomic
def ask(case: Case, *, text: str, answerer: User, actor: Actor, at: datetime) -> Question:
    """Put a question to the other level; its answer has a clock and is kept. Put twice within minutes it is one."""
    _said(text)
    if actor.id is None:
        raise refuse("permission.staff")
    _department(answerer, actor)
    said = {"case": case, "text": text.strip(), "asker_id": actor.id, "answerer_id": answerer.pk}
    if twin := _twin(Question, case, said, at=at, sent="asked_at"):
        return twin
    question = Question.objects.create(
        **said, asker_name=actor.name, answerer_name=answerer.name_zh, asked_at=at
    )
    record(
        "question.asked",
        stream=case.stream,
        actor=actor,
        at=at,
        data={
            "question": question.pk,
            "receiver": answerer.pk,
            "event": "question.asked",
            "ref": question.ref,
        },
    )
    tick(case, "question.asked", ref=question.ref, at=at)
    return question


@transaction.atomic
def answer_question(question: Question, *, text: str, actor: Actor, at: datetime) -> None:
    """Answer a question that was put to oneself."""
    _by_receiver(question.answerer_id, actor)
    _said(text)
    moved = Question.objects.filter(pk=question.pk, answered_at__isnull=True).update(
        answer_text=text.strip(), answered_at=at
    )
    if not moved:
        raise refuse("question.answered")
    record(
        "question.answered",
        stream=question.case.stream,
        actor=actor,
        at=at,
        data={"question": question.pk, "event": "question.answered", "ref": question.ref},
    )
    tick(question.case, "question.answered", ref=question.ref, at=at)


@transaction.atomic
def tell_customer(case: Case, *, text: str, actor: Actor, at: datetime) -> Message:
    """Write to the customer. A text that sends him on to another office is delivered and counted as a breach.

    Written twice within minutes it is one.
    """
    _said(text)
    said = {"case": case, "is_from_customer": False, "text": text.strip(), "author_name": actor.name}
    if twin := _twin(Message, case, said, at=at):
        return twin
    message = Message.objects.create(**said, sent_at=at)
    data = {"message": message.pk, "event": "message.to_customer", "ref": LINE}
    fact = record("message.to_customer", stream=case.stream, actor=actor, at=at, data=data)
    tick(case, "message.to_customer", ref=LINE, at=at)
    for row in sends_on(text)[:1]:
        Breach.objects.create(
            case=case,
            kind=Breach.Kind.SENT_ON,
            text=text.strip()[:300],
            rule_id=row.id,
            actor_id=actor.id,
            actor_name=actor.name,
            found_at=at,
        )
        record(
            "breach.sent_on",
            stream=case.stream,
            actor=actor,
            at=at,
            cause=fact.uid,
            data={"message": message.pk, "rule": row.id},
        )
    return message


@transaction.atomic
def hear_customer(case: Case, *, text: str, actor: Actor, at: datetime) -> Message:
    """Keep what the customer wrote; it lands on his account manager's desk, and the answer has a clock.

    The clock runs from the first message nobody has answered. Written twice within minutes it is one.
    """
    _said(text)
    said = {"case": case, "is_from_customer": True, "text": text.strip()[:600], "author_name": actor.name}
    if twin := _twin(Message, case, said, at=at):
        return twin
    last = Message.objects.filter(case=case).last()
    message = Message.objects.create(**said, sent_at=at)
    waits = last is not None and last.is_from_customer
    event = {} if waits else {"event": "message.from_customer", "ref": LINE}
    data = {"message": message.pk} | event
    record("message.from_customer", stream=case.stream, actor=actor, at=at, data=data)
    if not waits and case.is_open:
        tick(case, "message.from_customer", ref=LINE, at=at)
    return message


def _said(text: str) -> None:
    if not text.strip() or "\x00" in text:
        raise refuse("text.empty")


def _by_receiver(receiver_id: int, actor: Actor) -> None:
    if actor.id != receiver_id:
        raise refuse("permission.receiver")
