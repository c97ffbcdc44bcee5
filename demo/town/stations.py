"""Stations of the made-up city: high-voltage busbar, main transformers, 10 kV sections with open ties, feeder bays."""

from dataclasses import dataclass, field

from .ground import Spot
from .wiring import Wiring

ROMAN = "ⅠⅡⅢⅣ"


@dataclass
class Station:
    """A station as built: where, its sections, how many bays each has, what its feeders will carry (kW)."""

    name: str
    at: Spot
    kv: float
    corner: int
    sections: list[str] = field(default_factory=list)
    bays: list[int] = field(default_factory=list)
    carried: list[float] = field(default_factory=list)

    def section(self, kw: float, *, apart_from: str = "") -> int:
        """The section that carries least, other than one given; it carries ``kw`` more from now on."""
        open_ones = [i for i, bus in enumerate(self.sections) if bus != apart_from]
        chosen = min(open_ones, key=lambda i: (self.carried[i], i))
        self.carried[chosen] += kw
        return chosen

    def bay(self, section: int) -> int:
        """Number of the next bay of a section: 111, 112 … 121 … (35 kV: 311 …)."""
        self.bays[section] += 1
        return (300 if self.kv == 35 else 100) + 10 * (section + 1) + self.bays[section]


@dataclass(frozen=True)
class Yard:
    """Station to be built: name, where, high and low kV, main transformers in kVA, tap, and the voltage held above it."""

    name: str
    at: Spot
    corner: int
    high_kv: float
    low_kv: float
    mains_kva: tuple[int, ...]
    tap: float
    held_pu: float = 0.0
    """0: it is fed by lines."""


def build(w: Wiring, yard: Yard) -> Station:
    """Build a station; one section a main transformer."""
    name = yard.name
    high = w.bus(f"{name}{yard.high_kv:g}kV母线", yard.high_kv, yard.at)
    if yard.held_pu:
        w.sources[high] = yard.held_pu
    station = Station(name, yard.at, yard.low_kv, yard.corner)
    for n, kva in enumerate(yard.mains_kva):
        bus = w.bus(f"{name}{yard.low_kv:g}kV{ROMAN[n]}母", yard.low_kv, yard.at)
        main = w.trafo(f"{name}{n + 1}号主变", high, bus, kva, yard.tap)
        w.names[f"main:{main}"] = f"{name}#{n + 1}主变"
        w.names[f"section:{bus}"] = bus
        if n == 0:
            w.names[f"station:{main}"] = f"{yard.high_kv:g}kV {name}"
        else:
            w.link(f"{name}{ROMAN[n - 1]}{ROMAN[n]}分段开关", station.sections[-1], bus, closed=False)
        station.sections.append(bus)
        station.bays.append(0)
        station.carried.append(0.0)
    return station


def name_feeder(w: Wiring, station: Station, section: int, name: str, head: str) -> None:
    """Name a feeder by its first line: 10kV 学府线 111."""
    w.names[f"feeder:{head}"] = f"{station.kv:g}kV {name} {station.bay(section)}"
