"""First card of a case, for its customer and for the staff alike: what is late and why, when power comes, what it took."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from jiedian.cases.case.models.case import Case
from jiedian.cases.forecast.queries import CaseForecast
from jiedian.clocks.calc.promises import stood_still
from jiedian.clocks.models import Pause
from jiedian.clocks.queries import ClockView, calendar
from jiedian.core.findings import Refused
from jiedian.core.workdays import local_day
from jiedian.people.models import User
from jiedian.people.queries import Contact, contact_of
from jiedian.process.models import Step
from jiedian.process.rows import StepRow, cards

from .panels import About, abouts_of
from .screen import Screen

NOBODYS = ("WAIT_PERMIT", "FORCE_MAJEURE")
"""Reasons of pauses that wait neither for the company nor for the customer."""


@dataclass(frozen=True)
class Stand:
    """A step a case stood in while a promise ran, and for how many working days."""

    step: Step
    row: StepRow
    wd: int


@dataclass(frozen=True)
class Stood:
    """A pause while a promise ran, and for how many working days."""

    pause: Pause
    wd: int


@dataclass(frozen=True)
class Broken:
    """A promise to the customer that was not kept: how late, when it was done after all, and where the time went.

    ``late`` counts in the unit of its limit; ``done_on`` is None while it is still owed. ``longest`` is the company's own
    step that took most of it; where only the customer acted there is none.
    """

    view: ClockView
    late: int
    done_on: date | None
    longest: Stand | None
    pauses: tuple[Stood, ...]


@dataclass(frozen=True)
class Took:
    """Working days since acceptance, until power or until now: the company's, the customer's, and those nobody used.

    ``stood_wd`` stood still for another reason than waiting for the customer, as in a storm.
    """

    whole_wd: int
    ours_wd: int
    yours_wd: int
    stood_wd: int
    promise: ClockView | None


@dataclass(frozen=True)
class FirstCard:
    """Card that stands first on the page of a case, whoever reads it."""

    broken: tuple[Broken, ...]
    forecast: CaseForecast | None
    took: Took | None
    abouts: tuple[About, ...]
    contact: Contact | None

    @property
    def manager(self) -> User | None:
        """The account manager, whoever stands in for him today."""
        return self.contact.manager if self.contact else None


def first_card(screen: Screen, *, at: datetime) -> FirstCard:
    """First card of a case: the broken promises of its customer, the forecast, the time it took, what is owed."""
    case = screen.case
    return FirstCard(
        broken_of(screen, at=at),
        screen.gantt.forecast if screen.gantt else None,
        _took(screen, at=at),
        abouts_of(case, [step for step, _row in screen.acting]),
        contact_of(case.account_manager_id, on=local_day(at)),
    )


def broken_of(screen: Screen, *, at: datetime) -> tuple[Broken, ...]:
    """The promises to the customer that were not kept, the latest first; of one promise by several documents the strictest."""
    if screen.case.state in (Case.State.WITHDRAWN, Case.State.TERMINATED):
        return ()
    worst: dict[str, ClockView] = {}
    way = {bar.code for bar in screen.gantt.bars} if screen.gantt and not screen.case.is_imported else set()
    for seen in screen.clocks:
        key, step = seen.limit.stops_when, seen.limit.stops_when.removeprefix("done:")
        is_late = seen.state == "broken" or (seen.clock.stopped_at is None and seen.left_wd < 0)
        is_owed = step == key or not way or step in way  # no step off its way keeps a promise
        if seen.limit.is_promise and is_late and is_owed and not seen.clock.ref:
            worst[key] = min(worst.get(key, seen), seen, key=lambda v: v.due_on)
    found = [_broken(replace(seen, state="broken"), screen, at=at) for seen in worst.values()]
    return tuple(sorted(found, key=lambda one: (one.done_on is not None, -one.late)))


def _broken(seen: ClockView, screen: Screen, *, at: datetime) -> Broken:
    begun, until = seen.clock.started_at, seen.clock.stopped_at or at
    done_on = local_day(seen.clock.stopped_at) if seen.clock.stopped_at else None
    rows = {} if screen.case.is_imported else cards(screen.case.process_key)
    stands = [
        Stand(step, rows[step.code], _wd(max(step.opened_at, begun), min(step.done_at or until, until)))
        for step in screen.steps
        if step.opened_at < until and (step.done_at or until) > begun and step.state != Step.State.CANCELLED
    ]
    ours = [stand for stand in stands if stand.row.performer == "utility" and stand.wd > 0]
    pauses = [
        Stood(pause, _wd(max(pause.started_at, begun), min(pause.ended_at or until, until)))
        for pause in screen.pauses
        if not pause.is_automatic and pause.started_at < until and (pause.ended_at or until) > begun
    ]
    return Broken(
        seen,
        max(-seen.left_wd, 0),
        done_on,
        max(ours, key=lambda stand: (stand.wd, stand.step.opened_at), default=None),
        tuple(pauses),
    )


def _wd(begin: datetime, end: datetime) -> int:
    try:
        return calendar().between(local_day(begin), local_day(end))
    except Refused:  # a year without a calendar: an imported case of long ago
        return 0


def _took(screen: Screen, *, at: datetime) -> Took | None:
    """The time since acceptance; for classes without a promise of the company's own time by the pauses."""
    case = screen.case
    if case.accepted_at is None:
        return None
    until = case.energised_at or case.closed_at or at
    whole = max(_wd(case.accepted_at, until), 0)
    util = next((view for view in screen.clocks if view.limit.kind == "UTIL"), None)
    own = [pause for pause in screen.pauses if pause.reason not in NOBODYS]
    yours, still = (waited(held, since=case.accepted_at, until=until) for held in (own, screen.pauses))
    ours = min(max(util.used_wd if util else whole - still, 0), whole)
    yours = min(yours, whole - ours)
    whole_way = [view for view in screen.clocks if view.limit.kind in ("E2E", "UTIL")]
    promise = next((v for v in whole_way if v.limit.is_promise), util)
    return Took(whole, ours, yours, whole - ours - yours, promise)


def waited(pauses: Iterable[Pause], *, since: datetime, until: datetime) -> int:
    """Working days on which the case waited for the customer, days of two pauses counted once."""
    spans = [
        (pause.started_at, min(pause.ended_at or until, until))
        for pause in pauses
        if pause.started_at < until
    ]
    merged = stood_still(spans, since=since)
    return sum(calendar().between(local_day(begun), local_day(ended)) for begun, ended in merged if ended)
