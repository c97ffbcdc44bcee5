"""Parts of a question of open capacity: the limits, the network made ready, and the answer being filled in."""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from jiedian.grid.circuit.calc.circuit import LINE, Circuit, Complexes, names
from jiedian.grid.circuit.calc.network import Ints, Network, Reals
from jiedian.grid.circuit.calc.sections import Section, Split

from .lanes import Base, Bounds, Broken, Tree, over_rows

Direction = Literal["load", "generation"]


@dataclass(frozen=True)
class CapacityLimits:
    """Limits that must hold. Voltages per unit of nominal, loadings in percent of the rating, power factor of what is added.

    ``vmin_pu`` counts for load, ``vmax_pu`` for generation; ``lv_*`` replace them below 1 kV where given (GB/T 12325 has
    +7/-10 % at 220 V and ±7 % up to 20 kV); ``single_*`` count at the end of a single-phase service line. ``notice_*`` say when somebody makes noticeably worse
    what is broken already: by more than so much voltage, and so much per MW added; in a mesh by more than a share of the
    rating, and a share of what is added. The answer is exact to ``tolerance_kw``.
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
    notice_pu: float = 0.005
    notice_pu_per_mw: float = 0.002
    notice_rating: float = 0.01
    notice_share: float = 0.05
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
    """A limit that is broken before anything is added. It binds only who makes it noticeably worse; for the others it is a finding."""

    part: int
    kind: str
    element: str
    margin: float
    state: int


@dataclass(frozen=True)
class Capacity:
    """The answer, one row a bus.

    ``capacity_kw`` is NaN where a person must answer, and ``binding`` says why. ``binding`` is ``voltage``, ``line`` or
    ``transformer`` (``element`` names it), ``collapse`` (no bound before the voltage collapses), ``base`` (what binds is
    over its limit already; ``element`` names it: 0 in its own subtree, elsewhere what does not make it noticeably worse), ``none`` (unlimited); with NaN: ``source`` (a stiff
    source, nothing limits it), ``upstream`` (not below a busbar), ``unsupplied``, ``data`` (values that cannot be used),
    ``unsolved`` (the present state has no solution). ``margin`` is what the binding element has left before anything is
    added: voltage per unit, loading as a share of its limit. ``violations`` is everything that is broken already, whether it binds
    somebody or not. ``state`` is the row of ``states`` that decides.
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


def highest(loading: Reals, branch: Ints) -> tuple[Reals, Ints]:
    """The highest loading of each row and the branch that has it; 0 and -1 where nothing is loaded."""
    if not loading.shape[1]:
        return np.zeros(len(loading)), np.full(len(loading), -1)
    at = loading.argmax(axis=1)
    most = loading[np.arange(len(loading)), at]
    return most, np.where(most > 0, branch[at], -1)


def highest_of(branch: Ints, percent: Reals) -> dict[int, float]:
    """The higher loading of both ends of every branch."""
    found: dict[int, float] = {}
    for each, value in zip(branch.tolist(), percent.tolist(), strict=True):
        found[each] = max(found.get(each, 0.0), value)
    return found


def broken_in(circuit: Circuit, tree: Tree, volts: Reals, amps: Reals, part: int) -> list[Violation]:
    """Every limit that is broken before anything is added, by the margins of the tree [state, …], the worst first."""
    found = []
    section = tree.section
    for i in np.flatnonzero((volts < 0).any(axis=0)).tolist():
        s = int(np.argmin(volts[:, i]))
        margin = float(volts[s, i] / section.scale[i])
        found.append(Violation(part, "voltage", bus_at(circuit, int(section.nodes[i])), margin, s))
    worst: dict[tuple[str, str], Violation] = {}
    for r in np.flatnonzero((amps < 0).any(axis=0)).tolist():
        s = int(np.argmin(amps[:, r]))
        kind, name = element_at(circuit, int(section.rows.branch[r]))
        one = Violation(part, kind, name, float(amps[s, r]), s)
        worst[kind, name] = min(one, worst.get((kind, name), one), key=lambda v: v.margin)
    return sorted([*found, *worst.values()], key=lambda v: v.margin)


def with_broken(tree: Tree, bounds: Bounds, limits: CapacityLimits, volts: Reals, amps: Reals) -> Bounds:
    """The bounds with what is broken already set apart, by the margins of the tree."""
    node, row = np.flatnonzero((volts < 0).any(axis=0)), np.flatnonzero(over_rows(tree.section, amps))
    if not len(node) and not len(row):
        return bounds
    scale = tree.section.scale[node]
    left, per_unit = limits.notice_pu * scale, limits.notice_pu_per_mw * scale
    return replace(
        bounds,
        broken=Broken(node, left, per_unit, np.ones(len(node), np.bool_), row, _mates(tree.section, row)),
    )


def _mates(section: Section, rows: Ints) -> Ints:
    """For each row the one of the other end of its element; itself where there is none."""
    mate, last = rows.copy(), dict[int, int]()
    for k, branch in enumerate(section.rows.branch[rows].tolist()):
        if branch in last:
            mate[k], mate[last[branch]] = rows[last[branch]], rows[k]
        last[branch] = k
    return mate
