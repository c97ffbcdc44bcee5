"""供电方案初选: which points can carry an application, what would be seen there, and what stands in the way elsewhere.

Every candidate is checked by an AC flow with the whole power connected. See docs/algorithms/open-capacity.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from jiedian.grid.circuit.calc.circuit import LINE, Branches, Circuit, Complexes
from jiedian.grid.circuit.calc.network import Bools, Ints, Reals
from jiedian.grid.circuit.calc.sections import HIGH_KV, Mesh, Section, tree_of
from jiedian.grid.kernel.calc.capacity import open_capacity
from jiedian.grid.kernel.calc.lanes import Base, Tree
from jiedian.grid.kernel.calc.prepared import (
    Capacity,
    CapacityLimits,
    Prepared,
    Violation,
    bounds_of,
    bus_at,
    element_at,
    worst_of,
)

TIE_Z = 1e-9
"""Impedance given to a closed bus-to-bus tie, per unit: nothing, but not zero."""


@dataclass(frozen=True)
class Lift:
    """Remedy that would let the power through at a candidate: the binding element, what it has and what it would need.

    ``unit`` is ``pu`` for a voltage (``present`` is what is reached with the power connected, ``needed`` the limit), ``A`` for
    the rating of a line, ``kVA`` for that of a transformer. The next element may then bind.
    """

    kind: str
    element: str
    present: float
    needed: float
    unit: str


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


@dataclass(frozen=True)
class Pair:
    """Two points that can each carry all. ``apart``: ``substation`` (different upstream nodes), ``section`` or ``feeder``."""

    first: Candidate
    second: Candidate
    apart: str


@dataclass(frozen=True)
class Transfer:
    """The point's feeder opened at its head and one normally open tie closed: whether everything then holds.

    ``tie`` is (``link`` or ``line``, its id); ``worst`` the limit broken the most, None when it fits; ``u_pu`` at the point.
    """

    tie: tuple[str, str]
    is_fit: bool
    worst: Violation | None
    u_pu: float
    section: int


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
    for part in np.unique(parts):
        rows = np.flatnonzero(parts == part)
        seen = _seen(prepared, int(part), places[rows], kw / 1000, limits)
        for k, row in enumerate(rows):
            feeder = _feeder(prepared, int(part), int(places[row]))
            found.append(_candidate(answer, int(row), kw, seen[k], part=int(part), feeder=feeder))
    return sorted(found, key=lambda c: (not c.is_fit, np.isnan(c.du_pu), -c.du_pu))


def _candidate(
    answer: Capacity, row: int, kw: float, seen: "PlaceValues", *, part: int, feeder: int
) -> Candidate:
    capacity = float(answer.capacity_kw[row])
    is_fit = capacity >= kw
    return Candidate(
        int(answer.bus[row]), capacity, is_fit, *seen[:5], answer.binding[row], answer.element[row],
        float(answer.margin[row]), None if is_fit else seen[5], part, feeder,
    )  # fmt: skip


PlaceValues = tuple[float, float, float, float, float, Lift | None]
UNSEEN: PlaceValues = (np.nan, np.nan, np.nan, np.nan, np.nan, None)


def _seen(
    prepared: Prepared, part: int, places: Ints, power: float, limits: CapacityLimits
) -> Sequence[PlaceValues]:
    """What is seen with the power connected at each place: U, dU, lowest U, highest line and transformer loading, lift."""
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
    line = np.where(is_line, loading, 0.0).max(axis=1, initial=0.0)
    trafo = np.where(is_line, 0.0, loading).max(axis=1, initial=0.0)
    before = np.abs(base.v[0]) / section.scale
    bounds = bounds_of(prepared.circuit, section, limits, "load")
    short = (bounds.voltage / section.scale - size) / (bounds.voltage / section.scale)
    over = current / bounds.current - 1
    lifts = [_lift(prepared.circuit, section, size[k], short[k], over[k]) for k in range(len(at))]
    low, own = size.min(axis=1), size[np.arange(len(at)), at]
    every = np.stack([own, own - before[at], low, line, trafo], axis=1).tolist()
    return [(*every[k], lifts[k]) for k in where.tolist()]


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
        )
    return None


def rating(circuit: Circuit, branch: int) -> tuple[float, str]:
    """The rating of a branch's element and its unit."""
    row = circuit.branches.element[branch]
    if circuit.branches.kind[branch] == LINE:
        return float(circuit.network.lines.rated_a[row]), "A"
    trafos = circuit.network.transformers
    return float(trafos.rated_kva[row] * trafos.parallel[row]), "kVA"


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


def pairs(prepared: Prepared, candidates: Sequence[Candidate], *, limit: int = 20) -> list[Pair]:
    """Two points for a dual supply, each able to carry all: different substations first, then sections, then feeders.

    Inside one kind those with the smaller voltage drops come first. A feeder is compared only within one section.
    """
    fit = [c for c in candidates if c.is_fit]
    best: dict[tuple[int, int], Candidate] = {}
    for c in fit:
        best.setdefault((c.section, c.feeder), c)
    several = list(best.values())
    found = []
    for i, first in enumerate(several):
        for second in several[i + 1 :]:
            if first.section != second.section:
                same = _upstream(prepared, first.section) == _upstream(prepared, second.section)
                found.append(Pair(first, second, "section" if same else "substation"))
            elif first.feeder != second.feeder and min(first.feeder, second.feeder) >= 0:
                found.append(Pair(first, second, "feeder"))
    order = {"substation": 0, "section": 1, "feeder": 2}
    found.sort(key=lambda p: (order[p.apart], -min(p.first.du_pu, p.second.du_pu)))
    return found[:limit]


def _upstream(prepared: Prepared, part: int) -> tuple[int, ...]:
    found = prepared.split.parts[part]
    return (int(found.nodes[0]),) if isinstance(found, Section) else tuple(int(n) for n in found.held)


def transfers(
    prepared: Prepared, *, bus: int, kw: float, pf: float, limits: CapacityLimits
) -> list[Transfer]:
    """N-1 of the feeder of a bus with ``kw`` connected there: head opened, each normally open tie closed in turn.

    Empty when the bus hangs on no feeder of a tree. A tie is an open bus-to-bus switch or a line open at one end.
    """
    circuit, part = prepared.circuit, prepared.part_of(bus)
    section = prepared.split.parts[part] if part >= 0 else None
    if not isinstance(section, Section):
        return []
    head = feeders(circuit, section)
    own = head[int(prepared.split.place[circuit.node[bus]])]
    if own < 0:
        return []
    inside = np.zeros(circuit.size, np.bool_)
    inside[section.nodes[head == own]] = True
    limits = replace(limits, pf=pf)
    loaded = circuit.demand.copy()
    loaded[circuit.node[bus]] += kw / 1000 * (1 + 1j * limits.tan_phi)
    feeder = _Feeder(section, inside, (section.nodes[own], section.nodes[section.parent[own]]))
    with_it = replace(circuit, demand=loaded)
    ties = [tie for tie in _ties(circuit) if inside[tie.a] != inside[tie.b]]
    return [t for tie in ties if (t := _transfer(prepared, with_it, feeder, tie, bus, limits))]


@dataclass(frozen=True)
class _Feeder:
    """A feeder that is opened at its head: the section it hangs in, which nodes it has, and the two ends of its head."""

    section: Section
    inside: Bools
    head: tuple[int, int]


@dataclass(frozen=True)
class _Tie:
    name: tuple[str, str]
    a: int
    b: int
    branch: Branches
    y: complex
    y_at: int


def _ties(circuit: Circuit) -> list[_Tie]:
    """Normally open links and lines open at one end, as branches to close; with the charging that then goes away."""
    links = circuit.network.links
    found = []
    for k in np.flatnonzero(~links.is_closed).tolist():
        a, b = int(circuit.node[links.a_bus[k]]), int(circuit.node[links.b_bus[k]])
        found.append(_Tie(("link", links.id[k]), a, b, _joint(a, b), 0j, a))
    for k in range(len(circuit.idle.z)):
        if circuit.idle.kind[k] == LINE:
            branch = circuit.idle.take(np.array([k]))
            a, b = int(branch.from_node[0]), int(branch.to_node[0])
            name = circuit.network.lines.id[int(branch.element[0])]
            at = a if circuit.is_idle_from[k] else b
            found.append(_Tie(("line", name), a, b, branch, complex(circuit.idle_y[k]), at))
    return [tie for tie in found if tie.a != tie.b]


def _joint(a: int, b: int) -> Branches:
    one, z = np.array([1.0]), np.array([TIE_Z + 0j])
    ends, ratio = (np.array([a]), np.array([b])), np.array([1 + 0j])
    return Branches(*ends, ratio, z, 0 * z, one * np.inf, one * np.inf, np.array([LINE]), np.array([0]))


def _transfer(
    prepared: Prepared, circuit: Circuit, feeder: _Feeder, tie: _Tie, bus: int, limits: CapacityLimits
) -> Transfer | None:
    section, inside = feeder.section, feeder.inside
    other = int(prepared.split.part[tie.b if inside[tie.a] else tie.a])
    partner = prepared.split.parts[other] if other >= 0 else None
    if not isinstance(partner, Section):
        return None
    y = circuit.y.copy()
    y[tie.y_at] -= tie.y
    branches = Branches(
        *(
            np.concatenate([getattr(circuit.branches, c), getattr(tie.branch, c)])
            for c in Branches.__dataclass_fields__
        )
    )
    closed = replace(circuit, y=y, branches=branches)
    moved = inside[branches.from_node[section.branches]] & inside[branches.to_node[section.branches]]
    rows = [section.branches[moved], np.array([len(branches.z) - 1])]
    if partner is section:
        ends = np.stack([branches.from_node[section.branches], branches.to_node[section.branches]])
        is_head = (np.sort(ends, axis=0) == np.sort(np.array(feeder.head))[:, None]).all(axis=0)
        rows = [section.branches[~is_head], rows[1]]
        nodes = section.nodes[1:]
    else:
        rows.insert(0, partner.branches)
        nodes = np.concatenate([partner.nodes[1:], np.flatnonzero(inside)])
    root = int(partner.nodes[0])
    found = tree_of(closed, nodes, np.concatenate(rows), root, partner.root_v)
    if found is None:
        return None
    tree = Tree(found)
    base = tree.base()
    place = int(np.flatnonzero(found.nodes == circuit.node[bus])[0])
    u = float(abs(base.v[0, place]) / found.scale[place])
    if base.has_failed:
        return Transfer(tie.name, False, None, np.nan, other)
    worst = worst_of(closed, tree, *tree.margins(base, bounds_of(closed, found, limits, "load")), other)
    return Transfer(tie.name, worst is None, worst, u, other)
