"""Open capacity stored per section: calculates what the physical limits leave at every node."""

from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any

import numpy as np
from django.db import transaction

from jiedian.grid.circuit.calc.changes import touched
from jiedian.grid.circuit.calc.network import Bools, Ints
from jiedian.grid.circuit.calc.territory import HIGH_KV, LOW_KV, NONE
from jiedian.grid.network.models import Version
from jiedian.grid.network.queries.network import network_of, territory_of

from ..models import Standing
from ..queries.present import Direction, added_kw, limits, prepared_of, remember, remembered
from ..queries.standing import Answers

DIRECTIONS: tuple[Direction, ...] = ("load", "generation")


def compute(version: Version, *, at: datetime, before: Version | None = None) -> None:
    """Every section of a version, both directions. Sections in which nothing changed since ``before`` keep their answers."""
    Standing.objects.filter(version=version).delete()
    if version.refusals:
        return
    both = {way: prepared_of(version.pk, version.grid.revision, way) for way in DIRECTIONS}
    part_of = both["load"].split.part[both["load"].circuit.node]
    is_asked = both["load"].network.buses.kv < HIGH_KV
    rows = _unchanged(version, before, part_of, is_asked)
    for direction in DIRECTIONS:
        kept = [row.section for row in rows if row.direction == direction]
        buses = np.flatnonzero(is_asked & ~np.isin(part_of, kept))
        if not len(buses):
            continue
        done = _computed(both[direction], direction, buses)
        for part in np.unique(part_of[buses]).tolist():
            found = Answers.of(done.answer, np.flatnonzero(part_of[done.answer.bus] == part))
            rows.append(_row(version, part, found, done, at=at))
    Standing.objects.bulk_create(rows)


def _unchanged(version: Version, before: Version | None, part_of: Ints, is_asked: Bools) -> list[Standing]:
    """Answers of the version before for sections with the same buses and nothing touched; none when the upstream grid is."""
    if before is None or before.refusals:
        return []
    old, new = network_of(before.pk), network_of(version.pk)
    names = touched(old, new)
    if names is None:
        return []
    is_touched = np.asarray([name in names for name in new.buses.id])
    if (is_touched & ~is_asked).any():
        return []
    moved = {way: _moved(before, version, way) for way in DIRECTIONS}
    kept = []
    for row in Standing.objects.filter(version=before):
        buses = Answers.unpacked(bytes(row.table or b"")).bus
        own = np.flatnonzero(is_asked & (part_of == part_of[buses[0]]))
        is_moved = any(new.buses.id[bus] in moved[_way(row)] for bus in own)
        if np.array_equal(np.sort(buses), own) and not is_touched[own].any() and not is_moved:
            row.pk, row.version, row.section = None, version, int(part_of[buses[0]])
            kept.append(row)
    return kept


def _moved(before: Version, version: Version, way: Direction) -> set[str]:
    """Buses at which a version adds another sum to what it draws than the one before did."""
    old, new = added_kw(before, way), added_kw(version, way)
    return {bus for bus in old.keys() | new.keys() if old.get(bus) != new.get(bus)}


def _way(row: Standing) -> Direction:
    return "load" if row.direction == "load" else "generation"


@dataclass(frozen=True)
class _Computed:
    """What the kernel answered in one direction, and how many milliseconds it took."""

    direction: Direction
    answer: Any
    took_ms: float

    def refusals(self, part: int) -> list[dict[str, Any]]:
        """What in a section is over its limits already, the worst first; whether it binds a bus, its answer says."""
        return [
            {"kind": v.kind, "element": v.element, "margin": round(v.margin, 6)}
            for v in self.answer.violations
            if v.part == part
        ]


def _computed(prepared: Any, direction: Direction, buses: Ints | None) -> _Computed:
    from jiedian.grid.kernel.calc.capacity import open_capacity

    begun = perf_counter()
    answer = open_capacity(prepared, limits=limits(), direction=direction, buses=buses)
    return _Computed(direction, answer, (perf_counter() - begun) * 1000)


def _row(version: Version, part: int, found: Answers, done: _Computed, *, at: datetime) -> Standing:
    return Standing(
        version=version,
        section=part,
        direction=done.direction,
        table=found.packed(),
        refusals=done.refusals(part),
        computed_at=at,
        took_ms=done.took_ms,
    )


@dataclass(frozen=True)
class Shift:
    """Change a reservation makes at a bus when it comes, or with negative figures when it goes."""

    bus: int
    p_kw: float
    q_kvar: float
    direction: Direction


def with_load(version: Version, shift: Shift, *, before: int, at: datetime) -> float:
    """After a reservation came (or with negative figures went): only its section, at once. Returns milliseconds.

    At once: every medium-voltage bus, the low side of every area, and the touched area, in the direction of the
    reservation. The other low-voltage buses are lowered to what their area has left; ``settle`` makes them exact.
    ``before`` is the grid's revision before the change; when this process holds that state only the section is prepared
    anew, else the whole network once.
    """
    if version.refusals:
        return 0.0
    from jiedian.grid.kernel.calc.capacity import with_demand

    revision = version.grid.revision
    held = {way: remembered(version.pk, before, way) for way in DIRECTIONS}
    if held[shift.direction] is not None:
        held[shift.direction] = with_demand(
            held[shift.direction], shift.bus, p_kw=shift.p_kw, q_kvar=shift.q_kvar
        )
    for way, prepared in held.items():  # the other direction does not know of it and stays as it was
        if prepared is not None:
            remember(version.pk, revision, prepared, way)
    after = prepared_of(version.pk, revision, shift.direction)
    part = after.part_of(shift.bus)
    if part < 0:
        return 0.0
    rows = Standing.objects.select_for_update()
    row = rows.get(version=version, section=part, direction=shift.direction)
    done = _computed(after, shift.direction, _first_buses(version, after, part, shift.bus))
    newer = Answers.of(done.answer, np.arange(len(done.answer.bus)))
    old = Answers.unpacked(bytes(row.table or b""))
    row.table = old.renewed(newer, _ceilings(version)).packed()
    row.refusals = done.refusals(part)
    row.computed_at, row.took_ms, row.is_exact = at, done.took_ms, False
    row.save()
    return done.took_ms


def _first_buses(version: Version, prepared: Any, part: int, bus: int) -> Ints:
    """What is computed at once of a section."""
    network, land = network_of(version.pk), territory_of(version.pk)
    kv = network.buses.kv
    chosen = (kv > LOW_KV) & (kv < HIGH_KV)
    chosen[network.transformers.lv_bus[kv[network.transformers.lv_bus] <= LOW_KV]] = True
    if land.area[bus] != NONE:
        chosen |= land.area == land.area[bus]
    elif not chosen[bus]:
        chosen |= kv <= LOW_KV
    chosen &= prepared.split.part[prepared.circuit.node] == part
    return np.flatnonzero(chosen)


def _ceilings(version: Version) -> Ints:
    """For each bus of an area the low side of its transformer; -1 elsewhere."""
    network, land = network_of(version.pk), territory_of(version.pk)
    return np.where(land.area == NONE, NONE, network.transformers.lv_bus[land.area])


@transaction.atomic
def settle(*, at: datetime) -> int:
    """Make exact what was only lowered, of the versions in force; returns how many tables. May run twice."""
    entered = Version.objects.filter(entered_at__isnull=False, undone_at=None)
    now = entered.order_by("grid_id", "-effective_at", "-number").distinct("grid_id").values("pk")
    lowered = Standing.objects.filter(is_exact=False, version__in=now)
    waiting = lowered.select_for_update(skip_locked=True, of=("self",))
    done = 0
    for row in waiting.select_related("version__grid").defer("version__snapshot", "table"):
        direction = _way(row)
        prepared = prepared_of(row.version_id, row.version.grid.revision, direction)
        part_of = prepared.split.part[prepared.circuit.node]
        buses = np.flatnonzero((part_of == row.section) & (prepared.network.buses.kv < HIGH_KV))
        made = _computed(prepared, direction, buses)
        found = Answers.of(made.answer, np.arange(len(made.answer.bus)))
        Standing.objects.filter(pk=row.pk).update(
            table=found.packed(),
            refusals=made.refusals(row.section),
            computed_at=at,
            took_ms=made.took_ms,
            is_exact=True,
        )
        done += 1
    return done
