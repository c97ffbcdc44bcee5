"""供电点的名称: what a customer is told of a point of supply: station, line and pole by the names people use, no code of ours."""

import re
from collections.abc import Sequence
from typing import Protocol

HAN = re.compile("[\u3400-\u9fff]")
CODE = re.compile("[0-9A-Za-z]")
"""A letter or figure of a code."""
NUMBER = re.compile("[0-9A-Za-zⅠ-Ⅻ一二三四五六七八九十百零〇甲乙丙丁]")
"""The end of a number, as a code or in words."""
MEASURE = re.compile(r"[号路段母线回主柜杆塔井箱台座幢栋楼层组队期级]|[#＃№](?!\d)")
"""What a number counts: 1号, 二路, Ⅰ段, 3回, 12#."""
POLE = re.compile(r"[#№]?\s*(\d+(?:[+-]\d+)?)\s*[#＃]?\s*(?:号?杆|号)?")
"""A number of a pole, as ``#003``, ``12+1`` or ``7 号杆``."""


class Spot(Protocol):
    """A point of supply as far as its names go: nominal kV, where it hangs, and its own name."""

    @property
    def bus(self) -> str: ...
    @property
    def kv(self) -> float: ...
    @property
    def station(self) -> str: ...
    @property
    def section(self) -> str: ...
    @property
    def feeder(self) -> str: ...
    @property
    def name_zh(self) -> str: ...
    @property
    def name_en(self) -> str: ...
    @property
    def spelt(self) -> tuple[tuple[str, str], ...]: ...


def in_english(point: Spot, name: str) -> str:
    """A name of a point's own, as it is spelt in English where that is known."""
    return dict(point.spelt).get(name, name)


def parts_of(point: Spot) -> list[str]:
    """The names of which a point's sentences are made: where it hangs, by its whole name and by the short one, and its own spot."""
    section, feeder = short(point.section, point.station), short(point.feeder, point.section)
    return [point.station, point.section, point.feeder, section, feeder, take_off(point)[0]]


def short(name: str, above: str) -> str:
    """A name without that of what it hangs below, where it repeats it; a number is never cut in two nor from its measure word.

    >>> short("S1-B1-F02", "S1-B1"), short("柳泉线", "S1-B1"), short("S1", "S1"), short("12", "1")
    ('F02', '柳泉线', 'S1', '12')
    >>> short("学府路1号台区", "学府路1"), short("城西二路", "城西二"), short("云溪变东庄线", "云溪变")
    ('学府路1号台区', '城西二路', '东庄线')
    """
    rest = name[len(above) :] if above and name.startswith(above) else ""
    if CODE.match(above[-1:]) and CODE.match(rest) or NUMBER.match(above[-1:]) and MEASURE.match(rest):
        return name
    return rest.strip(" -·_") or name


def station_of(point: Spot) -> tuple[str, str]:
    """The substation in both languages; empty where the network knows none."""
    return _with(point, point.station, ("站", "变"), ("变电站", "substation"))


def line_of(point: Spot) -> tuple[str, str]:
    """The line a customer hangs on, in both languages: a transformer area, a busbar, or a feeder."""
    if point.kv < 1:
        ends = ("台区", "变", "站")
        return _with(point, short(point.feeder, point.section), ends, ("台区", "transformer area"))
    if is_busbar(point):
        section = short(point.section, point.station)
        if point.kv >= 30:
            return f"{point.kv:g} kV 母线", f"{point.kv:g} kV busbar"
        return _with(point, section, ("母线", "母", "段"), ("段母线", "busbar section"))
    return _with(point, short(point.feeder, point.section), ("线", "柜", "站", "回"), ("线", "line"))


def is_busbar(point: Spot) -> bool:
    """True if the point is a busbar of a substation, so that the customer has a line of his own."""
    return point.feeder == point.section != "" or point.kv >= 30 and "" in (point.feeder, point.section)


def take_off(point: Spot) -> tuple[str, str]:
    """Pole or cabinet where the line is tapped, in both languages; empty where it has no name that people use.

    A node's code is no such name: what is neither the number of a pole nor written by people is settled on site.
    """
    spot = short(point.name_zh, point.feeder).removeprefix(f"{point.kv:g} kV").strip()
    for above in (point.feeder, point.section, point.station, *worded(point.feeder)):
        spot = short(spot, above)
    if (found := POLE.fullmatch(spot)) and not spot.isdecimal() and not is_busbar(point):
        return f"{found[1]} 号杆", f"pole {found[1]}"
    if not HAN.search(spot) or spot == point.feeder or is_busbar(point):
        return "", ""
    return spot, in_english(point, spot)


def name_of(point: Spot) -> tuple[str, str]:
    """A point of supply in a sentence, in both languages; one that a person wrote down is called as he did."""
    if not point.bus:
        return point.name_zh, point.name_en
    zh_station, en_station = station_of(point)
    zh, en = line_of(point)
    kv = "" if point.kv < 1 or point.kv >= 30 or "kV" in zh else f"{point.kv:g} kV "
    zh_pole, en_pole = take_off(point)
    spot = " ".join(filter(None, (zh_station, kv + zh, zh_pole)))
    return spot, ", ".join(filter(None, (en_station, kv + en, en_pole)))


def place_words(points: Sequence[Spot]) -> dict[str, str]:
    """The points of a scheme as its sentences name them."""
    names = [name_of(point) for point in points]
    return {
        "point": names[0][0],
        "point_en": names[0][1],
        "standby": names[1][0] if len(names) > 1 else "",
        "standby_en": names[1][1] if len(names) > 1 else "",
        "points": "、".join(zh for zh, _en in names),
        "points_en": "; ".join(en for _zh, en in names),
    }


def worded(name: str) -> list[str]:
    """The words of a name, which its parts may repeat, without voltage and number: 10kV 南庄线 124 is 南庄线.

    >>> worded("10kV 南庄线 124"), worded("S1-B1-F02")
    (['南庄线'], [])
    """
    return [word for word in name.split() if HAN.search(word)]


def _with(point: Spot, name: str, endings: tuple[str, ...], kind: tuple[str, str]) -> tuple[str, str]:
    """A name with what it is, unless it says so itself."""
    if not name:
        return "", ""
    spelt = in_english(point, name)
    says_so = any(word.endswith(endings) for word in name.split())
    if says_so or any(ending in name for ending in endings if len(ending) > 1):
        return name, spelt
    return f"{name} {kind[0]}", f"{kind[1]} {spelt}"
