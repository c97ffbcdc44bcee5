"""Parts of a question of open capacity: the limits, the network made ready, and the answer being filled in."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from jiedian.grid.circuit.calc.circuit import LINE, Circuit, Complexes, names
from jiedian.grid.circuit.calc.network import Ints, Network, Reals
from jiedian.grid.circuit.calc.sections import Section, Split

from .lanes import Base, Bounds, Tree

Direction = Literal["load", "generation"]


@dataclass(frozen=True)
class CapacityLimits:
    """Limits that must hold. Voltages per unit of nominal, loadings in percent of the rating, power factor of what is added.

    ``vmin_pu`` counts for load, ``vmax_pu`` for generation; ``lv_*`` replace them below 1 kV where given (GB/T 12325 has
    +7/-10 % at 220 V and ±7 % up to 20 kV); ``single_*`` count at the end of a single-phase service line. The answer is exact to ``tolerance_kw``.
    """

    pf: float = 0.95
    vmin_pu: float = 0.93
    vmax_pu: float = 1.07
    line_percent: float = 100.0
    transformer_percent: float = 80.0
    lv_vmin_pu: float | None = None
    lv_vmax_pu: float | None = None
    tolerance_kw: float = 0.5
    single_vmin_pu: float = 0.90
    single_vmax_pu: float = 1.07
    own: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Nodes of the circuit with limits of their own: lowest and highest voltage."""

    @property
    def tan_phi(self) -> float:
        return float(np.sqrt(1 / self.pf**2 - 1))


@dataclass(frozen=True)
class Question:
    """Question to one part: under which limits, in which direction, in the present state or in each of ``demand``."""

    limits: CapacityLimits
    direction: Direction
    demand: Complexes | None


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
    found: Reals = np.where(circuit.kv[nodes] < 1.0, usual if lv is None else lv, usual)
    for node, band in limits.own.items():
        found[nodes == node] = band[0 if is_load else 1]
    return found


def loading_percent(circuit: Circuit, branches: Ints, limits: CapacityLimits) -> Reals:
    """Loading in percent that each of the branches may have."""
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
