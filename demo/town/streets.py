"""Streets of the made-up city: a net that is not quite regular, roads to villages, ways along them, house numbers."""

import heapq
import math
from dataclasses import dataclass, field
from random import Random

from . import names
from .ground import SEED, Spot, along, apart, beside, length
from .plan import VILLAGES

COLUMNS, ROWS, STEP_M = 17, 13, 350.0
RIVER_ROW = 3
"""The river flows between this row of streets and the next."""
NUMBER_M = 10.0
"""A house number every so many metres on either side."""
LANE_M, VILLAGE_STEP_M = 150.0, 230.0


@dataclass
class Street:
    """A street: names, rank (1 main … 3 lane) and its pieces, each a list of corners."""

    name: str
    name_en: str
    rank: int
    pieces: list[list[int]] = field(default_factory=list)


@dataclass(frozen=True)
class Address:
    """A house: its street, number, and spot beside the street."""

    street: str
    street_en: str
    number: int
    at: Spot


@dataclass
class Net:
    """The street net: corners, streets, and which street joins two corners; ``main`` lists the corners of a village's street."""

    at: list[Spot] = field(default_factory=list)
    streets: list[Street] = field(default_factory=list)
    joined: dict[int, dict[int, int]] = field(default_factory=dict)
    main: dict[str, list[int]] = field(default_factory=dict)
    lanes: dict[int, list[int]] = field(default_factory=dict)

    def corner(self, at: Spot) -> int:
        self.at.append(at)
        self.joined[len(self.at) - 1] = {}
        return len(self.at) - 1

    def street(self, name: tuple[str, str], rank: int, pieces: list[list[int]]) -> None:
        """Lay a street along pieces of corners."""
        self.streets.append(Street(name[0], name[1], rank, pieces))
        for piece in pieces:
            for a, b in zip(piece, piece[1:], strict=False):
                self.joined[a][b] = self.joined[b][a] = len(self.streets) - 1

    def way(self, corners: list[int]) -> list[Spot]:
        return [self.at[corner] for corner in corners]

    def route(self, start: int, end: int) -> list[int]:
        """Corners of the shortest way, main roads preferred."""
        cost, came, queue = {start: 0.0}, {start: start}, [(0.0, start)]
        while queue:
            done, here = heapq.heappop(queue)
            if here == end:
                break
            for other, street in self.joined[here].items():
                more = apart(self.at[here], self.at[other]) * (0.9 + 0.1 * self.streets[street].rank)
                if done + more < cost.get(other, math.inf):
                    cost[other], came[other] = done + more, here
                    heapq.heappush(queue, (done + more, other))
        found = [end]
        while found[-1] != start:
            found.append(came[found[-1]])
        return found[::-1]

    def address(self, a: int, b: int, metres: float, *, is_left: bool) -> Address:
        """The house so many metres from corner ``a`` towards ``b``, by the numbers of the street's own direction."""
        street = self.streets[self.joined[a][b]]
        piece = next(p for p in street.pieces if b in _next_to(p, a))
        is_along = piece.index(a) < piece.index(b)
        first = piece.index(a if is_along else b)
        start = (first_number(self, street, piece) - 1) * NUMBER_M / 2 + length(self.way(piece[: first + 1]))
        on = along([self.at[a], self.at[b]], metres)
        spot = beside(self.at[a], self.at[b], on, 14.0 if is_left else -14.0)
        own = metres if is_along else apart(self.at[a], self.at[b]) - metres
        is_odd = is_left == is_along
        number = 2 * int((start + own) / NUMBER_M) + (1 if is_odd else 2)
        return Address(street.name, street.name_en, number, spot)


def _next_to(piece: list[int], corner: int) -> list[int]:
    if corner not in piece:
        return []
    i = piece.index(corner)
    return piece[max(i - 1, 0) : i] + piece[i + 1 : i + 2]


def first_number(net: Net, street: Street, piece: list[int]) -> int:
    """House number at the first corner of a piece: numbers run on over its pieces; always odd."""
    done = 0.0
    for other in street.pieces:
        if other is piece:
            break
        done += length(net.way(other))
    return 2 * int(done / NUMBER_M) + 1


def last_number(net: Net, street: Street, piece: list[int]) -> int:
    """House number at the last corner of a piece."""
    return first_number(net, street, piece) + 2 * int(length(net.way(piece)) / NUMBER_M)


def warped(u: float, v: float) -> Spot:
    """Spot of the regular net as it really lies: streets follow the old fields."""
    return (
        u + 70 * math.sin(v / 900 + 0.6) + 45 * math.sin(u / 1100),
        v + 80 * math.sin(u / 1300 + 0.4) + 30 * math.sin(v / 700),
    )


def corner(column: int, row: int) -> int:
    """Number of a corner of the city's net."""
    return column * ROWS + row


def lay() -> Net:
    """The whole net; the same for the same seed."""
    net, rng = Net(), Random(f"{SEED}:streets")
    for column in range(COLUMNS):
        for row in range(ROWS):
            x, y = warped(column * STEP_M, row * STEP_M)
            net.corner((x + rng.uniform(-16, 16), y + rng.uniform(-16, 16)))
    for row in range(ROWS):
        net.street(names.ROWS[row], _rank(row), [[corner(c, row) for c in range(COLUMNS)]])
    for column in range(COLUMNS):
        pieces = [[corner(column, r) for r in range(ROWS)]]
        if column % 2:  # only every second street has a bridge
            pieces = [pieces[0][: RIVER_ROW + 1], pieces[0][RIVER_ROW + 1 :]]
        net.street(names.COLUMNS[column], _rank(column), pieces)
    for village in VILLAGES:
        _village(net, village.name, rng)
    _road(net, "陈家店", "河湾村", ("陈河公路", "Chenhe Road"), rng)
    return net


def _rank(number: int) -> int:
    return 1 if number % 4 == 0 else 2 if number % 2 == 0 else 3


def _village(net: Net, name: str, rng: Random) -> None:
    """The road to a village, its main street going on in the same direction, and a lane across at every transformer."""
    row = next(v for v in VILLAGES if v.name == name)
    if "," in row.road_from:
        start = corner(*(int(part) for part in row.road_from.split(",")))
    else:
        start = net.main[row.road_from][-1]
    entry = (row.at_km[0] * 1000, row.at_km[1] * 1000)
    corners = _bends(net, start, entry, rng)
    net.street((f"{name}路", f"{row.name_en} Road"), 2, [corners])
    here, before = entry, net.at[start]
    size = apart(before, entry)
    ahead = ((entry[0] - before[0]) / size, (entry[1] - before[1]) / size)
    main = [corners[-1]]
    for n in range(1, row.areas):
        far = n * VILLAGE_STEP_M
        main.append(net.corner((here[0] + ahead[0] * far, here[1] + ahead[1] * far + rng.uniform(-12, 12))))
    net.main[name] = main
    if len(main) > 1:
        net.street((f"{name}中街", f"{row.name_en} Main Street"), 2, [main])
    for n, crossing in enumerate(main, start=1):
        x, y = net.at[crossing]
        ends = [
            net.corner((x - side * ahead[1] * LANE_M, y + side * ahead[0] * LANE_M + rng.uniform(-9, 9)))
            for side in (1, -1)
        ]
        net.lanes[crossing] = ends
        net.street((f"{name}{n}巷", f"{row.name_en} Lane {n}"), 3, [[ends[0], crossing, ends[1]]])


def _road(net: Net, start: str, end: str, name: tuple[str, str], rng: Random) -> None:
    a, b = net.main[start][-1], net.main[end][-1]
    corners = _bends(net, a, net.at[b], rng)
    corners[-1] = b
    net.street(name, 2, [corners])


def _bends(net: Net, start: int, end: Spot, rng: Random) -> list[int]:
    """Corners of a road with a bend about every 400 m."""
    here = net.at[start]
    count = max(int(apart(here, end) / 400), 1)
    corners = [start]
    for n in range(1, count + 1):
        share = n / count
        shake = 0.0 if n == count else rng.uniform(-45, 45)
        corners.append(
            net.corner(
                (here[0] + share * (end[0] - here[0]) + shake, here[1] + share * (end[1] - here[1]) - shake)
            )
        )
    return corners
