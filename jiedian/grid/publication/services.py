"""公布: the open capacity of every main transformer, feeder and transformer area, once a month, with history."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from jiedian.core.findings import refuse
from jiedian.grid.capacity.calc.openness import FORMULA
from jiedian.grid.capacity.queries.capacity import Figure, figures_of, ledger
from jiedian.grid.network.models import Device, Grid
from jiedian.grid.network.queries.network import parameter
from jiedian.ground.journal.services import Actor, record

from .models import Publication, Published

KINDS = (Device.Kind.MAIN, Device.Kind.FEEDER, Device.Kind.AREA)


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
    book = ledger(grid, on=on)
    late = max((on - due_on).days, 0)
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
    )
    devices = [device for device in book.devices.values() if device.kind in KINDS]
    figures = figures_of(devices, book)
    Published.objects.bulk_create([_row(made, figure) for figure in figures])
    data = {"number": made.number, "due": due_on.isoformat(), "rows": len(figures), "late_days": late}
    _record(grid, "grid.published", actor, at, data)
    if late:
        _record(grid, "grid.publication_late", actor, at, {"due": due_on.isoformat(), "days": late})
    return made


def _record(grid: Grid, kind: str, actor: Actor, at: datetime, data: dict[str, Any]) -> None:
    record(kind, stream=f"grid:{grid.code}"[:60], actor=actor, at=at, data=data)


def _row(made: Publication, figure: Figure) -> Published:
    return Published(
        publication=made,
        device=figure.device,
        open_kw=figure.open_kw,
        formula_kva=None if figure.formula_kw is None else figure.formula_kw / parameter("OPEN_PF"),
        physical_kw=figure.physical_kw,
        binding=figure.binding[:24],
        element=figure.element[:120],
        inputs={
            "path": [
                {
                    "device": device.name,
                    "allowed_kva": round(answer.allowed_kva, 1),
                    "peak_kva": None if answer.peak_kva is None else round(answer.peak_kva, 1),
                    "transit_kva": round(answer.transit_kva, 1),
                    "open_kva": None if answer.kva is None else round(answer.kva, 1),
                }
                for device, answer in figure.path
            ],
            "why": [{"code": f.code, "zh": f.zh, "en": f.en} for f in figure.why],
        },
    )


def publish_due(*, on: date, at: datetime) -> list[Publication]:
    """Publish every grid whose day has come and that is not yet out; run daily, may run twice.

    After a pause the latest due day is published, late, and every earlier one that was missed is a fact.
    """
    system = Actor(None, "系统", "system")
    made = []
    for grid in Grid.objects.filter(is_city=True):
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
