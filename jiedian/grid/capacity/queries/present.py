"""The network in force with its reservations, prepared once a revision for capacity calculations."""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, Literal

import numpy as np

from jiedian.core.closed import CaseClass, Share
from jiedian.core.findings import Refused, refuse
from jiedian.core.sourced import Sourced
from jiedian.core.words import Text
from jiedian.grid.circuit.calc.network import Injections, Network
from jiedian.grid.circuit.calc.territory import Territory
from jiedian.grid.network.models import Device, Grid, Version
from jiedian.grid.network.queries.basemap import english
from jiedian.grid.network.queries.network import (
    bus_index,
    grid_named,
    network_of,
    parameter,
    territory_of,
    version_now,
)
from jiedian.ground.journal.models import Fact
from jiedian.ground.rulebook.services import load

from ..calc.drawn import NEAR_KW, SAME_KW, Drawn, drawn_of
from ..calc.lightload import light
from ..calc.openness import Parameters
from ..models import Reservation


@dataclass(frozen=True)
class SimultaneityRow(Sourced):
    """同时系数: how much of a reserved capacity counts at the peak, by class of customer."""

    id: CaseClass | Literal["OTHER"]
    factor: Share
    name_zh: str
    name_en: str


@cache
def simultaneity() -> dict[str, SimultaneityRow]:
    """The simultaneity rows by class; ``OTHER`` for the rest."""
    return {row.id: row for row in load("grid/simultaneity.csv", SimultaneityRow)}


def factor_of(customer_class: str) -> float:
    rows = simultaneity()
    return float(rows.get(customer_class, rows["OTHER"]).factor)


def formula_parameters() -> Parameters:
    """Parameters of the administrative formula."""
    return Parameters(
        loading_area=parameter("LOADING_AREA"),
        loading_feeder=parameter("LOADING_FEEDER"),
        loading_main=parameter("LOADING_MAIN"),
        overload_twin=parameter("OVERLOAD_TWIN"),
        gate_months=int(parameter("GATE_MONTHS")),
        gate_points=parameter("GATE_POINTS"),
    )


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
            raise refuse("grid.no_node", node=Text(node.name, english(node.name)))
        return row

    @property
    def prepared(self) -> Any:
        """The kernel's preparation of this network with what is drawn, kept until the next revision."""
        return prepared_of(self.version.pk, self.grid.revision)

    @property
    def prepared_light(self) -> Any:
        """The same at light load, in which feeding in is judged."""
        return prepared_of(self.version.pk, self.grid.revision, "generation")


def network_now(code: str = "") -> Present:
    """The grid of a code (without one the city's) as it stands now, reservations included."""
    grid = grid_named(code)
    version = version_now(grid)
    return Present(grid, version, network_of(version.pk), territory_of(version.pk))


def last_sample(grid: Grid) -> Fact | None:
    """The latest nightly check of stored answers against brute force."""
    found = Fact.objects.filter(stream=f"grid:{grid.code}"[:60], kind="grid.sampled")
    return found.order_by("-id").first()


Direction = Literal["load", "generation"]
_PREPARED: OrderedDict[tuple[int, int, Direction], Any] = OrderedDict()
"""(version, revision, direction) → what the kernel prepared. A revision is a random number: what was rolled back is never met again."""
KEPT = 6


def prepared_of(version_id: int, revision: int, direction: Direction = "load") -> Any:
    """The kernel's preparation of a version with what is reserved, made when this process does not have it."""
    found = remembered(version_id, revision, direction)
    if found is None:
        from jiedian.grid.kernel.calc.capacity import prepare

        found = prepare(loaded(version_id, direction))
        remember(version_id, revision, found, direction)
    return found


def remembered(version_id: int, revision: int, direction: Direction = "load") -> Any:
    """The same, or None."""
    return _PREPARED.get((version_id, revision, direction))


def remember(version_id: int, revision: int, prepared: Any, direction: Direction = "load") -> None:
    """Keep it; the oldest goes."""
    _PREPARED[version_id, revision, direction] = prepared
    while len(_PREPARED) > KEPT:
        _PREPARED.popitem(last=False)


def warm_up() -> None:
    """Prepare the city's network and load the compiled kernel, so that the first who asks does not wait for them."""
    from jiedian.grid.capacity.calc.screening import screen

    try:
        present = network_now()
    except Refused:
        return
    first = range(min(64, len(present.network.buses.id)))
    screen(present.prepared, kw=1.0, pf=parameter("OPEN_PF"), limits=limits(), buses=first)


def limits() -> Any:
    """The limits of the physical result, from the parameter rows."""
    from jiedian.grid.kernel.calc.prepared import CapacityLimits

    return CapacityLimits(
        pf=parameter("OPEN_PF"),
        vmin_pu=parameter("VMIN_MV"),
        vmax_pu=parameter("VMAX_MV"),
        lv_vmin_pu=parameter("VMIN_LV"),
        lv_vmax_pu=parameter("VMAX_LV"),
        single_vmin_pu=parameter("VMIN_220"),
        single_vmax_pu=parameter("VMAX_220"),
        notice_pu=parameter("NOTICE_V"),
        notice_pu_per_mw=parameter("NOTICE_V_MW"),
        notice_rating=parameter("NOTICE_I"),
        notice_share=parameter("NOTICE_SHARE"),
        line_percent=100 * parameter("LINE_PHYSICAL"),
        transformer_percent=100 * parameter("TRAFO_PHYSICAL"),
    )


@lru_cache(maxsize=4)
def drawn_in(version_id: int) -> Drawn:
    """Drawn and fed power of a version at each bus."""
    return drawn_of(network_of(version_id), territory_of(version_id))


def committed(version: Version) -> list[Reservation]:
    """Reservations that a version does not know: held, or energised and not in it yet (see ``undrawn``)."""
    states = (Reservation.State.HELD, Reservation.State.CONNECTED)
    found = Reservation.objects.filter(grid_id=version.grid_id, state__in=states)
    return undrawn(list(found.select_related("node", "drawn_in").order_by("id")), version)


def undrawn(rows: Sequence[Reservation], version: Version) -> list[Reservation]:
    """Those of a grid's reservations, in their order, that a version does not have. What is held it never has.

    What runs it has when somebody says so; else, of generation, when it feeds that much more at the node than it did when that
    was asked for, those before it counted first; of load, when it draws another figure there than when that was energised.
    """
    index, drawn = bus_index(version.pk), drawn_in(version.pk)
    spots, taken, found = territory_of(version.pk).spot_of, dict[int, float](), []
    for row in rows:
        bus = index.get(row.node.at_bus)
        if row.state == Reservation.State.CONNECTED:
            said = row.drawn_in
            if said and said.undone_at is None and said.number <= version.number:
                continue
            if bus is not None and not row.is_generation and abs(drawn.load[bus] - row.beside_kw) > SAME_KW:
                continue
            if bus is not None and row.is_generation:
                spot = int(spots[bus])
                taken[spot] = max(row.beside_kw, taken.get(spot, 0.0)) + row.kw
                if drawn.fed[bus] + NEAR_KW >= taken[spot]:
                    continue
        found.append(row)
    return found


def added_kw(version: Version, direction: Direction) -> dict[str, float]:
    """Bus id → what stands there beside what a version draws, in one direction."""
    found: dict[str, float] = defaultdict(float)
    for row in committed(version):
        if row.is_generation == (direction == "generation"):
            found[row.node.at_bus] += row.kw
    return dict(found)


def loaded(version_id: int, direction: Direction = "load") -> Network:
    """The network of a version in the worst case of a direction.

    ``load``: as it is drawn, with what is reserved as load (times its simultaneity); no reserved generation helps it.
    ``generation``: at light load, with what is reserved as generation; no reserved load helps it.
    """
    version = Version.objects.defer("snapshot").get(pk=version_id)
    network, index = network_of(version_id), bus_index(version_id)
    is_light = direction == "generation"
    held = [r for r in committed(version) if r.is_generation == is_light and r.node.at_bus in index]
    if is_light:
        network = light(network, parameter("LIGHT_LOAD"))
        return replace(network, generators=_added(network.generators, held, index))
    return replace(network, loads=_added(network.loads, held, index))


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
