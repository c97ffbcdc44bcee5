"""可开放容量: how much more each bus can take or feed in before a voltage, a line or a transformer reaches its limit.

``prepare`` once a network, ``open_capacity`` as often as wanted. See docs/algorithms/open-capacity.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from jiedian.grid.circuit.calc.circuit import LINE, Circuit, Complexes, circuit_of, names
from jiedian.grid.circuit.calc.network import Ints, Network, Reals
from jiedian.grid.circuit.calc.sections import HIGH_KV, WHOLE_LIMIT, Mesh, Section, Split, split

from .lanes import Base, Bounds, Tree

Direction = Literal["load", "generation"]


@dataclass(frozen=True)
class CapacityLimits:
    """What must hold. Voltages per unit of nominal, loadings in percent of the rating, power factor of what is added.

    ``vmin_pu`` counts for load, ``vmax_pu`` for generation; ``lv_*`` replace them below 1 kV where given (GB/T 12325 has
    +7/-10 % at 220 V and ±7 % up to 20 kV). The answer is exact to ``tolerance_kw``.
    """

    pf: float = 0.95
    vmin_pu: float = 0.93
    vmax_pu: float = 1.07
    line_percent: float = 100.0
    transformer_percent: float = 80.0
    lv_vmin_pu: float | None = None
    lv_vmax_pu: float | None = None
    tolerance_kw: float = 0.5

    @property
    def tan_phi(self) -> float:
        return float(np.sqrt(1 / self.pf**2 - 1))


@dataclass(frozen=True)
class Violation:
    """A limit that is already broken before anything is added: everything in its section has capacity 0."""

    part: int
    kind: str
    element: str
    margin: float
    state: int


@dataclass(frozen=True)
class Capacity:
    """The answer, one row a bus.

    ``capacity_kw`` is NaN where a person must answer, and ``binding`` says why. ``binding`` is ``voltage``, ``line`` or
    ``transformer`` (``element`` names it), ``collapse`` (no bound before the voltage collapses), ``base`` (the section
    is over a limit already; ``element`` names it, capacity 0), ``none`` (unlimited); with NaN: ``source`` (a stiff
    source, nothing limits it), ``upstream`` (not below a busbar), ``unsupplied``, ``data`` (values that cannot be used),
    ``unsolved`` (the present state has no solution). ``margin`` is what the binding element has left before anything is
    added: voltage per unit, loading as a share of its limit. ``state`` is the row of ``states`` that decides.
    """

    bus: Ints
    capacity_kw: Reals
    binding: tuple[str, ...]
    element: tuple[str, ...]
    margin: Reals
    state: Ints
    flows: Ints
    violations: tuple[Violation, ...] = ()
    is_meshed: bool = False
    """Some of it was calculated by power-grid-model, because the grid there is no tree."""
    is_upstream_held: bool = False
    """The voltage of the upstream grid was calculated once and kept."""


@dataclass
class Prepared:
    """A network ready for many questions: its circuit, its sections and, once asked, their base flows."""

    circuit: Circuit
    split: Split
    trees: dict[int, Tree] = field(default_factory=dict)
    bases: dict[int, Base] = field(default_factory=dict)
    heads: dict[int, Ints] = field(default_factory=dict)
    """By section, the feeder head of each of its nodes (screening fills it in)."""

    @property
    def network(self) -> Network:
        return self.circuit.network

    def tree(self, part: int) -> Tree:
        if part not in self.trees:
            section = self.split.parts[part]
            assert isinstance(section, Section)
            self.trees[part] = Tree(section)
        return self.trees[part]

    def base(self, part: int) -> Base:
        if part not in self.bases:
            self.bases[part] = self.tree(part).base()
        return self.bases[part]

    def part_of(self, bus: int) -> int:
        """The section of a bus; -1 when it has none."""
        return int(self.split.part[self.circuit.node[bus]])


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
    from .powerflow import Flow

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

    ``states`` [state, bus] is what each bus draws, kW + j kvar, in place of the network's loads and generators. Limits are
    judged per section: one that is over a limit already does not take the others with it.
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
        if isinstance(found, Mesh):
            from .meshed import answer_mesh

            answer_mesh(prepared, int(part), limits, direction, answer, rows, demand)
        else:
            _answer_tree(prepared, int(part), limits, direction, answer, rows, demand)
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


class Answer:
    """The answer while it is being filled in."""

    def __init__(self, bus: Ints, part: Ints, place: Ints, reason: list[str]) -> None:
        count = len(bus)
        self.bus, self.part, self.place = bus, part, place
        self.kw = np.full(count, np.nan)
        self.binding = np.array(reason, object)
        self.element = np.full(count, "", object)
        self.margin = np.full(count, np.nan)
        self.state = np.zeros(count, np.int64)
        self.flows = np.zeros(count, np.int64)
        self.violations: list[Violation] = []
        self.is_meshed = self.is_held = False

    def capacity(self) -> Capacity:
        return Capacity(
            self.bus, self.kw, tuple(self.binding), tuple(self.element), self.margin, self.state, self.flows,
            tuple(self.violations), self.is_meshed, self.is_held,
        )  # fmt: skip

    def broken(self, rows: Ints, violation: Violation) -> None:
        """All of these buses have capacity 0, because of what is broken already."""
        self.violations.append(violation)
        self.kw[rows], self.binding[rows], self.element[rows] = 0.0, "base", violation.element
        self.margin[rows], self.state[rows] = violation.margin, violation.state


def voltage_bound(circuit: Circuit, nodes: Ints, limits: CapacityLimits, direction: Direction) -> Reals:
    """The voltage limit at each node, per unit of its nominal voltage."""
    is_load = direction == "load"
    usual = limits.vmin_pu if is_load else limits.vmax_pu
    lv = limits.lv_vmin_pu if is_load else limits.lv_vmax_pu
    return np.where(circuit.kv[nodes] < 1.0, usual if lv is None else lv, usual)


def loading_percent(circuit: Circuit, branches: Ints, limits: CapacityLimits) -> Reals:
    """How far each of the branches may be loaded."""
    is_line = circuit.branches.kind[branches] == LINE
    return np.where(is_line, limits.line_percent, limits.transformer_percent)


def bounds_of(circuit: Circuit, section: Section, limits: CapacityLimits, direction: Direction) -> Bounds:
    """The limits of a section, in its frame."""
    voltage = voltage_bound(circuit, section.nodes, limits, direction) * section.scale
    current = section.rows.limit * loading_percent(circuit, section.rows.branch, limits) / 100
    sense = 1.0 if direction == "load" else -1.0
    return Bounds(voltage, current, sense, limits.tan_phi)


def bus_at(circuit: Circuit, node: int) -> str:
    """The id of a node's first bus."""
    return circuit.network.buses.id[int(circuit.first_bus[node])]


def element_at(circuit: Circuit, branch: int) -> tuple[str, str]:
    """Kind and id of the element of a branch."""
    kind = int(circuit.branches.kind[branch])
    name = names(circuit.network, kind)[circuit.branches.element[branch]]
    return ("line" if kind == LINE else "transformer"), name


def _answer_tree(
    prepared: Prepared, part: int, limits: CapacityLimits, direction: Direction,
    answer: Answer, rows: Ints, demand: Complexes | None,
) -> None:  # fmt: skip
    circuit, tree = prepared.circuit, prepared.tree(part)
    answer.is_held |= tree.section.is_upstream_held
    base = prepared.base(part) if demand is None else tree.base(demand)
    bounds = bounds_of(circuit, tree.section, limits, direction)
    if base.has_failed:
        answer.binding[rows] = "unsolved"
        return
    volts, amps = tree.margins(base, bounds)
    broken = worst_of(circuit, tree, volts, amps, part)
    if broken is not None:
        answer.broken(rows, broken)
        return
    at, where = np.unique(answer.place[rows], return_inverse=True)
    if len(base.demand) == 1:
        from .twolevel import solve_all

        power, binding, flows = solve_all(
            prepared, part, base, bounds, at, tolerance=limits.tolerance_kw / 1000
        )
        state = np.zeros(len(at), np.int64)
    else:
        from .manystates import solve_states

        power, binding, state, flows = solve_states(
            tree, base, bounds, at, tolerance=limits.tolerance_kw / 1000
        )
    answer.kw[rows], answer.flows[rows], answer.state[rows] = power[where] * 1000, flows[where], state[where]
    order = np.argsort(binding[where], kind="stable")
    codes, starts = np.unique(binding[where][order], return_index=True)
    for code, hit in zip(codes, np.split(rows[order], starts[1:]), strict=True):
        _name(circuit, tree, answer, hit, int(code), volts, amps)


def _name(
    circuit: Circuit, tree: Tree, answer: Answer, hit: Ints, code: int, volts: Reals, amps: Reals
) -> None:
    """Say what binds the buses ``hit``."""
    section, size = tree.section, tree.section.size
    if code < 0:
        answer.binding[hit] = "collapse" if code == -2 else "none"
    elif code < size:
        answer.binding[hit], answer.element[hit] = "voltage", bus_at(circuit, int(section.nodes[code]))
        answer.margin[hit] = volts[answer.state[hit], code] / section.scale[code]
        same = hit[answer.place[hit] == code]
        answer.element[same] = [circuit.network.buses.id[b] for b in answer.bus[same]]
    else:
        kind, name = element_at(circuit, int(section.rows.branch[code - size]))
        answer.binding[hit], answer.element[hit] = kind, name
        answer.margin[hit] = amps[answer.state[hit], code - size]


def worst_of(circuit: Circuit, tree: Tree, volts: Reals, amps: Reals, part: int) -> Violation | None:
    """The limit that is broken the most before anything is added, by the margins of the tree; None when all hold."""
    s, i = np.unravel_index(np.argmin(volts), volts.shape)
    found = []
    if volts[s, i] < 0:
        margin = float(volts[s, i] / tree.section.scale[i])
        found.append(Violation(part, "voltage", bus_at(circuit, int(tree.section.nodes[i])), margin, int(s)))
    if amps.size:
        s, i = np.unravel_index(np.argmin(amps), amps.shape)
        if amps[s, i] < 0:
            kind, name = element_at(circuit, int(tree.section.rows.branch[i]))
            found.append(Violation(part, kind, name, float(amps[s, i]), int(s)))
    return min(found, key=lambda v: v.margin, default=None)


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
