"""公布: the open capacity of every station, main transformer, feeder, transformer area and node, once a month, with history."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Min

from jiedian.core.findings import refuse
from jiedian.core.workdays import local_day
from jiedian.grid.capacity.calc.openness import FORMULA
from jiedian.grid.capacity.queries.capacity import Figure, ledger
from jiedian.grid.capacity.services.standing import settle
from jiedian.grid.load.models import Measured
from jiedian.grid.network.models import Device, Grid
from jiedian.grid.network.queries.network import parameter
from jiedian.ground.journal.services import Actor, record

from .models import FULL, Publication, Published
from .queries.freeze import Frozen, areas_by_feeder, frozen_of, why_rows

KEPT = (
    *(
        "LOADING_AREA",
        "LOADING_FEEDER",
        "LOADING_MAIN",
        "OVERLOAD_TWIN",
        "GATE_MONTHS",
        "GATE_POINTS",
        "GATE_AGE",
    ),
    *("OPEN_PF", "LINE_PHYSICAL", "TRAFO_PHYSICAL", "LIGHT_LOAD", "VMIN_MV", "VMAX_MV", "VMIN_LV", "VMAX_LV"),
)
"""The figures an issue was computed with and keeps."""


def due_day(on: date) -> date:
    """The day in its month on which open capacity is due."""
    return on.replace(day=int(parameter("PUBLISH_DAY")))


@transaction.atomic
def publish(grid: Grid, *, due_on: date, on: date, actor: Actor, at: datetime) -> Publication:
    """Publish what can be opened now. Being later than the due day is written down as a fact of its own.

    Refused when that due day was published already.
    """
    Grid.objects.select_for_update().get(pk=grid.pk)
    if grid.publications.filter(due_on=due_on).exists():
        raise refuse("grid.published", due_on=due_on)
    settle(at=at)
    book = ledger(grid, on=on)
    late = max((on - max(due_on, _since(grid) or due_on)).days, 0)
    last = grid.publications.aggregate(last=Max("number"))["last"] or 0
    made = Publication.objects.create(
        grid=grid,
        number=last + 1,
        due_on=due_on,
        published_at=at,
        late_days=late,
        version=book.version,
        formula=FORMULA,
        operator=actor.name,
        edition=FULL,
        parameters={name: parameter(name) for name in KEPT},
        measured_on=Measured.objects.filter(device__grid=grid, month_on__lte=on).aggregate(
            last=Max("month_on")
        )["last"],
    )
    rows = frozen_of(book, on=on)
    sums = areas_by_feeder(rows)
    Published.objects.bulk_create([_row(made, row, sums) for row in rows], batch_size=2000)
    data = {"number": made.number, "due": due_on.isoformat(), "rows": len(rows), "late_days": late}
    _record(grid, "grid.published", actor, at, data)
    if late:
        _record(grid, "grid.publication_late", actor, at, {"due": due_on.isoformat(), "days": late})
    return made


def _since(grid: Grid) -> date | None:
    """The day on which the first version of a grid came into force: nothing was due before."""
    first = grid.versions.filter(entered_at__isnull=False).aggregate(first=Min("entered_at"))["first"]
    return local_day(first) if first else None


def _record(grid: Grid, kind: str, actor: Actor, at: datetime, data: dict[str, Any]) -> None:
    record(kind, stream=f"grid:{grid.code}"[:60], actor=actor, at=at, data=data)


def _row(made: Publication, row: Frozen, sums: dict[str, tuple[int, float]]) -> Published:
    load, feed_in, facts = row.load, row.feed_in, row.facts
    if row.device.kind == Device.Kind.FEEDER and row.device.code in sums:
        count, total = sums[row.device.code]
        facts = facts | {"areas": [count, round(total, 1)]}
    kept = Published(publication=made, device=row.device, kind=row.device.kind, facts=facts)
    kept.feed_in_kw = feed_in.open_kw if feed_in else None
    if load is not None:
        kept.open_kw, kept.physical_kw = load.open_kw, load.physical_kw
        kept.formula_kva = None if load.formula_kw is None else load.formula_kw / parameter("OPEN_PF")
        kept.binding, kept.element = load.binding[:24], load.element[:120]
        kept.inputs = {"path": _path(load), "why": why_rows(load)}
    return kept


def _path(figure: Figure) -> list[dict[str, Any]]:
    """The formula's devices with their answers; a node has none of its own, they stand at what feeds it."""
    if figure.device.kind == Device.Kind.NODE:
        return []
    return [
        {
            "device": device.name,
            "allowed_kva": round(answer.allowed_kva, 1),
            "peak_kva": None if answer.peak_kva is None else round(answer.peak_kva, 1),
            "transit_kva": round(answer.transit_kva, 1),
            "open_kva": None if answer.kva is None else round(answer.kva, 1),
        }
        for device, answer in figure.path
    ]


def publish_due(*, on: date, at: datetime) -> list[Publication]:
    """Publish every grid whose day has come and that is not yet out; run daily, may run twice.

    After a pause the latest due day is published, late, and every earlier one that was missed is a fact.
    """
    system = Actor(None, "系统", "system")
    made = []
    for grid in (
        Grid.objects.filter(versions__entered_at__isnull=False, versions__undone_at=None)
        .distinct()
        .order_by("-is_city", "id")
    ):
        if dues := _waiting(grid, on):
            made.append(_after_missed(grid, dues, on=on, actor=system, at=at))
    return made


def _waiting(grid: Grid, on: date) -> list[date]:
    """The due days up to a day that were not published, oldest first; before the first issue only this month's."""
    last = grid.publications.aggregate(last=Max("due_on"))["last"]
    due, found = due_day(on), []
    while due > (last or on.replace(day=1) - timedelta(days=1)):
        if due <= on:
            found.append(due)
        due = due_day(due.replace(day=1) - timedelta(days=1))
    return found[::-1]


@transaction.atomic
def _after_missed(grid: Grid, dues: list[date], *, on: date, actor: Actor, at: datetime) -> Publication:
    for due in dues[:-1]:
        _record(grid, "grid.publication_missed", actor, at, {"due": due.isoformat()})
    return publish(grid, due_on=dues[-1], on=on, actor=actor, at=at)
