"""可开放容量: how much more each bus can take or feed in before a voltage, a line or a transformer reaches its limit.

``prepare`` once a network, ``open_capacity`` as often as wanted. See docs/algorithms/open-capacity.md.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from jiedian.grid.circuit.calc.circuit import Circuit, Complexes, circuit_of
from jiedian.grid.circuit.calc.network import Ints, Network, Reals
from jiedian.grid.circuit.calc.sections import HIGH_KV, WHOLE_LIMIT, Mesh, Section, split

from .lanes import Tree
from .manystates import solve_states
from .meshed import answer_mesh
from .powerflow import Flow
from .prepared import (
    Answer,
    Capacity,
    CapacityLimits,
    Direction,
    Prepared,
    Question,
    bounds_of,
    broken_in,
    bus_at,
    element_at,
    with_broken,
)
from .twolevel import solve_all


def prepare(network: Network, *, transformer_model: str = "t", upstream_pu: float | None = None) -> Prepared:
    """A network cut into sections, for any number of questions.

    ``transformer_model`` "t" is pandapower's default, "pi" that of power-grid-model. ``upstream_pu`` holds every node of a
    large upstream grid at that voltage instead of calculating it.
    """
    circuit = circuit_of(network, transformer_model=transformer_model)
    if upstream_pu is not None:
        return Prepared(circuit, split(circuit, upstream_v=np.full(circuit.size, upstream_pu + 0j)))
    whole = split(circuit)
    if all(isinstance(part, Section) or part.size <= WHOLE_LIMIT for part in whole.parts):
        return Prepared(circuit, whole)
    return Prepared(circuit, split(circuit, upstream_v=_upstream(circuit)))


def _upstream(circuit: Circuit) -> Complexes:
    """Voltages of a large upstream grid in the present state; those of its sources where that has no solution."""
    v = Flow(circuit).solve(tolerance=1e-6)
    return np.where(np.isnan(v), np.mean(np.abs(circuit.source_v)), v).astype(np.complex128)


def open_capacity(
    prepared: Prepared,
    *,
    limits: CapacityLimits,
    direction: Direction = "load",
    buses: Ints | Sequence[int] | None = None,
    states: Complexes | None = None,
) -> Capacity:
    """The open capacity of every bus below 60 kV (or of ``buses``), in the present state or the worst of ``states``.

    ``states`` [state, bus] is what each bus draws, kW + j kvar, in place of the network's loads and generators. What is
    over a limit already binds only who makes it noticeably worse.
    """
    asked = (
        np.flatnonzero(
            ~(prepared.network.buses.kv >= HIGH_KV)
        )  # a bus without a voltage is answered too: by hand
        if buses is None
        else np.asarray(buses, np.int64)
    )
    node = prepared.circuit.node[asked]
    answer = Answer(
        asked, prepared.split.part[node], prepared.split.place[node], [prepared.split.reason[n] for n in node]
    )
    for part in np.unique(answer.part[answer.part >= 0]):
        rows = np.flatnonzero(answer.part == part)
        found = prepared.split.parts[part]
        demand = None if states is None else _states_at(prepared.circuit, found.nodes, states)
        question = Question(limits, direction, demand)
        if isinstance(found, Mesh):
            answer_mesh(prepared, int(part), question, answer, rows)
        else:
            _answer_tree(prepared, int(part), question, answer, rows)
    return answer.capacity()


def _states_at(circuit: Circuit, nodes: Ints, states: Complexes) -> Complexes:
    """The demand of the nodes in every state, per unit, from the buses'."""
    place = np.full(circuit.size, -1, np.int64)
    place[nodes] = np.arange(len(nodes))
    demand = np.zeros((len(states), len(nodes)), np.complex128)
    at = place[circuit.node]
    inside = np.flatnonzero(at >= 0)
    np.add.at(demand.T, at[inside], states[:, inside].T / 1000)
    return demand


def _answer_tree(prepared: Prepared, part: int, question: Question, answer: Answer, rows: Ints) -> None:
    limits, demand = question.limits, question.demand
    circuit, tree = prepared.circuit, prepared.tree(part)
    answer.is_held |= tree.section.is_upstream_held
    base = prepared.base(part) if demand is None else tree.base(demand)
    bounds = bounds_of(circuit, tree.section, limits, question.direction)
    if base.has_failed:
        answer.binding[rows] = "unsolved"
        return
    volts, amps = tree.margins(base, bounds)
    if volts.min() < 0 or amps.min(initial=0) < 0:
        answer.violations += broken_in(circuit, tree, volts, amps, part)
        bounds = with_broken(tree, bounds, limits, volts, amps)
    at, where = np.unique(answer.place[rows], return_inverse=True)
    if len(base.demand) == 1:
        power, binding, flows = solve_all(
            prepared, part, base, bounds, at, tolerance=limits.tolerance_kw / 1000
        )
        state = np.zeros(len(at), np.int64)
    else:
        power, binding, state, flows = solve_states(
            tree, base, bounds, at, tolerance=limits.tolerance_kw / 1000
        )
    answer.kw[rows], answer.flows[rows], answer.state[rows] = power[where] * 1000, flows[where], state[where]
    _name(circuit, tree, answer, rows, binding[where], (volts, amps))


def _name(
    circuit: Circuit, tree: Tree, answer: Answer, rows: Ints, code: Ints, margins: tuple[Reals, Reals]
) -> None:
    """Say what binds the ``rows``, by the code of each (see kernel.solve); the margins are those of the voltages and of the currents."""
    section, size = tree.section, tree.section.size
    codes, which = np.unique(code, return_inverse=True)
    words = np.empty((2, len(codes)), object)
    for k, one in enumerate(codes.tolist()):
        words[:, k] = _words(circuit, section, one)
    answer.binding[rows], answer.element[rows] = words[:, which]
    at, through = (code >= 0) & (code < size), code >= size
    state, node, row = answer.state[rows], code[at], code[through] - size
    answer.margin[rows[at]] = margins[0][state[at], node] / section.scale[node]
    answer.margin[rows[through]] = margins[1][state[through], row]
    answer.binding[rows[answer.margin[rows] < 0]] = "base"
    ids = circuit.network.buses.id
    for k in rows[answer.place[rows] == code].tolist():
        answer.element[k] = ids[answer.bus[k]]


def _words(circuit: Circuit, section: Section, code: int) -> tuple[str, str]:
    """Kind and name of what binds."""
    if code < 0:
        return "collapse" if code == -2 else "none", ""
    if code < section.size:
        return "voltage", bus_at(circuit, int(section.nodes[code]))
    return element_at(circuit, int(section.rows.branch[code - section.size]))


def with_demand(prepared: Prepared, bus: int, *, p_kw: float, q_kvar: float) -> Prepared:
    """The same network with more drawn at a bus (a reservation); every section but that of the bus is kept as it is."""
    node = int(prepared.circuit.node[bus])
    demand = prepared.circuit.demand.copy()
    demand[node] += (p_kw + 1j * q_kvar) / 1000
    circuit = replace(prepared.circuit, demand=demand)
    part = int(prepared.split.part[node])
    if part < 0:
        return replace(prepared, circuit=circuit)
    found = prepared.split.parts[part]
    if isinstance(found, Section):
        own = found.demand.copy()
        own[prepared.split.place[node]] = demand[node]
        found = replace(found, demand=own)
    return with_part(prepared, circuit, part, found)


def with_part(prepared: Prepared, circuit: Circuit, part: int, found: Section | Mesh) -> Prepared:
    """A copy in which one part is another and nothing is remembered of it."""
    parts = list(prepared.split.parts)
    parts[part] = found
    kept: dict[str, dict[int, object]] = {
        name: {k: v for k, v in getattr(prepared, name).items() if k != part}
        for name in ("trees", "bases", "heads")
    }
    return Prepared(circuit, replace(prepared.split, parts=tuple(parts)), **kept)  # type: ignore[arg-type]
