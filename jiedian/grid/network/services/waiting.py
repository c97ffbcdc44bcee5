"""Work too long for a page: a large network is taken over or undone by the worker."""

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import Actor, record

from ..models import Grid, Import, Progress
from ..queries.network import latest
from .versions import take_over, undo

log = logging.getLogger(__name__)
LARGE_BUSES = 3_000
FROM = {"take": Import.State.READ, "undo": Import.State.TAKEN}


def is_large(done: Import) -> bool:
    """True if its network is too large to be taken over or undone while a page waits."""
    return int(done.counts.get("buses", 0)) > LARGE_BUSES


@transaction.atomic
def hand_over(done: Import, verb: str, *, actor: Actor, at: datetime, **values: str) -> None:
    """Let the worker ``take`` an import over or ``undo`` it. Refused when it is not in the state for it."""
    ask = {"verb": verb, "at": at.isoformat()} | values
    moved = Import.objects.filter(pk=done.pk, state=FROM[verb]).update(state=Import.State.WORKING, ask=ask)
    if not moved:
        raise refuse("grid.not_now")
    Progress.objects.update_or_create(of=done, defaults={"stage": Progress.Stage.WAITING})
    data = {"import": done.pk, "verb": verb}
    record("grid.work_asked", stream=f"grid:{done.grid_code}"[:60], actor=actor, at=at, data=data)


def carry_out(fact: Fact) -> None:
    """Do what a fact asks for; run twice it does nothing more. What is refused leaves all as it was, with the reasons."""
    done = Import.objects.get(pk=fact.data["import"])
    if done.state != Import.State.WORKING:
        return
    actor, at = Actor(fact.actor_id, fact.actor_name, fact.actor_role), fact.occurred_at
    try:
        with transaction.atomic():
            if done.ask["verb"] == "take":
                take_seen(done, done.ask, actor=actor, at=at)
            else:
                undo(done, actor=actor, at=at)
            Import.objects.filter(pk=done.pk).update(ask={})
    except Refused as refusal:
        _put_back(done, refusal.findings)
    except Exception as error:  # raised on, it would undo the putting back: the import would wait for ever
        log.exception("import %s", done.pk)
        word = type(error).__name__
        _put_back(done, (Finding("grid.work_failed", word=word),))


@transaction.atomic
def take_seen(done: Import, ask: Mapping[str, str], *, actor: Actor, at: datetime) -> None:
    """Take an import over as asked; refused where another version than the one ``seen`` (empty: none) is in force by now."""
    grid = Grid.objects.select_for_update().filter(code=done.grid_code).first()
    now = latest(grid) if grid else None
    if "seen" in ask and ask["seen"] != (str(now.number) if now else ""):
        raise refuse("grid.changed_since", version=now.number if now else 0)
    since = datetime.fromisoformat(ask["effective_at"])
    take_over(done, effective_at=since, reason=ask["reason"], actor=actor, at=at, is_city=True)


def _put_back(done: Import, findings: tuple[Finding, ...]) -> None:
    waiting = Import.objects.filter(pk=done.pk, state=Import.State.WORKING)
    waiting.update(state=FROM[done.ask["verb"]], ask={"refused": [finding.row() for finding in findings]})
