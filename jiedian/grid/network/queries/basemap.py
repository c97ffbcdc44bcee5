"""The base map in force, unpacked once and kept by the process; what stands around a place, and how a device is called in English."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from math import inf
from time import monotonic

import numpy as np
from django.db.models import Max, Min
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.core.sourced import Sourced
from jiedian.core.spelling import CHINESE, Speller
from jiedian.core.words import is_chinese
from jiedian.grid.circuit.calc.network import Reals
from jiedian.ground.rulebook.services import load
from jiedian.shell.atlas import Ground

from ..calc.features import Feature, Point, unpack
from ..calc.find import METRES, inside
from ..models import BaseMap, Device

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
AROUND = 0.05
"""Degrees around a grid within which a base map is still one of it."""


@dataclass(frozen=True)
class BaseMapNow:
    """The base map in force: what it is called, whether it is made up, and its features; without one all is empty."""

    pk: int = 0
    name: str = ""
    note: str = ""
    is_made_up: bool = False
    features: tuple[Feature, ...] = ()


def ground_now() -> BaseMapNow:
    """The base map that was taken in last and not undone: one query."""
    found = BaseMap.objects.filter(undone_at=None).values_list("pk", "name", "note", "is_made_up").first()
    return BaseMapNow(*found, features_of(found[0])) if found else BaseMapNow()


@lru_cache(maxsize=2)
def features_of(map_id: int) -> tuple[Feature, ...]:
    """Features of a base map, each once: a park drawn as land and told as a place too is one. It never changes, so they are kept."""
    rows = unpack(bytes(BaseMap.objects.values_list("snapshot", flat=True).get(pk=map_id)))
    land = [row for row in rows if row.is_area and row.name and row.kind in ("park", "water")]
    return tuple(row for row in rows if row.kind != "place" or not any(_is_in(row, one) for one in land))


def _is_in(place: Feature, land: Feature) -> bool:
    """True of a place that has the name of some land and lies on it or at its gate."""
    if place.name != land.name:
        return False
    lons, lats = zip(*(point for part in land.parts for point in part), strict=True)
    lon, lat = place.parts[0][0]
    return bool(min(lons) - GATE <= lon <= max(lons) + GATE and min(lats) - GATE <= lat <= max(lats) + GATE)


GATE = 0.003
"""Degrees around some land within which its gate stands."""


def base_maps(shown: int = 20) -> list[BaseMap]:
    """The latest base maps first, without what is in them."""
    return list(BaseMap.objects.defer("snapshot")[:shown])


def grid_box() -> Box | None:
    """Box around the city's grid and a little more; None without places."""
    placed = Device.objects.filter(grid__is_city=True, is_retired=False, lon__isnull=False)
    found = placed.aggregate(west=Min("lon"), south=Min("lat"), east=Max("lon"), north=Max("lat"))
    if found["west"] is None:
        return None
    return (
        found["west"] - AROUND,
        found["south"] - AROUND,
        found["east"] + AROUND,
        found["north"] + AROUND,
    )


def backdrop() -> tuple[Ground, ...]:
    """The base map in force as a map draws it, its names in the reader's language."""
    now = ground_now()
    return _drawn(now.pk, (get_language() or "zh").startswith("zh")) if now.pk else ()


@lru_cache(maxsize=4)
def _drawn(map_id: int, is_zh: bool) -> tuple[Ground, ...]:
    shown = (row for row in features_of(map_id) if row.kind != "address")
    return tuple(
        Ground(row.kind, row.parts, row.is_area, row.rank, row.called(is_zh), row.what) for row in shown
    )


@lru_cache(maxsize=2)
def blocks_of(map_id: int) -> tuple[tuple[tuple[Point, ...], ...], ...]:
    """The rings of every block of a base map; its parks are none, nobody lives there."""
    return tuple(row.parts for row in features_of(map_id) if row.kind == "block" and row.is_area)


NEAR_M = 1000.0
"""What stands farther away says nothing of a place."""
EVERY_M = 50.0
"""A street is looked at every so many metres."""
NAMED = ("street", "place", "park")


@dataclass(frozen=True)
class _Marks:
    """Points of what has a name, as (longitude, latitude) in degrees, and of which feature each is."""

    at: Reals
    owner: Sequence[Feature]


def surroundings(place: Point, *, but: str = "") -> str:
    """Words for what stands around a place: its district, the nearest street and the nearest place within a kilometre.

    ``but`` is the name of the place itself, which is left out; empty where no base map says anything.
    """
    now = ground_now()
    if not now.pk:
        return ""
    is_zh = (get_language() or "zh").startswith("zh")
    district = district_at(place)
    words = [district] if district else []
    near = [name for one in NAMED if (name := _nearest(now.pk, one, place, is_zh, but))]
    if near:
        words.append(_("近%(names)s") % {"names": ("、" if is_zh else ", ").join(near[:2])})
    return " · ".join(words)


def district_at(place: Point) -> str:
    """District in which a place lies, in the reader's language; empty where no base map says so."""
    is_zh = (get_language() or "zh").startswith("zh")
    now = ground_now()
    rows = _districts(now.pk) if now.pk else ()
    return next((row.called(is_zh) for row in rows if inside(place, row.parts)), "")


@lru_cache(maxsize=2)
def _districts(map_id: int) -> tuple[Feature, ...]:
    return tuple(row for row in features_of(map_id) if row.kind == "district" and row.is_area and row.name)


@lru_cache(maxsize=6)
def _marks(map_id: int, kind: str) -> _Marks:
    at: list[Point] = []
    owner: list[Feature] = []
    for row in features_of(map_id):
        if row.kind == kind and (row.name or row.name_en):
            found = [point for part in row.parts for point in _along(part)]
            at += found
            owner += [row] * len(found)
    return _Marks(np.array(at, dtype=float).reshape(-1, 2), owner)


def _along(part: Sequence[Point]) -> list[Point]:
    """Points of a line, at most ``EVERY_M`` apart."""
    found = list(part[:1])
    for (ax, ay), (bx, by) in pairwise(part):
        n = min(max(int(np.hypot(bx - ax, by - ay) * METRES / EVERY_M), 1), 200)
        found += [(ax + (bx - ax) * k / n, ay + (by - ay) * k / n) for k in range(1, n + 1)]
    return found


def _nearest(map_id: int, kind: str, place: Point, is_zh: bool, but: str) -> str:
    marks = _marks(map_id, kind)
    if not marks.owner:
        return ""
    flat = np.cos(np.radians(place[1]))
    away = np.hypot((marks.at[:, 0] - place[0]) * flat, marks.at[:, 1] - place[1]) * METRES
    for row in np.argsort(away)[:400]:
        if away[row] > NEAR_M:
            break
        feature = marks.owner[int(row)]
        if not but or but not in (feature.name, feature.name_en):
            return feature.called(is_zh)
    return ""


ENDINGS = ("路", "街", "巷", "大道", "村", "片区", "小区", "公园")
"""Ends of names whose beginning is a name too: 学府路 and 学府."""


@dataclass(frozen=True)
class SyllableRow(Sourced):
    """A syllable, and the Chinese letters that are read so in names."""

    id: str
    letters: str


@dataclass(frozen=True)
class DeviceWordRow(Sourced):
    """A word of the trade in the name of a device."""

    id: str
    name_zh: str
    name_en: str


def english(name: str) -> str:
    """A device's name in English by rule; as it stands where it is no Chinese name or a letter of it is not known."""
    if not CHINESE.search(name):
        return name
    return _spelt(_map_id(), name) or name


_kept: list[tuple[float, int]] = []
KEPT_S = 60
"""How long a process goes by the base map it has asked for: a page has many names."""


def _map_id() -> int:
    """The base map in force, asked for once a minute."""
    if not _kept or monotonic() - _kept[0][0] > KEPT_S:
        _kept[:] = [(monotonic(), ground_now().pk)]
    return _kept[0][1]


def spell_without_map() -> None:
    """Spell names by the rules of letters and words alone from now on: for commands on files, which have no database."""
    _kept[:] = [(inf, 0)]


def forget_names() -> None:
    """Ask for the base map again at the next name."""
    _kept.clear()
    _spelt.cache_clear()


def device_name(name: str) -> str:
    """A device's name in the reader's language, as plain text."""
    return name if is_chinese(get_language() or "zh") else english(name)


def grid_title(name: str) -> str:
    """Name of a grid in the reader's language, where it is given in both as ``中文 · English``; else as it stands."""
    parts = name.split(" · ")
    is_both = len(parts) == 2 and [bool(CHINESE.search(part)) for part in parts] == [True, False]
    return parts[0 if is_chinese(get_language() or "zh") else 1] if is_both else name


def device_mark(name: str) -> SafeString | str:
    """The same on a page: a name that stays Chinese among English says so, an English one keeps the Chinese beside it."""
    said = device_name(name)
    if said == name:
        is_foreign = CHINESE.search(name) and not is_chinese(get_language() or "zh")
        return format_html('<span lang="zh">{}</span>', name) if is_foreign else name
    return format_html('<span title="{}">{}</span>', name, said)


def letters(name: str) -> str:
    """A Chinese name letter by letter in Latin script, as people type it; empty where one is not known."""
    known = _syllables()
    parts = [known.get(c, "" if CHINESE.match(c) else c) for c in name]
    return "".join(parts) if all(parts) else ""


@cache
def _syllables() -> dict[str, str]:
    return {c: row.id for row in load("grid/syllables.csv", SyllableRow) for c in row.letters}


@lru_cache(maxsize=4096)
def _spelt(map_id: int, name: str) -> str:
    return _speller(map_id).english(name)


@lru_cache(maxsize=2)
def _speller(map_id: int) -> Speller:
    known: dict[str, str] = {}
    for row in features_of(map_id) if map_id else ():
        if row.name and row.name_en and row.kind != "address":
            known.setdefault(row.name, row.name_en)
            for end in ENDINGS:
                said = row.name_en.split(" ")
                if row.name.endswith(end) and len(row.name) > len(end) + 1 and len(said) == 2:
                    known.setdefault(row.name.removesuffix(end), said[0])
    words = {row.name_zh: row.name_en for row in load("grid/device_words.csv", DeviceWordRow)}
    return Speller(known, words, _syllables())
