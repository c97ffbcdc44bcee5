"""Rises of concerns: cells counted over two spans, and what the concerns of one cell have in common."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from django.db.models import Q, QuerySet
from django.utils.timezone import get_current_timezone

from jiedian.cases.papers.models import Paper
from jiedian.clocks.models import Clock
from jiedian.ground.rulebook.services import load
from jiedian.people.queries import DepartmentRow
from jiedian.process.models import Step
from jiedian.process.rows import steps
from jiedian.supply.scheme.models import Scheme
from jiedian.voice.inbox.models.concerns import Concern
from jiedian.voice.inbox.rows import threshold

from ..calc.hotspots import Change, changes
from ..models import HotSpot
from .places import Spot, feeder_names, spots_of

NEW_DAYS = 7
BRANCHES = ("step", "department", "paper", "feeder", "rule")


@dataclass(frozen=True)
class Cell:
    """A kind of concern at a place, about a step, of a class of customers, on a feeder; empty means any (a place: not known)."""

    leaf: str
    place: str
    step: str = ""
    customer_class: str = ""
    feeder: int = 0


@dataclass(frozen=True)
class Line:
    """One concern as counting needs it; ``spot`` is where its customer is on a grid, if somebody has said so."""

    pk: int
    case: str
    cell: Cell
    day: date
    spot: Spot | None = None


@dataclass(frozen=True)
class Spans:
    """The week that ends before ``until_on`` and the weeks before it."""

    until_on: date
    weeks: int

    @property
    def new_from(self) -> date:
        return self.until_on - timedelta(days=NEW_DAYS)

    @property
    def old_from(self) -> date:
        return self.new_from - timedelta(weeks=self.weeks)


@dataclass(frozen=True)
class Rises:
    """Cells tested, the hottest first; which of them are hot; how many concerns were counted."""

    spans: Spans
    changes: list[Change[Cell]]
    hot: list[Change[Cell]]
    n_new: int
    n_old: int
    n_unsure: int
    """Concerns of the new week without a trusted class, which cannot be counted."""
    lines: list[Line]
    """The concerns of the new week."""


@dataclass(frozen=True)
class Leaf:
    """One possible cause: its value, how many of the new week's concerns share it, and of the weeks before."""

    value: str
    new: int
    old: int


@dataclass(frozen=True)
class Branch:
    """One kind of cause; ``known_new`` and ``known_old`` say for how many concerns it is known at all."""

    id: str
    leaves: list[Leaf]
    known_new: int
    known_old: int


def spans_until(until_on: date) -> Spans:
    return Spans(until_on, int(threshold("hotspot_weeks")))


def rises_until(until_on: date) -> Rises:
    """Test every cell of leaf and place, also by step, class of customers and feeder, in one family of tests."""
    spans = spans_until(until_on)
    held = _lines(spans.old_from, until_on)
    new = [line for line in held if line.day >= spans.new_from]
    old = [line for line in held if line.day < spans.new_from]
    found = changes(
        [cell for line in new for cell in _cells(line.cell)],
        [cell for line in old for cell in _cells(line.cell)],
        new_days=NEW_DAYS,
        old_days=7 * spans.weeks,
        least=int(threshold("hotspot_least")),
    )
    hot = [
        row for row in found if row.q <= threshold("hotspot_fdr") and row.new >= threshold("hotspot_least")
    ]
    unsure = _between(spans.new_from, until_on).filter(leaf="").count()
    return Rises(spans, found, hot, len(new), len(old), unsure, new)


def _cells(cell: Cell) -> set[Cell]:
    """The cell and its wider ones."""
    wide = Cell(cell.leaf, cell.place)
    return {
        wide,
        Cell(cell.leaf, cell.place, step=cell.step),
        Cell(cell.leaf, cell.place, customer_class=cell.customer_class),
        Cell(cell.leaf, cell.place, feeder=cell.feeder),
    }


def _between(begin: date, end: date) -> QuerySet[Concern]:
    zone = get_current_timezone()
    first, last = (datetime(d.year, d.month, d.day, tzinfo=zone) for d in (begin, end))
    rows = Concern.objects.filter(opened_at__gte=first, opened_at__lt=last)
    return rows.exclude(state=Concern.State.MERGED)


def _lines(begin: date, end: date) -> list[Line]:
    zone = get_current_timezone()
    rows = _between(begin, end).exclude(leaf="").order_by("id")
    held = list(
        rows.values_list(
            "pk", "leaf", "step", "place", "opened_at", "case__number", "case__area", "case__case_class"
        )
    )
    spots = spots_of({row[5] for row in held if row[5]})
    found = []
    for pk, leaf, step, place, at, number, area, kind in held:
        spot = spots.get(number)
        cell = Cell(leaf, area or area_in(place), step, kind or "", spot.feeder if spot else 0)
        found.append(Line(pk, number or "", cell, at.astimezone(zone).date(), spot))
    return found


@cache
def _areas() -> tuple[DepartmentRow, ...]:
    return tuple(row for row in load("people/departments.csv", DepartmentRow) if row.area)


def area_in(text: str) -> str:
    """The area that an address names, or nothing."""
    for row in _areas():
        if row.area in text or row.name_zh[:2] in text:
            return row.area
    return ""


def concerns_in(cell: Cell, spans: Spans) -> tuple[list[Line], list[Line]]:
    """The concerns of a cell in the new week and in the weeks before."""
    held = [line for line in _lines(spans.old_from, spans.until_on) if in_cell(line.cell, cell)]
    return [x for x in held if x.day >= spans.new_from], [x for x in held if x.day < spans.new_from]


def in_cell(one: Cell, cell: Cell) -> bool:
    """True if a concern's own cell lies in a wider one."""
    return (one.leaf, one.place) == (cell.leaf, cell.place) and all(
        wanted in ("", value)
        for wanted, value in (
            (cell.step, one.step),
            (cell.customer_class, one.customer_class),
            (cell.feeder or "", one.feeder),
        )
    )


def weekly(new: Sequence[Line], old: Sequence[Line], spans: Spans) -> list[tuple[date, int]]:
    """Concerns a week, the oldest first; each named by its first day."""
    counts = Counter((line.day - spans.old_from).days // 7 for line in [*old, *new])
    return [(spans.old_from + timedelta(weeks=week), counts[week]) for week in range(spans.weeks + 1)]


def cause_tree(new: Sequence[Line], old: Sequence[Line]) -> list[Branch]:
    """Cause tree of the concerns, branch by branch, the new week beside the weeks before it."""
    numbers = {line.case for line in [*new, *old] if line.case}
    values = {
        "step": {line.pk: {line.cell.step} for line in [*new, *old] if line.cell.step},
        "department": _by_concern([*new, *old], _departments(numbers)),
        "paper": _by_concern([*new, *old], _papers(numbers)),
        "feeder": _by_concern([*new, *old], _feeders(numbers)),
        "rule": _by_concern([*new, *old], _rules(numbers)),
    }
    return [_branch(name, values[name], new, old) for name in BRANCHES]


def _branch(name: str, values: dict[int, set[str]], new: Sequence[Line], old: Sequence[Line]) -> Branch:
    in_new = Counter(value for line in new for value in values.get(line.pk, ()))
    in_old = Counter(value for line in old for value in values.get(line.pk, ()))
    order = sorted(in_new | in_old, key=lambda value: (-in_new[value], in_old[value], value))
    known = [sum(bool(values.get(line.pk)) for line in span) for span in (new, old)]
    return Branch(name, [Leaf(value, in_new[value], in_old[value]) for value in order[:8]], *known)


def _by_concern(lines: Sequence[Line], by_case: dict[str, set[str]]) -> dict[int, set[str]]:
    return {line.pk: by_case[line.case] for line in lines if line.case in by_case}


def _departments(numbers: set[str]) -> dict[str, set[str]]:
    """The department that has, or last had, a step of the case."""
    found: dict[str, set[str]] = {}
    rows = Step.objects.filter(run__subject__in=numbers).order_by("opened_at", "id")
    for number, code in rows.values_list("run__subject", "code"):
        row = steps().get(code)
        if row and row.owner_department:
            found[number] = {row.owner_department}
    return found


def _papers(numbers: set[str]) -> dict[str, set[str]]:
    """Papers that the case owes or was asked for again."""
    rows = Paper.objects.filter(case__number__in=numbers).exclude(state=Paper.State.HELD)
    return _collect(rows.values_list("case__number", "code"))


def _feeders(numbers: set[str]) -> dict[str, set[str]]:
    """The feeder on which the customer lies, else the supply point of the newest scheme."""
    rows = Scheme.objects.filter(case__number__in=numbers).exclude(supply_point="").order_by("version")
    said = {number: {point} for number, point in rows.values_list("case__number", "supply_point")}
    spots = spots_of(numbers)
    names = feeder_names(spot.feeder for spot in spots.values())
    return said | {n: {names[spot.feeder]} for n, spot in spots.items() if spot.feeder in names}


def _rules(numbers: set[str]) -> dict[str, set[str]]:
    """Limits that were not kept."""
    rows = Clock.objects.filter(Q(is_overdue=True) | Q(state="broken"), subject__in=numbers)
    return _collect(rows.values_list("subject", "limit_id"))


def _collect(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for number, value in pairs:
        found.setdefault(number, set()).add(value)
    return found


def judged_hot_spot(cell: Cell, until_on: date) -> HotSpot | None:
    """Hot spot that somebody decided on for a cell and week."""
    return HotSpot.objects.filter(
        until_on=until_on,
        leaf=cell.leaf,
        place=cell.place,
        step=cell.step,
        customer_class=cell.customer_class,
        feeder=cell.feeder,
    ).first()
