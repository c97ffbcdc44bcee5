"""底图文件: a GeoJSON FeatureCollection as features with findings; nothing in it is trusted (RFC 7946)."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.sheets.encodings import decode

from .features import KINDS, WHATS, Feature, Point, meaning_of

CEILING_BYTES = 64 * 1024 * 1024
CEILING_FEATURES, CEILING_POINTS = 200_000, 2_000_000
NAME_LENGTH = 80
DEGREES = re.compile(r"CRS:?84|EPSG:*(4326|4490)\b", re.IGNORECASE)
"""Named systems whose numbers are degrees within a metre of WGS-84: CRS84, EPSG 4326, and CGCS2000 (4490)."""
PACKED = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
"""Key and value in ``other_tags``: ``"amenity"=>"school","name:en"=>"…"``."""
HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
SHAPES = {
    "LineString": ("line", 1, 2),
    "MultiLineString": ("line", 2, 2),
    "Polygon": ("area", 2, 4),
    "MultiPolygon": ("area", 3, 4),
    "Point": ("point", 0, 1),
    "MultiPoint": ("point", 1, 1),
}
"""Geometry type → shape, how deep its positions lie, how many a part needs."""
WANTED = {
    "street": ("line", "area"),
    "water": ("line", "area"),
    "park": ("area", "line"),
    "district": ("area", "point"),
    "block": ("area",),
    "place": ("point", "area"),
    "address": ("point", "area", "line"),
}
"""Shapes a kind may have; a place that is drawn as an area stands at the middle of it."""


@dataclass
class MapFile:
    """A base map as read: its features, what it says of itself, and what was wrong with it."""

    features: tuple[Feature, ...] = ()
    name: str = ""
    note: str = ""
    is_made_up: bool = False
    findings: tuple[Finding, ...] = ()


@dataclass
class _Reading:
    """Findings while reading, each kind once with how many and where the first stood."""

    n: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)
    points: int = 0

    def miss(self, code: str, number: int, words: str = "") -> None:
        self.n[code] += 1
        self.first.setdefault(code, _word(f"features[{number}] {words}"))

    def findings(self) -> tuple[Finding, ...]:
        return tuple(Finding(code, count=n, first=self.first[code]) for code, n in sorted(self.n.items()))


def read_map(content: bytes | dict[str, Any]) -> MapFile:
    """Features of a GeoJSON text or of its already read object. Raises Refused when none can be used."""
    data = content if isinstance(content, dict) else _json(content)
    rows = data.get("features")
    if data.get("type") != "FeatureCollection" or not isinstance(rows, list):
        raise refuse("basemap.not_a_collection")
    crs = _crs(data.get("crs"))
    if crs and not DEGREES.search(crs):
        raise refuse("basemap.crs", crs=crs)
    if len(rows) > CEILING_FEATURES:
        raise refuse("basemap.too_many", count=len(rows), most=CEILING_FEATURES)
    reading = _Reading()
    found = tuple(one for number, row in enumerate(rows) if (one := _feature(row, number, reading)))
    if reading.points > CEILING_POINTS:
        raise refuse("basemap.too_many", count=reading.points, most=CEILING_POINTS)
    if not found:
        raise Refused((Finding("basemap.nothing"), *reading.findings()))
    return MapFile(
        found,
        name=_word(data.get("name")),
        note=_word(data.get("note"), 300),
        is_made_up=data.get("is_made_up") is True,
        findings=reading.findings(),
    )


def _json(content: bytes) -> dict[str, Any]:
    """The object a text holds. Raises Refused for what is no JSON object, is too large or too deep, or has numbers like NaN."""
    if len(content) > CEILING_BYTES:
        raise refuse("basemap.too_large", most_mb=CEILING_BYTES // 1024 // 1024)
    try:
        data = json.loads(decode(content), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        words = error.msg if isinstance(error, json.JSONDecodeError) else type(error).__name__
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        raise refuse("basemap.not_json", words=words, line=line) from error
    if not isinstance(data, dict):
        raise refuse("basemap.not_a_collection")
    return data


def _crs(said: object) -> str:
    """The system a file names, as GeoJSON 2008 has it or as one word; nothing where it names none."""
    if isinstance(said, dict):
        inner = said.get("properties")
        said = inner.get("name") if isinstance(inner, dict) else None
    return _word(said)


def _no_constant(word: str) -> float:
    return math.nan if word == "NaN" else math.inf


def _feature(row: object, number: int, reading: _Reading) -> Feature | None:
    """One feature, or None with a finding why not."""
    if not isinstance(row, dict) or not isinstance(row.get("geometry"), dict):
        reading.miss("basemap.no_geometry", number)
        return None
    tags = _tags(row.get("properties"))
    kind = tags.get("kind", "")
    meaning = {"kind": kind} if kind in KINDS else meaning_of(tags)
    if meaning is None:
        words = kind or "=".join(next(iter(sorted(tags.items())), ()))
        reading.miss("basemap.not_shown", number, words)
        return None
    shape, parts = _shape(row["geometry"], number, reading)
    if not parts:
        return None
    if shape not in WANTED[meaning["kind"]]:
        reading.miss("basemap.shape", number, f"{meaning['kind']} {row['geometry'].get('type')}")
        return None
    return _made(meaning, tags, shape, parts, (number, reading))


def _tags(raw: object) -> dict[str, str]:
    """Properties as words; those that a converter put together in ``tags`` or, as ogr2ogr does, in ``other_tags`` as well."""
    if not isinstance(raw, dict):
        return {}
    nested = raw.get("tags")
    packed = raw.get("other_tags")
    more = dict(PACKED.findall(packed)) if isinstance(packed, str) else {}
    every = more | (nested if isinstance(nested, dict) else {}) | raw
    return {str(key): _word(value) for key, value in every.items()}


def _made(
    meaning: dict[str, Any],
    tags: dict[str, str],
    shape: str,
    parts: list[list[Point]],
    where: tuple[int, _Reading],
) -> Feature | None:
    kind = meaning["kind"]
    name, name_en = tags.get("name", ""), tags.get("name_en") or tags.get("name:en", "")
    if kind in ("place", "address"):
        parts, shape = [[_middle(parts)]], "point"
    numbers: tuple[int | None, int | None] = (None, None)
    if kind == "street":
        numbers = _numbers(tags, where)
    if kind == "address":
        name = tags.get("street") or tags.get("addr:street", "")
        name_en = tags.get("street_en") or tags.get("addr:street:en", "")
        numbers = (_whole(tags.get("number") or tags.get("addr:housenumber", "")), None)
    if kind in ("place", "address") and not (name or name_en):
        where[1].miss("basemap.no_name", where[0], kind)
        return None
    if kind == "address" and numbers[0] is None:
        where[1].miss("basemap.numbers", where[0], name)
        return None
    what = meaning.get("what") or (tags.get("what") if tags.get("what") in WHATS else "other")
    rank = meaning.get("rank") or min(max(_whole(tags.get("rank", "")) or 3, 1), 3)
    return Feature(
        kind,
        name,
        name_en,
        tuple(tuple(part) for part in parts),
        shape == "area",
        rank,
        what if kind == "place" and what else "",
        *numbers,
    )


def _numbers(tags: dict[str, str], where: tuple[int, _Reading]) -> tuple[int | None, int | None]:
    """House numbers at both ends of a street; none of them when one is missing or no number."""
    if not (tags.get("first") or tags.get("last")):
        return None, None
    first, last = _whole(tags.get("first", "")), _whole(tags.get("last", ""))
    if first is None or last is None or first == last:
        where[1].miss("basemap.numbers", where[0], tags.get("name", ""))
        return None, None
    return first, last


def _whole(text: str) -> int | None:
    """A house number: its leading digits, up to 99,999.

    >>> _whole("88号"), _whole("12-3"), _whole("甲"), _whole("0")
    (88, 12, None, None)
    """
    found = re.match(r"[0-9]{1,5}(?![0-9])", text.removesuffix(".0"))
    return int(found[0]) or None if found else None


def _word(value: object, length: int = NAME_LENGTH) -> str:
    """A name as kept: one line, without marks nobody sees, of a length a map can show."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    text = value if isinstance(value, str) else str(value) if abs(value) < 1e9 else ""
    return " ".join(HIDDEN.sub(" ", text).split())[:length]


def _shape(geometry: dict[str, Any], number: int, reading: _Reading) -> tuple[str, list[list[Point]]]:
    """The shape of a geometry (line, area, point) and its parts; no parts, with a finding, when it is none."""
    kind, raw = geometry.get("type"), geometry.get("coordinates")
    if not isinstance(kind, str) or kind not in SHAPES:
        reading.miss("basemap.geometry", number, _word(kind) or type(kind).__name__)
        return "", []
    shape, depth, least = SHAPES[kind]
    try:
        parts = [[_point(p) for p in part] for part in _parts(raw, depth)]
    except OverflowError:
        reading.miss("basemap.not_degrees", number)
        return "", []
    except (TypeError, ValueError):
        reading.miss("basemap.coordinates", number, kind)
        return "", []
    reading.points += sum(map(len, parts))
    parts = [_tidy(part, is_ring=shape == "area") for part in parts]
    good = [part for part in parts if len(part) >= least]
    if not good:
        reading.miss("basemap.too_short", number, kind)
    return shape, good


def _parts(raw: Any, depth: int) -> Iterator[list[Any]]:
    """Lists of positions at a depth of nesting. Raises TypeError when the nesting is another."""
    if depth == 0:
        yield [raw]
    elif not isinstance(raw, list | tuple):
        raise TypeError(raw)
    elif depth == 1:
        yield list(raw)
    else:
        for each in raw:
            yield from _parts(each, depth - 1)


def _point(raw: Any) -> Point:
    """One position. Raises TypeError or ValueError when it is none, OverflowError when it is not in degrees."""
    if not isinstance(raw, list | tuple) or len(raw) < 2 or any(type(v) not in (int, float) for v in raw[:2]):
        raise TypeError(raw)
    lon, lat = raw[:2]
    if not (math.isfinite(lon) and math.isfinite(lat)) or lon == lat == 0:
        raise ValueError(raw)  # no street lies where the equator meets Greenwich: a place that was not known
    if abs(lon) > 180 or abs(lat) > 90:
        raise OverflowError(raw)
    return round(float(lon), 7), round(float(lat), 7)


def _tidy(part: list[Point], *, is_ring: bool) -> list[Point]:
    """A part without a point said twice running; a ring that was left open is closed."""
    kept = [p for i, p in enumerate(part) if i == 0 or p != part[i - 1]]
    return [*kept, kept[0]] if is_ring and kept and kept[0] != kept[-1] else kept


def _middle(parts: list[list[Point]]) -> Point:
    """A point among some: itself, or the mean of the first part (a ring's last point is its first)."""
    part = parts[0][:-1] if len(parts[0]) > 2 and parts[0][0] == parts[0][-1] else parts[0]
    return round(sum(p[0] for p in part) / len(part), 7), round(sum(p[1] for p in part) / len(part), 7)
