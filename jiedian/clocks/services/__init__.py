"""Start, stop, pause and sweep clocks. Every write happens in the transaction of the event that caused it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from jiedian.core.findings import refuse
from jiedian.core.workdays import local, local_day
from jiedian.ground.journal.services import SYSTEM, Actor, record

from ..calc.evidence import is_reference
from ..calc.promises import Limit, Profile, binding, deadline_of, profile_of, stood_still
from ..models import Clock, Pause
from ..queries import (
    calendar,
    cutoff_hour,
    events_that_move,
    is_past,
    is_paused,
    limits,
    pause_reasons,
    ripe,
    standing,
    stopped_by,
    used_percent,
    warning_percents,
)
from .days import NOTICE, load_calendar

__all__ = [
    "NOTICE",
    "Profile",
    "Wait",
    "balance",
    "cancel_all",
    "load_calendar",
    "local_day",
    "on_event",
    "profile_of",
    "rederive",
    "sweep",
    "take_back",
    "undo",
]

LIVE = (Clock.State.RUNNING, Clock.State.PAUSED)


@transaction.atomic(savepoint=False)
def on_event(
    *,
    subject: str,
    event: str,
    profile: Profile,
    at: datetime,
    stream: str,
    ref: str = "",
) -> list[Clock]:
    """Something happened: stop the clocks it stops, start the clocks it starts. Returns the new ones."""
    if event not in events_that_move():
        return []
    live = stop(subject=subject, ref=ref, event=event, at=at)
    bound = binding(limits().values(), profile, event=event, on=local_day(at))
    started = [_begin(subject, limit, ref=ref, stream=stream, at=at) for limit in bound]
    if started:
        _replace(live, started, at=at)
        Clock.objects.bulk_create(started)
        _settle([*live, *started], _open_pauses(subject), at=at)
    return started


def _live(subject: str) -> QuerySet[Clock]:
    return Clock.objects.select_for_update().filter(subject=subject, state__in=LIVE).order_by("id")


def _replace(live: Iterable[Clock], started: Iterable[Clock], *, at: datetime) -> None:
    """A loop that starts a limit again replaces the live clock."""
    again = {(clock.ref, clock.limit_id) for clock in started}
    for clock in live:
        if clock.state in LIVE and (clock.ref, clock.limit_id) in again:
            _cancel(clock, at=at)


def _begin(subject: str, limit: Limit, *, ref: str, stream: str, at: datetime) -> Clock:
    """A clock of a limit that begins; whoever asks keeps it."""
    falls = deadline_of(limit, local(at), calendar(), cutoff_hour=cutoff_hour(local_day(at)))
    return Clock(
        subject=subject,
        stream=stream,
        ref=ref,
        limit_id=limit.id,
        kind=limit.kind,
        step=limit.step,
        stops_when=limit.stops_when,
        started_at=at,
        start_number=calendar().number(local_day(at)),
        due_number=falls.number,
        due_on=falls.on,
        due_at=falls.at,
    )


def _cancel(clock: Clock, *, at: datetime) -> None:
    clock.state, clock.stopped_at = Clock.State.CANCELLED, at
    clock.save(update_fields=["state", "stopped_at"])


def stop(*, subject: str, ref: str, event: str, at: datetime) -> list[Clock]:
    """End the live clocks that wait for an event, kept or broken by the day it happened. Returns all that were live."""
    live, ends = list(_live(subject)), stopped_by(event)
    ended: dict[bool, list[int]] = {}
    for clock in live:
        if clock.ref == ref and clock.stops_when in ends:
            was_paused = clock.state == Clock.State.PAUSED
            _resume(clock, at=at)
            clock.is_overdue = is_past(clock, at=at)
            clock.state = Clock.State.BROKEN if clock.is_overdue else Clock.State.KEPT
            clock.stopped_at = at
            if was_paused:
                clock.save()
            else:
                ended.setdefault(clock.is_overdue, []).append(clock.pk)
    for late, keys in ended.items():
        state = Clock.State.BROKEN if late else Clock.State.KEPT
        Clock.objects.filter(pk__in=keys).update(state=state, is_overdue=late, stopped_at=at)
    return live


@dataclass(frozen=True)
class Wait:
    """Reason of a pause: a reason of the table and what proves it; an automatic one was seen by the system itself."""

    reason: str
    evidence: str
    is_automatic: bool = False


@transaction.atomic(savepoint=False)
def balance(*, subject: str, wait: Wait | None, at: datetime, stream: str, cause: UUID | None = None) -> None:
    """The company's own clock runs only while the company holds a step: then there is no wait for the customer."""
    held = Pause.objects.filter(subject=subject, is_automatic=True, ended_at__isnull=True).first()
    if (wait is not None) == (held is not None):
        return  # every clock was put in line when it started
    if held:
        at = max(at, held.started_at)
        _unpause(held, actor=SYSTEM, at=at, stream=stream, cause=cause)
    elif wait:
        _pause(subject, wait, actor=SYSTEM, at=at, stream=stream, cause=cause)
    _settle(_live(subject), _open_pauses(subject), at=at)


@transaction.atomic
def suspend(*, subject: str, reason: str, evidence: str, actor: Actor, at: datetime, stream: str) -> None:
    """Pause by hand. Refused without a known reason and a document that can be found again; an owed paper is no reason."""
    if reason not in pause_reasons():
        raise refuse("pause.reason")
    if not evidence.strip():
        raise refuse("pause.no_evidence")
    if not is_reference(evidence):
        raise refuse("pause.not_a_document", evidence=evidence.strip())
    if not list(_live(subject)):  # held, so that of two who pause at once the second is refused
        raise refuse("pause.nothing")
    if is_paused(subject):
        raise refuse("pause.open")
    _pause(subject, Wait(reason, evidence.strip()), actor=actor, at=at, stream=stream, cause=None)
    _settle(_live(subject), _open_pauses(subject), at=at)


@transaction.atomic
def resume(*, subject: str, actor: Actor, at: datetime, stream: str) -> None:
    """End the pause that was made by hand."""
    by_hand = Pause.objects.select_for_update().filter(subject=subject, is_automatic=False)
    held = by_hand.filter(ended_at__isnull=True).first()
    if held is None:
        raise refuse("pause.none")
    _unpause(held, actor=actor, at=at, stream=stream, cause=None)
    _settle(_live(subject), _open_pauses(subject), at=at)


def _pause(subject: str, wait: Wait, *, actor: Actor, at: datetime, stream: str, cause: UUID | None) -> None:
    reason, auto = wait.reason, wait.is_automatic
    Pause.objects.create(
        subject=subject,
        reason=reason,
        evidence=wait.evidence,
        is_automatic=auto,
        started_at=at,
        started_by=actor.name,
        started_by_id=actor.id,
    )
    data = {"reason": reason, "automatic": auto, "kinds": sorted(_kinds(reason, auto=auto))}
    record("clock.paused", stream=stream, actor=actor, at=at, cause=cause, data=data)


def _unpause(held: Pause, *, actor: Actor, at: datetime, stream: str, cause: UUID | None) -> None:
    Pause.objects.filter(pk=held.pk).update(ended_at=at)
    data = {"reason": held.reason, "automatic": held.is_automatic}
    record("clock.resumed", stream=stream, actor=actor, at=at, cause=cause, data=data)


def _kinds(reason: str, *, auto: bool) -> set[str]:
    """A customer's turn in one branch stops the sum of the company's time, not the step of another branch."""
    return {"UTIL"} if auto else set(pause_reasons()[reason].pauses)


def _open_pauses(subject: str) -> QuerySet[Pause]:
    return Pause.objects.filter(subject=subject, ended_at__isnull=True)


def _settle(clocks: Iterable[Clock], pauses: Iterable[Pause], *, at: datetime) -> None:
    """Bring the live ones among some clocks in line with the open pauses."""
    still = {kind for pause in pauses for kind in _kinds(pause.reason, auto=pause.is_automatic)}
    for clock in clocks:
        if clock.kind in still and clock.state == Clock.State.RUNNING:
            clock.state = Clock.State.PAUSED
            _stop_at(clock, at)
            clock.save()
        elif clock.kind not in still and clock.state == Clock.State.PAUSED:
            _resume(clock, at=at)
            clock.save()


def _stop_at(clock: Clock, at: datetime) -> None:
    clock.state, clock.paused_at, clock.paused_on = Clock.State.PAUSED, at, local_day(at)
    clock.paused_number = calendar().number(clock.paused_on)


def _resume(clock: Clock, *, at: datetime) -> None:
    """Let a clock run on, its due day moved by what the pause took; a broken one stays where it was."""
    if clock.state != Clock.State.PAUSED:
        return
    at = max(at, clock.paused_at or at)  # what is recorded late may have happened before the pause
    stood = standing(clock, until=at)
    clock.start_number += stood.working_days
    if clock.due_number is not None:
        clock.due_number += stood.working_days
    elif clock.due_at is not None:
        clock.due_at += stood.wall
        clock.due_on = local_day(clock.due_at)
    elif clock.due_on is not None:
        clock.due_on += timedelta(days=stood.days)
    clock.stood_minutes = int(stood.kept / timedelta(minutes=1))
    clock.state, clock.paused_on, clock.paused_number = Clock.State.RUNNING, None, None
    clock.paused_at = None


@transaction.atomic
def rederive(*, subject: str, profile: Profile, at: datetime, stream: str) -> list[Clock]:
    """The survey fixed another class: live limits that no longer bind fall away, new ones start when the old did.

    A new one has stood still whenever the pauses since then would have stopped it.
    """
    live, fresh = list(_live(subject)), list[Clock]()
    for clock in live:
        if clock.ref or clock.kind == Clock.EXTERNAL:
            continue
        limit = limits()[clock.limit_id]
        bound = binding(limits().values(), profile, event=limit.starts_when, on=local_day(clock.started_at))
        if limit not in bound:
            _cancel(clock, at=at)
        known = {other.limit_id for other in (*live, *fresh) if other.state in LIVE}
        fresh += [
            _stand(_begin(subject, other, ref="", stream=stream, at=clock.started_at))
            for other in bound
            if other.id not in known and other.stops_when not in _past(subject)
        ]
    _settle([*live, *fresh], _open_pauses(subject), at=at)
    return fresh


def _stand(clock: Clock) -> Clock:
    """Give a clock that starts in the past the pauses there have been since."""
    spans = [
        (pause.started_at, pause.ended_at)
        for pause in Pause.objects.filter(subject=clock.subject)
        if clock.kind in _kinds(pause.reason, auto=pause.is_automatic)
    ]
    for begun, ended in stood_still(spans, since=clock.started_at):
        _stop_at(clock, begun)
        if ended:
            _resume(clock, at=ended)
    clock.save()
    return clock


def _past(subject: str) -> set[str]:
    done = Clock.objects.filter(subject=subject, state__in=(Clock.State.KEPT, Clock.State.BROKEN))
    return set(done.values_list("stops_when", flat=True))


def cancel_all(*, subject: str, at: datetime) -> None:
    """The case ended early: nothing is promised any more."""
    Clock.objects.filter(subject=subject, state__in=LIVE).update(state=Clock.State.CANCELLED, stopped_at=at)
    Pause.objects.filter(subject=subject, ended_at__isnull=True).update(ended_at=at)


@transaction.atomic
def take_back(*, subject: str, event: str, at: datetime) -> None:
    """Take back an event that was none: the live clocks it started are cancelled."""
    begun = [limit.id for limit in limits().values() if limit.starts_when == event]
    Clock.objects.filter(subject=subject, limit_id__in=begun, state__in=LIVE).update(
        state=Clock.State.CANCELLED, stopped_at=at
    )


@transaction.atomic
def undo(*, subject: str, stopped: str, started: Collection[str], since: datetime, at: datetime) -> None:
    """Undo of what a step did to the clocks: those it stopped run again, those it and its followers started are cancelled."""
    begun = [limit.id for limit in limits().values() if limit.starts_when in started]
    clocks = Clock.objects.select_for_update().filter(subject=subject)
    clocks.filter(limit_id__in=begun, state__in=LIVE, started_at=since).update(
        state=Clock.State.CANCELLED, stopped_at=at
    )
    ended = Q(state__in=(Clock.State.KEPT, Clock.State.BROKEN), stops_when__in=stopped_by(stopped))
    replaced = Q(state=Clock.State.CANCELLED, limit_id__in=begun)
    for clock in clocks.filter(ended | replaced, stopped_at=since).exclude(started_at=since):
        clock.state, clock.stopped_at = Clock.State.RUNNING, None
        clock.is_overdue = is_past(clock, at=at)
        clock.save()
    _settle(_live(subject), _open_pauses(subject), at=at)


@transaction.atomic
def sweep(*, at: datetime, batch: int = 500) -> int:
    """Warn of clocks at 50/80/100 % and mark those past due. Safe with several workers: rows are skipped, not waited for.

    Returns how many clocks were touched; call again until it returns zero.
    """
    rows = Clock.objects.select_for_update(skip_locked=True).filter(
        state=Clock.State.RUNNING, is_overdue=False
    )
    return sum(_touch(clock, at=at) for clock in rows.filter(ripe(at=at)).order_by("id")[:batch])


def _touch(clock: Clock, *, at: datetime) -> bool:
    share = used_percent(clock, at=at)
    reached = max((percent for percent in warning_percents() if share >= percent), default=0)
    is_late = is_past(clock, at=at)
    if reached <= clock.warned_percent and not is_late:
        return False
    clock.warned_percent, clock.is_overdue = max(reached, clock.warned_percent), is_late
    clock.save(update_fields=["warned_percent", "is_overdue"])
    record(
        "clock.broken" if is_late else "clock.warned",
        stream=clock.stream,
        actor=SYSTEM,
        at=at,
        data={"limit": clock.limit_id, "ref": clock.ref, "percent": reached, "step": clock.step},
    )
    return True
