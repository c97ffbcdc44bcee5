"""潮流计算: exact AC power flow by power-grid-model, for meshed grids and as the check of our own sweep. The only door to it."""

from dataclasses import replace
from typing import Any

import numpy as np

from jiedian.grid.circuit.calc.circuit import Branches, Circuit, Complexes
from jiedian.grid.circuit.calc.holding import HeldPart, Holding
from jiedian.grid.circuit.calc.network import Ints, Reals

VOLTS = 1000.0
"""Every node is given 1 kV and the base is 1 MVA, so that 1 ohm is 1 per unit."""
STIFF_VA = 1e20


class Flow:
    """A circuit, or the part of it on ``nodes``, as a power-grid-model, kept for many flows.

    Failed flows come back as NaN, never as what stood in the buffer.
    """

    def __init__(
        self,
        circuit: Circuit,
        *,
        nodes: Ints | None = None,
        branches: Branches | None = None,
        held: tuple[Ints, Complexes] | None = None,
        demand: Complexes | None = None,
        is_holding: bool = False,
    ) -> None:
        """``is_holding``: generators keep their voltage; else they are constant power. ``held`` are the nodes whose voltage is given, and the voltages (the circuit's sources when not said);
        ``demand`` is drawn at ``nodes`` instead of the circuit's."""
        from power_grid_model import PowerGridModel

        self.nodes = np.arange(circuit.size) if nodes is None else nodes
        place = np.full(circuit.size, -1, np.int64)
        place[self.nodes] = np.arange(len(self.nodes))
        at, v = (circuit.source_node, circuit.source_v) if held is None else held
        inside = circuit.branches if branches is None else branches
        inside = inside.take((place[inside.from_node] >= 0) & (place[inside.to_node] >= 0))
        self.demand = circuit.demand[self.nodes] if demand is None else demand
        count = len(self.nodes)
        self.first_load = count + len(inside.z) + len(at) + count
        data = {
            "node": _rows("node", id=np.arange(count), u_rated=np.full(count, VOLTS)),
            "generic_branch": _branches(inside, place, count),
            "source": _sources(place[at], v, count + len(inside.z)),
            "shunt": _shunts(circuit.y[self.nodes], count + len(inside.z) + len(at)),
            "sym_load": _loads(self.demand, self.first_load),
        }
        self.model = PowerGridModel(data, system_frequency=circuit.network.hz)
        self.holding = None
        if is_holding and (place[circuit.hold_node] >= 0).any():
            self.holding = _holding(circuit, place, inside, (place[at], v), self.demand)

    def solve(self, *, tolerance: float = 1e-10) -> Complexes:
        """Voltages of the present state per node, per unit; NaN when there is no solution or no supply."""
        from power_grid_model.errors import PowerGridError  # type: ignore[attr-defined]

        if self.holding is not None:
            return self.holding.solve()
        try:
            out: Any = self.model.calculate_power_flow(
                error_tolerance=tolerance, max_iterations=50, output_component_types=["node"]
            )
        except PowerGridError:
            return np.full(len(self.nodes), np.nan + 0j)
        return _voltages(out["node"])

    def probe(
        self, at: Ints, extra: Complexes, *, tolerance: float = 1e-8, method: str = "newton_raphson"
    ) -> Complexes:
        """Voltages [flow, node] when ``extra[k]`` is drawn on top at the place ``at[k]`` in ``nodes``."""
        if self.holding is not None:
            demand = np.tile(self.demand, (len(at), 1))
            demand[np.arange(len(at)), at] += extra
            return self.holding.states(demand)
        load = _rows(
            "sym_load",
            shape=(len(at), 1),
            kind="update",
            id=(self.first_load + at)[:, None],
            p_specified=((self.demand[at] + extra).real * 1e6)[:, None],
            q_specified=((self.demand[at] + extra).imag * 1e6)[:, None],
        )
        return self._batch(load, tolerance, method)

    def states(self, demand: Complexes, *, tolerance: float = 1e-8) -> Complexes:
        """Voltages [state, node] when each state has its own ``demand`` [state, node]."""
        ids = np.broadcast_to(self.first_load + np.arange(len(self.nodes)), demand.shape)
        load = _rows(
            "sym_load",
            shape=demand.shape,
            kind="update",
            id=ids,
            p_specified=demand.real * 1e6,
            q_specified=demand.imag * 1e6,
        )
        return self._batch(load, tolerance, "newton_raphson")

    def _batch(self, load: Any, tolerance: float, method: str) -> Complexes:
        out: Any = self.model.calculate_power_flow(
            error_tolerance=tolerance,
            max_iterations=30,
            update_data={"sym_load": load},
            output_component_types=["node"],
            continue_on_batch_error=True,
            calculation_method=method,
            threading=-1,
        )
        v = _voltages(out["node"])
        error = self.model.batch_error
        if error is not None:
            v[np.asarray(error.failed_scenarios, np.int64)] = np.nan
        return v


def _holding(
    circuit: Circuit, place: Ints, inside: Branches, source: tuple[Ints, Complexes], demand: Complexes
) -> Holding:
    """The flows of the nodes that have a place, their generators keeping the voltages."""
    placed = replace(inside, from_node=place[inside.from_node], to_node=place[inside.to_node])
    here = (place[circuit.hold_node] >= 0)[circuit.hold_of] & (place[circuit.hold_by] >= 0)
    kept = np.flatnonzero(place[circuit.hold_node] >= 0)
    of = np.searchsorted(kept, circuit.hold_of[here])
    return Holding(
        HeldPart(
            placed, circuit.y[place >= 0][np.argsort(place[place >= 0])], demand, *source,
            place[circuit.hold_node[kept]], circuit.hold_v[kept], place[circuit.hold_by[here]], of,
        )
    )  # fmt: skip


def _voltages(out: Any) -> Complexes:
    v: Complexes = np.where(out["energized"] == 1, out["u_pu"] * np.exp(1j * out["u_angle"]), np.nan)
    return v


def _rows(component: str, *, kind: str = "input", shape: Any = None, **columns: Any) -> Any:
    from power_grid_model import initialize_array

    rows = initialize_array(kind, component, len(columns["id"]) if shape is None else shape)
    for name, values in columns.items():
        rows[name] = values
    return rows


def _branches(inside: Branches, place: Ints, first: int) -> Any:
    count = len(inside.z)
    return _rows(
        "generic_branch",
        id=first + np.arange(count),
        from_node=place[inside.from_node],
        to_node=place[inside.to_node],
        from_status=np.ones(count, np.int8),
        to_status=np.ones(count, np.int8),
        r1=inside.z.real,
        x1=inside.z.imag,
        g1=2 * inside.y_end.real,
        b1=2 * inside.y_end.imag,
        k=np.abs(inside.ratio),
        theta=np.angle(inside.ratio),
        sn=np.full(count, 1e6),
    )


def _sources(at: Ints, v: Complexes, first: int) -> Any:
    return _rows(
        "source",
        id=first + np.arange(len(at)),
        node=at,
        status=np.ones(len(at), np.int8),
        u_ref=np.abs(v),
        u_ref_angle=np.angle(v),
        sk=np.full(len(at), STIFF_VA),
    )


def _shunts(y: Complexes, first: int) -> Any:
    count = len(y)
    return _rows(
        "shunt",
        id=first + np.arange(count),
        node=np.arange(count),
        status=np.ones(count, np.int8),
        g1=y.real,
        b1=y.imag,
    )


def _loads(demand: Complexes, first: int) -> Any:
    count = len(demand)
    return _rows(
        "sym_load",
        id=first + np.arange(count),
        node=np.arange(count),
        status=np.ones(count, np.int8),
        type=np.zeros(count, np.int8),
        p_specified=demand.real * 1e6,
        q_specified=demand.imag * 1e6,
    )


def magnitude(v: Complexes) -> Reals:
    """Voltage magnitudes, per unit."""
    result: Reals = np.abs(v)
    return result
