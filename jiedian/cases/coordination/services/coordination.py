"""Between departments: errands with clocks, pressing, questions. Between company and customer: one contact only."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.steps import tick
from jiedian.core.findings import refuse
from jiedian.ground.journal.services import Actor, record
from jiedian.people.models import User
from jiedian.people.queries import person
from jiedian.process.queries import open_steps

from ..models import Errand, Message, Question, Urging
from ..queries import sends_on


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
    """Send a work notice, a countersign or a task; its acknowledgement and its answer have clocks from now on."""
    kind, receiver = draft.kind, draft.receiver
    _said(draft.text)
    department = _department(receiver)
    errand = Errand.objects.create(
        case=case,
        kind=kind,
        text=draft.text.strip(),
        step_code=draft.step_code,
        due_on=draft.due_on,
        sender_id=actor.id,
        sender_name=actor.name,
        receiver_id=receiver.pk,
        receiver_name=receiver.name_zh,
        receiver_department=department,
        sent_at=at,
    )
    sent = {"errand": errand.pk, "kind": kind, "receiver": receiver.pk, "step": draft.step_code}
    event = {"event": f"{kind}.sent", "ref": errand.ref}
    record("errand.sent", stream=case.stream, actor=actor, at=at, data=sent | event)
    tick(case, f"{kind}.sent", ref=errand.ref, at=at)
    return errand


def _department(receiver: User) -> str:
    if not receiver.is_active or receiver.department is None:
        raise refuse("errand.receiver")
    return receiver.department.code


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


@transaction.atomic
def urge(case: Case, draft: UrgingDraft, *, actor: Actor, at: datetime) -> Urging:
    """Press for a step or an errand (催办), or order it under supervision with a date (督办)."""
    _said(draft.text)
    if draft.kind == Urging.Kind.SUPERVISED and draft.due_on is None:
        raise refuse("urging.date")
    urging = Urging.objects.create(
        case=case,
        kind=draft.kind,
        target=draft.target,
        text=draft.text.strip(),
        due_on=draft.due_on,
        sender_id=actor.id,
        sender_name=actor.name,
        receiver_id=draft.receiver.pk,
        receiver_name=draft.receiver.name_zh,
        sent_at=at,
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
    moved = Urging.objects.filter(pk=urging.pk, answered_at__isnull=False, verified_at__isnull=True).update(
        verified_at=at, verified_by=actor.name
    )
    if not moved:
        raise refuse("urging.unanswered")
    record("urging.verified", stream=urging.case.stream, actor=actor, at=at, data={"urging": urging.pk})


@transaction.atomic
def ask(case: Case, *, text: str, answerer: User, actor: Actor, at: datetime) -> Question:
    """Put a question to the other level; its answer has a clock and is kept."""
    _said(text)
    if actor.id is None:
        raise refuse("permission.staff")
    question = Question.objects.create(
        case=case,
        text=text.strip(),
        asker_id=actor.id,
        asker_name=actor.name,
        answerer_id=answerer.pk,
        answerer_name=answerer.name_zh,
        asked_at=at,
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
    """Write to the customer. A text that sends him on to another office is delivered and counted as a breach."""
    _said(text)
    message = Message.objects.create(
        case=case, is_from_customer=False, text=text.strip(), author_name=actor.name, sent_at=at
    )
    fact = record("message.to_customer", stream=case.stream, actor=actor, at=at, data={"message": message.pk})
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
def clear_breach(breach: Breach, *, reason: str, actor: Actor, at: datetime) -> None:
    """Say that a text did not send the customer on after all. Refused to its own author; the reason stays."""
    if not reason.strip():
        raise refuse("breach.reason")
    if actor.id is not None and actor.id == breach.actor_id:
        raise refuse("permission.own_work")
    standing = Breach.objects.filter(pk=breach.pk, kind=Breach.Kind.SENT_ON, cleared_at=None)
    if not standing.update(cleared_at=at, cleared_by=actor.name, cleared_reason=reason.strip()[:200]):
        raise refuse("breach.cleared")
    told = {"breach": breach.pk, "rule": breach.rule_id}
    record("breach.cleared", stream=breach.case.stream, actor=actor, at=at, data=told)


@transaction.atomic
def hear_customer(case: Case, *, text: str, actor: Actor, at: datetime) -> Message:
    """Keep what the customer wrote; it lands on his account manager's desk."""
    _said(text)
    message = Message.objects.create(
        case=case, is_from_customer=True, text=text.strip()[:600], author_name=actor.name, sent_at=at
    )
    record("message.from_customer", stream=case.stream, actor=actor, at=at, data={"message": message.pk})
    return message


def _said(text: str) -> None:
    if not text.strip() or "\x00" in text:
        raise refuse("text.empty")


def _by_receiver(receiver_id: int, actor: Actor) -> None:
    if actor.id != receiver_id:
        raise refuse("permission.receiver")
