"""The map of a study: the ways around, the points numbered by distance, the customer's pin."""

import math
from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from jiedian.core.findings import Refused
from jiedian.grid.capacity.queries.drawings import network_strokes
from jiedian.grid.capacity.queries.present import network_now
from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.network.models import Grid
from jiedian.grid.network.queries.basemap import backdrop
from jiedian.shell.atlas import network_svg

from ..calc.supply import SupplyPoint
from .studies import Study

SHOWN = 24
"""Points with a number on the map; the table has all."""


def state_of(point: SupplyPoint, load_kw: float) -> str:
    """State of a point for a load: able, short, or to be found by hand."""
    if point.is_by_hand:
        return "hand"
    return "able" if point.carries(load_kw) else "short"


def map_of(study: Study, chosen: frozenset[str], *, is_zh: bool) -> SafeString:
    """The drawing; chosen points are marked."""
    points = []
    shown = {leg.bus: leg for option in study.options for leg in option.legs}
    shown |= {point.bus: point for point in study.around.points if point.bus in chosen}
    for number, point in enumerate(study.around.points, start=1):
        if point.place and (number <= SHOWN or point.bus in chosen):
            state = state_of(point, study.wish.load_kw)
            if point.bus in shown:
                state = "chosen" if point.bus in chosen else "offered"
            points.append((str(number), state, *point.place, point.name_zh if is_zh else point.name_en))
    new = [(leg.place, leg.bus in chosen, f"{leg.length.mid_m:.0f} m") for leg in shown.values() if leg.place]
    pin = (study.site.lon, study.site.lat)
    network = network_now(study.site.grid_code).network
    is_low = any(point.kv < 1 for point in study.around.points)
    ways = _ways(network, pin, points, is_low)
    return map_svg(ways, points, pin, title=_("客户用电地点与候选供电点"), new=new)


def _ways(
    network: Network, pin: tuple[float, float], points: list[tuple[str, str, float, float, str]], is_low: bool
) -> list[tuple[list[tuple[float, float]], bool]]:
    """Lines with an end near what is shown, low-voltage ones only for low-voltage points; their route where it is known."""
    lons, lats = [pin[0], *[p[2] for p in points]], [pin[1], *[p[3] for p in points]]
    wide, high = max(lons) - min(lons) or 0.002, max(lats) - min(lats) or 0.002
    box = (min(lons) - wide / 4, max(lons) + wide / 4, min(lats) - high / 4, max(lats) + high / 4)
    found = []
    lines = network.lines
    for row, line in enumerate(lines.id):
        is_low_line = bool(network.buses.kv[int(lines.from_bus[row])] <= 1)
        if is_low_line and not is_low:
            continue
        ends = [network.places.get(network.buses.id[int(b[row])]) for b in (lines.from_bus, lines.to_bus)]
        known = [end for end in ends if end is not None]
        if len(known) == 2 and any(box[0] <= lon <= box[1] and box[2] <= lat <= box[3] for lon, lat in known):
            route = network.routes.get(line) or tuple(known)
            found.append((list(route), is_low_line))
    return sorted(found, key=lambda way: not way[1])


def pin_map(grid: Grid) -> SafeString:
    """A whole grid to put a pin on: its medium-voltage lines and stations. Empty where no version is in force."""
    try:
        strokes, stations = network_strokes(grid)
    except Refused:
        return mark_safe("")
    return network_svg(strokes, stations, label=_("在图上点出用电地点"), ground=backdrop())


MARKS = {
    "chosen": "var(--green)",
    "offered": "var(--blue)",
    "able": "var(--slate)",
    "short": "var(--red)",
    "hand": "var(--ink-3)",
}
"""Colours of points on a map; their shape says the same."""


def map_svg(
    ways: Sequence[tuple[Sequence[tuple[float, float]], bool]],
    points: Sequence[tuple[str, str, float, float, str]],
    pin: tuple[float, float],
    *,
    title: str,
    new: Sequence[tuple[tuple[float, float], bool, str]] = (),
) -> SafeString:
    """A piece of the network as a map: ways (route, whether low voltage), numbered points (number, state, lon, lat, words), the pin.

    ``new`` are the lines to be built: from where, whether chosen, how long. Its own geometry is the map; north is up, one
    scale both ways. States: able, short, hand; offered, chosen.
    """
    width, height, edge = 860, 460, 34
    places = [pin, *[(lon, lat) for _n, _s, lon, lat, _w in points]]
    squeeze = math.cos(math.radians(pin[1]))
    west, south = min(p[0] for p in places), min(p[1] for p in places)
    spread_x = max((max(p[0] for p in places) - west) * squeeze, 1e-4)
    spread_y = max(max(p[1] for p in places) - south, 1e-4)
    scale = min((width - 2 * edge) / spread_x, (height - 2 * edge) / spread_y)
    left, low = (width - spread_x * scale) / 2, (height - spread_y * scale) / 2
    crop = max(0, left - 2 * edge)  # no empty paper left and right

    def at(place: tuple[float, float]) -> tuple[float, float]:
        x = left + (place[0] - west) * squeeze * scale
        return round(x, 1), round(height - low - (place[1] - south) * scale, 1)

    parts = [_way([at(place) for place in route], is_low) for route, is_low in ways]
    parts += [_new(at(place), at(pin), words, is_chosen=on) for place, on, words in sorted(new, key=_last)]
    parts += [
        _spot(number, state, at((lon, lat)), words) for number, state, lon, lat, words in reversed(points)
    ]
    parts.append(_pin(at(pin), title))
    return mark_safe(
        f'<svg class="map" viewBox="{crop:.0f} 0 {width - 2 * crop:.0f} {height}" role="img" aria-label="{escape(title)}">'
        + "".join(parts)
        + "</svg>"
    )


def _way(places: Sequence[tuple[float, float]], is_low: bool) -> str:
    line = " ".join(f"{x},{y}" for x, y in places)
    style = "stroke:var(--line);stroke-width:1" if is_low else "stroke:var(--ink-3);stroke-width:1.6"
    return f'<polyline points="{line}" fill="none" style="{style}"/>'


def _pin(place: tuple[float, float], title: str) -> str:
    x, y = place
    return (
        f'<path d="M{x} {y}l-9 -16a10 10 0 1 1 18 0z" style="fill:var(--amber)" stroke="var(--card)">'
        f"<title>{escape(title)}</title></path>"
    )


CLOSE = 70
"""A line shorter than this has no room for its length beside it."""


def _last(line: tuple[tuple[float, float], bool, str]) -> bool:
    """The chosen line is drawn above the others."""
    return line[1]


def _new(place: tuple[float, float], pin: tuple[float, float], words: str, *, is_chosen: bool) -> str:
    """A line to be built, straight from the point to the customer, with its length beside its middle."""
    x, y = round((place[0] + pin[0]) / 2, 1), round((place[1] + pin[1]) / 2, 1)
    if math.dist(place, pin) < CLOSE:  # beside the pin, which would hide it
        x, y = pin[0] + 16, pin[1] + 4
    way = f'<path class="{"new" if is_chosen else "other"}" d="M{place[0]} {place[1]}L{pin[0]} {pin[1]}"/>'
    look = ' class="length"' if is_chosen else ""
    return f'{way}<text{look} x="{x}" y="{y - 8}">{escape(words)}</text>'


def _spot(number: str, state: str, place: tuple[float, float], words: str) -> str:
    x, y = place
    shape = (
        f'<rect x="{x - 10}" y="{y - 10}" width="20" height="20" rx="3"'
        if state == "short"
        else f'<circle cx="{x}" cy="{y}" r="{13 if state == "chosen" else 11}"'
    )
    return (
        f'<g>{shape} style="fill:{MARKS[state]};stroke:var(--card);stroke-width:2"/>'
        f'<text class="no" x="{x}" y="{y + 5}">{escape(number)}</text>'
        f"<title>{escape(words)}</title></g>"
    )
