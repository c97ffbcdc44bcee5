"""Clocks computed anew from the facts alone, held against the clocks as they stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jiedian.clocks.calc.promises import Limit, Profile, binding, deadline_of, stood_still
from jiedian.clocks.calc.standing import Pausing, moved
from jiedian.clocks.models import Clock
from jiedian.clocks.queries import (
    calendar,
    cutoff_hour,
    external_limits,
    limits,
    stopped_by,
    working_day,
)
from jiedian.core.workdays import local, local_day
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.queries import facts_of


@dataclass
class ReplayClock:
    """One clock while it is replayed."""

    limit: Limit
    ref: str
    started_at: datetime
    due_number: int | None
    due_on: date | None
    state: str = "running"
    paused_at: datetime | None = None
    due_at: datetime | None = None
    kept: timedelta = timedelta(0)
    stopped_at: datetime | None = None

    def is_late(self, at: datetime) -> bool:
        """True if an instant lies after the promise."""
        return at > self.due_at if self.due_at else local_day(at) > self.last_day

    def resume(self, at: datetime) -> None:
        """Move the due day by what stood still; a promise that was broken before stays."""
        if self.paused_at is None:
            return
        at = max(at, self.paused_at)  # what is recorded late may have happened before the pause
        pause = Pausing(self.paused_at, at, self.kept, self.is_late(self.paused_at))
        stood = moved(self.limit, pause, calendar(), working_day())
        if self.due_number is not None:
            self.due_number += stood.working_days
        elif self.due_at is not None:
            self.due_at += stood.wall
            self.due_on = local_day(self.due_at)
        elif self.due_on is not None:
            self.due_on += timedelta(days=stood.days)
        self.paused_at, self.kept = None, stood.kept

    @property
    def last_day(self) -> date:
        if self.due_on is not None:
            return self.due_on
        return calendar().day(self.due_number or 0)


@dataclass
class ReplayPause:
    """One pause while it is replayed: which kinds of clocks it stops, and from when to when."""

    kinds: set[str]
    is_automatic: bool
    begun_at: datetime
    ended_at: datetime | None = None


def replay(number: str) -> list[ReplayClock]:
    """Every clock of a case from its facts, in the order they were recorded."""
    clocks: list[ReplayClock] = []
    pauses: list[ReplayPause] = []
    profile = Profile(())
    for fact in facts_of(f"case:{number}"):
        data = fact.data
        if "classes" in data:
            profile = Profile(tuple(data["classes"]))
            _rederive(clocks, profile, pauses)
        if fact.kind == "promise.given":
            clocks.append(_given(fact))
        if fact.kind == "step.undone":
            _undo(clocks, fact)
        _take_back(clocks, data.get("taken_back", ()))
        if fact.kind in ("case.withdrawn", "case.terminated"):
            _cancel(clocks)
        if "event" in data:
            _event(clocks, profile, fact)
        if fact.kind == "case.finished":
            _cancel(clocks)
        _pause(pauses, fact)
        still = {kind for pause in pauses if pause.ended_at is None for kind in pause.kinds}
        _settle(clocks, still, fact.occurred_at)
    return clocks


def _cancel(clocks: list[ReplayClock]) -> None:
    """A case that ended promises nothing any more; what its end kept or broke was judged before."""
    for clock in _live(clocks):
        clock.state = "cancelled"


def _undo(clocks: list[ReplayClock], fact: Fact) -> None:
    """The clocks that a step stopped run again; those that it and its followers started are cancelled."""
    since, started = datetime.fromisoformat(fact.data["since"]), fact.data["started"]
    ended = stopped_by(fact.data["stopped"])
    for clock in clocks:
        is_new, is_begun = clock.started_at == since, clock.limit.starts_when in started
        if is_new and is_begun and clock.state == "running":
            clock.state, clock.stopped_at = "cancelled", fact.occurred_at
            continue
        is_ended = clock.limit.stops_when in ended and clock.state != "cancelled"
        is_replaced = is_begun and clock.state == "cancelled"
        if clock.stopped_at == since and not is_new and (is_ended or is_replaced):
            clock.state, clock.stopped_at = "running", None


def _take_back(clocks: list[ReplayClock], events: Iterable[str]) -> None:
    """The clocks that events started which count no more."""
    for clock in _live(clocks):
        if clock.limit.starts_when in events:
            clock.state = "cancelled"


def _pause(pauses: list[ReplayPause], fact: Fact) -> None:
    if fact.kind == "clock.paused":
        pauses.append(ReplayPause(set(fact.data["kinds"]), fact.data["automatic"], fact.occurred_at))
    for pause in pauses if fact.kind == "clock.resumed" else ():
        if pause.ended_at is None and pause.is_automatic == fact.data["automatic"]:
            pause.ended_at = fact.occurred_at


def _live(clocks: list[ReplayClock]) -> list[ReplayClock]:
    return [clock for clock in clocks if clock.state == "running"]


def _event(clocks: list[ReplayClock], profile: Profile, fact: Fact) -> None:
    event, ref, at = fact.data["event"], fact.data.get("ref", ""), fact.occurred_at
    for clock in _live(clocks):
        if clock.limit.stops_when in stopped_by(event) and clock.ref == ref:
            clock.resume(at)
            clock.state = "broken" if clock.is_late(at) else "kept"
            clock.stopped_at = at
    for limit in binding(limits().values(), profile, event=event, on=local_day(at)):
        for clock in _live(clocks):
            if clock.limit.id == limit.id and clock.ref == ref:
                clock.state, clock.stopped_at = "cancelled", at
        clocks.append(_start(limit, ref, at))


def _start(limit: Limit, ref: str, at: datetime) -> ReplayClock:
    falls = deadline_of(limit, local(at), calendar(), cutoff_hour=cutoff_hour(local_day(at)))
    return ReplayClock(limit, ref, at, falls.number, falls.on, due_at=falls.at)


def _given(fact: Fact) -> ReplayClock:
    """A promise that came with an imported case."""
    limit, due_on = external_limits()[fact.data["limit"]], date.fromisoformat(fact.data["due_on"])
    due_at = datetime.fromisoformat(fact.data["due_at"])
    return ReplayClock(limit, "", fact.occurred_at, None, due_on, due_at=due_at)


def _rederive(clocks: list[ReplayClock], profile: Profile, pauses: list[ReplayPause]) -> None:
    past = {clock.limit.stops_when for clock in clocks if clock.state in ("kept", "broken")}
    for clock in [c for c in _live(clocks) if not c.ref and c.limit.kind != Clock.EXTERNAL]:
        bound = binding(
            limits().values(), profile, event=clock.limit.starts_when, on=local_day(clock.started_at)
        )
        if clock.limit not in bound:
            clock.state = "cancelled"
        live = {c.limit.id for c in _live(clocks)}
        clocks += [
            _stand(_start(limit, "", clock.started_at), pauses)
            for limit in bound
            if limit.id not in live and limit.stops_when not in past
        ]


def _stand(clock: ReplayClock, pauses: list[ReplayPause]) -> ReplayClock:
    """Give a clock that starts in the past the pauses there have been since."""
    spans = [(pause.begun_at, pause.ended_at) for pause in pauses if clock.limit.kind in pause.kinds]
    for begun, ended in stood_still(spans, since=clock.started_at):
        clock.paused_at = begun
        if ended:
            clock.resume(ended)
    return clock


def _settle(clocks: list[ReplayClock], still: set[str], at: datetime) -> None:
    for clock in _live(clocks):
        if clock.limit.kind in still and clock.paused_at is None:
            clock.paused_at = at
        elif clock.limit.kind not in still:
            clock.resume(at)


def differences(number: str) -> list[str]:
    """Lines that differ between the clocks as they stand and as the facts tell them; empty when they agree."""
    told = {
        (c.limit.id, c.ref, c.started_at, c.due_number, c.due_on, c.state)
        for c in replay(number)
        if c.state != "cancelled"
    }
    stand = {
        (
            c.limit_id,
            c.ref,
            c.started_at,
            c.due_number,
            c.due_on,
            "running" if c.state == Clock.State.PAUSED else str(c.state),
        )
        for c in Clock.objects.filter(subject=number).exclude(state=Clock.State.CANCELLED)
    }
    return [f"{number} {row}" for row in sorted(told ^ stand, key=str)]
