"""The sections of a city in a pool of processes or on Spark: the same numbers as in one process, since no two share anything."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from jiedian.grid.circuit.calc.sections import HIGH_KV

from .calc.capacity import open_capacity
from .calc.prepared import Capacity, CapacityLimits, Direction, Prepared


def shares(prepared: Prepared, count: int) -> list[list[int]]:
    """The buses below 60 kV in ``count`` shares of about equal work, a section never torn apart; longest first."""
    parts = prepared.split.part[prepared.circuit.node]
    low = np.flatnonzero(prepared.network.buses.kv < HIGH_KV)
    loads: list[list[int]] = [[] for _ in range(count)]
    sections = [low[parts[low] == part] for part in np.unique(parts[low])]
    for buses in sorted(sections, key=len, reverse=True):
        min(loads, key=len).extend(int(bus) for bus in buses)
    return [share for share in loads if share]


def in_processes(
    prepared: Prepared,
    *,
    limits: CapacityLimits,
    direction: Direction = "load",
    workers: int | None = None,
) -> Capacity:
    """``open_capacity`` of every bus, the sections spread over processes of this machine."""
    workers = workers or os.cpu_count() or 1
    bare = _bare(prepared)
    with ProcessPoolExecutor(workers) as pool:
        work = [(bare, limits, direction, share) for share in shares(prepared, workers)]
        return joined(list(pool.map(_share, work)))


def _share(work: tuple[Prepared, CapacityLimits, Direction, Sequence[int]]) -> Capacity:
    prepared, limits, direction, buses = work
    return open_capacity(prepared, limits=limits, direction=direction, buses=buses)


def _bare(prepared: Prepared) -> Prepared:
    """Without what each worker makes for itself, so that little is sent."""
    return replace(prepared, trees={}, bases={}, heads={})


def joined(answers: Sequence[Capacity]) -> Capacity:
    """The shares' answers as one, in the order of the buses."""
    bus = np.concatenate([a.bus for a in answers])
    order = np.argsort(bus)

    def column(name: str) -> Any:
        return np.concatenate([np.asarray(getattr(a, name), object) for a in answers])[order]

    return Capacity(
        bus[order],
        column("capacity_kw").astype(np.float64),
        tuple(column("binding")),
        tuple(column("element")),
        column("margin").astype(np.float64),
        column("state").astype(np.int64),
        column("flows").astype(np.int64),
        tuple(sorted((v for a in answers for v in a.violations), key=lambda v: v.part)),
        any(a.is_meshed for a in answers),
        any(a.is_upstream_held for a in answers),
    )


def on_spark(
    session: Any,
    prepared: Prepared,
    *,
    limits: CapacityLimits,
    direction: Direction = "load",
    partitions: int = 4,
) -> Capacity:
    """``open_capacity`` of every bus on a Spark session, a share of the sections a partition.

    The prepared network goes to every worker once, as a broadcast; what comes back is one answer a share.
    """
    shared = session.sparkContext.broadcast((_bare(prepared), limits, direction))
    spread = shares(prepared, partitions)

    def work(chunk: Iterator[list[int]]) -> Iterator[Capacity]:
        for buses in chunk:
            yield _share((*shared.value, buses))

    try:
        answers = session.sparkContext.parallelize(spread, len(spread)).mapPartitions(work).collect()
    finally:
        shared.unpersist()
    return joined(answers)
