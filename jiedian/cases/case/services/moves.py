"""Moves of a case to another process: what was found or corrected fits another one; number, papers, points and clocks go along."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from jiedian.clocks import services as clocks
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import Actor, record
from jiedian.process import services as process
from jiedian.process.rows import milestone_step
from jiedian.process.steps import check_outcome

from ..models.case import Case
from .steps import follow, open_steps, pass_gates
from .work import Work


@transaction.atomic
def move_on(work: Work, key: str, outcome: Mapping[str, str]) -> process.Advance:
    """End a step and go on behind it in another process, where it counts as done; nothing has to be applied for again."""
    pass_gates(work)
    check_outcome(work.step.code, outcome)
    onward = _onward(work.case, key, outcome, done=((work.step.code, outcome),))
    advance, _fact = _onto(work.case, onward, actor=work.actor, at=work.at, done_step=work.step.pk)
    return follow(work, outcome, advance)


@transaction.atomic
def move(case: Case, key: str, facts: Mapping[str, str], *, actor: Actor, at: datetime) -> process.Advance:
    """Put a case on a process anew: behind acceptance where it was accepted, else before it."""
    advance, fact = _onto(case, _onward(case, key, facts), actor=actor, at=at)
    open_steps(case, advance, sender=actor, at=at, cause=fact.uid)
    return advance


def _onward(
    case: Case, key: str, facts: Mapping[str, str], *, done: tuple[tuple[str, Mapping[str, str]], ...] = ()
) -> process.Onward:
    """Process to go on in, where acceptance counts as done if the case was accepted."""
    accepted = ((milestone_step(key, "accepted"), facts),) if case.accepted_at else ()
    return process.Onward(key, facts, (*accepted, *done))


def _onto(
    case: Case, onward: process.Onward, *, actor: Actor, at: datetime, done_step: int | None = None
) -> tuple[process.Advance, Fact]:
    before = case.process_key
    advance = process.move(subject=case.number, onward=onward, at=at, done_step=done_step)
    case.process_key = onward.key
    case.save(update_fields=["process_key"])
    counted = [[code, dict(said)] for code, said in onward.done]
    data: dict[str, object] = {
        "from": before,
        "to": onward.key,
        "class": case.case_class,
        "outcome": dict(onward.facts),
    }
    data |= {"counted": counted, "done_step": done_step}
    fact = record("case.moved", stream=case.stream, actor=actor, at=at, data=data)
    for step in advance.cancelled:
        event = f"opened:{step.code}"
        told = {"step": step.code, "step_id": step.pk, "taken_back": [event]}
        record("step.cancelled", stream=case.stream, actor=actor, at=at, cause=fact.uid, data=told)
        clocks.take_back(subject=case.number, event=event, at=at)
    return advance, fact
