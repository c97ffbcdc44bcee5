"""供电半径: how far a customer may lie from the transformer that feeds him, by the class of his area, and how far a bus does."""

import math
from collections.abc import Mapping
from heapq import heappop, heappush

import numpy as np

from jiedian.core.decisions import AmountRow
from jiedian.grid.circuit.calc.network import Network, Reals

UNKNOWN = "unknown"
WIDEST = "D"
"""The class whose radius is taken where nobody has settled the class of the area: the widest there is a figure for."""
READ_AS = {"A+": "A", "E": WIDEST, UNKNOWN: WIDEST}


def area_class(amounts: Mapping[str, AmountRow]) -> str:
    """Class of the supply area (A+ to E) as it is set, else ``unknown``."""
    return amounts["AREA-CLASS"].value.strip() or UNKNOWN


def reach_id(amounts: Mapping[str, AmountRow], kv: float) -> str:
    """Id of the row that limits how far a voltage supplies."""
    if kv >= 30:
        return "REACH-35" if kv < 60 else "REACH-110"
    held = area_class(amounts)
    return f"REACH-{'LV' if kv < 1 else 'MV'}-{READ_AS.get(held, held)}"


def area_words(amounts: Mapping[str, AmountRow], kv: float) -> tuple[str, str]:
    """By which class of area the radius was taken, in both languages; empty where the voltage has one radius everywhere."""
    if kv >= 30:
        return "", ""
    held = area_class(amounts)
    if held == UNKNOWN:
        return (
            f"供电区域类别未定，按 {WIDEST} 类",
            f"the class of the area is not settled, class {WIDEST} is taken",
        )
    return f"{held} 类供电区", f"class {held} area"


def feeding_m(network: Network) -> Reals:
    """Metres of line (closed, of one voltage) between every bus and the transformer or source that feeds it; NaN where no way
    is known, or a line of it has no length."""
    ways = _ways(network)
    best = np.full(len(network.buses.id), math.nan)
    heap = [(0, 0.0, bus) for bus in sorted(_heads(network))]
    done: set[int] = set()
    while heap:
        blind, metres, bus = heappop(heap)
        if bus in done:
            continue
        done.add(bus)
        best[bus] = math.nan if blind else metres
        for other, length in ways.get(bus, ()):
            if other not in done:
                known = math.isfinite(length)
                heappush(heap, (blind + (not known), metres + (length if known else 0.0), other))
    return best


def _heads(network: Network) -> set[int]:
    """Buses where a voltage begins: below transformers that are switched on, and at sources."""
    trafos = network.transformers
    on = np.flatnonzero(trafos.hv_closed & trafos.lv_closed)
    return {int(trafos.lv_bus[row]) for row in on} | {int(bus) for bus in network.sources.bus}


def _ways(network: Network) -> dict[int, list[tuple[int, float]]]:
    """Bus → its neighbours over closed lines and links with the metres between; NaN where a line tells none."""
    lines, links = network.lines, network.links
    on = np.flatnonzero(lines.from_closed & lines.to_closed)
    lengths = np.where(lines.length_m > 0, lines.length_m, math.nan)
    pairs = [(int(lines.from_bus[row]), int(lines.to_bus[row]), float(lengths[row])) for row in on]
    closed = np.flatnonzero(links.is_closed)
    pairs += [(int(links.a_bus[row]), int(links.b_bus[row]), 0.0) for row in closed]
    found: dict[int, list[tuple[int, float]]] = {}
    for a, b, metres in pairs:
        found.setdefault(a, []).append((b, metres))
        found.setdefault(b, []).append((a, metres))
    return found
