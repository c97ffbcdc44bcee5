"""接在哪里: a place by a neighbour's account, a pole, a transformer area or a pin, and the nodes around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from jiedian.core.findings import refuse
from jiedian.grid.circuit.calc.ground import degrees_around, distance_m, nearest
from jiedian.grid.circuit.calc.network import Ints, Reals
from jiedian.grid.circuit.calc.territory import NONE

from ..models import Account, Device, Grid
from .network import grid_named, network_of, parameter, territory_of, version_now


@dataclass(frozen=True)
class Place:
    """Place of a customer. ``how`` says by what it was found: account, pole, area or pin; ``node`` is the neighbour's."""

    grid: Grid
    lon: float
    lat: float
    how: str
    node: Device | None = None


@dataclass(frozen=True)
class Near:
    """A node near a place, with the straight distance in metres."""

    node: Device
    distance_m: float


def locate(
    *,
    account: str = "",
    pole: str = "",
    area: str = "",
    pin: tuple[float, float] | None = None,
    code: str = "",
) -> Place:
    """The place of a customer by one of four ways, in this order. Refused when nothing of that name is known."""
    grid = grid_named(code)
    living = grid.devices.filter(is_retired=False)
    if account:
        known = Account.objects.select_related("node").filter(number=account.strip(), node__grid=grid).first()
        return _at(grid, known.node if known else None, "account", account)
    if pole:
        nodes, said = living.filter(kind="node"), pole.strip()
        found = nodes.filter(pole__iexact=said).first() or nodes.filter(name__iexact=said).first()
        return _at(grid, found, "pole", pole)
    if area:
        named = living.filter(kind="area")
        found = (
            named.filter(name__iexact=area.strip()).first() or named.filter(code__iexact=area.strip()).first()
        )
        return _at(grid, found, "area", area)
    if pin is None or not (-180 <= pin[0] <= 180 and -90 <= pin[1] <= 90):
        raise refuse("grid.no_place")
    return Place(grid, pin[0], pin[1], "pin")


def _at(grid: Grid, device: Device | None, how: str, asked: str) -> Place:
    if device is None or device.lon is None or device.lat is None:
        raise refuse("grid.unknown_place", asked=asked)
    return Place(grid, device.lon, device.lat, how, device)


def candidates_near(
    place: Place, *, kv: float | None = None, radius_m: float | None = None, limit: int = 60
) -> list[Near]:
    """The living nodes around a place, nearest first; ``kv`` keeps one voltage level (within a tenth).

    Nodes of one place (a busbar of many sections) are all given; the caller chooses.
    """
    radius = radius_m or parameter("NEAR_M")
    wide, high = degrees_around((place.lon, place.lat), radius)
    nodes = place.grid.devices.filter(
        kind=Device.Kind.NODE,
        is_retired=False,
        parent__isnull=False,
        lon__range=(place.lon - wide, place.lon + wide),
        lat__range=(place.lat - high, place.lat + high),
    )
    if kv is not None:
        nodes = nodes.filter(kv__range=(kv * 0.9, kv * 1.1))
    here = (place.lon, place.lat)
    places = nodes.values_list("pk", "lon", "lat")
    rows = [(distance_m(here, (float(lon or 0), float(lat or 0))), pk) for pk, lon, lat in places]
    nearest = sorted(row for row in rows if row[0] <= radius)[:limit]
    known = Device.objects.select_related("parent").in_bulk([pk for _, pk in nearest])
    return [Near(known[pk], metres) for metres, pk in nearest]


def upstream(device: Device) -> list[Device]:
    """The device and everything that feeds it: node, area, feeder, section, station."""
    chain = [device]
    while chain[-1].parent_id is not None:
        parent = chain[-1].parent
        assert parent is not None
        chain.append(parent)
    return chain


def feeders_near(code: str, points: Sequence[tuple[float, float]]) -> list[Device | None]:
    """The feeder of the node nearest to each (longitude, latitude) of a grid; None farther than ``NEAR_M`` from any."""
    version = version_now(grid_named(code))
    spots, feeder = _fed_spots(version.pk)
    found = nearest(points, spots, within_m=parameter("NEAR_M"))
    network, land = network_of(version.pk), territory_of(version.pk)
    heads = [NONE if row == NONE else land.feeders[feeder[row]].head for row in found]
    codes = {network.lines.id[head] for head in heads if head != NONE}
    known = version.grid.devices.filter(kind=Device.Kind.FEEDER, code__in=codes)
    named = {device.code: device for device in known}
    return [None if head == NONE else named.get(network.lines.id[head]) for head in heads]


@lru_cache(maxsize=4)
def _fed_spots(version_id: int) -> tuple[Reals, Ints]:
    """Where the buses of feeders lie, and whose they are."""
    network, feeder = network_of(version_id), territory_of(version_id).feeder
    rows = [
        row for row, name in enumerate(network.buses.id) if feeder[row] != NONE and name in network.places
    ]
    spots = np.asarray([network.places[network.buses.id[row]] for row in rows], np.float64).reshape(-1, 2)
    return spots, feeder[rows]
