"""The network of a version: its arrays, territory and bus index, unpacked once and kept by the process."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Literal

from django.db.models import QuerySet

from jiedian.core.findings import refuse
from jiedian.core.sourced import Sourced
from jiedian.grid.circuit.calc.network import Network, upright
from jiedian.grid.circuit.calc.packing import unpack
from jiedian.grid.circuit.calc.territory import Territory, territory
from jiedian.ground.rulebook.services import load

from ..models import Grid, Version


@dataclass(frozen=True)
class ParameterRow(Sourced):
    """A figure the grid room works with."""

    id: str
    value: str
    unit: Literal["1", "month", "day", "m", "pu", "pu/MW", "kW"]
    name_zh: str
    name_en: str


@cache
def parameter_rows() -> dict[str, ParameterRow]:
    """Every parameter by its id."""
    return {row.id: row for row in load("grid/parameters.csv", ParameterRow)}


def parameter(name: str) -> float:
    """One parameter as a number."""
    return float(parameter_rows()[name].value)


def grid_named(code: str = "") -> Grid:
    """The grid of a code; without one the city's, or the first there is. Refused when there is none."""
    chosen = Grid.objects.filter(code=code) if code else Grid.objects.order_by("-is_city", "id")
    grid = chosen.first()
    if grid is None:
        raise refuse("grid.none")
    return grid


def standing_grids() -> QuerySet[Grid]:
    """The grids with a version in force, the city's first: one whose import was taken back is none to choose."""
    living = Version.objects.filter(entered_at__isnull=False, undone_at=None)
    return Grid.objects.filter(pk__in=living.values("grid")).order_by("-is_city", "name")


def version_now(grid: Grid) -> Version:
    """The version in force: the latest that has entered and was not undone, its grid read afresh. Refused when there is none."""
    found = latest(grid)
    if found is None:
        raise refuse("grid.no_version", grid=grid.name)
    return found


def latest(grid: Grid) -> Version | None:
    """The version in force; None where there is none."""
    return (
        Version.objects.filter(grid_id=grid.pk, entered_at__isnull=False, undone_at=None)
        .select_related("grid")
        .defer("snapshot")
        .order_by("-effective_at", "-number")
        .first()
    )


def due_versions(at: datetime) -> QuerySet[Version]:
    """Versions whose time has come and that have not entered yet, oldest first."""
    return Version.objects.filter(effective_at__lte=at, entered_at=None, undone_at=None).order_by(
        "effective_at", "number"
    )


@lru_cache(maxsize=4)
def network_of(version_id: int) -> Network:
    """The arrays of a version; a version never changes, so they are kept."""
    return upright(unpack(bytes(Version.objects.values_list("snapshot", flat=True).get(pk=version_id))))[0]


@lru_cache(maxsize=4)
def territory_of(version_id: int) -> Territory:
    """Territory of a version: section, feeder and area of each bus."""
    return territory(network_of(version_id))


@lru_cache(maxsize=4)
def bus_index(version_id: int) -> dict[str, int]:
    """Bus id → row."""
    return {name: row for row, name in enumerate(network_of(version_id).buses.id)}
