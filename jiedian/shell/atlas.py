"""Maps drawn on the server: streets and land, areas by a ramp in kW, lines and marks; no tiles, no outside server.

The mark-up is the contract with netmap.js and the pages: ``data-key`` ties a mark to a row, a link of a mark is its card.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

Point = tuple[float, float]
Parts = Sequence[Sequence[Point]]


@dataclass(frozen=True)
class Stroke:
    """A line on a map: (longitude, latitude) of its points; dashed when it is open.

    ``kind`` is what it is: a line of the network (nothing), ``low`` voltage, ``new`` to be built, ``other`` ways of
    building; ``name`` is written along it, ``words`` (a length) beside its middle.
    """

    points: tuple[Point, ...]
    is_open: bool = False
    title: str = ""
    kind: str = ""
    name: str = ""
    words: str = ""


@dataclass(frozen=True)
class Dot:
    """A thing on a map. ``level`` is its shape and colour: ample, enough, tight, none, hand; hot, rise, calm; station, pin, node;
    near, chosen, offered, able, short; spot, which has the colour of ``shade`` on the ramp.

    ``size`` enlarges the shape: 2 is twice as wide; ``aside`` moves it to the right by so many of its units, zoomed or
    not. ``number`` stands in it, ``label`` beside it; ``key`` ties it to the row of a list.
    """

    lon: float
    lat: float
    level: str
    title: str
    url: str = ""
    label: str = ""
    is_small: bool = False
    size: float = 1.0
    aside: float = 0.0
    number: str = ""
    key: str = ""
    shade: int = 0


@dataclass(frozen=True)
class Area:
    """A piece of land with what can be opened there: kW, or None for what a person must find. ``parts`` are rings."""

    parts: Parts
    kw: float | None
    title: str
    key: str = ""
    url: str = ""
    at: Point | None = None


@dataclass(frozen=True)
class Ground:
    """A thing below the marks, which does not widen the map: street, water, park, district, block or place of the base map,
    a line (wire, low) of the network beside what is shown; lines, or rings with ``is_area``.
    """

    kind: str
    parts: Parts
    is_area: bool = False
    rank: int = 3
    name: str = ""
    what: str = ""


@dataclass(frozen=True)
class Ramp:
    """The scale of the colours: from 0 to ``most`` kW; what is more has the last colour.

    >>> Ramp.over([12.0, 180, 377]).most, Ramp(400).step(138), Ramp(400).ticks
    (400.0, 9, (0, 100, 200, 300, 400))
    """

    most: float = 400.0

    @classmethod
    def over(cls, values: Iterable[float]) -> "Ramp":
        """Ramp over some values: up to a round number that nineteen of twenty do not exceed; of none above 1 kW as it is."""
        known = sorted(value for value in values if math.isfinite(value) and value >= 1)
        if not known:
            return cls()
        high = known[min(len(known) - 1, math.ceil(len(known) * 0.95) - 1)]
        ten = 10.0 ** math.floor(math.log10(high))
        return cls(next((round(ten * n, 6) for n in ROUND if ten * n >= high), ten * 10))

    def step(self, kw: float) -> int:
        """The colour of a value, 0 … 25."""
        return round(min(max(kw / self.most, 0.0), 1.0) * STEPS)

    @property
    def ticks(self) -> tuple[float, ...]:
        """Numbers below the ramp of a legend."""
        parts = (round(self.most * part / 4, 3) for part in range(5))
        return tuple(int(v) if v == int(v) else v for v in parts)


STEPS = 25
ROUND = (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 4.8, 6, 8)
"""Numbers a ramp may end at, times a power of ten: their quarters are short."""
SHAPES = {
    "ample": '<circle r="6"/>',
    "enough": '<circle r="6"/>',
    "tight": '<path d="M0-7L7 0L0 7L-7 0Z"/>',
    "none": '<path d="M0-7L7 6H-7Z"/>',
    "hand": '<circle r="5"/>',
    "hot": '<path d="M0-7L7 6H-7Z"/>',
    "rise": '<path d="M0-7L7 0L0 7L-7 0Z"/>',
    "calm": '<circle r="6"/>',
    "node": '<circle r="4"/>',
    "spot": '<circle r="6"/>',
    "station": '<path d="M-7-7H7V7H-7ZM-3-3V3H3V-3Z"/>',
    "near": '<circle r="11"/>',
    "offered": '<circle r="12"/>',
    "chosen": '<circle r="14"/>',
    "able": '<circle r="10"/>',
    "short": '<path d="M-10-10H10V10H-10Z"/>',
    "pin": '<path d="M0 0L-7-13A8 8 0 1 1 7-13Z"/>',
}
PATTERNS = (
    '<pattern id="m-hatch" class="p-none" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect width="8" height="8"/><path d="M-2 2L2-2M0 8L8 0M6 10L10 6"/></pattern>'
    '<pattern id="m-speckle" class="p-hand" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect width="8" height="8"/><circle cx="2" cy="2" r="1.1"/><circle cx="6" cy="6" r="1.1"/></pattern>'
)
MAP_WIDTH = 860
MANY = 20
"""Of so many areas and more a map shows where most are before it shows all."""
ORDER = ("district", "block", "park", "water", "street", "low", "wire", "place")
"""The base map from below to above; areas lie on the blocks and below the water."""


class _Frame:
    """Degrees to the drawing's units: north up, one scale both ways; knows what lies around what is drawn."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.west, self.east = min(p[0] for p in points), max(p[0] for p in points)
        self.south, self.north = min(p[1] for p in points), max(p[1] for p in points)
        self.flat = max(math.cos(math.radians((self.south + self.north) / 2)), 0.05)
        wide, high = (self.east - self.west) * self.flat, self.north - self.south
        self.scale = (MAP_WIDTH - 60) / max(wide, high * 0.8, 1e-4)
        self.height = max(high * self.scale + 60, 320)
        self.left = (MAP_WIDTH - wide * self.scale) / 2

    def at(self, point: Point) -> Point:
        x = self.left + (point[0] - self.west) * self.flat * self.scale
        return round(x, 2), round((self.north - point[1]) * self.scale + 30, 2)

    def way(self, part: Sequence[Point]) -> list[Point]:
        """A part as drawn, without points nobody could tell apart."""
        found: list[Point] = []
        for x, y in map(self.at, part):
            if not found or abs(x - found[-1][0]) + abs(y - found[-1][1]) > 0.05:
                found.append((x, y))
        return found if len(found) > 1 else [self.at(part[0]), self.at(part[-1])]

    def shows(self, ground: Ground) -> bool:
        """Whether a thing lies within the drawing or a width of it around."""
        x, y = zip(*(self.at(p) for part in ground.parts for p in part), strict=True)
        around = MAP_WIDTH / 2
        is_beside = max(x) < -around or min(x) > MAP_WIDTH + around
        return not (is_beside or max(y) < -around or min(y) > self.height + around)

    def home(self, points: Sequence[Point]) -> str:
        """Where a map begins that has most of its marks close together: the middle four fifths of them, not the far ends of a few lines."""
        if len(points) < MANY:
            return ""
        xs, ys = (sorted(axis) for axis in zip(*(self.at(p) for p in points), strict=True))
        low, high = len(points) // 10, len(points) - 1 - len(points) // 10
        wide = max(xs[high] - xs[low], (ys[high] - ys[low]) * MAP_WIDTH / self.height) * 1.2
        if wide > 0.6 * MAP_WIDTH:
            return ""
        x, y = (xs[low] + xs[high]) / 2, (ys[low] + ys[high]) / 2
        return f' data-home="{x:.1f} {y:.1f} {max(wide, 40.0):.1f}"'

    def words(self) -> str:
        return (
            f'data-west="{self.west}" data-north="{self.north}" data-left="{self.left:.3f}" '
            f'data-scale="{self.scale:.6f}" data-flat="{self.flat:.6f}"'
        )


def network_svg(
    strokes: Sequence[Stroke],
    dots: Sequence[Dot],
    *,
    label: str,
    areas: Sequence[Area] = (),
    ground: Sequence[Ground] = (),
    ramp: Ramp | None = None,
) -> SafeString:
    """A map of lines, marks and areas on the base map; netmap.js lets it be moved and enlarged and writes the names.

    Empty when there is nothing of the network to draw: the base map alone is none.
    """
    points = [p for stroke in strokes for p in stroke.points] + [(dot.lon, dot.lat) for dot in dots]
    points += [p for area in areas for part in area.parts for p in part]
    if not points:
        return mark_safe("")
    frame, scale = _Frame(points), ramp or Ramp.over(area.kw or 0.0 for area in areas)
    centres = [area.at or area.parts[0][0] for area in areas]
    below = [row for row in ground if row.parts and frame.shows(row)]
    used = {dot.level for dot in dots} | {"pin"}
    # what is an image has nothing in it to press
    has_links = any(dot.url for dot in dots) or any(area.url for area in areas)
    return mark_safe(  # noqa: S308 - every text below is escaped
        f'<svg class="netmap" viewBox="0 0 {MAP_WIDTH} {frame.height:.0f}" role="{"group" if has_links else "img"}" '
        f'tabindex="0" aria-label="{escape(label)}" {frame.words()}{frame.home(centres)}>'
        f"<defs>{PATTERNS}{''.join(_symbol(name) for name in sorted(used))}</defs>"
        + "".join(_ground(row, frame) for kind in ORDER[:3] for row in below if row.kind == kind)
        + "".join(_area(area, frame, scale) for area in areas)
        + "".join(_ground(row, frame) for kind in ORDER[3:] for row in _by_rank(below) if row.kind == kind)
        + "".join(_stroke(stroke, frame) for stroke in strokes)
        + '<g class="names" aria-hidden="true"></g>'
        + "".join(_dot(dot, frame) for dot in dots)
        + "</svg>"
    )


def _by_rank(ground: Iterable[Ground]) -> list[Ground]:
    """Main streets above lanes."""
    return sorted(ground, key=lambda row: -row.rank)


def _symbol(name: str) -> str:
    return f'<symbol id="m-{name}" overflow="visible"><g class="m-{name}">{SHAPES[name]}</g></symbol>'


def _points(way: Sequence[Point]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in way)


def _rings(parts: Parts, frame: _Frame) -> str:
    return "".join(f"M{_points(frame.way(part)).replace(' ', 'L')}Z" for part in parts)


def _middle(ring: Sequence[Point]) -> Point:
    """The centre of gravity of a ring, in units of the drawing; the mean of its points when it has no area.

    >>> _middle([(0, 0), (4, 0), (4, 2), (0, 2), (0, 0)])
    (2.0, 1.0)
    """
    twice = sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(ring))
    if abs(twice) < 1e-9:
        return sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring)
    x = sum((ax + bx) * (ax * by - bx * ay) for (ax, ay), (bx, by) in pairwise(ring)) / (3 * twice)
    y = sum((ay + by) * (ax * by - bx * ay) for (ax, ay), (bx, by) in pairwise(ring)) / (3 * twice)
    return round(x, 2), round(y, 2)


def _ground(row: Ground, frame: _Frame) -> str:
    """A thing of the base map with its name for netmap.js to write."""
    name = f' data-name="{escape(row.name)}"' if row.name else ""
    look = f"{row.kind} r{row.rank}" if row.kind == "street" else f"{row.kind} {row.what}".strip()
    if row.kind == "place" or len(row.parts[0]) == 1:
        x, y = frame.at(row.parts[0][0])
        return f'<g class="ground {look}" data-at="{x:g} {y:g}"{name}></g>' if name else ""
    if row.is_area:
        x, y = _middle([frame.at(p) for p in max(row.parts, key=len)])
        rings = _rings(row.parts, frame)
        return f'<path class="ground {look}" fill-rule="evenodd" d="{rings}" data-at="{x:g} {y:g}"{name}/>'
    return "".join(
        f'<polyline class="ground {look}" points="{_points(frame.way(part))}"{name}/>' for part in row.parts
    )


def _linked(inner: str, url: str, key: str) -> str:
    """A mark as a link, or tied to a row alone. The list beside the map is the way for the keyboard: hundreds of marks are no stops on it."""
    tied = f' data-key="{escape(key)}"' if key else ""
    if url:
        return f'<a href="{escape(url)}" tabindex="-1"{tied}>{inner}</a>'
    return f"<g{tied}>{inner}</g>" if tied else inner


def _area(area: Area, frame: _Frame, ramp: Ramp) -> str:
    words = ""
    if area.kw is None:
        look, fill, value, words = "hand", ' fill="url(#m-speckle)"', "", _("核定中")
    elif area.kw <= 0:
        look, fill, value, words = "none", ' fill="url(#m-hatch)"', "0", _("暂无")
    else:
        look, fill, value = f"kw kw-{ramp.step(area.kw)}", "", f"{area.kw:,.0f}"
    largest = [frame.at(p) for p in max(area.parts, key=len)]
    x, y = frame.at(area.at) if area.at else _middle(largest)
    inner = (
        f'<path class="area {look}"{fill} fill-rule="evenodd" d="{_rings(area.parts, frame)}" '
        f'data-at="{x:g} {y:g}" data-value="{value}"'
        + (f' data-words="{escape(words)}"' if words else "")
        + f"><title>{escape(area.title)}</title></path>"
    )
    return _linked(inner, area.url, area.key)


def _stroke(stroke: Stroke, frame: _Frame) -> str:
    title = f"<title>{escape(stroke.title)}</title>" if stroke.title else ""
    look = " ".join(word for word in ("wire", stroke.kind, "open" if stroke.is_open else "") if word)
    name = f' data-name="{escape(stroke.name)}"' if stroke.name else ""
    words = f' data-words="{escape(stroke.words)}"' if stroke.words else ""
    way = _points(frame.way(stroke.points))
    return f'<polyline class="{look}" points="{way}"{name}{words}>{title}</polyline>'


def _dot(dot: Dot, frame: _Frame) -> str:
    x, y = frame.at((dot.lon, dot.lat))
    small = f"{' small' if dot.is_small else ''}{f' kw-{dot.shade}' if dot.level == 'spot' else ''}"
    right = dot.aside + 5 + 7 * dot.size
    words = f'<text class="label" x="{right:.0f}" y="4">{escape(dot.label)}</text>' if dot.label else ""
    number = f'<text class="no" y="4.5">{escape(dot.number)}</text>' if dot.number else ""
    is_moved = dot.size != 1 or dot.aside
    grown = f' transform="translate({dot.aside:.0f} 0) scale({dot.size:.2f})"' if is_moved else ""
    inner = (
        f'<g transform="translate({x:g} {y:g})"><g class="dot {dot.level}{small}"><title>{escape(dot.title)}</title>'
        f'<use href="#m-{dot.level}"{grown}/>{number}{words}</g></g>'
    )
    return _linked(inner, dot.url, dot.key)
