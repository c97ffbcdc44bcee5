"""Open capacity stored per section: calculates what the physical limits leave at every node."""

from datetime import datetime
from time import perf_counter
from typing import Any, Literal

import numpy as np
from django.db import transaction

from jiedian.grid.circuit.calc.changes import touched
from jiedian.grid.circuit.calc.network import Bools, Ints
from jiedian.grid.circuit.calc.territory import HIGH_KV, LOW_KV, NONE
from jiedian.grid.network.models import Version
from jiedian.grid.network.queries.network import network_of, territory_of

from ..models import Standing
from ..queries.present import limits, prepared_of, remember, remembered
from ..queries.standing import Answers

Direction = Literal["load", "generation"]
DIRECTIONS: tuple[Direction, ...] = ("load", "generation")


def compute(version: Version, *, at: datetime, before: Version | None = None) -> None:
    """Every section of a version, both directions. Sections in which nothing changed since ``before`` keep their answers."""
    Standing.objects.filter(version=version).delete()
    if version.refusals:
        return
    prepared = prepared_of(version.pk, version.grid.revision)
    part_of = prepared.split.part[prepared.circuit.node]
    is_asked = prepared.network.buses.kv < HIGH_KV
    rows = _unchanged(version, before, part_of, is_asked)
    for direction in DIRECTIONS:
        kept = [row.section for row in rows if row.direction == direction]
        buses = np.flatnonzero(is_asked & ~np.isin(part_of, kept))
        if not len(buses):
            continue
        answer, took_ms = _answer(prepared, direction, buses)
        for part in np.unique(part_of[buses]).tolist():
            found = Answers.of(answer, np.flatnonzero(part_of[answer.bus] == part))
            rows.append(_row(version, part, direction, found, answer, at=at, took_ms=took_ms))
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
    kept = []
    for row in Standing.objects.filter(version=before):
        buses = Answers.unpacked(bytes(row.table or b"")).bus
        own = np.flatnonzero(is_asked & (part_of == part_of[buses[0]]))
        if np.array_equal(np.sort(buses), own) and not is_touched[own].any():
            row.pk, row.version, row.section = None, version, int(part_of[buses[0]])
            kept.append(row)
    return kept


def _answer(prepared: Any, direction: Direction, buses: Ints | None) -> tuple[Any, float]:
    from jiedian.grid.kernel.calc.capacity import open_capacity

    begun = perf_counter()
    answer = open_capacity(prepared, limits=limits(), direction=direction, buses=buses)
    return answer, (perf_counter() - begun) * 1000


def _row(
    version: Version, part: int, direction: str, found: Answers, answer: Any, *, at: datetime, took_ms: float
) -> Standing:
    return Standing(
        version=version,
        section=part,
        direction=direction,
        table=found.packed(),
        refusals=[f"{v.kind}:{v.element}" for v in answer.violations if v.part == part],
        computed_at=at,
        took_ms=took_ms,
    )


def with_load(
    version: Version, *, before: int, bus: int, p_kw: float, q_kvar: float, direction: Direction, at: datetime
) -> float:
    """After a reservation came (or with negative figures went): only its section, at once. Returns milliseconds.

    At once: every medium-voltage bus, the low side of every area, and the touched area, in the direction of the
    reservation. The other low-voltage buses are lowered to what their area has left; ``settle`` makes them exact.
    ``before`` is the grid's revision before the change; when this process holds that state only the section is prepared
    anew, else the whole network once.
    """
    if version.refusals:
        return 0.0
    from jiedian.grid.kernel.calc.capacity import with_demand

    held = remembered(version.pk, before)
    if held is None:
        after = prepared_of(version.pk, version.grid.revision)
    else:
        after = with_demand(held, bus, p_kw=p_kw, q_kvar=q_kvar)
        remember(version.pk, version.grid.revision, after)
    part = after.part_of(bus)
    if part < 0:
        return 0.0
    row = Standing.objects.select_for_update().get(version=version, section=part, direction=direction)
    answer, took_ms = _answer(after, direction, _first_buses(version, after, part, bus))
    newer = Answers.of(answer, np.arange(len(answer.bus)))
    old = Answers.unpacked(bytes(row.table or b""))
    row.table = old.renewed(newer, _ceilings(version)).packed()
    row.refusals = [f"{v.kind}:{v.element}" for v in answer.violations if v.part == part]
    row.computed_at, row.took_ms = at, took_ms
    row.save()
    Standing.objects.filter(version=version, section=part).update(is_exact=False)
    return took_ms


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
    """Make exact what was only lowered; returns how many tables. Run by the worker, may run twice."""
    waiting = Standing.objects.select_for_update(skip_locked=True).filter(is_exact=False)
    done = 0
    for row in waiting.select_related("version__grid").defer("version__snapshot", "table"):
        prepared = prepared_of(row.version_id, row.version.grid.revision)
        part_of = prepared.split.part[prepared.circuit.node]
        buses = np.flatnonzero((part_of == row.section) & (prepared.network.buses.kv < HIGH_KV))
        direction: Direction = "load" if row.direction == "load" else "generation"
        answer, took_ms = _answer(prepared, direction, buses)
        found = Answers.of(answer, np.arange(len(answer.bus)))
        Standing.objects.filter(pk=row.pk).update(
            table=found.packed(), computed_at=at, took_ms=took_ms, is_exact=True
        )
        done += 1
    return done
