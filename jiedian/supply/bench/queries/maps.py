"""The map of a study: the ways around, the points numbered by distance, the lines to be built, the customer's pin."""

from collections.abc import Sequence

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from jiedian.core.findings import Refused
from jiedian.grid.capacity.queries.drawings import network_strokes
from jiedian.grid.capacity.queries.present import network_now
from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.network.models import Grid
from jiedian.grid.network.queries.basemap import backdrop
from jiedian.grid.network.queries.land import way_of
from jiedian.shell.atlas import Dot, Ground, Stroke, network_svg
from jiedian.supply.menu.calc.supply import SupplyPoint
from jiedian.supply.study.queries.studies import Study

SHOWN = 24
"""Points with a number on the map; the table has all."""


def state_of(point: SupplyPoint, load_kw: float) -> str:
    """State of a point for a load, its new line included: able, short, or to be found by hand."""
    if point.is_by_hand:
        return "hand"
    return "able" if point.is_able(load_kw) else "short"


def map_of(study: Study, chosen: frozenset[str], *, is_zh: bool, is_alone: bool = False) -> SafeString:
    """The drawing: the customer, the points numbered by distance, the lines to be built with their lengths, on the base map.

    Chosen points and their lines are green, the other options' blue and dashed; names stand at both.
    ``is_alone`` draws the chosen points and nothing else: a version that is decided on has no others.
    """
    shown = {} if is_alone else {leg.bus: leg for option in study.options for leg in option.legs}
    shown |= {point.bus: point for point in study.around.points if point.bus in chosen}
    dots = []
    for number, point in enumerate(study.around.points, start=1):
        if not point.place or not ((number <= SHOWN and not is_alone) or point.bus in chosen):
            continue
        state, name = state_of(point, study.wish.load_kw), point.name_zh if is_zh else point.name_en
        if point.bus in shown:
            state = "chosen" if point.bus in chosen else "offered"
        label = name if point.bus in shown else ""
        dots.append(Dot(*point.place, state, f"{number} {name}", label=label, number=str(number), size=1.0))
    pin = (study.site.lon, study.site.lat)
    new = [_to_build(leg, pin, leg.bus in chosen) for leg in shown.values() if leg.place]
    network = network_now(study.site.grid_code).network
    is_low = any(point.kv < 1 for point in study.around.points)
    return network_svg(
        sorted(new, key=lambda stroke: stroke.kind == "new"),
        [*reversed(dots), Dot(*pin, "pin", _("客户"), label=_("客户"))],
        label=_("客户地点与候选供电点"),
        ground=[*backdrop(), *_ways(network, [pin, *((dot.lon, dot.lat) for dot in dots)], is_low)],
    )


def _to_build(leg: SupplyPoint, pin: tuple[float, float], is_chosen: bool) -> Stroke:
    """A line to be built, straight from its point to the customer, with its estimated length."""
    assert leg.place is not None
    words = _("新建 %(m)s 米") % {"m": f"{leg.length.mid_m:,.0f}"}
    return Stroke((leg.place, pin), kind="new" if is_chosen else "other", title=words, words=words)


def _ways(network: Network, places: Sequence[tuple[float, float]], is_low: bool) -> list[Ground]:
    """Lines with an end near some places, low-voltage ones only for low-voltage points; their route where it is known."""
    lons, lats = [p[0] for p in places], [p[1] for p in places]
    wide, high = max(lons) - min(lons) or 0.002, max(lats) - min(lats) or 0.002
    box = (min(lons) - wide, max(lons) + wide, min(lats) - high, max(lats) + high)
    found = []
    lines = network.lines
    for row in range(len(lines.id)):
        is_low_line = bool(network.buses.kv[int(lines.from_bus[row])] <= 1)
        if is_low_line and not is_low:
            continue
        way = way_of(network, row)
        if len(way) > 1 and any(
            box[0] <= lon <= box[1] and box[2] <= lat <= box[3] for lon, lat in (way[0], way[-1])
        ):
            found.append(Ground("low" if is_low_line else "wire", (way,), name=""))
    return found


def pin_map(grid: Grid) -> SafeString:
    """A whole grid to put a pin on: its medium-voltage lines and stations. Empty where no version is in force."""
    try:
        strokes, stations = network_strokes(grid)
    except Refused:
        return mark_safe("")
    return network_svg(strokes, stations, label=_("在图上点出地点"), ground=backdrop())
