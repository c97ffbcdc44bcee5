"""The network as it stands: unpacked once a version, prepared once a revision, kept by the process."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import numpy as np
from django.db.models import QuerySet

from jiedian.core.findings import Refused, refuse
from jiedian.core.grid.network import Injections, Network
from jiedian.core.grid.openness import Parameters
from jiedian.core.grid.packing import unpack
from jiedian.core.grid.territory import Territory, territory
from jiedian.journal.models import Fact
from jiedian.rulebook.services import load

from ..models import Device, Grid, Reservation, Version


@dataclass(frozen=True)
class ParameterRow:
    """A figure the grid room works with."""

    id: str
    value: str
    unit: str
    name_zh: str
    name_en: str
    source: str
    status: str


@dataclass(frozen=True)
class SimultaneityRow:
    """同时系数: how much of a reserved capacity counts at the peak, by class of customer."""

    id: str
    factor: str
    name_zh: str
    name_en: str
    source: str
    status: str


@cache
def parameter_rows() -> dict[str, ParameterRow]:
    """Every parameter by its id."""
    return {row.id: row for row in load("grid/parameters.csv", ParameterRow)}


def parameter(name: str) -> float:
    """One parameter as a number."""
    return float(parameter_rows()[name].value)


@cache
def simultaneity() -> dict[str, SimultaneityRow]:
    """The simultaneity rows by class; ``OTHER`` for the rest."""
    return {row.id: row for row in load("grid/simultaneity.csv", SimultaneityRow)}


def factor_of(customer_class: str) -> float:
    rows = simultaneity()
    return float(rows.get(customer_class, rows["OTHER"]).factor)


def formula_parameters() -> Parameters:
    """What the administrative formula needs."""
    return Parameters(
        loading_area=parameter("LOADING_AREA"),
        loading_feeder=parameter("LOADING_FEEDER"),
        loading_main=parameter("LOADING_MAIN"),
        overload_twin=parameter("OVERLOAD_TWIN"),
        gate_months=int(parameter("GATE_MONTHS")),
        gate_points=parameter("GATE_POINTS"),
    )


def grid_named(code: str = "") -> Grid:
    """The grid of a code; without one the city's, or the first there is. Refused when there is none."""
    chosen = Grid.objects.filter(code=code) if code else Grid.objects.order_by("-is_city", "id")
    grid = chosen.first()
    if grid is None:
        raise refuse("grid.none", "还没有导入电网", "No grid has been imported yet")
    return grid


def version_now(grid: Grid) -> Version:
    """The version in force: the latest that has entered and was not undone, its grid read afresh. Refused when there is none."""
    found = (
        Version.objects.filter(grid_id=grid.pk, entered_at__isnull=False, undone_at=None)
        .select_related("grid")
        .defer("snapshot")
        .order_by("-effective_at", "-number")
        .first()
    )
    if found is None:
        raise refuse("grid.no_version", f"{grid.name} 没有生效的版本", f"{grid.name} has no version in force")
    return found


def due_versions(at: datetime) -> QuerySet[Version]:
    """Versions whose time has come and that have not entered yet, oldest first."""
    return Version.objects.filter(effective_at__lte=at, entered_at=None, undone_at=None).order_by(
        "effective_at", "number"
    )


@lru_cache(maxsize=4)
def network_of(version_id: int) -> Network:
    """The arrays of a version; a version never changes, so they are kept."""
    return unpack(bytes(Version.objects.values_list("snapshot", flat=True).get(pk=version_id)))


@lru_cache(maxsize=4)
def territory_of(version_id: int) -> Territory:
    """Who belongs to whom in a version."""
    return territory(network_of(version_id))


@lru_cache(maxsize=4)
def bus_index(version_id: int) -> dict[str, int]:
    """Bus id → row."""
    return {name: row for row, name in enumerate(network_of(version_id).buses.id)}


@dataclass(frozen=True)
class Present:
    """The network in force with what is reserved standing on it as load. ``prepared`` goes to the kernel's functions."""

    grid: Grid
    version: Version
    network: Network
    territory: Territory

    def bus(self, node: Device) -> int:
        """The row of a device's bus. Refused when this version does not have it."""
        row = bus_index(self.version.pk).get(node.at_bus)
        if row is None:
            raise refuse(
                "grid.no_bus", f"现版本没有节点 {node.name}", f"The version in force has no node {node.name}"
            )
        return row

    @property
    def prepared(self) -> Any:
        """``core.grid.capacity.prepare`` of this network, kept until the next revision."""
        return prepared_of(self.version.pk, self.grid.revision)


def network_now(code: str = "") -> Present:
    """The grid of a code (without one the city's) as it stands now, reservations included."""
    grid = grid_named(code)
    version = version_now(grid)
    return Present(grid, version, network_of(version.pk), territory_of(version.pk))


def last_sample(grid: Grid) -> Fact | None:
    """The latest nightly check of stored answers against brute force."""
    found = Fact.objects.filter(stream=f"grid:{grid.code}"[:60], kind="grid.sampled")
    return found.order_by("-id").first()


_PREPARED: OrderedDict[tuple[int, int], Any] = OrderedDict()
"""(version, revision) → what the kernel prepared. A revision is a random number, so what was rolled back is never met again."""
KEPT = 3


def prepared_of(version_id: int, revision: int) -> Any:
    """The kernel's preparation of a version with what is reserved, made when this process does not have it."""
    found = remembered(version_id, revision)
    if found is None:
        from jiedian.core.grid.capacity import prepare

        found = prepare(loaded(version_id))
        remember(version_id, revision, found)
    return found


def remembered(version_id: int, revision: int) -> Any:
    """The same, or None."""
    return _PREPARED.get((version_id, revision))


def remember(version_id: int, revision: int, prepared: Any) -> None:
    """Keep it; the oldest goes."""
    _PREPARED[version_id, revision] = prepared
    while len(_PREPARED) > KEPT:
        _PREPARED.popitem(last=False)


def warm_up() -> None:
    """Prepare the city's network and load the compiled kernel, so that the first who asks does not wait for them."""
    from jiedian.core.grid.screening import screen

    try:
        present = network_now()
    except Refused:
        return
    first = range(min(64, len(present.network.buses.id)))
    screen(present.prepared, kw=1.0, pf=parameter("OPEN_PF"), limits=limits(), buses=first)


def limits() -> Any:
    """The limits of the physical result, from the parameter rows."""
    from jiedian.core.grid.capacity import CapacityLimits

    return CapacityLimits(
        pf=parameter("OPEN_PF"),
        vmin_pu=parameter("VMIN_MV"),
        vmax_pu=parameter("VMAX_MV"),
        lv_vmin_pu=parameter("VMIN_LV"),
        lv_vmax_pu=parameter("VMAX_LV"),
        line_percent=100 * parameter("LINE_PHYSICAL"),
        transformer_percent=100 * parameter("TRAFO_PHYSICAL"),
    )


def committed(grid_id: int) -> list[Reservation]:
    """What is held and not yet energised."""
    return list(
        Reservation.objects.filter(grid_id=grid_id, state=Reservation.State.HELD).select_related("node")
    )


def loaded(version_id: int) -> Network:
    """The network of a version with what is held added as load (times its simultaneity) or as generation."""
    grid_id = Version.objects.values_list("grid_id", flat=True).get(pk=version_id)
    held = committed(grid_id)
    network, index = network_of(version_id), bus_index(version_id)
    known = [row for row in held if row.node.at_bus in index]
    return replace(
        network,
        loads=_added(network.loads, [r for r in known if not r.is_generation], index),
        generators=_added(network.generators, [r for r in known if r.is_generation], index),
    )


def _added(rows: Injections, held: Sequence[Reservation], index: dict[str, int]) -> Injections:
    if not held:
        return rows
    p_kw = np.asarray([r.kw * (1.0 if r.is_generation else factor_of(r.customer_class)) for r in held])
    tangent = np.asarray([float(np.tan(np.arccos(min(r.pf, 1.0)))) for r in held])
    q_kvar = np.asarray([0.0 if r.is_generation else 1.0 for r in held]) * p_kw * tangent
    return Injections(
        id=(*rows.id, *(f"reserved:{r.pk}" for r in held)),
        bus=np.concatenate([rows.bus, np.asarray([index[r.node.at_bus] for r in held], np.int64)]),
        p_kw=np.concatenate([rows.p_kw, p_kw]),
        q_kvar=np.concatenate([rows.q_kvar, q_kvar]),
    )
