"""供电方案初选: which points can carry an application, what would be seen there, and what stands in the way elsewhere.

Every candidate is checked by an AC flow with the whole power connected. See docs/algorithms/open-capacity.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from jiedian.core.words import apart
from jiedian.grid.circuit.calc.circuit import LINE, Circuit, Complexes
from jiedian.grid.circuit.calc.network import Ints, Reals
from jiedian.grid.circuit.calc.sections import HIGH_KV, Mesh, Section
from jiedian.grid.kernel.calc.capacity import open_capacity
from jiedian.grid.kernel.calc.lanes import Base, Bounds, Tree, over_rows
from jiedian.grid.kernel.calc.prepared import (
    Capacity,
    CapacityLimits,
    Prepared,
    bounds_of,
    bus_at,
    element_at,
    highest,
    highest_of,
    voltage_bound,
)

LEVELS_KV = (0.22, 0.4, 0.69, 3.0, 6.0, 10.0, 20.0, 35.0, 66.0, 110.0)
"""Nominal voltages that are told apart."""


@dataclass(frozen=True)
class Lift:
    """Remedy that would let the power through at a candidate: the binding element, what it has and what it would need.

    ``unit`` is ``pu`` for a voltage (``present`` is what is reached with the power connected, ``needed`` the limit, of ``kv``),
    ``A`` for the rating of a line, ``kVA`` for that of a transformer. The next element may then bind.
    """

    kind: str
    element: str
    present: float
    needed: float
    unit: str
    kv: float = math.nan

    @property
    def figures(self) -> tuple[str, str, str]:
        """Figures as people write them: what it has, what it needs, and the unit; of a voltage volts or kilovolts."""
        unit = self.unit if self.unit != "pu" else "V" if self.kv < 1 else "kV"
        scale = {"V": self.kv * 1000, "kV": self.kv}.get(unit, 1.0)
        return *apart(scale * self.present, scale * self.needed), unit


@dataclass(frozen=True)
class Candidate:
    """One point for an application. ``bus`` is the row of the network's buses.

    With the power connected: ``u_pu`` at the point, ``du_pu`` its change, ``min_u_pu`` anywhere in the section, the highest
    loadings. ``capacity_kw`` is NaN with the reason in ``binding`` where a person must answer; ``is_fit`` when all of it
    can be taken; ``lift`` what would be needed when not. ``section`` and ``feeder`` say where it hangs.
    """

    bus: int
    capacity_kw: float
    is_fit: bool
    u_pu: float
    du_pu: float
    min_u_pu: float
    max_line_percent: float
    max_transformer_percent: float
    binding: str
    element: str
    margin: float
    lift: Lift | None
    section: int
    feeder: int
    is_high: bool = False
    """The voltage stays above its upper limit with the power connected, or is above it without: the customer gets a voltage out of band."""
    line_at: int = -1
    """Branch of the line that is loaded the most with the power connected; as ``transformer_at``; -1 where there is none."""
    transformer_at: int = -1
    line_before: float = float("nan")
    """Loading of that line before anything is connected (%); NaN where nobody knows; as ``transformer_before``."""
    transformer_before: float = float("nan")


@dataclass(frozen=True)
class Pair:
    """Two points that can each carry all. ``apart``: ``substation`` (different upstream nodes), ``section`` or ``feeder``."""

    first: Candidate
    second: Candidate
    apart: str


def screen(
    prepared: Prepared,
    *,
    kw: float,
    pf: float,
    limits: CapacityLimits,
    buses: Ints | Sequence[int] | None = None,
) -> list[Candidate]:
    """Every bus below 60 kV (or of ``buses``) as a candidate for a load of ``kw`` at ``pf``; those that fit first, by voltage drop.

    The capacity is exact, the reported values come from an AC flow with ``kw`` connected at that bus alone.
    """
    limits = replace(limits, pf=pf)
    answer = open_capacity(prepared, limits=limits, buses=buses)
    found: list[Candidate] = []
    node = prepared.circuit.node[answer.bus]
    parts, places = prepared.split.part[node], prepared.split.place[node]
    high = voltage_bound(prepared.circuit, node, limits, "generation")
    for part in np.unique(parts):
        rows = np.flatnonzero(parts == part)
        seen = _seen(prepared, int(part), places[rows], kw / 1000, limits)
        for k, row in enumerate(rows):
            feeder = _feeder(prepared, int(part), int(places[row]))
            one = _candidate(answer, int(row), kw, seen[k], part=int(part), feeder=feeder)
            found.append(replace(one, is_high=one.u_pu - min(one.du_pu, 0.0) > high[row]))
    return sorted(found, key=lambda c: (not c.is_fit, np.isnan(c.du_pu), -c.du_pu))


def _candidate(
    answer: Capacity, row: int, kw: float, seen: "PlaceValues", *, part: int, feeder: int
) -> Candidate:
    capacity = float(answer.capacity_kw[row])
    is_fit = capacity >= kw
    return Candidate(
        int(answer.bus[row]), capacity, is_fit, *seen[:5], answer.binding[row], answer.element[row],
        float(answer.margin[row]), None if is_fit else seen[5], part, feeder, False, *seen[6:],
    )  # fmt: skip


PlaceValues = tuple[float, float, float, float, float, Lift | None, int, int, float, float]
UNSEEN: PlaceValues = (np.nan, np.nan, np.nan, np.nan, np.nan, None, -1, -1, np.nan, np.nan)


def _seen(
    prepared: Prepared, part: int, places: Ints, power: float, limits: CapacityLimits
) -> Sequence[PlaceValues]:
    """What is seen with the power connected at each place: U, dU, lowest U, highest line and transformer loading, lift, at which branches,
    and how those were loaded before."""
    found = prepared.split.parts[part] if part >= 0 else None
    if isinstance(found, Mesh):
        from jiedian.grid.kernel.calc.meshed import seen_in_mesh

        return seen_in_mesh(prepared, found, places, power, limits)
    if found is None or prepared.base(part).has_failed:
        return [UNSEEN] * len(places)
    tree, base, section = prepared.tree(part), prepared.base(part), found
    at, where = np.unique(places, return_inverse=True)
    v, j = probe(tree, base, at, power, limits.tan_phi)
    current = _row_currents(section, v, j)
    is_line = prepared.circuit.branches.kind[section.rows.branch] == LINE
    size = np.abs(v) / section.scale
    loading = current / section.rows.limit * 100
    (line, line_at), (trafo, trafo_at) = (
        highest(np.where(kind, loading, 0.0), section.rows.branch) for kind in (is_line, ~is_line)
    )
    before = np.abs(base.v[0]) / section.scale
    bounds = bounds_of(prepared.circuit, section, limits, "load")
    short = (bounds.voltage / section.scale - size) / (bounds.voltage / section.scale)
    over = current / bounds.current - 1
    _spare((tree, base, bounds), limits, (at, power), short, over)
    lifts = [_lift(prepared.circuit, section, size[k], short[k], over[k]) for k in range(len(at))]
    low, own = size.min(axis=1), size[np.arange(len(at)), at]
    every = np.stack([own, own - before[at], low, line, trafo], axis=1).tolist()
    was = _loaded_before(section, base)
    ends = [(int(line_at[k]), int(trafo_at[k])) for k in range(len(at))]
    return [
        (*every[k], lifts[k], *ends[k], *(was.get(branch, np.nan) for branch in ends[k]))
        for k in where.tolist()
    ]


def _loaded_before(section: Section, base: Base) -> dict[int, float]:
    """Loading of every branch of a section before anything is connected (%)."""
    percent = _row_currents(section, base.v[:1], base.j[:1])[0] / section.rows.limit * 100
    return highest_of(section.rows.branch, percent)


def _spare(
    found: tuple[Tree, Base, Bounds],
    limits: CapacityLimits,
    asked: tuple[Ints, float],
    short: Reals,
    over: Reals,
) -> None:
    """Take out of the shortfalls what is broken already and not made noticeably worse by ``asked``: places and power."""
    tree, base, bounds = found
    volts, amps = tree.margins(base, bounds)
    is_broken, is_over = volts[0] < 0, over_rows(tree.section, amps)
    if not is_broken.any() and not is_over.any():
        return
    is_above, scale = tree.ways(asked[0]), tree.section.scale
    allowed = (limits.notice_pu + limits.notice_pu_per_mw * asked[1]) * scale
    least = (allowed - volts[0]) / bounds.voltage
    short[is_broken & ~is_above & (short <= least)] = -np.inf
    over[is_over & ~is_above[:, tree.section.rows.node]] = -np.inf


def probe(tree: Tree, base: Base, at: Ints, power: float, tilt: float) -> tuple[Complexes, Complexes]:
    """Voltages and branch currents [flow, node] with ``power`` (per unit) drawn at each of ``at``; NaN when collapsed."""
    demand = np.repeat(base.demand, len(at), axis=0)
    demand[np.arange(len(at)), at] += power * (1 + 1j * tilt)
    flow = tree.base(demand)
    return flow.v, flow.j


def _row_currents(section: Section, v: Complexes, j: Complexes) -> Reals:
    rows = section.rows
    end = np.where(rows.is_child, rows.node, section.parent[rows.node])
    result: Reals = np.abs(rows.share * j[:, rows.node] + rows.y * v[:, end])
    return result


def _lift(circuit: Circuit, section: Section, size: Reals, short: Reals, over: Reals) -> Lift | None:
    """The element that is over its limit the most, and what it would need; ``short`` and ``over`` are shares of the limits."""
    i, r = int(np.argmax(short[1:])) + 1, int(np.argmax(over)) if len(over) else -1
    if r >= 0 and over[r] > max(short[i], 0):
        kind, name = element_at(circuit, int(section.rows.branch[r]))
        rated, unit = rating(circuit, int(section.rows.branch[r]))
        return Lift(kind, name, rated, rated * float(over[r] + 1), unit)
    if short[i] > 0:
        return Lift(
            "voltage",
            bus_at(circuit, int(section.nodes[i])),
            float(size[i]),
            float(size[i] / (1 - short[i])),
            "pu",
            float(circuit.kv[int(section.nodes[i])]),
        )
    return None


def rating(circuit: Circuit, branch: int) -> tuple[float, str]:
    """The rating of a branch's element and its unit."""
    row = circuit.branches.element[branch]
    if circuit.branches.kind[branch] == LINE:
        return float(circuit.network.lines.rated_a[row]), "A"
    trafos = circuit.network.transformers
    return float(trafos.rated_kva[row] * trafos.parallel[row]), "kVA"


def element_with_rating(circuit: Circuit, branch: int) -> tuple[str, str]:
    """The element of a branch by its id, and its rating in words; nothing of no branch (-1)."""
    if branch < 0:
        return "", ""
    rated, unit = rating(circuit, branch)
    return element_at(circuit, branch)[1], f"{rated:,.0f} {unit}"


def feeders(circuit: Circuit, section: Section) -> Ints:
    """The head of each node's feeder: the node below the busbar on its way to the root; -1 at the busbar and above.

    The busbar is the first node below 60 kV.
    """
    high = circuit.kv[section.nodes] >= HIGH_KV
    head = np.full(section.size, -1, np.int64)
    for i in range(1, section.size):
        above = section.parent[i]
        if head[above] >= 0:
            head[i] = head[above]
        elif not high[above]:
            head[i] = i
    return head


def _feeder(prepared: Prepared, part: int, place: int) -> int:
    """The feeder's head as a node of the circuit; -1 where there is none."""
    found = prepared.split.parts[part] if part >= 0 else None
    if not isinstance(found, Section):
        return -1
    if part not in prepared.heads:
        prepared.heads[part] = feeders(prepared.circuit, found)
    k = int(prepared.heads[part][place])
    return int(found.nodes[k]) if k >= 0 else -1


def pairs(
    prepared: Prepared, candidates: Sequence[Candidate], *, bus: int | None = None, limit: int = 20
) -> list[Pair]:
    """Two points for a dual supply, each able to carry all: different substations first, then sections, then feeders.

    With ``bus`` (which must be a candidate and fit) only pairs of that bus with another of the same nominal voltage. Inside one
    kind those with the smaller voltage drops come first. A feeder is compared only within one section.
    """
    fit = [c for c in candidates if c.is_fit and not c.is_high]
    kv = prepared.network.buses.kv
    asked = [c for c in candidates if c.bus == bus and c.is_fit]
    best: dict[tuple[int, int, float], Candidate] = {}
    for c in fit:
        if c.bus != bus:
            best.setdefault((c.section, c.feeder, _level(kv[c.bus])), c)
    several = list(best.values())
    both = [(one, two) for k, one in enumerate(several) for two in several[k + 1 :]]
    if bus is not None:
        both = [(one, two) for one in asked for two in several]
    found = []
    for first, second in both:
        apart = _apart(prepared, first, second)
        if apart and _level(kv[first.bus]) == _level(kv[second.bus]):
            found.append(Pair(first, second, apart))
    order = {"substation": 0, "section": 1, "feeder": 2}
    found.sort(key=lambda p: (order[p.apart], -min(p.first.du_pu, p.second.du_pu), -p.second.du_pu))
    return found[:limit]


def _level(kv: float) -> float:
    """The usual nominal voltage nearest to one: 0.38 and 0.4, or 10 and 10.5 kV, are one level."""
    return min(LEVELS_KV, key=lambda level: abs(np.log(kv / level)))


def _apart(prepared: Prepared, first: Candidate, second: Candidate) -> str:
    """How two points are apart; empty where one fault takes both."""
    if first.section != second.section:
        same = _upstream(prepared, first.section) == _upstream(prepared, second.section)
        return "section" if same else "substation"
    is_apart = first.feeder != second.feeder and min(first.feeder, second.feeder) >= 0
    return "feeder" if is_apart else ""


def _upstream(prepared: Prepared, part: int) -> tuple[int, ...]:
    found = prepared.split.parts[part]
    return (int(found.nodes[0]),) if isinstance(found, Section) else tuple(int(n) for n in found.held)
