"""The base map in force, unpacked once and kept by the process."""

from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Max, Min

from ..calc.features import Feature, unpack
from ..models import BaseMap, Device

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
AROUND = 0.05
"""Degrees around a grid within which a base map is still one of it."""


@dataclass(frozen=True)
class Ground:
    """The base map in force: what it is called, whether it is made up, and its features; without one all is empty."""

    pk: int = 0
    name: str = ""
    note: str = ""
    is_made_up: bool = False
    features: tuple[Feature, ...] = ()


def ground_now() -> Ground:
    """The base map that was taken in last and not undone: one query."""
    found = BaseMap.objects.filter(undone_at=None).values_list("pk", "name", "note", "is_made_up").first()
    return Ground(*found, _features(found[0])) if found else Ground()


@lru_cache(maxsize=2)
def _features(map_id: int) -> tuple[Feature, ...]:
    """A map never changes, so it is kept."""
    return unpack(bytes(BaseMap.objects.values_list("snapshot", flat=True).get(pk=map_id)))


def base_maps(shown: int = 20) -> list[BaseMap]:
    """The latest base maps first, without what is in them."""
    return list(BaseMap.objects.defer("snapshot")[:shown])


def grid_box() -> Box | None:
    """Box around the city's grid and a little more; None without places."""
    placed = Device.objects.filter(grid__is_city=True, is_retired=False, lon__isnull=False)
    found = placed.aggregate(west=Min("lon"), south=Min("lat"), east=Max("lon"), north=Max("lat"))
    if found["west"] is None:
        return None
    return (
        found["west"] - AROUND,
        found["south"] - AROUND,
        found["east"] + AROUND,
        found["north"] + AROUND,
    )
