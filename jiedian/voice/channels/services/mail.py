"""A mail becomes a telling; a loop, a bulk mailing or a bounce does not, and says so in the journal."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from jiedian.core.findings import Finding
from jiedian.core.workdays import local_day
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import Actor, record
from jiedian.links.mail.mapping import Letter, read
from jiedian.links.models import Outbox
from jiedian.links.services import Message, bounced, send
from jiedian.voice.inbox.calc.contacts import concern_numbers
from jiedian.voice.inbox.models.tellings import Contact, Telling
from jiedian.voice.inbox.services.channels import Incoming, hear

CUSTOMER = Actor(None, "客户", "customer")
STREAM = "channel:mail"
ACKNOWLEDGED_AT_MOST = 5
"""Automatic answers to one sender within the tellings of a day; more would feed somebody's loop."""


@transaction.atomic
def take_mail(raw: bytes, *, size_bytes: int, at: datetime) -> Telling | None:
    """Take one mail in. The same mail again, by any route, changes nothing. Returns the telling, or None for no customer's."""
    letter = read(raw)
    if letter.loop or not letter.sender:
        _skip(letter, raw, at=at)
        return None
    refused = []
    if size_bytes > len(raw) + 1024:
        refused.append(Finding("mail.too_large", "mail").row())
    telling, is_new = hear(
        Incoming(
            channel="mail",
            external_id=letter.digest,
            text=letter.text or letter.subject,
            subject=letter.subject,
            received_at=at,
            sender=letter.sender,
            sender_kind=Contact.Kind.MAIL,
            sender_name=letter.sender_name,
            thread=_thread(letter),
            route={"message_id": letter.message_id},
            files=letter.files[:20],
            is_simulated=settings.DEMO and letter.says_simulated,
        ),
        actor=CUSTOMER,
        at=at,
    )
    if is_new:
        if refused:
            telling.refused = telling.refused + refused
            telling.save(update_fields=["refused"])
        _acknowledge(telling, letter, at=at)
    return telling


def _thread(letter: Letter) -> str:
    """The concern a mail goes on with: it answers a mail of ours, from the one it was sent to."""
    keys = [f"reply:{words[1]}:{words[2]}" for words in map(_words, letter.thread) if words]
    outbox = Outbox.objects.filter(channel="mail", idempotency_key__in=keys).order_by("-id").first()
    if outbox and outbox.to.lower() == letter.sender.lower():
        return str(outbox.meta.get("concern", ""))
    for number in concern_numbers(letter.subject):
        known = Telling.objects.filter(concern__number=number, contact__kind="mail").select_related("contact")
        if any(
            telling.contact and telling.contact.address.lower() == letter.sender.lower() for telling in known
        ):
            return number
    return ""


def _words(message_id: str) -> list[str]:
    words = message_id.strip("<>").partition("@")[0].split(".")
    return words if len(words) == 3 and words[0] == "reply" else []


def _skip(letter: Letter, raw: bytes, *, at: datetime) -> None:
    """Write down once that a mail was left out and why; a bounce is told to the message it speaks of."""
    if letter.returned:
        bounced(letter.returned, why=letter.subject or "returned", report=raw)
    if Fact.objects.filter(stream=STREAM, kind="mail.skipped", data__digest=letter.digest[:16]).exists():
        return
    reason = letter.loop or "no sender"
    record(
        "mail.skipped",
        stream=STREAM,
        actor=CUSTOMER,
        at=at,
        data={"reason": reason, "digest": letter.digest[:16]},
    )


def _acknowledge(telling: Telling, letter: Letter, *, at: datetime) -> None:
    """Tell the sender the number of his concern, automatically marked, and not without end."""
    today = Telling.objects.filter(contact=telling.contact, received_at__date=local_day(at)).count()
    if today > ACKNOWLEDGED_AT_MOST:
        return
    number = telling.concern.number
    meta = {"subject": f"[{number}]", "in_reply_to": letter.message_id, "automatic": "yes"}
    message = Message("mail", letter.sender, "telling_received", {"number": number}, meta=meta)
    send(message, idempotency_key=f"telling:{telling.pk}:mail", at=at)
