"""Breaches of the one contact that were counted wrongly: somebody else than the author clears them, with a reason."""

from datetime import datetime

from django.db import transaction

from jiedian.cases.case.models.breaches import Breach
from jiedian.core.findings import refuse
from jiedian.ground.journal.services import Actor, record


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
