"""What physics leaves at every node: computed a section at a time, kept as one small table each."""

import json
from datetime import datetime
from io import BytesIO
from time import perf_counter
from typing import Any, Literal

import numpy as np

from ..models import Standing, Version
from ..queries.network import limits, prepared_of, remember, remembered

Direction = Literal["load", "generation"]
DIRECTIONS: tuple[Direction, ...] = ("load", "generation")


def compute(version: Version, *, at: datetime) -> None:
    """Every section of a version, both directions, anew."""
    Standing.objects.filter(version=version).delete()
    if version.refusals:
        return
    prepared = prepared_of(version.pk, version.grid.revision)
    part_of = prepared.split.part[prepared.circuit.node]
    rows = []
    for direction in DIRECTIONS:
        begun = perf_counter()
        answer = _answer(prepared, direction, None)
        took_ms = (perf_counter() - begun) * 1000
        for part in np.unique(part_of[answer.bus]).tolist():
            chosen = np.flatnonzero(part_of[answer.bus] == part)
            rows.append(_row(version, part, direction, answer, chosen, at, took_ms))
    Standing.objects.bulk_create(rows)


def compute_part(version: Version, prepared: Any, part: int, *, at: datetime) -> float:
    """One section anew, both directions; returns the milliseconds of calculation."""
    buses = np.flatnonzero(prepared.split.part[prepared.circuit.node] == part)
    buses = buses[prepared.network.buses.kv[buses] < 60]
    total = 0.0
    for direction in DIRECTIONS:
        begun = perf_counter()
        answer = _answer(prepared, direction, buses)
        took_ms = (perf_counter() - begun) * 1000
        total += took_ms
        row = _row(version, part, direction, answer, np.arange(len(answer.bus)), at, took_ms)
        Standing.objects.filter(version=version, section=part, direction=direction).delete()
        row.save()
    return total


def _answer(prepared: Any, direction: Direction, buses: Any) -> Any:
    from jiedian.core.capacity import open_capacity

    return open_capacity(prepared, limits=limits(), direction=direction, buses=buses)


def _row(
    version: Version, part: int, direction: str, answer: Any, chosen: Any, at: datetime, took_ms: float
) -> Standing:
    words = {
        "binding": [answer.binding[i] for i in chosen.tolist()],
        "element": [str(answer.element[i]) for i in chosen.tolist()],
    }
    text = np.frombuffer(json.dumps(words, ensure_ascii=False).encode(), np.uint8)
    kept = BytesIO()
    np.savez_compressed(
        kept,
        bus=answer.bus[chosen],
        kw=answer.capacity_kw[chosen],
        margin=answer.margin[chosen],
        words=text,
    )
    return Standing(
        version=version,
        section=part,
        direction=direction,
        table=kept.getvalue(),
        refusals=[f"{v.kind}:{v.element}" for v in answer.violations if v.part == part],
        computed_at=at,
        took_ms=took_ms,
    )


def with_load(version: Version, *, before: int, bus: int, p_kw: float, q_kvar: float, at: datetime) -> float:
    """After a reservation came (or with negative figures went): only its section is computed. Returns milliseconds.

    ``before`` is the grid's revision before the change; when this process holds that state only the section is prepared
    anew, else the whole network once.
    """
    if version.refusals:
        return 0.0
    from jiedian.core.capacity import with_demand

    held = remembered(version.pk, before)
    if held is None:
        after = prepared_of(version.pk, version.grid.revision)
    else:
        after = with_demand(held, bus, p_kw=p_kw, q_kvar=q_kvar)
        remember(version.pk, version.grid.revision, after)
    part = after.part_of(bus)
    return compute_part(version, after, part, at=at) if part >= 0 else 0.0
