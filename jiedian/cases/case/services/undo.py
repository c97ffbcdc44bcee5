"""Undo of a mis-click: for a while he who did a step may open it again, as long as nothing that followed was done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from jiedian.clocks import services as clocks
from jiedian.core.findings import Refused, refuse
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.journal.services import Actor, record
from jiedian.links.services import call_off
from jiedian.process import services as process
from jiedian.process.models import Step
from jiedian.process.queries import steps_of
from jiedian.process.steps import doing, no_of

from ..models.case import Case, Handoff
from .steps import balance
from .work import Work

UNDO_MINUTES = 30
"""So long a step can be taken back; our own order, long enough to notice and too short for others to build on it."""
DEMO_MINUTES = 360
"""Minutes of the demonstration's time in a minute of the visitor's (``demo-tick`` lets six pass a second)."""


def undo_window() -> timedelta:
    """Time in which a step can be taken back: half an hour of the person who did it, also where time runs faster."""
    return timedelta(minutes=UNDO_MINUTES * (DEMO_MINUTES if settings.DEMO else 1))


@transaction.atomic
def undo(case: Case, step: Step, *, actor: Actor, at: datetime) -> process.Advance:
    """Take a finished step back: its rows, its clocks, the steps it opened, and the messages that were not sent yet.

    Raises Refused when it is final, too old, another person's, or built on already; the refusal says what to do instead.
    """
    Case.objects.select_for_update().get(pk=case.pk)
    facts = list(facts_of(case.stream))
    done = _done(step, facts)
    if done is None:
        raise refuse("undo.closed")
    if why := _against(case, step, done, facts, actor_id=actor.id, at=at):
        raise why
    undoing = doing(step.code).undo
    assert undoing is not None  # else it would have been refused
    return _back(Work(case, step, actor, at), done, facts, undoing)


def _back(work: Work, done: Fact, facts: Sequence[Fact], undoing: Callable[[Work], None]) -> process.Advance:
    """Open the step of a work again, which the fact ``done`` had ended, and take back what came of it."""
    case, step, at = work.case, work.step, work.at
    followed = [fact for fact in facts if fact.cause_id == done.uid and "event" in fact.data]
    advance = process.take_back(
        subject=case.number, step_id=step.pk, begun=_begun(facts), history=_history(facts, step), at=at
    )
    undoing(work)
    Handoff.objects.filter(step_id__in=[held.pk for held in advance.cancelled]).delete()
    told = {
        "step": step.code,
        "step_id": step.pk,
        "since": done.occurred_at.isoformat(),
        "stopped": done.data["event"],
        "started": [done.data["event"], *(fact.data["event"] for fact in followed)],
    }
    fact = record("step.undone", stream=case.stream, actor=work.actor, at=at, cause=done.uid, data=told)
    clocks.undo(
        subject=case.number, stopped=told["stopped"], started=told["started"], since=done.occurred_at, at=at
    )
    balance(case, at=at, cause=fact.uid)
    call_off(_written(done, facts))
    return advance


@dataclass(frozen=True)
class SaidNo:
    """A customer's no that stands: the step at which he said it, when, and whether somebody has acted on it."""

    step: Step
    done: Fact
    is_acted_on: bool


def said_no(case: Case) -> SaidNo | None:
    """The customer's last no that stands, one that nobody has acted on before others; None where there is none."""
    if not case.is_open or case.is_imported:
        return None
    facts = list(facts_of(case.stream))
    undone = {fact.cause_id for fact in facts if fact.kind == "step.undone"}
    ended = [fact for fact in facts if _ends(fact) and fact.uid not in undone and _is_no(fact)]
    if not ended:
        return None
    steps = {step.pk: step for step in steps_of(case.number)}
    found = [said for done in reversed(ended) if (said := _standing(done, facts, steps))]
    return next((said for said in found if not said.is_acted_on), found[0] if found else None)


def _standing(done: Fact, facts: Sequence[Fact], steps: Mapping[int, Step]) -> SaidNo | None:
    """A no while he is not asked the same again."""
    step = steps.get(done.data["step_id"])
    if step is None or any(other.code == step.code and other.pk > step.pk for other in steps.values()):
        return None
    opened = [fact.data["step_id"] for fact in _opened(done, facts)]
    moved = any(fact.kind == "case.moved" and fact.seq > done.seq for fact in facts)
    is_acted_on = moved or any(steps[pk].state == Step.State.DONE for pk in opened if pk in steps)
    return SaidNo(step, done, is_acted_on)


def _is_no(fact: Fact) -> bool:
    no = no_of(str(fact.data.get("step", "")))
    is_said = no is not None and no[0] in fact.data.get("outcome", {}).values()
    return is_said and fact.actor_role != "system"  # a scheme that lapsed goes back too, and nobody said no


@transaction.atomic
def take_back_no(case: Case, *, actor: Actor, at: datetime) -> process.Advance:
    """Take a customer's no back, however long ago, until somebody has acted on it: then Refused says whom to ask."""
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    said = said_no(case)
    if said is None:
        raise refuse("undo.no_no")
    no = no_of(said.step.code)
    assert no is not None  # what was said is one
    if said.is_acted_on:
        raise refuse("undo.acted_on", manager=case.account_manager_name)
    return _back(Work(case, said.step, actor, at), said.done, list(facts_of(case.stream)), no[1])


def may_undo(case: Case, step: Step, *, actor_id: int | None, at: datetime) -> bool:
    """True if the step was just done by this person and nothing that followed was done since."""
    if step.state != Step.State.DONE or step.done_at is None or at - step.done_at > undo_window():
        return False
    facts = list(facts_of(case.stream))
    done = _done(step, facts)
    return done is not None and _against(case, step, done, facts, actor_id=actor_id, at=at) is None


def _done(step: Step, facts: Sequence[Fact]) -> Fact | None:
    """Fact that the step is done, where it stands."""
    found = [fact for fact in facts if _ends(fact) and fact.data["step_id"] == step.pk]
    undone = {fact.cause_id for fact in facts if fact.kind == "step.undone"}
    return found[-1] if found and found[-1].uid not in undone else None


def _ends(fact: Fact) -> bool:
    return "step_id" in fact.data and str(fact.data.get("event", "")).startswith("done:")


def _opened(done: Fact, facts: Sequence[Fact]) -> list[Fact]:
    """Facts of the steps that this one opened."""
    return [fact for fact in facts if fact.kind == "step.opened" and fact.cause_id == done.uid]


def _against(
    case: Case, step: Step, done: Fact, facts: Sequence[Fact], *, actor_id: int | None, at: datetime
) -> Refused | None:
    """Refusal to take a step back, if there is one."""
    moved = any(fact.kind == "case.moved" and fact.occurred_at >= done.occurred_at for fact in facts)
    if not case.is_open or case.is_imported or moved:
        return refuse("undo.closed")
    if doing(step.code).undo is None:
        return refuse("undo.final")
    if actor_id is None or done.actor_id != actor_id:
        return refuse("undo.not_yours", name=done.actor_name)
    if at - done.occurred_at > undo_window():
        return refuse("undo.late", minutes=UNDO_MINUTES)
    opened = [fact.data["step_id"] for fact in _opened(done, facts)]
    if steps_of(case.number).filter(pk__in=opened, state=Step.State.DONE).exists():
        return refuse("undo.followed")
    return None


def _written(done: Fact, facts: Sequence[Fact]) -> list[UUID]:
    """Facts that came into the world with a step: its verb's, its own, and what followed from it."""
    before = max((fact.seq for fact in facts if _ends(fact) and fact.seq < done.seq), default=0)
    return [
        fact.uid
        for fact in facts
        if fact.cause_id == done.uid
        or (before < fact.seq <= done.seq and fact.occurred_at == done.occurred_at)
    ]


def _begun(facts: Sequence[Fact]) -> process.Onward | None:
    """Where the run began: at its start, or at the last move."""
    moved = [fact for fact in facts if fact.kind == "case.moved"]
    if not moved:
        return None
    told = moved[-1].data
    counted = tuple((code, dict(said)) for code, said in told["counted"])
    return process.Onward(told["to"], told["outcome"], counted)


def _history(facts: Sequence[Fact], step: Step) -> list[tuple[int, Mapping[str, str]]]:
    """Steps done since the run began, in order, without those taken back and without this one."""
    undone = {fact.cause_id for fact in facts if fact.kind == "step.undone"}
    moved = [fact for fact in facts if fact.kind == "case.moved"][-1:]
    left_out = {step.pk, *(fact.data["done_step"] for fact in moved)}
    since = max((fact.seq for fact in moved), default=0)
    return [
        (fact.data["step_id"], fact.data["outcome"])
        for fact in facts
        if _ends(fact)
        and fact.seq > since
        and fact.uid not in undone
        and fact.data["step_id"] not in left_out
    ]
