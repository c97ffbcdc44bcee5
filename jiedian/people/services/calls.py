"""The verbs of a call: an account manager asks a department for something, one of its people says yes or no."""

from datetime import datetime

from django.db import transaction

from jiedian.core.findings import refuse
from jiedian.core.workdays import local_day
from jiedian.ground.journal.services import Actor, record

from ..models import Call, User
from ..queries import responsible


@transaction.atomic
def call_on(
    manager: User, *, resource: str, department: str, subject: str, actor: Actor, at: datetime
) -> Call:
    """An account manager asks a department for something he may call on; its specialist answers.

    Sent twice while it is unanswered it is one call.
    """
    User.objects.select_for_update().get(pk=manager.pk)
    asked = {"manager": manager, "resource": resource, "department": department, "subject": subject}
    if waiting := Call.objects.filter(**asked, is_granted=None).first():
        return waiting
    on = local_day(at)
    owner = responsible(
        role="specialist", department=department, area="", voltage="", customer_class="", on=on
    )
    receiver = {"receiver_id": owner.user.pk, "receiver_name": owner.user.name_zh}
    call = Call.objects.create(**asked, **receiver, asked_at=at)
    said = {"call": call.pk, "resource": resource, "department": department, "receiver": owner.user.pk}
    event = {"event": "call.asked", "ref": call.ref}
    record("call.asked", stream=f"case:{subject}", actor=actor, at=at, data=said | event)
    return call


@transaction.atomic
def answer_call(call: Call, *, is_granted: bool, reason: str, actor: Actor, at: datetime) -> None:
    """Grant a call or refuse it with the reason; a refusal is kept and counted."""
    if not is_granted and not reason.strip():
        raise refuse("call.reason")
    moved = Call.objects.filter(pk=call.pk, is_granted__isnull=True).update(
        is_granted=is_granted, reason=reason.strip()[:200], answered_by=actor.name, answered_at=at
    )
    if not moved:
        raise refuse("call.answered")
    record(
        "call.granted" if is_granted else "call.refused",
        stream=f"case:{call.subject}",
        actor=actor,
        at=at,
        data={"call": call.pk, "event": "call.answered", "ref": call.ref},
    )
