"""扩大查找: how far a planner may look for supply points, and the points he means by a name or a place on the map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from jiedian.grid.capacity.queries.present import network_now
from jiedian.grid.circuit.calc.ground import distance_m
from jiedian.grid.network.models import Device, Grid
from jiedian.grid.network.queries.basemap import device_name
from jiedian.grid.network.queries.finding import find_place, place_of
from jiedian.grid.network.queries.places import Place, candidates_near
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.near import levels_of, radii

SHOWN = 12
"""Points that are offered for a name."""
MANY = 200
"""Nodes looked through whose own name has the text."""
CLICK_M = 300.0
"""How far around a click on the map is looked."""


@dataclass(frozen=True)
class Offer:
    """Offer of a node that could be a supply point: its bus, name, where it hangs, metres (straight) from the customer."""

    bus: str
    name: str
    home: str
    metres: float


def wider_radii(kv: float, radius_m: float) -> tuple[float, ...]:
    """Radii a planner may ask for beyond the one that was searched: those of the rule, then twice and four times its last."""
    table = radii(kv)
    return tuple(each for each in (*table, 2 * table[-1], 4 * table[-1]) if each > radius_m)


def points_meant(site: Site, kv: float, asked: Mapping[str, str]) -> tuple[Offer, ...] | None:
    """Points of a voltage that a planner means by a name (``find``) or a place (``lon``, ``lat``), the nearest to the customer
    first; None where he asked for nothing."""
    text, spot = asked.get("find", "").strip()[:60], place_of(asked)
    if not text and not spot:
        return None
    present = network_now(site.grid_code)
    levels = levels_of(present, kv)
    if text:
        return _nearest_of_each([_found(node, site) for node in _called(present.grid, text, levels)])
    assert spot is not None
    place = Place(present.grid, *spot, "pin")
    near = [n for level in levels for n in candidates_near(place, kv=level, radius_m=CLICK_M, limit=3)]
    return tuple(_found(each.node, site) for each in sorted(near, key=lambda each: each.distance_m)[:3])


def _called(grid: Grid, text: str, levels: Sequence[float]) -> list[Device]:
    """Living nodes of some voltages that hang below what is called so, or are called so themselves."""
    living = grid.devices.filter(is_retired=False)
    nodes = living.filter(kind=Device.Kind.NODE, parent__isnull=False, lon__isnull=False).select_related(
        "parent"
    )
    found = {node.pk: node for node in nodes.filter(Q(name__icontains=text) | Q(pole__icontains=text))[:MANY]}
    above = living.exclude(kind=Device.Kind.NODE).filter(name__icontains=text)
    below = {row.device_id for row in find_place(text, grid).rows if row.device_id}
    below |= set(above.values_list("pk", flat=True)[:MANY])
    while below:
        found |= {node.pk: node for node in nodes.filter(parent_id__in=below)}
        inner = living.filter(parent_id__in=below).exclude(kind=Device.Kind.NODE)
        below = set(inner.values_list("pk", flat=True))
    return [n for n in found.values() if any(abs(n.kv - kv) <= 0.1 * kv for kv in levels)]


def _found(node: Device, site: Site) -> Offer:
    home = device_name(node.parent.name) if node.parent else ""
    metres = distance_m((site.lon, site.lat), (node.lon or 0.0, node.lat or 0.0))
    name = device_name(node.pole or node.name)
    return Offer(node.at_bus, name, "" if home == name else home, metres)


def _nearest_of_each(found: Sequence[Offer]) -> tuple[Offer, ...]:
    """The nearest few: of a station the nearest of every feeder and busbar first, then the others."""
    seen: dict[str, int] = {}
    turns = []
    for each in sorted(found, key=lambda each: each.metres):
        home = each.home or each.name
        seen[home] = seen.get(home, 0) + 1
        turns.append((seen[home], each))
    chosen = [each for _turn, each in sorted(turns, key=lambda pair: (pair[0], pair[1].metres))[:SHOWN]]
    return tuple(sorted(chosen, key=lambda each: each.metres))
