"""Country of the made-up city: overhead feeders with poles, sectionalisers and ties, pole transformers, the 35 kV line."""

from dataclasses import dataclass, field

from . import lowvoltage
from .ground import Spot, along, between, length
from .lowvoltage import Area
from .plan import COUNTRY, NORTH, VILLAGES, CountryRow, VillageRow
from .rings import Yards
from .stations import Station, name_feeder
from .wiring import PF

POLE_M, NODE_M, TOWER_M = 60.0, 420.0, 1100.0
WORKS_KVA = 200
"""Every village has one works of this size."""
LINE_35 = "LGJ-150/35"


@dataclass
class Trunk:
    """A feeder on poles as it is strung: the last bus, how far it is from the station, and its poles by corner."""

    name: str
    conductor: str
    bus: str
    metres: float = 0.0
    poles: dict[int, str] = field(default_factory=dict)
    lines: int = 0
    head: str = ""

    def number(self) -> int:
        return int(self.metres / POLE_M) + 1


def build(yards: Yards) -> None:
    """Every overhead feeder with its villages, then the ties."""
    strung = {row.name: _feeder(yards, row) for row in COUNTRY}
    for row in COUNTRY:
        if row.tie:
            _tie(yards, strung[row.name], strung[row.tie])


def _feeder(yards: Yards, row: CountryRow) -> Trunk:
    station = yards.stations[row.station]
    villages = [next(v for v in VILLAGES if v.name == name) for name in row.villages]
    kw = sum(v.areas * v.kva * v.loaded + WORKS_KVA * 0.5 for v in villages) * PF
    section = station.section(kw)
    trunk = Trunk(row.name, row.trunk, station.sections[section])
    here, way = station.corner, [station.at]
    for n, village in enumerate(villages):
        main = yards.net.main[village.name]
        way += yards.net.way(yards.net.route(here, main[0]))
        _string(yards, trunk, way, main[0])
        if n:
            _sectionalise(yards, trunk, way[-1])
        _village(yards, trunk, village, main)
        here, way = main[-1], []
    name_feeder(yards.w, station, section, row.name, trunk.head)
    return trunk


def _string(yards: Yards, trunk: Trunk, way: list[Spot], end: int) -> None:
    """Poles with a node every few hundred metres, to a pole at the corner where the way ends."""
    size = length(way)
    count = max(round(size / NODE_M), 1)
    start = trunk.metres
    for n in range(1, count + 1):
        trunk.metres = start + size * n / count
        pole = yards.w.bus(f"{trunk.name}#{trunk.number():03d}杆", 10.0, along(way, size * n / count))
        _span(yards, trunk, pole, between(way, size * (n - 1) / count, size * n / count))
    trunk.poles[end] = trunk.bus


def _span(yards: Yards, trunk: Trunk, pole: str, way: list[Spot]) -> None:
    trunk.lines += 1
    code = yards.w.line(f"{trunk.name}{trunk.lines:02d}段", trunk.bus, pole, trunk.conductor, way)
    trunk.head = trunk.head or code
    trunk.bus = pole


def _sectionalise(yards: Yards, trunk: Trunk, at: Spot) -> None:
    """A pole switch: what follows hangs on its far side."""
    far = yards.w.bus(f"{trunk.name}#{trunk.number():03d}杆大号侧", 10.0, at)
    yards.w.link(f"{trunk.name}{trunk.number():03d}杆分段开关", trunk.bus, far, closed=True)
    trunk.bus = far


def _village(yards: Yards, trunk: Trunk, village: VillageRow, main: list[int]) -> None:
    """A pole transformer at every crossing of the main street; circuits into both lanes and along the street."""
    net, w = yards.net, yards.w
    for n, crossing in enumerate(main):
        if n:
            _string(yards, trunk, net.way(main[n - 1 : n + 1]), crossing)
        ways = [net.way([crossing, end]) for end in net.lanes[crossing]]
        if n + 1 < len(main):
            street = net.way(main[n : n + 2])
            ways.append(between(street, 0.0, length(street) * 0.6))
        area = Area(
            f"{village.name}#{n + 1}公变", village.kva, village.loaded, "village", village.tap,
            "BLV-70" if n % 2 and village.kva < 300 else "BLV-120", "杆", 50.0, village.pv_kwp,
        )  # fmt: skip
        posts = lowvoltage.build(w, area, trunk.bus, net.at[crossing], ways)
        yards.posts.setdefault(village.name, []).extend(posts)
    works = w.bus(f"{village.name}#1专变", 10.0, net.at[net.lanes[main[0]][1]])
    lane = net.way([main[0], net.lanes[main[0]][1]])
    w.line(f"{village.name}1号专变支线", trunk.poles[main[0]], works, "LGJ-50", lane)
    w.load(works, WORKS_KVA * 0.5 * PF, "factory")


def _tie(yards: Yards, one: Trunk, other: Trunk) -> None:
    """A line between the ends of two feeders, its switch at the other's pole open."""
    start = next(corner for corner, bus in reversed(one.poles.items()))
    routes = [yards.net.route(start, corner) for corner in other.poles]
    path = min(routes, key=lambda path: length(yards.net.way(path)))
    to = other.poles[path[-1]]
    way, code = yards.net.way(path), f"{one.name}{other.name}联络段"
    yards.w.line(code, one.bus, to, one.conductor, way, closed=False)


def high_line(yards: Yards, north: Station, to: Station, high_bus: str) -> None:
    """Two 35 kV lines from the station in the north; the second is open at its far end."""
    x, y = NORTH[1][0] * 1000, NORTH[1][1] * 1000
    for n, word in enumerate(("一", "二")):
        name = f"北柳{word}线"
        shift = 30.0 * n
        way = [
            (x, y),
            (x - 900, y - 120 + shift),
            (x - 3600, y - 560 + shift),
            (to.at[0] + 700, to.at[1] + 900 + shift),
            to.at,
        ]
        size, before = length(way), north.sections[n]
        count = round(size / TOWER_M)
        for k in range(1, count):
            tower = yards.w.bus(
                f"{name}#{int(size * k / count / 220) + 1:02d}塔", 35.0, along(way, size * k / count)
            )
            piece = between(way, size * (k - 1) / count, size * k / count)
            code = yards.w.line(f"{name}{k:02d}段", before, tower, LINE_35, piece)
            if k == 1:
                name_feeder(yards.w, north, n, name, code)
            before = tower
        last = between(way, size * (count - 1) / count, size)
        yards.w.line(f"{name}{count:02d}段", before, high_bus, LINE_35, last, closed=n == 0)
