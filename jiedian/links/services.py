"""Outbox: send one message once by a gateway, with retries and dead letters."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from string import Formatter
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.ground.journal.queries import jobless
from jiedian.ground.journal.services import Actor, record

from .mail.client import key_of
from .models import Outbox, Wording
from .queries import gateway, message_row, repeatable, worded

ATTEMPTS = 6
SOON, URGENT = {"one_time_code", "signing_code"}, 10
"""What is worth nothing once it is late goes before what was queued earlier."""
LONGEST = 300
"""Letters of a text before its braces are filled; a gateway cuts it into parts of about seventy."""


class Undelivered(Exception):  # noqa: N818 - the gateway's no, not ours
    """The gateway did not take the message; the job tries again."""


@dataclass(frozen=True)
class Message:
    """A text of the table on its way to one address: by which gateway, in which language, with what in its braces."""

    channel: str
    to: str
    template: str
    context: Mapping[str, str]
    language: str = "zh-hans"
    meta: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """The words as the customer reads them: as worded last. Raises Refused for a text that the table does not have."""
        zh, en = worded(message_row(self.template))
        return (zh if self.language.startswith("zh") else en).format(**self.context)


def send(message: Message, *, idempotency_key: str, at: datetime) -> Outbox | None:
    """Queue a message in the caller's transaction; the same key again queues nothing."""
    outbox, is_new = _queue(
        Outbox(
            channel=message.channel,
            to=message.to,
            text=message.text(),
            template=message.template,
            idempotency_key=idempotency_key,
            created_at=at,
            meta=dict(message.meta),
        )
    )
    return outbox if is_new else None


def post(
    *, channel: str, to: str, text: str, idempotency_key: str, at: datetime, meta: Mapping[str, str]
) -> Outbox:
    """Queue words that a person wrote; the same key again returns the message that is queued already."""
    return _queue(
        Outbox(
            channel=channel, to=to, text=text, idempotency_key=idempotency_key, created_at=at, meta=dict(meta)
        )
    )[0]


def call_off(facts: Iterable[UUID]) -> int:
    """Withdraw what was queued for facts that were taken back and is not on its way yet; returns how many."""
    keys = Q(pk__in=[])
    for uid in facts:
        keys |= Q(idempotency_key__startswith=f"{uid}:")
    return Outbox.objects.filter(keys, state=Outbox.State.QUEUED).update(state=Outbox.State.CALLED_OFF)


def _queue(message: Outbox) -> tuple[Outbox, bool]:
    """Keep a message and its job; the one that is there already under its key, and that it is not new."""
    kept = ("channel", "to", "text", "template", "meta", "created_at")
    outbox, is_new = Outbox.objects.get_or_create(
        idempotency_key=message.idempotency_key, defaults={name: getattr(message, name) for name in kept}
    )
    if is_new:
        deliver.configure(priority=URGENT if message.template in SOON else 0).defer(outbox_id=outbox.pk)
    return outbox, is_new


@app.task(name="links.deliver", queue="links", retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=2))
def deliver(outbox_id: int) -> None:
    """Hand one message to its gateway, with its key. Killed between sending and knowing, it is not sent again blindly."""
    row = _take(outbox_id)
    if row is None:
        return
    try:
        gateway(row.channel)(to=row.to, text=row.text, key=row.idempotency_key, meta=row.meta)
    except ConnectionRefusedError as error:
        _failed(row, f"{type(error).__name__}: {error}"[:200])
    except OSError as error:
        problem = f"{type(error).__name__}: {error}"[:200]
        if row.channel in repeatable():
            _failed(row, problem)
        _settle(row, Outbox.State.DOUBT, problem=problem)
    else:
        _settle(row, Outbox.State.SENT, problem="")


def _take(outbox_id: int) -> Outbox | None:
    """Claim a queued message. One that a killed worker was sending is claimed only where a second copy is dropped."""
    rows = Outbox.objects.filter(pk=outbox_id)
    if rows.filter(state=Outbox.State.QUEUED).update(state=Outbox.State.SENDING, attempts=F("attempts") + 1):
        return rows.first()
    again = rows.filter(state=Outbox.State.SENDING, channel__in=repeatable())
    if again.update(attempts=F("attempts") + 1):
        return rows.first()
    rows.filter(state=Outbox.State.SENDING).update(
        state=Outbox.State.DOUBT, last_error="worker died while sending"
    )
    return None


def _settle(row: Outbox, state: str, *, problem: str) -> None:
    unsettled = [Outbox.State.SENDING, Outbox.State.DOUBT]
    sent_at = Now() if state == Outbox.State.SENT else None
    Outbox.objects.filter(pk=row.pk, state__in=unsettled).update(
        state=state, last_error=problem, sent_at=sent_at
    )


def _failed(row: Outbox, problem: str) -> None:
    """Surely not taken: try again, or at the last attempt give up and show it."""
    is_last = row.attempts >= ATTEMPTS
    _settle(row, Outbox.State.DEAD if is_last else Outbox.State.QUEUED, problem=problem)
    if not is_last:
        raise Undelivered(problem)


@transaction.atomic
def deliver_again() -> int:
    """Give every message that waits without a living job a job again; one whose attempts are spent is a dead letter.

    Returns how many were given a job.
    """
    unsettled = Outbox.objects.filter(state__in=[Outbox.State.QUEUED, Outbox.State.SENDING])
    orphans = jobless(unsettled, task=deliver.name, outbox_id="pk")
    spent = Q(attempts__gte=ATTEMPTS) & (Q(state=Outbox.State.QUEUED) | Q(channel__in=repeatable()))
    orphans.filter(spent).update(state=Outbox.State.DEAD)
    waiting = list(orphans.order_by("pk").values_list("pk", flat=True))
    for pk in waiting:
        deliver.defer(outbox_id=pk)
    return len(waiting)


def bounced(message_id: str, *, why: str, report: bytes) -> bool:
    """A mail of ours came back. Returns whether it was one of ours.

    Our ids can be guessed: a report is believed only when it also names the address the mail was sent to.
    """
    key = key_of(message_id)
    row = Outbox.objects.filter(channel="mail", idempotency_key=key).first() if key else None
    if row is None or row.to.strip().lower().encode() not in report.lower():
        return False
    return bool(Outbox.objects.filter(pk=row.pk).update(state=Outbox.State.BOUNCED, last_error=why[:200]))


@transaction.atomic
def replay(outbox: Outbox) -> None:
    """Try a dead letter again, with its old key; so too one that is in doubt, which a person takes on himself."""
    stuck = [Outbox.State.DEAD, Outbox.State.DOUBT, Outbox.State.BOUNCED]
    moved = Outbox.objects.filter(pk=outbox.pk, state__in=stuck).update(state=Outbox.State.QUEUED, attempts=0)
    if not moved:
        raise refuse("outbox.state")
    deliver.defer(outbox_id=outbox.pk)


def braces(text: str) -> set[str]:
    """Names in the braces of a text. Raises ValueError for braces that stand open or hold more than a name."""
    parts = [(name, spec, how) for _words, name, spec, how in Formatter().parse(text) if name is not None]
    if any(spec or how or not name.isidentifier() for name, spec, how in parts):
        raise ValueError(text)
    return {name for name, _spec, _how in parts}


@transaction.atomic
def word(template: str, texts: tuple[str, str], *, reason: str, actor: Actor, at: datetime) -> None:
    """Word a message anew, in Chinese and English; all that is sent from now on uses it. The same words again change nothing.

    Raises Refused with every finding: a text that is empty or too long, braces that are broken, missing or unknown, no reason.
    """
    row = message_row(template)
    zh, en = (text.strip() for text in texts)
    found = [*_findings(row.zh, zh, "中文"), *_findings(row.en, en, "English")]
    if not reason.strip():
        found.append(Finding("message.reason"))
    if found:
        raise Refused(found)
    if (zh, en) == worded(row):
        return
    Wording.objects.create(
        template=template,
        zh=zh,
        en=en,
        reason=reason.strip()[:200],
        author_id=actor.id,
        author_name=actor.name,
        written_at=at,
    )
    data = {"template": template, "zh": zh, "en": en, "reason": reason.strip()[:200]}
    record("message.worded", stream="links", actor=actor, at=at, data=data)


def _findings(original: str, text: str, where: str) -> Iterator[Finding]:
    if not text or len(text) > LONGEST:
        yield Finding("message.length", where, longest=LONGEST)
    try:
        given = braces(text)
    except ValueError:
        yield Finding("message.braces", where)
        return
    for code, names in (
        ("message.lost", braces(original) - given),
        ("message.unknown", given - braces(original)),
    ):
        if names:
            yield Finding(code, where, names=", ".join(f"{{{name}}}" for name in sorted(names)))
