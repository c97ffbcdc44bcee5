"""Distance between two points: along the corridors of the network's lines, or straight with a factor."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from .ground import Point, distance_m
from .network import Network


@dataclass(frozen=True)
class Length:
    """A length in metres with the interval it may lie in, and how it was found: ``corridor`` or ``straight``."""

    low_m: float
    mid_m: float
    high_m: float
    how: str

    def __add__(self, other: "Length") -> "Length":
        how = self.how if self.how == other.how else "straight"
        return Length(self.low_m + other.low_m, self.mid_m + other.mid_m, self.high_m + other.high_m, how)


@dataclass(frozen=True)
class Factors:
    """Factors of a length: that of a straight line, and how far a corridor's may be off. From rule rows."""

    straight: tuple[float, float, float]
    corridor: tuple[float, float, float]


def scaled(length_m: float, factors: tuple[float, float, float], how: str) -> Length:
    low, mid, high = (length_m * factor for factor in factors)
    return Length(low, mid, high, how)


class Corridors:
    """The lines of a network as ways along which a new line can go, whatever their switches say.

    Lines of another voltage serve as well: a street is a street. Only lines with a length count, and a way whose stated
    length is shorter than the straight line is as long as that.
    """

    def __init__(self, network: Network) -> None:
        lines = network.lines
        self.places = network.places
        self.ids = network.buses.id
        self.index = {bus: i for i, bus in enumerate(self.ids)}
        self.ways: dict[int, list[tuple[int, float]]] = {}
        for a, b, length in zip(
            lines.from_bus.tolist(), lines.to_bus.tolist(), lines.length_m.tolist(), strict=True
        ):
            if math.isfinite(length) and length > 0:
                self.ways.setdefault(a, []).append((b, length))
                self.ways.setdefault(b, []).append((a, length))
        for pair in (
            (network.links.a_bus, network.links.b_bus),
            (network.transformers.hv_bus, network.transformers.lv_bus),
        ):
            for a, b in zip(pair[0].tolist(), pair[1].tolist(), strict=True):
                self.ways.setdefault(a, []).append((b, self._apart(a, b)))
                self.ways.setdefault(b, []).append((a, self._apart(a, b)))
        known = [i for i, bus in enumerate(self.ids) if bus in self.places and i in self.ways]
        self.known = np.array(known, dtype=np.int64)
        self.coordinates = np.array([self.places[self.ids[i]] for i in known], dtype=np.float64)

    def _apart(self, a: int, b: int) -> float:
        """Straight between two buses; nothing where a place is not known."""
        ends = self.places.get(self.ids[a]), self.places.get(self.ids[b])
        return distance_m(ends[0], ends[1]) if ends[0] and ends[1] else 0.0

    def nearest(self, place: Point) -> tuple[int, float] | None:
        """The bus of the corridors nearest to a place, and its distance in metres."""
        if not len(self.known):
            return None
        scale = np.array([math.cos(math.radians(place[1])), 1.0])
        delta = (self.coordinates - np.array(place)) * scale
        best = int(np.argmin((delta**2).sum(axis=1)))
        found = (self.coordinates[best][0], self.coordinates[best][1])
        return int(self.known[best]), distance_m(place, found)

    def lengths(
        self, place: Point, targets: Sequence[str], factors: Factors, *, within_m: float = 20_000
    ) -> Mapping[str, Length]:
        """Length to each target bus: straight to the nearest corridor, then along it. Not reached: straight all the way.

        A way along the corridor that is longer than the straight line's upper bound gives way to the straight line.
        """
        start = self.nearest(place)
        ways = (
            self._along(start[0], {self.index[t] for t in targets if t in self.index}, within_m)
            if start
            else {}
        )
        found: dict[str, Length] = {}
        for target in targets:
            direct = distance_m(place, self.places[target]) if target in self.places else None
            straight = scaled(direct, factors.straight, "straight") if direct is not None else None
            along = ways.get(self.index.get(target, -1))
            if along is not None and start is not None:
                stub = scaled(start[1], factors.straight, "corridor")
                along = max(along, self._apart(start[0], self.index[target]))
                route = stub + scaled(along, factors.corridor, "corridor")
                if straight is None or route.mid_m <= straight.high_m:
                    found[target] = route
                    continue
            if straight is not None:
                found[target] = straight
        return found

    def _along(self, start: int, wanted: set[int], within_m: float) -> dict[int, float]:
        """Shortest lengths from a bus to the wanted ones (Dijkstra, ended when all are found)."""
        best, done, left = {start: 0.0}, set[int](), set(wanted)
        heap = [(0.0, start)]
        while heap and left:
            length, bus = heappop(heap)
            if bus in done:
                continue
            done.add(bus)
            left.discard(bus)
            if length > within_m:
                break
            for other, metres in self.ways.get(bus, ()):
                reached = length + metres
                if reached < best.get(other, math.inf):
                    best[other] = reached
                    heappush(heap, (reached, other))
        return {bus: best[bus] for bus in wanted & done}
