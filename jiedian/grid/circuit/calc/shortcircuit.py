"""短路容量: how stiff every bus is, along the path of least impedance from its source."""

import math
from heapq import heappop, heappush

import numpy as np

from .network import Network, Reals


def short_circuit_mva(network: Network, *, source_mva: float) -> Reals:
    """Three-phase short-circuit capacity of every bus (MVA); 0 where no source reaches.

    One path only: parallel ways are not added up, so the value errs on the low side, which is the safe one for
    harmonics and flicker. ``source_mva`` is the capacity of the grid above the sources. Per unit on 1 MVA.
    """
    ways = _ways(network)
    z = np.full(len(network.buses.id), np.inf, dtype=complex)
    heap = [(1 / source_mva, bus, complex(0, 1 / source_mva)) for bus in network.sources.bus.tolist()]
    heap.sort(key=lambda item: item[:2])
    done: set[int] = set()
    best: dict[int, float] = {}
    while heap:
        size, bus, total = heappop(heap)
        if bus in done:
            continue
        done.add(bus)
        z[bus] = total
        for other, step in ways.get(bus, ()):
            reached = total + step
            if other not in done and abs(reached) < best.get(other, math.inf):
                best[other] = abs(reached)
                heappush(heap, (abs(reached), other, reached))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.isfinite(z.real) & np.isfinite(z.imag), 1 / np.abs(z), 0.0)


def _ways(network: Network) -> dict[int, list[tuple[int, complex]]]:
    """Closed branches as neighbours with their impedance in per unit on 1 MVA."""
    ways: dict[int, list[tuple[int, complex]]] = {}

    def join(a: int, b: int, z: complex) -> None:
        if math.isfinite(z.real) and math.isfinite(z.imag):
            ways.setdefault(a, []).append((b, z))
            ways.setdefault(b, []).append((a, z))

    lines, trafos, links = network.lines, network.transformers, network.links
    for row in np.flatnonzero(lines.from_closed & lines.to_closed).tolist():
        kv = float(network.buses.kv[lines.from_bus[row]])
        z = complex(lines.r_ohm[row], lines.x_ohm[row]) / kv**2
        join(int(lines.from_bus[row]), int(lines.to_bus[row]), z)
    for row in np.flatnonzero(trafos.hv_closed & trafos.lv_closed).tolist():
        mva = float(trafos.rated_kva[row]) * int(trafos.parallel[row]) / 1000
        r = float(trafos.vkr_percent[row]) / 100 / mva
        size = float(trafos.vk_percent[row]) / 100 / mva
        z = complex(r, math.sqrt(max(size**2 - r**2, 0.0)))
        join(int(trafos.hv_bus[row]), int(trafos.lv_bus[row]), z)
    for row in np.flatnonzero(links.is_closed).tolist():
        join(int(links.a_bus[row]), int(links.b_bus[row]), 0j)
    return ways
