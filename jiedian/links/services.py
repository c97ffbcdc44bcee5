"""Say something to somebody outside: once, by a gateway, with retries, and dead letters that can be seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from jiedian.core.findings import refuse
from jiedian.rulebook.services import load

from .mail import client as mail
from .models import Outbox
from .sms import client as sms

ATTEMPTS = 6


@dataclass(frozen=True)
class MessageRow:
    """A text for customers in both languages; braces hold the names it may use."""

    id: str
    zh: str
    en: str
    source: str
    status: str


class Undelivered(Exception):  # noqa: N818 - the gateway's no, not ours
    """The gateway did not take the message; the job tries again."""


def send(
    *,
    channel: str,
    to: str,
    template: str,
    context: Mapping[str, str],
    idempotency_key: str,
    at: datetime,
    language: str = "zh-hans",
) -> Outbox | None:
    """Queue a message in the caller's transaction; the same key again queues nothing."""
    row = next((row for row in load("labels/messages.csv", MessageRow) if row.id == template), None)
    if row is None:
        raise refuse("message.template", f"没有此短信模板：{template}", f"No such message: {template}")
    text = (row.zh if language.startswith("zh") else row.en).format(**context)
    outbox, is_new = Outbox.objects.get_or_create(
        idempotency_key=idempotency_key,
        defaults={"channel": channel, "to": to, "text": text, "template": template, "created_at": at},
    )
    if is_new:
        deliver.defer(outbox_id=outbox.pk)
    return outbox if is_new else None


@app.task(name="links.deliver", queue="links", retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=2))
def deliver(outbox_id: int) -> None:
    """Hand one message to its gateway. The key travels with it, so a gateway can drop a second copy."""
    with transaction.atomic():
        row = (
            Outbox.objects.select_for_update(skip_locked=True)
            .filter(pk=outbox_id, state=Outbox.State.QUEUED)
            .first()
        )
        if row is None:
            return
        try:
            gateway = mail if row.channel == "mail" else sms
            gateway.send(to=row.to, text=row.text, key=row.idempotency_key)
        except OSError as error:
            problem = f"{type(error).__name__}: {error}"[:200]
        else:
            problem = ""
            Outbox.objects.filter(pk=row.pk).update(state=Outbox.State.SENT, sent_at=timezone.now())
        is_last = row.attempts + 1 >= ATTEMPTS
        Outbox.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1, last_error=problem)
        if problem and is_last:
            Outbox.objects.filter(pk=row.pk).update(state=Outbox.State.DEAD)
    if problem and not is_last:
        raise Undelivered(problem)


@transaction.atomic
def replay(outbox: Outbox) -> None:
    """Try a dead letter again, with its old key."""
    moved = Outbox.objects.filter(pk=outbox.pk, state=Outbox.State.DEAD).update(
        state=Outbox.State.QUEUED, attempts=0
    )
    if not moved:
        raise refuse("outbox.state", "不是死信", "This is not a dead letter")
    deliver.defer(outbox_id=outbox.pk)
