"""Everything one screen of a case shows."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from jiedian.cases.case.models.case import Case, Handoff, Point
from jiedian.clocks.models import Pause
from jiedian.clocks.queries import ClockView, clocks_of
from jiedian.core.workdays import local_day
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.queries import facts_of
from jiedian.people.models import Call
from jiedian.people.queries import Owner, counterparts
from jiedian.process.models import Step
from jiedian.process.queries import open_steps, steps_of
from jiedian.process.rows import StepRow, cards, level_of

from .gantt import CaseGantt, gantt_of


@dataclass(frozen=True)
class PointView:
    """A point of the customer: how many hand-offs showed, took up and answered it."""

    point: Point
    shown: int
    acknowledged: int
    answers: list[str]


@dataclass(frozen=True)
class Screen:
    """One case as a person on it sees it.

    ``promise`` is the most pressing limit that runs; ``owed`` the most pressing one the customer may hold the company to.
    """

    case: Case
    acting: list[tuple[Step, StepRow]]
    customer_acts: bool
    clocks: list[ClockView]
    promise: ClockView | None
    owed: ClockView | None
    pauses: list[Pause]
    gantt: CaseGantt | None
    points: list[PointView]
    steps: list[Step]
    facts: QuerySet[Fact]
    counterparts: dict[str, Owner]
    calls: list[Call]


def screen_of(case: Case, *, at: datetime, is_zh: bool) -> Screen:
    """Gather a case: who acts, what is known and owed, points, promises, plan, facts."""
    rows = {} if case.is_imported else cards(case.process_key)
    acting = [(step, rows[step.code]) for step in open_steps(case.number)]
    clocks = clocks_of(case.number, at=at)
    live = [v for v in clocks if v.clock.stopped_at is None and not v.clock.ref]
    gantt = gantt_of(case, at=at, is_zh=is_zh)
    way = {bar.code for bar in gantt.bars} if gantt and rows else set(rows)
    return Screen(
        case,
        acting,
        bool(acting) and all(row.performer == "customer" for _, row in acting),
        clocks,
        live[0] if live else None,
        next((v for v in live if v.limit.is_promise and is_on_the_way(v, way)), None),
        list(Pause.objects.filter(subject=case.number)),
        gantt,
        _points(case),
        list(steps_of(case.number)),
        facts_of(case.stream).order_by("-seq"),
        counterparts(case.area, level_of(case.case_class), case.case_class, on=local_day(at)),
        list(Call.objects.filter(subject=case.number)),
    )


def is_on_the_way(view: ClockView, way: Collection[str]) -> bool:
    """False for the limit of a step that is not on the way of a case: its customer is not told of it."""
    return view.limit.kind != "STEP" or not way or view.limit.step in way


def _points(case: Case) -> list[PointView]:
    handoffs = list(Handoff.objects.filter(case=case))
    return [
        PointView(
            point,
            sum(point.pk in h.shown for h in handoffs),
            sum(point.pk in h.acknowledged for h in handoffs),
            sorted(
                {point.in_words(h.answered[str(point.pk)]) for h in handoffs if str(point.pk) in h.answered}
            ),
        )
        for point in case.points.all()
    ]


@dataclass(frozen=True)
class Task:
    """An open step: what, who has it, the promise that ends with it, and whether the reader may do it."""

    step: Step
    row: StepRow
    clock: ClockView | None
    is_mine: bool


@dataclass(frozen=True)
class Tasks:
    """The open steps of a case by who has to move."""

    customers: list[Task]
    ours: list[Task]


def tasks_of(screen: Screen, *, reader_id: int | None, takes: Collection[int] = ()) -> Tasks:
    """The open steps of a case as one reader sees them, the most pressing promise of each beside it."""
    tasks = [
        Task(step, row, _clock(screen.clocks, step.code), step.owner_id == reader_id or step.pk in takes)
        for step, row in screen.acting
    ]
    return Tasks(
        [task for task in tasks if task.row.performer == "customer"],
        [task for task in tasks if task.row.performer != "customer"],
    )


def clock_of(step: Step, *, subject: str, at: datetime) -> ClockView | None:
    """The most pressing promise that ends when a step is done, while the step is open."""
    return _clock(clocks_of(subject, at=at), step.code) if step.state == Step.State.OPEN else None


def _clock(clocks: Iterable[ClockView], code: str) -> ClockView | None:
    """The most pressing promise that runs and ends when the step is done; the clocks come in that order."""
    return next(
        (v for v in clocks if v.clock.stopped_at is None and v.clock.stops_when == f"done:{code}"), None
    )
