"""预留与排队: capacity is kept on signature and given back on lapse; who asked first comes first."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate

from jiedian.core.findings import refuse
from jiedian.grid.network.models import Device, Grid, Version
from jiedian.grid.network.queries.network import bus_index, version_now
from jiedian.grid.network.services.versions import revise
from jiedian.ground.journal.services import Actor, record

from ..models import Reservation
from ..queries.capacity import capacity_of
from ..queries.present import Direction, committed, drawn_in, factor_of, network_now
from .standing import Shift, with_load


@dataclass(frozen=True)
class Wish:
    """Wish for a reservation: how much, at which power factor, by which class of customer, until when."""

    kw: float
    customer_class: str = "OTHER"
    pf: float = 0.95
    is_generation: bool = False
    until_on: date | None = None


@transaction.atomic
def reserve(
    subject: str, node: Device, wish: Wish, *, actor: Actor, at: datetime, cause: UUID | None = None
) -> Reservation:
    """Keep capacity at a node for a subject, whose text means nothing here. ``held`` when it fits, else ``queued``.

    Asking again for the same subject and node gives the living reservation back. Only the section of the node is
    computed anew. Refused when the amount is not positive or the node is not in the version in force.
    """
    if not (np.isfinite(wish.kw) and wish.kw > 0 and 0.3 <= wish.pf <= 1):
        raise refuse("grid.amount")
    grid = Grid.objects.select_for_update().get(pk=node.grid_id)
    present = network_now(grid.code)
    bus = present.bus(node)
    living = _living(subject).filter(grid=grid, node=node, is_generation=wish.is_generation).first()
    if living:
        return living
    fits = _fits(node, wish, on=localdate(at))
    made = Reservation.objects.create(
        grid=grid,
        node=node,
        subject=subject[:60],
        kw=wish.kw,
        pf=wish.pf,
        is_generation=wish.is_generation,
        customer_class=wish.customer_class,
        state=Reservation.State.HELD if fits else Reservation.State.QUEUED,
        until_on=wish.until_on,
        asked_at=at,
        held_at=at if fits else None,
        beside_kw=drawn_in(present.version.pk).fed[bus] if wish.is_generation else 0.0,
    )
    if fits:
        _shift(grid, made, +1, at=at)
    _say("grid.reserved" if fits else "grid.queued", made, actor, at, cause)
    return made


def _living(subject: str) -> QuerySet[Reservation]:
    states = [Reservation.State.HELD, Reservation.State.QUEUED]
    return Reservation.objects.filter(subject=subject[:60], state__in=states)


def _fits(node: Device, wish: Wish, *, on: date) -> bool:
    """Whether what is known of physics and formula leaves room; what is unknown does not stop a scheme a person signed."""
    found = capacity_of(node, on=on, direction="generation" if wish.is_generation else "load")
    return all(limit is None or wish.kw <= limit + 0.5 for limit in (found.formula_kw, found.physical_kw))


def _shift(grid: Grid, row: Reservation, sign: int, *, at: datetime) -> float:
    """Put a reservation on the network or take it off."""
    before = revise(grid)
    present = network_now(grid.code)
    factor = 1.0 if row.is_generation else factor_of(row.customer_class)
    p_kw = row.kw * factor * (-1.0 if row.is_generation else 1.0)
    q_kvar = 0.0 if row.is_generation else p_kw * float(np.tan(np.arccos(row.pf)))
    version = Version.objects.defer("snapshot").select_related("grid").get(pk=present.version.pk)
    direction: Direction = "generation" if row.is_generation else "load"
    shift = Shift(present.bus(row.node), sign * p_kw, sign * q_kvar, direction)
    return with_load(version, shift, before=before, at=at)


@transaction.atomic
def release(
    subject: str, *, reason: str, actor: Actor, at: datetime, cause: UUID | None = None
) -> list[Reservation]:
    """Give back whatever a subject holds or waits for; those who queue are then served in order. Safe to repeat."""
    return _end(subject, Reservation.State.RELEASED, reason, actor=actor, at=at, cause=cause)


@transaction.atomic
def connect(subject: str, *, actor: Actor, at: datetime, cause: UUID | None = None) -> list[Reservation]:
    """The customer is energised: what he held runs, and counts as before until the version in force has it."""
    return _end(subject, Reservation.State.CONNECTED, "", actor=actor, at=at, cause=cause)


def _end(
    subject: str, state: str, reason: str, *, actor: Actor, at: datetime, cause: UUID | None
) -> list[Reservation]:
    ended = []
    for row in _living(subject).select_related("node"):
        grid = Grid.objects.select_for_update().get(pk=row.grid_id)
        row.refresh_from_db(fields=["state"])  # whoever held the lock before may have served it
        was_held, is_running = row.state == Reservation.State.HELD, state == Reservation.State.CONNECTED
        beside_kw = _beside(row) if is_running else row.beside_kw
        moved = Reservation.objects.filter(pk=row.pk, state=row.state, ended_at=None).update(
            state=state, ended_at=at, end_reason=reason[:120], beside_kw=beside_kw
        )
        if not moved:
            continue
        row.refresh_from_db()
        ended.append(row)
        _say(
            "grid.connected" if is_running else "grid.released",
            row,
            actor,
            at,
            cause,
        )
        _stand(grid, row, was_counted=was_held, at=at)
        if was_held and not is_running:
            _serve(grid, actor=actor, at=at)
    return ended


def _beside(row: Reservation) -> float:
    """What the network in force has at the place of a reservation when it is energised; of generation it was noted before."""
    version = version_now(row.grid)
    bus = bus_index(version.pk).get(row.node.at_bus)
    if row.is_generation or bus is None:
        return row.beside_kw
    return float(drawn_in(version.pk).load[bus])


def _stand(grid: Grid, row: Reservation, *, was_counted: bool, at: datetime) -> None:
    """Put on the network or take off it what counts now and did not, or the other way round."""
    version = version_now(grid)
    counts = row.pk in {one.pk for one in committed(version)}
    if counts != was_counted and row.node.at_bus in bus_index(version.pk):
        _shift(grid, row, +1 if counts else -1, at=at)


@transaction.atomic
def mark(row: Reservation, *, is_drawn: bool, actor: Actor, at: datetime) -> None:
    """Say that the version in force has a customer who runs, or, taking it back, that it does not. Safe to repeat.

    Then he counts no longer beside it (or again), and those who queue are served. Refused when he does not run.
    """
    grid = Grid.objects.select_for_update().get(pk=row.grid_id)
    row.refresh_from_db()
    if row.state != Reservation.State.CONNECTED:
        raise refuse("grid.not_running", subject=row.subject)
    if is_drawn == (row.drawn_in_id is not None):
        return
    before = {one.pk for one in committed(version_now(grid))}
    row.drawn_in = version_now(grid) if is_drawn else None
    row.save(update_fields=["drawn_in"])
    _say("grid.drawn" if is_drawn else "grid.undrawn", row, actor, at, None)
    _stand(grid, row, was_counted=row.pk in before, at=at)
    _serve(grid, actor=actor, at=at)


def _serve(grid: Grid, *, actor: Actor, at: datetime) -> None:
    """Those who wait, in the order in which they asked; who does not fit keeps his place."""
    for row in grid.reservations.filter(state=Reservation.State.QUEUED).select_related("node").order_by("id"):
        wish = Wish(row.kw, row.customer_class, row.pf, row.is_generation)
        if not _fits(row.node, wish, on=localdate(at)):
            continue
        Reservation.objects.filter(pk=row.pk).update(state=Reservation.State.HELD, held_at=at)
        row.refresh_from_db()
        _shift(grid, row, +1, at=at)
        _say("grid.reserved", row, actor, at, None, waited=True)


@transaction.atomic
def lapse(*, on: date, at: datetime) -> list[str]:
    """Give back what is past its day; returns the subjects."""
    past = Reservation.objects.filter(state__in=["held", "queued"], until_on__lt=on)
    subjects = sorted(set(past.values_list("subject", flat=True)))
    system = Actor(None, "系统", "system")
    for subject in subjects:
        release(subject, reason="预留到期", actor=system, at=at)
    return subjects


def _say(kind: str, row: Reservation, actor: Actor, at: datetime, cause: UUID | None, **more: bool) -> None:
    data = more | {"subject": row.subject, "node": row.node.code, "kw": row.kw, "version": _version(row.grid)}
    record(kind, stream=f"grid:{row.grid.code}"[:60], actor=actor, at=at, data=data, cause=cause)


def _version(grid: Grid) -> int:
    return version_now(grid).number
