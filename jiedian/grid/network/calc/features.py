"""底图要素: streets, water, districts, blocks and places as they are kept, and what the words of OpenStreetMap mean here."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from jiedian.core.findings import refuse

Point = tuple[float, float]
KINDS = ("street", "water", "park", "district", "block", "place", "address")
WHATS = (
    *("hospital", "school", "station", "market", "village"),
    *("estate", "factory", "government", "park", "other"),
)
"""What a place may be."""


@dataclass(frozen=True)
class Feature:
    """One thing of the base map: its kind, names, and parts of (longitude, latitude) in WGS-84 degrees.

    ``parts`` are lines, or with ``is_area`` rings (holes among them: even-odd), or one point. ``rank`` of a street is
    1 main … 3 lane; ``first`` and ``last`` are its house numbers at its first and last point, odd on the left. ``what`` is
    a place's kind; an address has its street in ``name`` and its number in ``first``.
    """

    kind: str
    name: str
    name_en: str
    parts: tuple[tuple[Point, ...], ...]
    is_area: bool = False
    rank: int = 3
    what: str = ""
    first: int | None = None
    last: int | None = None

    def called(self, is_zh: bool) -> str:
        """Name in the reader's language; the other one where it has none."""
        return (self.name or self.name_en) if is_zh else (self.name_en or self.name)


MAIN = ("motorway", "trunk", "primary")
MIDDLE = ("secondary", "tertiary")
LANES = ("residential", "unclassified", "living_street", "service", "pedestrian", "road")
AMENITIES = {
    **dict.fromkeys(("hospital", "clinic"), "hospital"),
    **dict.fromkeys(("school", "kindergarten", "university", "college"), "school"),
    **dict.fromkeys(("bus_station", "ferry_terminal"), "station"),
    "marketplace": "market",
    **dict.fromkeys(("townhall", "police", "courthouse", "fire_station", "public_building"), "government"),
}
PLACES = {
    **dict.fromkeys(("village", "hamlet", "isolated_dwelling"), "village"),
    "city_block": "estate",
}
DISTRICTS = ("city", "town", "borough", "suburb", "quarter", "neighbourhood")
BLOCKS = ("residential", "commercial", "retail", "industrial", "institutional", "education")
GREEN = ("park", "garden", "nature_reserve", "recreation_ground", "pitch")


def meaning_of(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """Kind, rank and ``what`` of a feature by the words of OpenStreetMap; None for what no map here shows.

    >>> meaning_of({"highway": "secondary_link"}), meaning_of({"amenity": "school", "name": "小学"})
    ({'kind': 'street', 'rank': 2}, {'kind': 'place', 'what': 'school'})
    >>> meaning_of({"barrier": "wall"}) is None
    True
    """
    highway = tags.get("highway", "").removesuffix("_link")
    for rank, words in enumerate((MAIN, MIDDLE, LANES), start=1):
        if highway in words:
            return {"kind": "street", "rank": rank}
    if tags.get("waterway") in ("river", "canal", "stream", "riverbank") or tags.get("natural") == "water":
        return {"kind": "water"}
    if tags.get("addr:street") and tags.get("addr:housenumber"):
        return {"kind": "address"}
    what = _what(tags)
    if what:
        return {"kind": "place", "what": what}
    if tags.get("leisure") in GREEN or tags.get("landuse") in ("grass", "forest", "recreation_ground"):
        return {"kind": "park"}
    if tags.get("boundary") == "administrative" or tags.get("place") in DISTRICTS:
        return {"kind": "district"}
    return {"kind": "block"} if tags.get("landuse") in BLOCKS else None


def _what(tags: Mapping[str, str]) -> str:
    """What a named place is; nothing when it has no name or is none."""
    if not (tags.get("name") or tags.get("name:en")):
        return ""
    if tags.get("place") in PLACES:
        return PLACES[tags["place"]]
    if tags.get("railway") == "station" or tags.get("public_transport") == "station":
        return "station"
    if tags.get("shop") in ("supermarket", "mall", "department_store"):
        return "market"
    if tags.get("man_made") == "works" or tags.get("building") == "industrial":
        return "factory"
    if tags.get("office") == "government":
        return "government"
    if tags.get("amenity"):
        return AMENITIES.get(tags["amenity"], "other")
    return "estate" if tags.get("building", "no") != "no" else ""


def pack(features: tuple[Feature, ...]) -> bytes:
    """Features as compressed JSON; ``unpack`` opens them again."""
    return zlib.compress(json.dumps([asdict(row) for row in features], ensure_ascii=False).encode(), 6)


def unpack(content: bytes) -> tuple[Feature, ...]:
    """The features as packed. Raises Refused when the bytes are something else."""
    try:
        rows = [Feature(**row) for row in json.loads(zlib.decompress(content))]
    except (ValueError, TypeError, zlib.error) as error:
        raise refuse("basemap.pack") from error
    return tuple(
        replace(row, parts=tuple(tuple((p[0], p[1]) for p in part) for part in row.parts)) for row in rows
    )
