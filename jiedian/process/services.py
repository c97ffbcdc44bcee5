"""Publish processes, start runs, complete steps, stop. The database settles races."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.ground.journal.services import SYSTEM, Actor, record
from jiedian.ground.rulebook.services import content, tables

from . import engine
from .calc.flow import steps_before
from .models import Definition, Run, Step
from .queries import diagram, lacking, left_behind, newest


@dataclass(frozen=True)
class Advance:
    """Advance of a run: the step that ended, the steps that opened or fell away, and whether the run is over.

    ``steps`` are all that the run has had by then, where they were read.
    """

    run: Run
    done: Step | None = None
    opened: list[Step] = field(default_factory=list)
    cancelled: list[Step] = field(default_factory=list)
    finished: bool = False
    steps: list[Step] = field(default_factory=list)


@transaction.atomic
def publish(xml: bytes, *, actor: Actor, at: datetime) -> Definition:
    """Publish a BPMN file as the next version of its process; the same file again changes nothing.

    Raises Refused with every finding: of the file, and of the cards of its steps. Running cases keep their version.
    """
    compiled = engine.compile_definition(xml)
    if found := [*lacking(compiled.graph), *left_behind(compiled.key)]:
        raise Refused(found)
    sha256 = hashlib.sha256(xml).hexdigest()
    latest = Definition.objects.filter(key=compiled.key).order_by("-version").first()
    if latest and latest.sha256 == sha256:
        return latest
    definition = Definition.objects.create(
        key=compiled.key,
        version=latest.version + 1 if latest else 1,
        xml=xml.decode("utf-8"),
        sha256=sha256,
        spec=compiled.spec,
        flows=compiled.flows,
        published_at=at,
    )
    record(
        "process.published",
        stream=f"process:{compiled.key}",
        actor=actor,
        at=at,
        data={"version": definition.version, "sha256": sha256},
    )
    return definition


@transaction.atomic
def publish_all(*, at: datetime) -> list[Definition]:
    """Publish every process of the rules, or refuse with what is missing in any of them."""
    published, found = [], list[Finding]()
    for path in tables("process/*/process.bpmn"):
        try:
            published.append(publish(content(path), actor=SYSTEM, at=at))
        except Refused as refusal:
            found += [
                finding.at(" ".join(filter(None, (path, finding.where)))) for finding in refusal.findings
            ]
    if found:
        raise Refused(found)
    return published


@transaction.atomic
def start(*, key: str, subject: str, data: dict[str, str], at: datetime) -> Advance:
    """Start a case on the newest version of a process."""
    definition = newest(key)
    tokens, open_now = engine.begin(definition.spec, data)
    run = Run.objects.create(subject=subject, definition=definition, tokens=tokens, started_at=at)
    return Advance(run, opened=_open(run, (), open_now, at=at))


@transaction.atomic(savepoint=False)
def complete(*, subject: str, step_id: int, outcome: dict[str, str], at: datetime) -> Advance:
    """End one open step. Of two who try at once, one wins and the other is refused."""
    held = Run.objects.select_for_update(of=("self",)).select_related("definition")
    run = held.defer("definition__xml", "definition__flows").get(subject=subject)
    moved = Step.objects.filter(pk=step_id, run=run, state=Step.State.OPEN).update(
        state=Step.State.DONE, done_at=at
    )
    if not moved or run.state != Run.State.RUNNING:
        raise refuse("step.closed")
    steps = list(run.steps.all())
    step = next(step for step in steps if step.pk == step_id)
    tokens, open_now = engine.advance(
        run.definition.spec, run.tokens, task_uid=step.task_uid, outcome=outcome
    )
    finished = not open_now
    run.tokens = tokens
    if finished:
        run.state, run.ended_at = Run.State.FINISHED, at
    run.save(update_fields=["tokens", "state", "ended_at"])
    opened = _after_the_last(run.definition, steps, _open(run, steps, open_now, at=at))
    return Advance(run, done=step, opened=opened, finished=finished, steps=[*steps, *opened])


def _after_the_last(definition: Definition, steps: Sequence[Step], opened: list[Step]) -> list[Step]:
    """A step behind a join begins with the last of those before it, also when another of them was recorded later."""
    late = [
        step for step in opened if any((other.done_at or step.opened_at) > step.opened_at for other in steps)
    ]
    graph = diagram(definition) if late else None
    before = steps_before(graph.arrows, graph.codes) if graph else {}
    for step in late:
        done = [other.done_at for other in steps if other.code in before.get(step.code, ()) and other.done_at]
        step.opened_at = max([step.opened_at, *done])
        step.save(update_fields=["opened_at"])
    return opened


@dataclass(frozen=True)
class Onward:
    """Process a running case goes on in: its key, what its gateways read, and the steps that count as done there."""

    key: str
    facts: Mapping[str, str]
    done: Sequence[tuple[str, Mapping[str, str]]] = ()


@transaction.atomic
def move(*, subject: str, onward: Onward, at: datetime, done_step: int | None = None) -> Advance:
    """Put a running case on the newest version of another process, or on its own anew; open steps fall away.

    ``done_step`` is the step that ends with it. What the case did stays with it, and counts where ``onward`` says so.
    """
    definition = newest(onward.key)
    run = Run.objects.select_for_update(of=("self",)).get(subject=subject)
    if run.state != Run.State.RUNNING:
        raise refuse("process.ended")
    steps = list(run.steps.all())
    held = [step for step in steps if step.state == Step.State.OPEN]
    done = next((step for step in held if step.pk == done_step), None)
    if done_step is not None and done is None:
        raise refuse("step.closed")
    cancelled = [step for step in held if step is not done]
    if done is not None:
        run.steps.filter(pk=done.pk).update(state=Step.State.DONE, done_at=at)
    run.steps.filter(pk__in=[step.pk for step in cancelled]).update(state=Step.State.CANCELLED, done_at=at)
    tokens, open_now = engine.begin(definition.spec, onward.facts)
    for code, outcome in onward.done:
        token = next((token for token in open_now if token.code == code), None)
        if token:
            tokens, open_now = engine.advance(
                definition.spec, tokens, task_uid=token.task_uid, outcome=outcome
            )
    run.definition, run.tokens = definition, tokens
    run.save(update_fields=["definition", "tokens"])
    return Advance(run, done=done, opened=_open(run, steps, open_now, at=at), cancelled=cancelled)


@transaction.atomic
def take_back(
    *,
    subject: str,
    step_id: int,
    begun: Onward | None,
    history: Sequence[tuple[int, Mapping[str, str]]],
    at: datetime,
) -> Advance:
    """Open a step again that was done by mistake; the steps that only it had opened fall away.

    The run is walked anew from where it began (``begun`` after a move) through ``history``: what was done since, in order,
    without this step. Refused when a step that followed it was done already.
    """
    held = Run.objects.select_for_update(of=("self",)).select_related("definition")
    run = held.get(subject=subject)
    steps = {step.pk: step for step in run.steps.all()}
    step = steps[step_id]
    if run.state != Run.State.RUNNING or step.state != Step.State.DONE:
        raise refuse("undo.closed")
    spec = run.definition.spec
    tokens, open_now = engine.begin(spec, begun.facts if begun else engine.first_facts(run.tokens))
    walked = [(None, code, said) for code, said in (begun.done if begun else ())]
    for pk, code, said in [*walked, *((pk, steps[pk].code, said) for pk, said in history)]:
        token = next((token for token in open_now if token.code == code), None)
        if token is None:
            raise refuse("undo.followed")
        if pk is not None:
            steps[pk].task_uid = token.task_uid
        tokens, open_now = engine.advance(spec, tokens, task_uid=token.task_uid, outcome=said)
    uids = {token.code: token.task_uid for token in open_now}
    if step.code not in uids:
        raise refuse("undo.followed")
    cancelled = _reopened(step, steps.values(), uids, at=at)
    Step.objects.bulk_update(steps.values(), ["task_uid", "state", "done_at"])
    run.tokens = tokens
    run.save(update_fields=["tokens"])
    return Advance(run, done=step, cancelled=cancelled)


def _reopened(step: Step, steps: Iterable[Step], uids: Mapping[str, str], *, at: datetime) -> list[Step]:
    """Open the step again and keep open what is open besides; returns what falls away."""
    cancelled = []
    for other in steps:
        if other.pk == step.pk:
            other.state, other.done_at, other.task_uid = Step.State.OPEN, None, uids[step.code]
        elif other.state == Step.State.OPEN and other.code in uids and other.code != step.code:
            other.task_uid = uids[other.code]
        elif other.state == Step.State.OPEN:
            other.state, other.done_at = Step.State.CANCELLED, at
            cancelled.append(other)
    return cancelled


def _open(run: Run, steps: Sequence[Step], open_now: Iterable[engine.Token], *, at: datetime) -> list[Step]:
    """The steps that are new among the open tokens; a step that comes again counts its rounds."""
    known = {step.task_uid for step in steps}
    rounds = Counter(step.code for step in steps)
    opened = []
    for token in open_now:
        if token.task_uid not in known:
            rounds[token.code] += 1
            opened.append(
                Step(
                    run=run,
                    code=token.code,
                    task_uid=token.task_uid,
                    round=rounds[token.code],
                    opened_at=at,
                )
            )
    return Step.objects.bulk_create(opened)


@transaction.atomic
def stop(*, subject: str, state: str, at: datetime) -> Advance:
    """Withdraw or terminate from anywhere: every open step falls away."""
    moved = Run.objects.filter(subject=subject, state=Run.State.RUNNING).update(state=state, ended_at=at)
    if not moved:
        raise refuse("process.ended")
    run = Run.objects.get(subject=subject)
    cancelled = list(run.steps.filter(state=Step.State.OPEN))
    run.steps.filter(state=Step.State.OPEN).update(state=Step.State.CANCELLED, done_at=at)
    return Advance(run, cancelled=cancelled, finished=True)


def assign(*, step_id: int, owner_id: int, owner_name: str) -> None:
    """Give an open step its owner."""
    Step.objects.filter(pk=step_id).update(owner_id=owner_id, owner_name=owner_name)


def assign_all(steps: Sequence[Step]) -> None:
    """Keep the owners that were put on some open steps."""
    if len(steps) == 1:
        (step,) = steps
        Step.objects.filter(pk=step.pk).update(owner_id=step.owner_id, owner_name=step.owner_name)
    elif steps:
        Step.objects.bulk_update(steps, ["owner_id", "owner_name"])
