"""Places of concerns on a grid: by the place of their case, and the feeder there."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from jiedian.core.findings import Refused
from jiedian.grid.network.models import Device
from jiedian.grid.network.queries.basemap import device_name
from jiedian.grid.network.queries.places import feeders_near
from jiedian.supply.study.models import Site


@dataclass(frozen=True)
class Spot:
    """A customer's place on a grid, and the id of the feeder whose node is nearest (0: none is near)."""

    grid: str
    lon: float
    lat: float
    feeder: int


def spots_of(numbers: set[str]) -> dict[str, Spot]:
    """The places of cases that somebody has put on the map."""
    rows = Site.objects.filter(case__number__in=numbers).values_list(
        "case__number", "grid_code", "lon", "lat"
    )
    by_grid: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
    for number, grid, lon, lat in rows:
        by_grid[grid].append((number, lon, lat))
    found = {}
    for grid, held in by_grid.items():
        feeders = _feeders(grid, [(lon, lat) for _number, lon, lat in held])
        for (number, lon, lat), feeder in zip(held, feeders, strict=True):
            found[number] = Spot(grid, lon, lat, feeder)
    return found


def _feeders(grid: str, points: list[tuple[float, float]]) -> list[int]:
    """The feeders' ids; none where the grid has no version in force."""
    try:
        return [device.pk if device else 0 for device in feeders_near(grid, points)]
    except Refused:
        return [0] * len(points)


def feeder_names(ids: Iterable[int]) -> dict[int, str]:
    """Names people give the feeders, in the reader's language."""
    rows = Device.objects.filter(pk__in=set(ids) - {0}).values_list("pk", "name")
    return {pk: device_name(name) for pk, name in rows}
