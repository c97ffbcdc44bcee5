"""Find a place by its name: streets with house numbers, places, and the devices of a grid; and what stands around it."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlencode

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.grid.circuit.calc.ground import distance_m
from jiedian.grid.circuit.calc.meetings import meetings, moved

from ..calc.crossings import aside_of, pairs_of
from ..calc.find import (
    MOST_TYPED,
    SHOWN,
    SURE,
    Entry,
    Hit,
    Shelf,
    entries_of,
    entry_forms,
    find,
    inside,
    typed,
)
from ..models import Device, Grid
from .basemap import district_at, english, features_of, ground_now, letters, surroundings
from .land import land_of

DEVICES = ("station", "feeder", "area")
"""Devices everybody may know by name; nodes and poles are for staff."""


@dataclass(frozen=True)
class Search:
    """Outcome of a search: the places, the one that is meant when there is no doubt, and whether they are only near."""

    text: str
    rows: tuple["Row", ...]
    chosen: "Row | None"
    is_near: bool
    has_streets: bool
    note: str = ""
    """What was understood of the text, where it is not simply a name."""


@dataclass(frozen=True)
class Row:
    """One place in words: its name with the number, what it is, a remark; where it is."""

    name: str
    what: str
    remark: str
    lon: float
    lat: float
    device_id: int = 0
    around: str = ""
    """What stands around it, where another place of the list has its name."""
    device: str = ""  # the query that shows what is published of it, where it is a device

    @property
    def spot(self) -> str:
        """Words that tell it from every other place: its name, what it is, what stands around it; 60 letters at most."""
        return " · ".join(part for part in (self.name, self.what, self.around) if part)[:60]

    @property
    def query(self) -> str:
        """Query that shows a map at this place, with the words for it."""
        return urlencode({"lon": f"{self.lon:.6f}", "lat": f"{self.lat:.6f}", "where": self.name})


def find_place(text: str, grid: Grid | None) -> Search:
    """Places that people mean by a text, on the base map in force and among the named devices of a grid: a crossing of two
    streets, a place with what is written around it, or its name.

    Two queries, and one more for each of the two after they have changed. Nothing typed finds nothing.
    """
    ground = ground_now()
    shelves = _on_map(ground.pk), *([_devices(grid.pk, grid.revision)] if grid else ())
    found = _named(text, text, shelves, has_streets=bool(ground.features))
    if not (pairs_of(text[:MOST_TYPED]) or aside_of(text[:MOST_TYPED])):
        return found
    if any(hit.score == 1.0 and not hit.number for hit in find(text, *shelves)):
        return found
    return _crossing(text, shelves) or _beside(text, shelves) or found


def _named(text: str, name: str, shelves: Sequence[Shelf], *, has_streets: bool = True) -> Search:
    """The places of a name that stands in a text."""
    hits = find(name, *shelves)
    if not hits and (short := without_kind(name)):
        hits = [replace(hit, score=min(hit.score, SURE - 0.01)) for hit in find(short, *shelves)]
    best = [hit for hit in hits if hit.score >= SURE]
    shown = best or hits
    names = [hit.entry.name for hit in shown]
    rows = tuple(_row(hit, is_alone=names.count(hit.entry.name) < 2) for hit in shown)
    is_sure = bool(best) and (len(best) == 1 or best[0].score - best[1].score > 0.015)
    chosen = rows[0] if is_sure and best[0].range is None else None
    return Search(text.strip()[:80], rows, chosen, not best and bool(hits), has_streets)


def _streets(name: str, shelves: Sequence[Shelf]) -> list[Entry]:
    """The streets of a name, which is written without a mistake or with a house number."""
    hits = [hit for hit in find(name, *shelves) if hit.entry.kind == "street" and hit.score >= SURE]
    return [hit.entry for hit in hits if hit.score >= hits[0].score - 0.015]


def _crossing(text: str, shelves: Sequence[Shelf]) -> Search | None:
    """The crossing of two streets; where they do not meet, or where one is no street or a house of it, both, and that it is so.
    None where the text does not name two.
    """
    pairs = pairs_of(text[:MOST_TYPED])
    for one, two in pairs:
        first, second = (() if typed(half)[1] else _streets(half, shelves) for half in (one, two))
        if first and second and not {row.name for row in first} & {row.name for row in second}:
            return _met(text, first, second)
    for one, two in pairs:
        halves = [_named(text, half, shelves) for half in (one, two)]
        rows = dict.fromkeys(row for half in halves for row in half.rows[:3])
        if all(half.rows and not half.is_near for half in halves) and len(rows) > 1:
            note = _("“%(one)s”和“%(two)s”是分开找的：") % {"one": one, "two": two}
            return replace(halves[0], rows=tuple(rows), chosen=None, note=note)
    return None


def _met(text: str, first: Sequence[Entry], second: Sequence[Entry]) -> Search:
    """Where two streets meet; both of them where they do not."""
    is_zh = (get_language() or "zh").startswith("zh")
    names = [(row.name if is_zh else row.name_en) or row.name for row in (first[0], second[0])]
    told = dict(zip(("one", "two"), names, strict=True))
    ways = [[way for row in rows for part in row.streets for way in part.parts] for rows in (first, second)]
    name = _("%(one)s与%(two)s路口") % told
    what = kind_words()["crossing"]
    rows = tuple(
        Row(name, " · ".join(filter(None, (district_at(at), what))), "", *at)
        for at in meetings(*ways)[:SHOWN]
    )
    if rows:
        return Search(text.strip()[:80], rows, rows[0] if len(rows) == 1 else None, False, True)
    both = tuple(_row(Hit(row, row.at, 1.0), is_alone=True) for row in (*first, *second))
    note = _("%(one)s和%(two)s在图上不相交；两条路分别是：") % told
    return Search(text.strip()[:80], both[:SHOWN], None, False, True, note)


def _beside(text: str, shelves: Sequence[Shelf]) -> Search | None:
    """The place that a text describes another one by; as many metres away as it says, else marked at the place it names."""
    aside = aside_of(text[:MOST_TYPED])
    if aside is None or not (known := _named(text, aside.name, shelves)).rows:
        return None
    rows = known.rows
    if aside.bearing is None:
        note = _("按名称找的；“%(word)s”没有算进去，选定后请在图上点到准确的地方：") % {"word": aside.word}
    else:
        note = _("从下面的地方按“%(word)s”直线量的，选定后请在图上核对：") % {"word": aside.word}
        rows = tuple(_away(row, aside.word, aside.bearing, aside.metres) for row in rows)
    return replace(known, rows=rows, chosen=None, note=note)


def _away(row: Row, word: str, bearing: int, metres: int) -> Row:
    lon, lat = moved((row.lon, row.lat), bearing, metres)
    name = f"{row.name}{word}" if (get_language() or "zh").startswith("zh") else f"{row.name}, {word}"
    return replace(row, name=name, lon=lon, lat=lat, device_id=0)


KINDS = re.compile(
    "(?<=..)(?:小区|社区|花园|公寓|大厦|广场|购物中心|商[城场厦]|街道|大道|[村镇乡院楼店厂路街巷站])$| +[a-z]+$",
    re.IGNORECASE,
)
"""Words at the end of a name for what kind of place it is: people put another one, or translate it."""


def without_kind(text: str) -> str:
    """Text without the word at its end for what kind of place it is; empty without one.

    >>> without_kind("桂花小区"), without_kind("Jinjie mall"), without_kind("云溪")
    ('桂花', 'Jinjie', '')
    """
    name = KINDS.sub("", text.strip())
    return name if name != text.strip() else ""


@lru_cache(maxsize=2)
def _on_map(map_id: int) -> Shelf:
    return Shelf(entries_of(features_of(map_id), letters) if map_id else ())


@lru_cache(maxsize=4)
def _devices(grid_id: int, _revision: int) -> Shelf:
    """The named devices of a grid that stand somewhere."""
    rows = Device.objects.filter(
        grid_id=grid_id, kind__in=DEVICES, is_retired=False, lon__isnull=False
    ).values_list("pk", "kind", "name", "code", "lon", "lat")
    return Shelf(
        _device(pk, kind, name, code, (lon or 0.0, lat or 0.0)) for pk, kind, name, code, lon, lat in rows
    )


def _device(pk: int, kind: str, name: str, code: str, at: tuple[float, float]) -> Entry:
    """A device, found by its name in both languages and by its code."""
    said = english(name)
    return Entry(kind, name, said, at, key=pk, code=code, forms=entry_forms(name, said, code))


def _row(hit: Hit, *, is_alone: bool) -> Row:
    """A hit in the reader's language; where it is not alone with its name, with what stands around it."""
    entry, is_zh = hit.entry, (get_language() or "zh").startswith("zh")
    name = (entry.name or entry.name_en) if is_zh else (entry.name_en or entry.name)
    detail = entry.detail if is_zh else entry.detail_en
    if hit.number:
        name = f"{name}{hit.number}号" if is_zh else f"{hit.number} {name}"
        detail = district_at(hit.at) or detail
    remark = ""
    if hit.range:
        remark = _("这条路的门牌是 %(low)s–%(high)s 号，标在最近的一端") % dict(
            zip(("low", "high"), hit.range, strict=True)
        )
    elif hit.number and hit.is_rough:
        has_numbers = any(street.first is not None for street in entry.streets)
        remark = _("按门牌推算，位置大致") if has_numbers else _("没有这条路的门牌资料，标在路中")
    what = " · ".join(part for part in (detail, kind_words()[entry.kind]) if part)
    device_id = entry.key if entry.kind in DEVICES else 0
    around = "" if is_alone else surroundings(hit.at, but=entry.name)
    what = what if not detail or detail not in around else kind_words()[entry.kind]  # said once
    own = {"device": f"{entry.kind}:{entry.code}", "where": name}
    device = urlencode(own) if device_id and hit.at == entry.at else ""
    return Row(name, what, remark, hit.at[0], hit.at[1], device_id, around, device)


def kind_words() -> dict[str, str]:
    """Kinds of places, in the reader's language."""
    return {
        "address": _("地址"),
        "street": _("街道"),
        "crossing": _("路口"),
        "place": _("地点"),
        "district": _("片区"),
        "water": _("水域"),
        "park": _("公园"),
        "station": _("变电站"),
        "feeder": _("馈线"),
        "area": _("配变台区"),
    }


def place_of(query: Mapping[str, str]) -> tuple[float, float] | None:
    """The (longitude, latitude) that a query names by ``lon`` and ``lat``; None for whatever is none.

    >>> place_of({"lon": "118.05", "lat": "36.81"}), place_of({"lon": "nan", "lat": "1"}), place_of({"lat": "1"})
    ((118.05, 36.81), None, None)
    """
    try:
        lon, lat = (float(query.get(name, "")[:30]) for name in ("lon", "lat"))
    except ValueError:
        return None
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 and not math.isnan(lon + lat) else None


@dataclass(frozen=True)
class Around:
    """A transformer area near a place: how far it stands, and whether the place lies on the land that is drawn for it.

    The land is reckoned from nodes: who supplies a place there, the survey says.
    """

    area: Device
    metres: float
    is_here: bool


def areas_around(
    version_id: int, place: tuple[float, float], devices: Iterable[Device], *, within_m: float = 2000.0
) -> Sequence[Around] | None:
    """Transformer areas of some devices around a place: the one on whose land it lies, then the nearest.

    None where no area of the version has a place: then nobody knows what is near.
    """
    land, found = land_of(version_id), []
    for area in devices:
        if area.kind == Device.Kind.AREA and (cell := land.get(area.code)):
            stands = cell.at if area.lon is None or area.lat is None else (area.lon, area.lat)
            found.append(Around(area, distance_m(place, stands), inside(place, cell.rings)))
    near = [one for one in found if one.is_here or one.metres <= within_m]
    return sorted(near, key=lambda one: (not one.is_here, one.metres, one.area.code)) if found else None
