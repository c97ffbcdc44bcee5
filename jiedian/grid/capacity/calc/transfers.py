"""馈线转供: N-1 of a feeder, its head opened and each normally open tie closed in turn. See docs/algorithms/open-capacity.md."""

from dataclasses import dataclass, replace

import numpy as np

from jiedian.grid.circuit.calc.circuit import LINE, Branches, Circuit
from jiedian.grid.circuit.calc.network import Bools, Ints, Reals
from jiedian.grid.circuit.calc.sections import Section, tree_of
from jiedian.grid.kernel.calc.lanes import Tree
from jiedian.grid.kernel.calc.prepared import CapacityLimits, Prepared, Violation, bounds_of, broken_in

from .screening import feeders

TIE_Z = 1e-9
"""Impedance given to a closed bus-to-bus tie, per unit: nothing, but not zero."""


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
    head_ends = (int(section.nodes[own]), int(section.nodes[section.parent[own]]))
    feeder = _Feeder(section, part, inside, head_ends)
    with_it = replace(circuit, demand=loaded)
    ties = [tie for tie in _ties(circuit) if inside[tie.a] != inside[tie.b]]
    return [t for tie in ties if (t := _transfer(prepared, with_it, feeder, tie, bus, limits))]


@dataclass(frozen=True)
class _Feeder:
    """A feeder that is opened at its head: the section it hangs in, which nodes it has, and the two ends of its head."""

    section: Section
    part: int
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


def _closed(circuit: Circuit, tie: _Tie) -> Circuit:
    """The circuit with a tie closed, as its last branch."""
    y = circuit.y.copy()
    y[tie.y_at] -= tie.y
    columns = Branches.__dataclass_fields__
    branches = Branches(
        *(np.concatenate([getattr(circuit.branches, c), getattr(tie.branch, c)]) for c in columns)
    )
    return replace(circuit, y=y, branches=branches)


def _joined(closed: Circuit, feeder: _Feeder, partner: Section) -> Section | None:
    """The section that feeds the feeder once its head is open and the tie, the last branch, is closed; None for a loop."""
    section, inside, branches = feeder.section, feeder.inside, closed.branches
    tie = np.array([len(branches.z) - 1])
    ends = np.stack([branches.from_node[section.branches], branches.to_node[section.branches]])
    if partner is section:
        is_head = (np.sort(ends, axis=0) == np.sort(np.array(feeder.head))[:, None]).all(axis=0)
        rows, nodes = [section.branches[~is_head]], section.nodes[1:]
    else:
        rows = [partner.branches, section.branches[inside[ends].all(axis=0)]]
        nodes = np.concatenate([partner.nodes[1:], np.flatnonzero(inside)])
    return tree_of(closed, nodes, np.concatenate([*rows, tie]), int(partner.nodes[0]), partner.root_v)


def _transfer(
    prepared: Prepared, circuit: Circuit, feeder: _Feeder, tie: _Tie, bus: int, limits: CapacityLimits
) -> Transfer | None:
    inside = feeder.inside
    other = int(prepared.split.part[tie.b if inside[tie.a] else tie.a])
    partner = prepared.split.parts[other] if other >= 0 else None
    if not isinstance(partner, Section):
        return None
    closed = _closed(circuit, tie)
    found = _joined(closed, feeder, partner)
    if found is None:
        return None
    tree = Tree(found)
    base = tree.base()
    place = int(np.flatnonzero(found.nodes == circuit.node[bus])[0])
    u = float(abs(base.v[0, place]) / found.scale[place])
    if base.has_failed:
        return Transfer(tie.name, False, None, np.nan, other)
    volts, amps = tree.margins(base, bounds_of(closed, found, limits, "load"))
    moved_at = np.array([place, int(np.flatnonzero(found.nodes == feeder.head[0])[0])])
    for before in {feeder.part, other}:
        _forgive(prepared, before, tree, moved_at, (volts, amps), limits)
    worst = next(iter(broken_in(closed, tree, volts, amps, other)), None)
    return Transfer(tie.name, worst is None, worst, u, other)


def _forgive(
    prepared: Prepared,
    part: int,
    tree: Tree,
    moved: Ints,
    margins: tuple[Reals, Reals],
    limits: CapacityLimits,
) -> None:
    """Take out of the margins after a switching what a section broke before it, unless what is moved makes it noticeably worse.

    ``moved`` are the place of the customer and the feeder's old head: what flows on the way from there to the root is new.
    """
    old, base = prepared.tree(part), prepared.base(part)
    if base.has_failed:
        return
    was = old.margins(base, bounds_of(prepared.circuit, old.section, limits, "load"))
    at = np.full(prepared.circuit.size, -1, np.int64)
    at[tree.section.nodes] = np.arange(tree.section.size)
    ways = tree.ways(moved)
    for i in np.flatnonzero(was[0][0] < 0).tolist():
        here = at[old.section.nodes[i]]
        left = was[0][0, i] / old.section.scale[i] - limits.notice_pu
        if here >= 0 and not ways[0, here] and margins[0][0, here] / tree.section.scale[here] >= left:
            margins[0][0, here] = np.inf
    over = np.unique(old.section.rows.branch[was[1][0] < 0])
    is_off = ~np.asarray(np.any(ways, axis=0), np.bool_)[tree.section.rows.node]
    margins[1][0, is_off & np.isin(tree.section.rows.branch, over)] = np.inf
