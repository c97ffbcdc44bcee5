"""Lists on the pages of hot spots: rises, areas, causes and decisions, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from jiedian.voice.inbox.models.concerns import Concern

from ..calc.hotspots import Change
from ..models import HotSpot
from .hotspots import Branch, Cell, Line
from .names import branch_name, cause_name, cell_name


@dataclass(frozen=True)
class Decision:
    """Decision on a cell in a week."""

    title: str
    until_on: date
    state: str
    state_words: str
    cause: str
    words: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class Rise:
    """A cell that rose: its name, the address of its page, its figures, and what was decided."""

    title: str
    url: str
    change: Change[Cell]
    weekly: float
    is_hot: bool
    decision: Decision | None


@dataclass(frozen=True)
class PageRows:
    """Rows read with the page: the names of feeders, and what was decided about the cells of the week."""

    feeders: Mapping[int, str]
    decided: Mapping[Cell, HotSpot]


@dataclass(frozen=True)
class Area:
    """A part of the city, or what has no known place: its concerns this week, usual a week, and its hot spots."""

    code: str
    name: str
    new: int
    usual: float
    hot: int
    url: str


@dataclass(frozen=True)
class Cause:
    """One possible cause: what it is called, its value in a form, and how many concerns share it."""

    name: str
    value: str
    new: int
    old: int


@dataclass(frozen=True)
class Causes:
    """A branch of the cause tree with its causes."""

    name: str
    known_new: int
    known_old: int
    causes: tuple[Cause, ...]


def key_of(row: HotSpot) -> Cell:
    """The cell a decision is about."""
    return Cell(row.leaf, row.place, row.step, row.customer_class, row.feeder)


def decision_of(row: HotSpot | None, feeders: Mapping[int, str]) -> Decision | None:
    """A decision in words."""
    if row is None:
        return None
    cause = f"{branch_name(row.cause_branch)}：{cause_name(row.cause_branch, row.cause_value)}"
    return Decision(
        title=cell_name(key_of(row), feeders),
        until_on=row.until_on,
        state=row.state,
        state_words=row.get_state_display(),
        cause=cause if row.cause_branch else "",
        words=row.words,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def causes_of(tree: Iterable[Branch]) -> list[Causes]:
    """The cause tree in words."""
    return [
        Causes(
            branch_name(branch.id),
            branch.known_new,
            branch.known_old,
            tuple(
                Cause(cause_name(branch.id, leaf.value), f"{branch.id}:{leaf.value}", leaf.new, leaf.old)
                for leaf in branch.leaves
            ),
        )
        for branch in tree
    ]


def concerns_of(lines: Iterable[Line]) -> list[Concern]:
    """The concerns that were counted, the newest first."""
    rows = Concern.objects.filter(pk__in=[line.pk for line in lines])
    return list(rows.select_related("case").order_by("-opened_at"))
