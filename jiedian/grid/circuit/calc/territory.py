"""站—段—线—变: which station, busbar section, feeder and transformer area every bus belongs to, read from the network itself.

Words: a *main transformer* has its low side above 1 kV, a *distribution transformer* at or below. Buses joined by closed
links are one spot. Where no main transformer feeds a spot (a bare feeder, an LV grid), the sources take its part.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .network import Bools, Ints, Network

LOW_KV, HIGH_KV = 1.0, 60.0
"""Up to 1 kV is low voltage; from 60 kV on it is the network above the city's."""
NONE = -1


@dataclass(frozen=True)
class Section:
    """母线段: a busbar fed by ``transformers`` (rows; empty when a source feeds it directly); ``spot`` is its spot."""

    spot: int
    bus: int
    transformers: tuple[int, ...]
    station: int


@dataclass(frozen=True)
class Feeder:
    """馈线: what leaves a section through one branch. ``head`` names the first line; NONE for the busbar itself."""

    section: int
    head: int
    bus: int


@dataclass(frozen=True)
class Territory:
    """Territory of each bus: ``section``, ``feeder``, ``area`` (row of its distribution transformer), or NONE.

    ``spot_of`` numbers the groups of buses joined by closed links. ``depth`` is the number of branches from the busbar;
    ``is_fed`` says whether a source reaches the bus; ``closing`` lists the lines that close a loop.
    """

    spot_of: Ints
    section: Ints
    feeder: Ints
    area: Ints
    depth: Ints
    is_fed: Bools
    stations: tuple[tuple[int, ...], ...]
    sections: tuple[Section, ...]
    feeders: tuple[Feeder, ...]
    closing: tuple[int, ...]
    twice: tuple[int, ...]
    """Rows of the distribution transformers whose LV grid another one feeds too, from elsewhere."""


def groups(n: int, pairs: Iterable[tuple[int, int]]) -> Ints:
    """Number the groups of ``n`` things of which ``pairs`` hang together; numbers ascend with the first member."""
    above = list(range(n))

    def top(item: int) -> int:
        while above[item] != item:
            above[item] = above[above[item]]
            item = above[item]
        return item

    for a, b in pairs:
        low, high = sorted((top(a), top(b)))
        above[high] = low
    number: dict[int, int] = {}
    return np.asarray([number.setdefault(top(i), len(number)) for i in range(n)], np.int64)


def is_main(network: Network) -> Bools:
    """Rows of the transformers whose low side is medium voltage."""
    low = network.buses.kv[network.transformers.lv_bus]
    found: Bools = (low > LOW_KV) & (low < HIGH_KV)
    return found


def territory(network: Network) -> Territory:
    """Walk from the busbars outwards, each branch once. A few tenths of a second for 10,000 buses."""
    spot_of = groups(len(network.buses.id), _closed_links(network))
    sections, stations = _sections(network, spot_of)
    ways = _ways(network, spot_of)
    walk = _Walk(int(spot_of.max(initial=NONE)) + 1, ways)
    feeders = walk.outwards(sections)
    walk.down(network, spot_of)
    return Territory(
        spot_of=spot_of,
        section=walk.section[spot_of],
        feeder=walk.feeder[spot_of],
        area=walk.area[spot_of],
        depth=walk.depth[spot_of],
        is_fed=_fed(network, spot_of, ways)[spot_of],
        stations=stations,
        sections=sections,
        feeders=tuple(feeders),
        closing=tuple(sorted(walk.closing)),
        twice=tuple(walk.twice),
    )


def _closed_links(network: Network) -> list[tuple[int, int]]:
    links = network.links
    rows = np.flatnonzero(links.is_closed)
    return list(zip(links.a_bus[rows].tolist(), links.b_bus[rows].tolist(), strict=True))


def _live(network: Network) -> Ints:
    trafos = network.transformers
    return np.flatnonzero(trafos.hv_closed & trafos.lv_closed)


def _sections(network: Network, spot_of: Ints) -> tuple[tuple[Section, ...], tuple[tuple[int, ...], ...]]:
    """Busbars below the lowest main transformers (or at the sources), and the stations they stand in."""
    trafos, main = network.transformers, is_main(network)
    fed_from: dict[int, list[int]] = defaultdict(list)
    for row in _live(network).tolist():
        if main[row]:
            fed_from[int(spot_of[trafos.lv_bus[row]])].append(row)
    bus_of = {spot: int(trafos.lv_bus[rows[0]]) for spot, rows in fed_from.items()}
    for bus in network.sources.bus.tolist():
        if network.buses.kv[bus] < HIGH_KV:
            bus_of.setdefault(int(spot_of[bus]), bus)
    spots = list(bus_of)
    station_of = _stations(network, spot_of, spots, fed_from)
    sections = tuple(
        Section(spot, bus_of[spot], tuple(fed_from[spot]), int(station_of[i])) for i, spot in enumerate(spots)
    )
    count = int(station_of.max(initial=NONE)) + 1
    return sections, tuple(
        tuple(i for i in range(len(spots)) if station_of[i] == number) for number in range(count)
    )


def _stations(network: Network, spot_of: Ints, spots: list[int], fed_from: dict[int, list[int]]) -> Ints:
    """Busbars joined by a link (open or closed), or whose transformers stand on joined high sides, share a station."""
    links = network.links
    yard = groups(len(spot_of), zip(links.a_bus.tolist(), links.b_bus.tolist(), strict=True))
    first: dict[int, int] = {}
    pairs: list[tuple[int, int]] = []
    first_bus = np.unique(spot_of, return_index=True)[1]
    for i, spot in enumerate(spots):
        yards = {int(yard[first_bus[spot]])}
        yards |= {int(yard[network.transformers.hv_bus[row]]) for row in fed_from[spot]}
        pairs += [(first.setdefault(one, i), i) for one in yards]
    return groups(len(spots), pairs)


Way = tuple[int, int, bool]
"""(spot at the other end, row, is a transformer)."""


def _ways(network: Network, spot_of: Ints) -> dict[int, list[Way]]:
    """From a spot over closed lines and transformers to the neighbours."""
    ways: dict[int, list[Way]] = defaultdict(list)
    lines, trafos = network.lines, network.transformers
    for row in np.flatnonzero(lines.from_closed & lines.to_closed).tolist():
        a, b = int(spot_of[lines.from_bus[row]]), int(spot_of[lines.to_bus[row]])
        ways[a].append((b, row, False))
        ways[b].append((a, row, False))
    for row in _live(network).tolist():
        a, b = int(spot_of[trafos.hv_bus[row]]), int(spot_of[trafos.lv_bus[row]])
        ways[a].append((b, row, True))
        ways[b].append((a, row, True))
    return ways


def _fed(network: Network, spot_of: Ints, ways: dict[int, list[Way]]) -> Bools:
    fed = np.zeros(int(spot_of.max(initial=NONE)) + 1, np.bool_)
    queue = deque({int(spot_of[bus]) for bus in network.sources.bus.tolist()})
    fed[list(queue)] = True
    while queue:
        for other, _row, _is_trafo in ways[queue.popleft()]:
            if not fed[other]:
                fed[other] = True
                queue.append(other)
    return fed


class _Walk:
    """Marks every spot once, breadth first."""

    def __init__(self, spots: int, ways: dict[int, list[Way]]) -> None:
        self.ways = ways
        self.section = np.full(spots, NONE, np.int64)
        self.feeder = self.section.copy()
        self.area = self.section.copy()
        self.depth = self.section.copy()
        self.closing: set[int] = set()
        self.twice: list[int] = []

    def outwards(self, sections: tuple[Section, ...]) -> list[Feeder]:
        """From the busbars along lines only; every first line opens a feeder."""
        feeders: list[Feeder] = []
        queue: deque[tuple[int, int]] = deque()
        for number, section in enumerate(sections):
            self.section[section.spot], self.depth[section.spot] = number, 0
        for number, section in enumerate(sections):
            for other, row, is_trafo in self.ways[section.spot]:
                if not is_trafo and self.section[other] == NONE:
                    feeders.append(Feeder(number, row, other))
                    self._mark(other, number, len(feeders) - 1, 1)
                    queue.append((other, row))
        while queue:
            spot, came = queue.popleft()
            for other, row, is_trafo in self.ways[spot]:
                if is_trafo or row == came:
                    continue
                if self.section[other] == NONE:
                    self._mark(
                        other, int(self.section[spot]), int(self.feeder[spot]), int(self.depth[spot]) + 1
                    )
                    queue.append((other, row))
                else:
                    self.closing.add(row)
        return feeders

    def _mark(self, spot: int, section: int, feeder: int, depth: int) -> None:
        self.section[spot], self.feeder[spot], self.depth[spot] = section, feeder, depth

    def down(self, network: Network, spot_of: Ints) -> None:
        """Through the distribution transformers into their LV grids."""
        trafos, main = network.transformers, is_main(network)
        for row in _live(network).tolist():
            high, low = int(spot_of[trafos.hv_bus[row]]), int(spot_of[trafos.lv_bus[row]])
            if main[row] or self.section[high] == NONE:
                continue
            if self.section[low] != NONE:
                first = int(self.area[low])
                if first != NONE and spot_of[trafos.hv_bus[first]] != high:
                    self.twice.append(row)
                continue
            queue = deque([(low, NONE, int(self.depth[high]) + 1)])
            self._below(low, high, row, queue)

    def _below(self, low: int, high: int, row: int, queue: deque[tuple[int, int, int]]) -> None:
        self._mark(low, int(self.section[high]), int(self.feeder[high]), int(self.depth[high]) + 1)
        self.area[low] = row
        while queue:
            spot, came, depth = queue.popleft()
            for other, line, is_trafo in self.ways[spot]:
                if is_trafo or line == came:
                    continue
                if self.section[other] != NONE:
                    self.closing.add(line)
                    continue
                self._mark(other, int(self.section[high]), int(self.feeder[high]), depth + 1)
                self.area[other] = row
                queue.append((other, line, depth + 1))
