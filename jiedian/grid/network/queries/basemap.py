"""The base map in force, unpacked once and kept by the process."""

from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Max, Min
from django.utils.translation import get_language

from jiedian.shell.atlas import Ground

from ..calc.features import Feature, Point, unpack
from ..models import BaseMap, Device

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
AROUND = 0.05
"""Degrees around a grid within which a base map is still one of it."""


@dataclass(frozen=True)
class BaseMapNow:
    """The base map in force: what it is called, whether it is made up, and its features; without one all is empty."""

    pk: int = 0
    name: str = ""
    note: str = ""
    is_made_up: bool = False
    features: tuple[Feature, ...] = ()


def ground_now() -> BaseMapNow:
    """The base map that was taken in last and not undone: one query."""
    found = BaseMap.objects.filter(undone_at=None).values_list("pk", "name", "note", "is_made_up").first()
    return BaseMapNow(*found, features_of(found[0])) if found else BaseMapNow()


@lru_cache(maxsize=2)
def features_of(map_id: int) -> tuple[Feature, ...]:
    """Features of a base map; it never changes, so they are kept."""
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


def backdrop() -> tuple[Ground, ...]:
    """The base map in force as a map draws it, its names in the reader's language."""
    now = ground_now()
    return _drawn(now.pk, (get_language() or "zh").startswith("zh")) if now.pk else ()


@lru_cache(maxsize=4)
def _drawn(map_id: int, is_zh: bool) -> tuple[Ground, ...]:
    shown = (row for row in features_of(map_id) if row.kind != "address")
    return tuple(
        Ground(row.kind, row.parts, row.is_area, row.rank, row.called(is_zh), row.what) for row in shown
    )


@lru_cache(maxsize=2)
def blocks_of(map_id: int) -> tuple[tuple[tuple[Point, ...], ...], ...]:
    """The rings of every block of a base map; its parks are none, nobody lives there."""
    return tuple(row.parts for row in features_of(map_id) if row.kind == "block" and row.is_area)
