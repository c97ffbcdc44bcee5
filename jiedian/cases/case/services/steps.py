"""Verbs that move a case: finish a step, withdraw, terminate, reassign; process, owners and clocks follow."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from jiedian.clocks import services as clocks
from jiedian.core.findings import refuse
from jiedian.ground.journal.services import SYSTEM, Actor, record, together
from jiedian.people.models import User
from jiedian.people.queries import Owner
from jiedian.process import queries as process_queries
from jiedian.process import services as process
from jiedian.process.models import Definition, Step
from jiedian.process.rows import card, cards, milestones
from jiedian.process.steps import check_outcome

from ..models.case import Case, Handoff, Point
from ..queries.owners import owner_of
from ..rows import layer_of
from .points import kept_wishes
from .work import Work


@transaction.atomic(savepoint=False)
def finish_step(work: Work, outcome: Mapping[str, str] | None = None) -> process.Advance:
    """End one open step and open what follows, with owners, hand-offs and clocks, or change nothing.

    ``outcome`` feeds the gateways. Raises Refused when the step is not open any more or a paper due by
    this step is still owed.
    """
    pass_gates(work)
    return leave_step(work, outcome)


def pass_gates(work: Work) -> None:
    """Refused while anything that is due by a step is still owed."""
    for gate in import_string(f"{settings.WIRING}.GATES"):
        import_string(gate)(work.case, work.step)


@transaction.atomic(savepoint=False)
@together()
def leave_step(work: Work, outcome: Mapping[str, str] | None = None) -> process.Advance:
    """The same without asking for papers: the case goes back from a step that was not done, which still waits for them."""
    said = dict(outcome or {})
    check_outcome(work.step.code, said)
    advance = process.complete(subject=work.case.number, step_id=work.step.pk, outcome=said, at=work.at)
    return follow(work, said, advance)


def follow(work: Work, outcome: Mapping[str, str], advance: process.Advance) -> process.Advance:
    """Facts, owners, hand-offs and clocks after a step ended and the process has moved on."""
    case, step, at = work.case, work.step, work.at
    reached = milestones().get(card(case.process_key, step.code).milestone)
    if work.taken_up is not None:
        acknowledge_points(step, work.taken_up, actor=work.actor, at=at)
    points = list(case.points.all())
    answered = kept_wishes(work, points) | {key: text for key, text in work.answered.items() if text.strip()}
    fact = record(
        reached.fact if reached else "step.finished",
        stream=case.stream,
        actor=work.actor,
        at=at,
        data={
            "step": step.code,
            "event": f"done:{step.code}",
            "step_id": step.pk,
            "outcome": dict(outcome),
            "points_answered": sorted(answered),
        }
        | ({"entered": dict(work.entered)} if work.entered else {}),
    )
    _answer_points(work, answered, cause=fact.uid)
    if reached and reached.instant:
        setattr(case, reached.instant, at)
        case.save(update_fields=[reached.instant])
    tick(case, f"done:{step.code}", at=at)
    open_now = open_steps(case, advance, sender=work.actor, at=at, cause=fact.uid, points=points)
    _say_connectable(case, advance, open_now, at=at, cause=fact.uid)
    if advance.finished:
        _close(case, Case.State.FINISHED, actor=work.actor, at=at, cause=fact.uid)
    return advance


def tick(case: Case, event: str, *, at: datetime, ref: str = "") -> None:
    """Tell the clocks what happened, from the application on."""
    clocks.on_event(
        subject=case.number,
        event=event,
        ref=ref,
        profile=profile(case),
        at=at,
        stream=case.stream,
    )


def _say_connectable(
    case: Case, advance: process.Advance, open_now: Sequence[Step], *, at: datetime, cause: UUID
) -> None:
    """Say once that only the company's own building is left before power: inspected, signed and paid, the rule counts.

    From then on the connection has its time, whether the meter hangs yet or not.
    """
    step = advance.done
    after = {held.code for held in open_now}
    before = (after - {opened.code for opened in advance.opened}) | ({step.code} if step else set())
    code = next((row.id for row in cards(case.process_key).values() if row.milestone == "energised"), "")
    definition = advance.run.definition
    if not _is_connectable(case, definition, after, code) or _is_connectable(case, definition, before, code):
        return
    event = f"ready:{code}"
    record("case.connectable", stream=case.stream, actor=SYSTEM, at=at, cause=cause, data={"event": event})
    tick(case, event, at=at)


def _is_connectable(case: Case, definition: Definition, open_now: set[str], code: str) -> bool:
    """True if nothing but what the company builds and switches may come before a step."""
    rows = cards(case.process_key)
    left = process_queries.still_ahead(definition, open_now, to=code)
    own = {key for key in left if rows[key].performer == "utility" and rows[key].phase == "build"}
    return bool(left) and left == own | {code}


def profile(case: Case) -> clocks.Profile:
    """Profile of a case, by which the limits that bind it are chosen."""
    return clocks.profile_of(case.case_class, voltage_kv=case.voltage_kv)


def open_steps(
    case: Case,
    advance: process.Advance,
    *,
    sender: Actor,
    at: datetime,
    cause: UUID,
    points: Sequence[Point] | None = None,
) -> list[Step]:
    """Give every opened step a present owner with its points and start its clocks. Returns all that are open now.

    ``points`` are those of the case, where they were read already.
    """
    opened = advance.opened
    if opened and points is None:
        points = list(case.points.all())
    shown = [point.pk for point in points or ()] if opened else []
    handoffs = []
    for step in opened:
        owner = owner_of(case, step.code, at=step.opened_at)
        step.owner_id, step.owner_name = owner.user.pk, owner.user.name_zh
        handoffs.append(handoff := _hand_off(case, step, owner, sender=sender, shown=shown))
        _say_opened(case, step, handoff, owner, cause=cause)
    process.assign_all(opened)
    Handoff.objects.bulk_create(handoffs)
    return balance(case, at=at, cause=cause, steps=advance.steps)


def _say_opened(case: Case, step: Step, handoff: Handoff, owner: Owner, *, cause: UUID) -> None:
    """Say that a step was opened, in the journal and to the clocks."""
    is_customers = cards(case.process_key)[step.code].performer == "customer"
    record(
        "step.opened",
        stream=case.stream,
        actor=SYSTEM,
        at=step.opened_at,
        cause=cause,
        data={
            "step": step.code,
            "event": f"opened:{step.code}",
            "step_id": step.pk,
            "receiver": handoff.receiver_id,
            "layer": handoff.layer,
            "acting_for": owner.acting_for.id if owner.acting_for else None,
            "points_shown": handoff.shown,
        }
        | ({"customers": True} if is_customers else {}),
    )
    tick(case, f"opened:{step.code}", at=step.opened_at)


def _hand_off(case: Case, step: Step, owner: Owner, *, sender: Actor, shown: Sequence[int]) -> Handoff:
    """Hand-off of an opened step: who sent it to whom, into which layer, with which points."""
    department = owner.user.department.code if owner.user.department else ""
    return Handoff(
        case=case,
        step_id=step.pk,
        step_code=step.code,
        sender_name=sender.name,
        receiver_id=owner.user.id,
        receiver_name=owner.user.name_zh,
        department=department,
        layer=layer_of(case.process_key, step.code, department),
        shown=list(shown),
        made_at=step.opened_at,
    )


def balance(case: Case, *, at: datetime, cause: UUID, steps: Sequence[Step] = ()) -> list[Step]:
    """The company's own clock runs only while the company holds a step. Returns the steps that are open.

    ``steps`` are all of the case, where they were read already.
    """
    rows = cards(case.process_key)
    steps = steps or list(process_queries.steps_of(case.number))
    open_now = [step for step in steps if step.state == Step.State.OPEN]
    waits = [step for step in open_now if rows[step.code].performer == "customer"]
    reason = rows[waits[0].code].wait_reason if waits and len(waits) == len(open_now) else ""
    wait = clocks.Wait(reason, f"step:{waits[0].pk}", is_automatic=True) if reason else None
    if wait:  # a step of the company that was recorded before this one may have ended after it
        at = max([at, *(step.done_at for step in steps if step.done_at)])
    clocks.balance(subject=case.number, wait=wait, at=at, stream=case.stream, cause=cause)
    return open_now


def acknowledge_points(step: Step, point_ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    """The receiver restates which points he has taken up; seeing the page alone does not count.

    Said again without a change it is no news and no fact.
    """
    with transaction.atomic():
        handoff = Handoff.objects.select_for_update().select_related("case").get(step_id=step.pk)
        if actor.id != handoff.receiver_id:
            raise refuse("permission.receiver")
        taken = sorted(set(point_ids) & set(handoff.shown))
        if taken == handoff.acknowledged:
            return
        handoff.acknowledged, handoff.acknowledged_at = taken, at
        handoff.save(update_fields=["acknowledged", "acknowledged_at"])
        record(
            "handoff.acknowledged",
            stream=handoff.case.stream,
            actor=actor,
            at=at,
            data={
                "step_id": step.pk,
                "receiver": handoff.receiver_id,
                "layer": handoff.layer,
                "points_acknowledged": taken,
            },
        )


def _answer_points(work: Work, answered: Mapping[str, str], *, cause: UUID) -> None:
    """Keep what the deliverable of a step says to each point with the hand-off that brought it, and say so in the journal."""
    handoff = Handoff.objects.filter(step_id=work.step.pk).first() if answered else None
    if handoff is None:
        return
    known = {str(pk) for pk in handoff.shown}
    said = {key: text.strip()[:200] for key, text in answered.items() if key in known}
    if not said:
        return
    handoff.answered, handoff.answered_at = said, work.at
    handoff.save(update_fields=["answered", "answered_at"])
    record(
        "handoff.answered",
        stream=work.case.stream,
        actor=work.actor,
        at=work.at,
        cause=cause,
        data={
            "step_id": work.step.pk,
            "receiver": handoff.receiver_id,
            "layer": handoff.layer,
            "deliverable": card(work.case.process_key, work.step.code).deliverable,
            "points_answered": sorted(int(key) for key in said),
        },
    )


@transaction.atomic
def withdraw(case: Case, *, reason: str, actor: Actor, at: datetime) -> None:
    """The customer takes his application back; possible from anywhere."""
    _stop(case, Case.State.WITHDRAWN, reason=reason, actor=actor, at=at)


@transaction.atomic
def terminate(case: Case, *, reason: str, actor: Actor, at: datetime) -> None:
    """The company ends a case that cannot go on, and says why."""
    _stop(case, Case.State.TERMINATED, reason=reason, actor=actor, at=at)


def _stop(case: Case, state: str, *, reason: str, actor: Actor, at: datetime) -> None:
    if not reason.strip():
        raise refuse("case.reason")
    if case.energised_at and not case.is_imported:
        raise refuse("case.energised")
    Case.objects.filter(pk=case.pk).update(closing_reason=reason.strip()[:200])
    if not case.is_imported:
        process.stop(subject=case.number, state=state, at=at)
    _close(case, state, actor=actor, at=at, cause=None)


def _close(case: Case, state: str, *, actor: Actor, at: datetime, cause: UUID | None) -> None:
    moved = Case.objects.filter(pk=case.pk, state=Case.State.RUNNING).update(state=state, closed_at=at)
    if not moved:
        raise refuse("case.closed")
    clocks.cancel_all(subject=case.number, at=at)
    case.state, case.closed_at = state, at
    record(f"case.{state}", stream=case.stream, actor=actor, at=at, cause=cause, data={})


@transaction.atomic
def reassign(case: Case, *, to: User, actor: Actor, at: datetime) -> None:
    """Give one running case to another account manager, with the open steps the last one held."""
    if not case.is_open:
        raise refuse("case.closed")
    if "account_manager" not in to.roles:
        raise refuse("case.manager")
    if to.pk == case.account_manager_id:
        raise refuse("case.same")
    for step in process_queries.open_steps(case.number).filter(owner_id=case.account_manager_id or 0):
        give(step, case.stream, to=to, actor=actor, at=at)
    Case.objects.filter(pk=case.pk).update(account_manager_id=to.pk, account_manager_name=to.name_zh)
    given = {"from": case.account_manager_id, "account_manager": to.pk}
    record("case.reassigned", stream=case.stream, actor=actor, at=at, data=given)


def give(
    step: Step, stream: str, *, to: User, actor: Actor, at: datetime, acting_for: int | None = None
) -> None:
    """Another owner for an open step; its hand-off follows."""
    process.assign(step_id=step.pk, owner_id=to.pk, owner_name=to.name_zh)
    department = to.department.code if to.department else ""
    Handoff.objects.filter(step_id=step.pk).update(
        receiver_id=to.pk,
        receiver_name=to.name_zh,
        department=department,
        layer=layer_of(step.run.definition.key, step.code, department),
    )
    data = {"step": step.code, "step_id": step.pk, "receiver": to.pk, "acting_for": acting_for}
    record("step.handed_over", stream=stream, actor=actor, at=at, data=data)
