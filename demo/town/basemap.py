"""Base map of the made-up city as GeoJSON: streets with house numbers, river, parks, districts, blocks, places."""

import math
from typing import Any

from . import names
from .blocks import Block
from .ground import Spot, lonlat
from .plan import VILLAGES
from .stations import Station
from .streets import Net, corner, first_number, last_number, warped

NAME = "示范市（虚构）"
NOTE = "虚构的城市：街道、地名、门牌和电网都由程序按规则生成，不指任何真实地方 · Made up by rule; no real place is meant"
WHAT = {
    "H": "hospital", "S": "school", "Z": "station", "M": "market", "G": "government", "F": "factory", "L": "factory",
    "P": "park", "C": "other", "T": "other",
}  # fmt: skip
QUARTERS = (
    ("老城", 0, 4, 6, 8), ("学府", 6, 4, 16, 8), ("城北", 0, 8, 9, 12), ("高新", 9, 8, 16, 12), ("河南", 0, 0, 6, 4),
    ("工业", 6, 0, 16, 4),
)  # fmt: skip
"""District, and its corners: west, south, east, north."""
RIVER = ("云溪", "Yunxi River")
INSET = 0.92


def river_at(u: float) -> float:
    """North of the regular net at which the river's middle flows."""
    return 1225.0 + 75.0 * math.sin(u / 640.0)


def river() -> list[Spot]:
    """The river's banks, right and left, as one ring."""
    us = [-3600.0 + 150.0 * k for k in range(int(12_000 / 150) + 1)]
    south = [warped(u, river_at(u) - 42 - 6 * math.sin(u / 300)) for u in us]
    north = [warped(u, river_at(u) + 42 + 6 * math.cos(u / 410)) for u in us]
    return [*south, *reversed(north), south[0]]


def collection(net: Net, every: list[Block], stations: dict[str, Station]) -> dict[str, Any]:
    """The whole map as one FeatureCollection."""
    features = [_area("water", river(), name=RIVER[0], name_en=RIVER[1])]
    features += [_district(net, *row) for row in QUARTERS]
    for block in every:
        kind = "park" if block.letter == "P" else "block"
        named = {"name": block.name, "name_en": block.name_en} if kind == "park" else {}
        features.append(_area(kind, _inset(block), **named))
    features += _streets(net)
    features += [_place(b.middle, b.name, b.name_en, WHAT.get(b.letter, "estate")) for b in every]
    features += [
        _place(net.at[net.main[village.name][0]], village.name, village.name_en, "village")
        for village in VILLAGES
    ]
    features += [
        _place(station.at, name, names.station_en(name), "other") for name, station in stations.items()
    ]
    return {"type": "FeatureCollection", "name": NAME, "is_made_up": True, "note": NOTE, "features": features}


def _streets(net: Net) -> list[dict[str, Any]]:
    return [
        _feature(
            "LineString",
            [lonlat(at) for at in net.way(piece)],
            kind="street",
            name=street.name,
            name_en=street.name_en,
            rank=street.rank,
            first=first_number(net, street, piece),
            last=last_number(net, street, piece),
        )
        for street in net.streets
        for piece in street.pieces
    ]


def _district(net: Net, word: str, west: int, south: int, east: int, north: int) -> dict[str, Any]:
    ring = [corner(c, south) for c in range(west, east)] + [corner(east, r) for r in range(south, north)]
    ring += [corner(c, north) for c in range(east, west, -1)] + [
        corner(west, r) for r in range(north, south, -1)
    ]
    name, name_en = names.DISTRICTS[word]
    return _area("district", net.way([*ring, ring[0]]), name=name, name_en=name_en)


def _inset(block: Block) -> list[Spot]:
    x, y = block.middle
    return [(x + INSET * (a - x), y + INSET * (b - y)) for a, b in block.round]


def _area(kind: str, ring: list[Spot], **more: Any) -> dict[str, Any]:
    return _feature("Polygon", [[lonlat(at) for at in ring]], kind=kind, **more)


def _place(at: Spot, name: str, name_en: str, what: str) -> dict[str, Any]:
    return _feature("Point", lonlat(at), kind="place", name=name, name_en=name_en, what=what)


def _feature(shape: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": shape, "coordinates": coordinates},
    }
