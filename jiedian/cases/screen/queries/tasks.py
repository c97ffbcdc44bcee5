"""Tasks of a case now: every open step, the customer's and the company's, with its own clock."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from jiedian.clocks.queries import ClockView, clocks_of
from jiedian.process.models import Step
from jiedian.process.rows import StepRow

from .screen import Screen


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
