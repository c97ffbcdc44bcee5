"""Maps drawn from a network's own geometry: no tiles, no outside server."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True)
class Stroke:
    """A line on a map: (longitude, latitude) of its points; dashed when it is open."""

    points: tuple[tuple[float, float], ...]
    is_open: bool = False
    title: str = ""


@dataclass(frozen=True)
class Dot:
    """A thing on a map. ``level`` is its shape and colour: ample, enough, tight, none, hand; hot, rise, calm; station, pin, node.

    ``size`` enlarges the shape: 2 is twice as wide; ``aside`` moves it to the right by so many of its units, zoomed or not.
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
    "station": '<path d="M-9-9H9V9H-9Z"/>',
    "pin": '<path d="M0 0L-7-13A8 8 0 1 1 7-13Z"/>',
}
MAP_WIDTH = 860


def network_svg(strokes: Sequence[Stroke], dots: Sequence[Dot], *, label: str) -> SafeString:
    """A map from the network's own geometry, without tiles; netmap.js lets it be moved and enlarged. Empty without places."""
    points = [p for stroke in strokes for p in stroke.points] + [(dot.lon, dot.lat) for dot in dots]
    if not points:
        return mark_safe("")
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    flat = max(math.cos(math.radians((south + north) / 2)), 0.05)
    scale = (MAP_WIDTH - 60) / max((east - west) * flat, (north - south) * 0.8, 1e-6)
    height = max((north - south) * scale + 60, 320)
    left = (MAP_WIDTH - (east - west) * flat * scale) / 2

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return round(left + (point[0] - west) * flat * scale, 1), round((north - point[1]) * scale + 30, 1)

    symbols = "".join(
        f'<symbol id="m-{name}" overflow="visible"><g class="m-{name}">{shape}</g></symbol>'
        for name, shape in SHAPES.items()
    )
    frame = (
        f'data-west="{west}" data-north="{north}" data-left="{left:.3f}" data-scale="{scale:.6f}" '
        f'data-flat="{flat:.6f}"'
    )
    role = "group" if any(dot.url for dot in dots) else "img"  # what is an image has nothing in it to press
    return mark_safe(  # noqa: S308 - every text below is escaped
        f'<svg class="netmap" viewBox="0 0 {MAP_WIDTH} {height:.0f}" role="{role}" aria-label="{escape(label)}" {frame}>'
        f"<defs>{symbols}</defs>"
        + "".join(_stroke(stroke, at) for stroke in strokes)
        + "".join(_dot(dot, at) for dot in dots)
        + "</svg>"
    )


def _stroke(stroke: Stroke, at: object) -> str:
    assert callable(at)
    way = " ".join("{:g},{:g}".format(*at(point)) for point in stroke.points)
    title = f"<title>{escape(stroke.title)}</title>" if stroke.title else ""
    dashed = ' class="open"' if stroke.is_open else ""
    return f'<polyline points="{way}"{dashed}>{title}</polyline>'


def _dot(dot: Dot, at: object) -> str:
    assert callable(at)
    x, y = at((dot.lon, dot.lat))
    small = " small" if dot.is_small else ""
    right = dot.aside + 5 + 7 * dot.size
    words = f'<text x="{right:.0f}" y="4">{escape(dot.label)}</text>' if dot.label else ""
    is_moved = dot.size != 1 or dot.aside
    grown = f' transform="translate({dot.aside:.0f} 0) scale({dot.size:.2f})"' if is_moved else ""
    inner = (
        f'<g class="dot{small}" style="--x:{x:g}px;--y:{y:g}px"><title>{escape(dot.title)}</title>'
        f'<use href="#m-{dot.level}"{grown}/>{words}</g>'
    )
    # the list beside the map is the way for the keyboard: hundreds of dots are no stops on it
    return f'<a href="{escape(dot.url)}" tabindex="-1">{inner}</a>' if dot.url else inner
