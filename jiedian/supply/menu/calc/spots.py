"""接入处的型式: what stands where a new line leaves the public grid: a pole, a cabinet of some kind, a substation, or nobody knows."""

import re
from typing import Literal

from jiedian.grid.circuit.calc.naming import Spot, is_busbar, take_off

from .ownership import ROOM

SpotKind = Literal["pole", "line", "ring", "box", "switching", "room", "cabinet", "station", "unknown"]
"""``line``: somewhere on a public line; ``cabinet``: one of which the name does not say the kind."""
CABINETS: tuple[SpotKind, ...] = ("ring", "box", "switching", "room", "cabinet", "station")
"""Where a cable ends in switchgear."""
PLAIN = re.compile("柜")
NAMED: dict[SpotKind, re.Pattern[str]] = {
    "pole": re.compile(r"杆(?!街)|[号#＃\d]\s*塔|[TＴ]\s*接|\bpole|\btower", re.IGNORECASE),
    "line": re.compile(r"(?<![母进出])线|\d\s*回路?|\bline|\bfeeder", re.IGNORECASE),
    "ring": re.compile(r"环网|ring.?main|RMU", re.IGNORECASE),
    "box": re.compile(r"分支箱|分接箱|branch box", re.IGNORECASE),
    "switching": re.compile("开关站|开闭所|开闭站|switching station", re.IGNORECASE),
    "room": ROOM,
}
BESIDE = re.compile("[（(].*?[）)]")
"""What a name says beside: ``学府路#1环网柜（10kV 学府线）``."""
STATION = re.compile(
    r"母线|[IVⅠⅡⅢⅣ一二三四\d]\s*[号段]?\s*母|变电站|出线间隔|substation|busbar"
    r"|(?<![公专箱欧美配台用电关闭])(?:变|站)(?:电所)?(?=$|[\s\dIVⅠⅡⅢⅣ一二三四（(])",
    re.IGNORECASE,
)
"""A public substation or a busbar of it; what is called a station but is none stands in ``NAMED``."""


def spot_of(point: Spot) -> SpotKind:
    """Kind of place a new line leaves from. What the grid says comes first, then the name; of several words in a name the last one tells,
    as ``柳镇变电站 10 kV 柳泉线 12 号杆`` is a pole.
    """
    if not point.bus:
        return spot_called(point.name_zh)
    if point.section and is_busbar(point):
        return "station"
    found = spot_called(take_off(point)[0] or point.name_zh)
    return found if found not in ("station", "unknown") else "line"


def spot_called(name: str) -> SpotKind:
    """Kind of a place by its name alone.

    >>> [spot_called(name) for name in ("10kV 柳泉线 12 号杆", "学府路#1环网柜", "高新线 3 号柜", "35kV 柳镇站", "柳泉线 T 接", "?")]
    ['pole', 'ring', 'cabinet', 'station', 'pole', 'unknown']
    >>> [spot_called(name) for name in ("柳镇变电站 10kV 柳泉线", "城东开关站 3 号柜", "学府路 2 号分支箱（学府线）", "110kV 柳镇变 35kV Ⅱ段母线")]
    ['line', 'switching', 'box', 'station']
    """
    plain = BESIDE.sub("", name).strip() or name
    words_of: dict[SpotKind, re.Pattern[str]] = {"station": STATION, **NAMED}
    ends = {
        spot: max((found.end() for found in words.finditer(plain)), default=0)
        for spot, words in words_of.items()
    }
    if PLAIN.search(plain) and not any(ends[spot] for spot in ("ring", "box", "switching", "room")):
        return "station" if ends["station"] > ends["line"] else "cabinet"
    last = max(ends, key=lambda spot: ends[spot])
    return last if ends[last] else "unknown"
