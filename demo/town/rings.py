"""Cable rings of the made-up city: ring-main units along the streets, opened at one point, and a switching station."""

from collections import Counter
from dataclasses import dataclass, field

from . import lowvoltage
from .blocks import Block
from .ground import Spot, apart
from .lowvoltage import Area
from .plan import CUTS, HALL_REACH_M, HALLS, HOTTER, OVERLOADED, RINGS
from .stations import ROMAN, Station, name_feeder
from .streets import Net, corner
from .wiring import PF, Wiring

M_PER_KW = 0.16
"""How much farther a block's cable may be to find a ring that carries a kilowatt less."""
REACH_M = 340.0


@dataclass
class Ring:
    """A ring: its two feeders and stations, the corners it goes by, and the blocks each corner serves."""

    feeders: tuple[str, str]
    stations: tuple[Station, Station]
    path: list[int]
    served: dict[int, list[Block]] = field(default_factory=dict)

    @property
    def kw(self) -> float:
        return sum(block.kva for own in self.served.values() for block in own) * PF


@dataclass
class Yards:
    """Yards from which the feeders are built."""

    w: Wiring
    net: Net
    stations: dict[str, Station]
    units: Counter[str] = field(default_factory=Counter)
    posts: dict[str, list[str]] = field(default_factory=dict)
    """Block name → low-voltage posts."""


def build(yards: Yards, every: list[Block]) -> list[Ring]:
    """Serve every block that takes anything from the ring near it that carries least."""
    rings = [_ring(yards, row) for row in RINGS]
    hall_blocks = _hall(yards, every)
    waiting = [block for block in every if block.kva and block.at not in hall_blocks]
    waiting.sort(key=lambda block: (-block.kva, block.at))
    for block in waiting:
        choices = [
            (apart(yards.net.at[at], block.middle) + M_PER_KW * ring.kw, k, n)
            for k, ring in enumerate(rings)
            for n, at in enumerate(ring.path)
            if n and n < len(ring.path) - 1
        ]
        _, k, n = min(choices)
        rings[k].served.setdefault(n, []).append(block)
    for ring in rings:
        _wire(yards, ring)
    return rings


def _ring(yards: Yards, row: tuple[str, str, str, str, tuple[tuple[int, int], ...]]) -> Ring:
    first, from_station, last, to_station, through = row
    corners = [corner(*at) for at in through]
    path = [corners[0]]
    for a, b in zip(corners, corners[1:], strict=False):
        path += yards.net.route(a, b)[1:]
    return Ring((first, last), (yards.stations[from_station], yards.stations[to_station]), path)


def _wire(yards: Yards, ring: Ring) -> None:
    """Units in order; the ring is opened where about half of the load is on either side."""
    at = sorted(ring.served)
    loads = [sum(block.kva for block in ring.served[n]) for n in at]
    share = CUTS.get(ring.feeders[0], 0.5)
    half = [abs(sum(loads[:k]) - share * sum(loads)) for k in range(1, len(at))]
    cut = half.index(min(half)) + 1 if half else 1
    units = [_unit(yards, ring, n) for n in at]
    one, two = ring.stations
    first = one.section(sum(loads[:cut]) * PF)
    apart_from = one.sections[first] if one is two else ""
    last = two.section(sum(loads[cut:]) * PF, apart_from=apart_from)
    ends = [one.sections[first], *units, two.sections[last]]
    corners = [0, *at, len(ring.path) - 1]
    for k in range(len(ends) - 1):
        way = _cable(yards, ring, corners[k], corners[k + 1])
        if k < cut:
            code = yards.w.line(f"{ring.feeders[0]}{k + 1:02d}段", ends[k], ends[k + 1], "YJV22-3×300", way)
        elif k == cut:
            code = f"{ring.feeders[0]}{ring.feeders[1]}联络段"
            yards.w.line(code, ends[k], ends[k + 1], "YJV22-3×300", way, closed=False)
        else:
            code = f"{ring.feeders[1]}{len(ends) - 1 - k:02d}段"
            yards.w.line(code, ends[k + 1], ends[k], "YJV22-3×300", way[::-1])
        if k == 0:
            name_feeder(yards.w, one, first, ring.feeders[0], code)
        if k == len(ends) - 2:
            name_feeder(yards.w, two, last, ring.feeders[1], code)
    for k, (n, unit) in enumerate(zip(at, units, strict=True)):
        hot = HOTTER.get(ring.feeders[0 if k < cut else 1], 1.0)
        for block in ring.served[n]:
            serve(yards, block, unit, ring.path[n], hot)


def _cable(yards: Yards, ring: Ring, a: int, b: int) -> list[Spot]:
    """Way of the cable between two corners of a ring; at its ends into the station's yard."""
    way = yards.net.way(ring.path[a : b + 1])
    if a == 0:
        way = [ring.stations[0].at, *way]
    if b == len(ring.path) - 1:
        way = [*way, ring.stations[1].at]
    return way


def _unit(yards: Yards, ring: Ring, n: int) -> str:
    """A ring-main unit, called by its street and the next number there."""
    here, before = ring.path[n], ring.path[n - 1]
    street = yards.net.streets[yards.net.joined[before][here]].name
    yards.units[street] += 1
    return yards.w.bus(f"{street}#{yards.units[street]}环网柜", 10.0, yards.net.at[here])


def serve(yards: Yards, block: Block, unit: str, at: int, hot: float) -> None:
    """Public transformers of a block, each on a cable from the unit along the streets; the customer's own load at the unit."""
    row = block.row
    sides = [side for side in range(4) if block.is_street(side)]
    for k, kva in enumerate(row.public):
        side = sides[(k * len(sides) // len(row.public)) % len(sides)]
        box = "箱变" if kva <= 500 else "配电室"
        high = yards.w.bus(f"{block.name}#{k + 1}{box}", 10.0, block.spot(side, 0.5))
        way = block.lead(at, side, 0.5)
        yards.w.line(f"{block.name}{k + 1}号{box}进线", unit, high, "YJV22-3×70", way)
        loaded = OVERLOADED.get(block.at, row.loaded * hot) if k == 0 else row.loaded * hot
        metres = min(REACH_M, 640.0 / len(row.public))
        area = Area(
            f"{block.name}#{k + 1}公变",
            kva,
            loaded,
            row.kind,
            conductor="JKLYJ-1-185" if row.kind == "old" else "2×YJLV22-4×240",
            post="杆" if row.kind == "old" else "分支箱",
            every_m=48.0 if row.kind == "old" else 62.0,
            pv_kwp=_roofs(block) / len(row.public),
        )
        ways = [block.reach(side, 0.5, metres, forward=forward) for forward in (True, False)]
        posts = lowvoltage.build(yards.w, area, high, block.spot(side, 0.5), ways)
        yards.posts.setdefault(block.name, []).extend(posts)
    if row.own_kva:
        # from the unit on it is the customer's own: nobody else is supplied from there
        yards.w.load(unit, row.own_kva * row.own_loaded * hot * PF, row.kind)


def _roofs(block: Block) -> float:
    own = block.row.pv_kwp
    return own or (60.0 if block.letter == "R" and (block.at[0] * 3 + block.at[1]) % 7 == 0 else 0.0)


def _hall(yards: Yards, every: list[Block]) -> set[tuple[int, int]]:
    """Switching stations and the blocks of shops that hang on them; returns those blocks."""
    taken: set[tuple[int, int]] = set()
    for name, *feeders, at in HALLS:
        here = corner(*at)
        near = [b for b in every if b.letter == "C" and apart(b.middle, yards.net.at[here]) < HALL_REACH_M]
        buses: list[str] = []
        for k, (feeder, station_name) in enumerate(feeders):
            bus = yards.w.bus(f"{name}{ROMAN[k]}母", 10.0, yards.net.at[here])
            station = yards.stations[station_name]
            own = near[k::2]
            section = station.section(sum(b.kva for b in own) * PF)
            way = [station.at, *yards.net.way(yards.net.route(station.corner, here))]
            head = yards.w.line(f"{feeder}01段", station.sections[section], bus, "YJV22-3×300", way)
            name_feeder(yards.w, station, section, feeder, head)
            buses.append(bus)
            for block in own:
                serve(yards, block, bus, here, 1.0)
        yards.w.link(f"{name}母联开关", *buses, closed=False)
        taken |= {block.at for block in near}
    return taken
