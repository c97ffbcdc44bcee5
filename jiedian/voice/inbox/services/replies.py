"""Answer a concern: one text, back to every telling by the channel it came from, each exactly once."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.coordination.queries import sends_on
from jiedian.core.findings import refuse
from jiedian.ground.journal.services import Actor, record
from jiedian.links.queries import gateways
from jiedian.links.services import post

from ..models.concerns import Concern, Delivery, Reply
from ..models.tellings import Telling
from ..queries.channels import channels
from .concerns import tick

LONGEST = 2000


@transaction.atomic
def reply(concern: Concern, *, text: str, actor: Actor, at: datetime) -> Reply:
    """Answer every telling of a concern by its own channel. The promise to answer is met by writing, not by arriving.

    A text that sends the customer on to another office is delivered and counted as a breach, as in letters of a case.
    Raises Refused for an empty text, a merged concern, or the same answer again.
    """
    said = text.replace("\x00", "").strip()[:LONGEST]
    if not said:
        raise refuse("text.empty")
    if concern.replies.filter(text=said, author_id=actor.id).exists():
        raise refuse("reply.again")
    moved = Concern.objects.filter(pk=concern.pk).exclude(state=Concern.State.MERGED)
    if not moved.update(state=Concern.State.ANSWERED, answered_at=at):
        raise refuse("concern.merged")
    made = Reply.objects.create(
        concern=concern, text=said, author_id=actor.id, author_name=actor.name, written_at=at
    )
    for telling in concern.tellings.select_related("contact", "part_of").order_by("id"):
        _send(made, telling, at=at)
    data = {"reply": made.pk, "deliveries": made.deliveries.count()}
    fact = record("concern.replied", stream=concern.stream, actor=actor, at=at, data=data)
    _count_breaches(concern, said, cause=fact.uid, actor=actor, at=at)
    tick(concern, "concern.contacted", at=at)
    tick(concern, "concern.replied", at=at)
    return made


def _count_breaches(concern: Concern, said: str, *, cause: UUID, actor: Actor, at: datetime) -> None:
    for row in sends_on(said)[:1]:
        if concern.case:
            Breach.objects.create(
                case=concern.case,
                kind=Breach.Kind.SENT_ON,
                text=said[:300],
                rule_id=row.id,
                actor_id=actor.id,
                actor_name=actor.name,
                found_at=at,
            )
        record(
            "breach.sent_on",
            stream=concern.stream,
            actor=actor,
            at=at,
            cause=cause,
            data={"concern": concern.number, "rule": row.id},
        )


def _send(made: Reply, telling: Telling, *, at: datetime) -> None:
    row = channels()[telling.channel]
    to = telling.contact.address if telling.contact else ""
    leaves = row.way in gateways()
    is_sent = leaves and bool(to)
    outbox = None
    if is_sent:
        outbox = post(
            channel=row.way,
            to=to,
            text=made.text,
            meta=_meta(telling, made.concern),
            idempotency_key=f"reply:{made.pk}:{telling.pk}",
            at=at,
        )
    Delivery.objects.create(
        reply=made,
        telling=telling,
        channel=telling.channel,
        way=row.way if is_sent or not leaves else "tell",
        state=Delivery.State.WITH_GATEWAY if is_sent else Delivery.State.WAITING,
        outbox=outbox,
    )


def _meta(telling: Telling, concern: Concern) -> dict[str, str]:
    """What the gateway needs beside the words: the thread of a mail, the platform of a webhook."""
    if telling.channel == "mail":
        subject = telling.subject or concern.title
        begun = subject if subject.lower().startswith("re:") else f"Re: {subject}"
        return {
            "subject": f"{begun[:120]} [{concern.number}]",
            "in_reply_to": str(telling.route.get("message_id", "")),
            "concern": concern.number,
        }
    return {"platform": telling.channel}


@transaction.atomic
def deliver_by_hand(deliveries: Iterable[Delivery], *, actor: Actor, at: datetime) -> int:
    """Printed, told, exported, fetched: a person or the customer's own reading says that it arrived. Returns how many."""
    count = 0
    for delivery in deliveries:
        moved = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING).update(
            state=Delivery.State.DONE, done_at=at, done_by=actor.name
        )
        if moved:
            count += 1
            record(
                "concern.delivered",
                stream=delivery.reply.concern.stream,
                actor=actor,
                at=at,
                data={"reply": delivery.reply_id, "telling": delivery.telling_id, "way": delivery.way},
            )
    return count
