"""The made-up city as a whole: streets, blocks, the network on them, a measured year; the same for the seed."""

from dataclasses import dataclass
from typing import Any

from jiedian.grid.circuit.calc.network import Network

from . import basemap, country, load, rings, stations
from .blocks import blocks
from .ground import beside
from .plan import NORTH, STATIONS, TOWN
from .rings import Yards
from .stations import Station, Yard
from .streets import Net, corner, lay
from .wiring import Wiring

PV_SHARE = 0.5
"""What roofs give of their rated power at the hour of the peak: a hot afternoon."""
HELD_PU = 1.03


@dataclass(frozen=True)
class City:
    """All of it: the network, monthly peaks by device, and the base map as GeoJSON."""

    network: Network
    peaks: load.Peaks
    basemap: dict[str, Any]


def make() -> City:
    """Make the city. A few seconds."""
    net = lay()
    every = blocks(net)
    yards = _yards(net)
    rings.build(yards, every)
    country.build(yards)
    network = yards.w.network(PV_SHARE)
    return City(
        network,
        load.peaks(network, yards.w, PV_SHARE),
        basemap.collection(net, every, yards.stations),
    )


def _yards(net: Net) -> Yards:
    """The stations, those of 35 kV and the line between them."""
    w = Wiring()
    found: dict[str, Station] = {}
    for row in STATIONS:
        here = corner(*row.at)
        at = beside(net.at[here], net.at[here + 1], net.at[here], 28.0)
        mains = tuple(int(mva * 1000) for mva in row.mains_mva)
        found[row.name] = stations.build(w, Yard(row.name, at, here, 110.0, 10.0, mains, row.tap, HELD_PU))
    name, km, mva = NORTH
    spot = (km[0] * 1000, km[1] * 1000)
    mains = (int(mva * 1000),) * 2
    north = stations.build(w, Yard(name, spot, -1, 110.0, 35.0, mains, 1.0875, HELD_PU))
    town, small = TOWN
    main = net.main["柳镇"]
    at = beside(net.at[main[0]], net.at[main[1]], net.at[main[0]], 28.0)
    found[town] = stations.build(w, Yard(town, at, main[0], 35.0, 10.0, (int(small * 1000),) * 2, 1.0375))
    yards = Yards(w, net, found)
    country.high_line(yards, north, found[town], f"{town}35kV母线")
    return Yards(w, net, found | {name: north})
