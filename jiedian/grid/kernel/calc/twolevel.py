"""Two levels: a section with its low-voltage grids is solved one LV grid at a time, the others as equivalents.

Seen from the medium voltage an LV grid is a constant power and a shunt, and a voltage below (or above) which something
inside it is over its limit. See docs/algorithms/open-capacity.md, "two levels".
"""

from dataclasses import dataclass, replace

import numpy as np

from jiedian.grid.circuit.calc.circuit import Complexes
from jiedian.grid.circuit.calc.network import Bools, Ints, Reals
from jiedian.grid.circuit.calc.sections import Rows, Section

from .lanes import Base, Bounds, Broken, Tree
from .prepared import Prepared

LOW_KV = 1.0
LANES = 16
SMALL = 250
"""Up to this size a section is solved as one tree."""
GREAT_PU = 4.5
"""What is greater than 4.5 MW moves the LV grids so far that their equivalents are a kilowatt off: solved on the whole tree."""
NUDGE = 0.03
"""How far the root is moved to see how the LV grids answer, per unit."""


@dataclass(frozen=True)
class _State:
    """A section as a tree in one state, with the bounds it must keep."""

    tree: Tree
    base: Base
    bounds: Bounds


@dataclass(frozen=True)
class _Low:
    """The LV grids of a section: the nodes [first, last) below ``above``; their power there is constant + shunt.

    ``medium`` are the nodes that lie in none of them. ``bound`` is the voltage above at which ``binding`` binds inside;
    ``left`` and ``left_per_unit`` what that voltage may lose where a voltage inside is broken already (infinite where none is).
    """

    medium: Ints
    first: Ints
    last: Ints
    above: Ints
    constant: Complexes
    shunt: Complexes
    bound: Reals
    binding: Ints
    left: Reals
    left_per_unit: Reals

    def but(self, kept: Ints) -> Bools:
        left = np.ones(len(self.first), np.bool_)
        left[kept] = False
        return left


def solve_all(
    prepared: Prepared, part: int, base: Base, bounds: Bounds, at: Ints, *, tolerance: float
) -> tuple[Reals, Ints, Ints]:
    """Power, binding and flows for the nodes ``at`` of a section in one state, as Tree.solve gives them.

    What binds in an LV grid that was an equivalent is solved again with that grid in full, so that the answer is exact.
    """
    tree = prepared.tree(part)
    kv = prepared.circuit.kv[tree.section.nodes]
    whole = _State(tree, base, bounds)
    low = None if tree.section.size <= SMALL else _low_grids(whole, kv)
    if low is None or not len(low.first):
        start = tree.estimate(base, bounds, at)[0]
        return tree.solve(base, bounds, at, np.zeros(len(at), np.int64), start, tolerance=tolerance)
    own = np.searchsorted(low.first, at, side="right") - 1
    own[(own >= 0) & (at >= low.last[own])] = -1
    power, binding, flows = np.empty(len(at)), np.empty(len(at), np.int64), np.zeros(len(at), np.int64)
    start = np.full(len(at), np.nan)
    pending = np.arange(len(at))
    beside = np.full(len(at), -1, np.int64)
    bundle = _bundles(own)
    for _turn in range(3):
        for group in np.unique(np.stack([bundle[pending], beside[pending]]), axis=1).T:
            some = pending[(bundle[pending] == group[0]) & (beside[pending] == group[1])]
            kept = np.unique(np.append(own[some], group[1]))
            kept = kept[kept >= 0]
            found = _solve_with(whole, low, kept, at[some], start[some], tolerance)
            power[some], binding[some] = found[0], found[1]
            flows[some] += found[2]
        beside[pending] = np.where(binding[pending] < -9, -10 - binding[pending], -1)
        start[pending] = power[pending]
        pending = pending[beside[pending] >= 0]
        if not len(pending):
            break
    pending = np.union1d(pending, np.flatnonzero((own < 0) & (power > GREAT_PU)))
    state = np.zeros(len(pending), np.int64)
    found = tree.solve(base, bounds, at[pending], state, start[pending], tolerance=tolerance)
    power[pending], binding[pending] = found[0], found[1]
    flows[pending] += found[2]
    return power, binding, flows


def _bundles(own: Ints) -> Ints:
    """Which nodes are solved together: those of one LV grid, or of several with few nodes asked, to fill the lanes."""
    grids, counts = np.unique(own[own >= 0], return_counts=True)
    bundle_of = np.full(int(own.max(initial=-1)) + 1, -1, np.int64)
    few = counts < LANES
    bundle_of[grids[~few]] = np.arange((~few).sum())
    bundle_of[grids[few]] = (~few).sum() + np.cumsum(counts[few]) // LANES
    return np.where(own >= 0, bundle_of[own], -1) if len(grids) else own


def _low_grids(whole: _State, kv: Reals) -> _Low | None:
    """The LV grids and their equivalents, from the base and from a flow with the root moved a little."""
    from .closedform import subtree_ends

    tree, base, bounds = whole.tree, whole.base, whole.bounds
    section = tree.section
    head = np.flatnonzero((kv < LOW_KV) & (kv[section.parent] >= LOW_KV))
    head = head[head > 0]
    last = subtree_ends(section.parent)[head]
    moved = tree.base(base.demand, root_v=section.root_v * (1 - bounds.sense * NUDGE))
    if moved.has_failed:
        return None
    above = section.parent[head]
    powers = [flow.v[0, above] * np.conj(flow.j[0, head]) for flow in (base, moved)]
    squares = [np.abs(flow.v[0, above]) ** 2 for flow in (base, moved)]
    slope = (powers[0] - powers[1]) / (squares[0] - squares[1])
    inner = _inner_bounds(whole, moved, head, last, above)
    is_low = np.zeros(section.size + 1, np.int64)
    np.add.at(is_low, head, 1)
    np.add.at(is_low, last, -1)
    medium = np.flatnonzero(np.cumsum(is_low)[:-1] == 0)
    return _Low(medium, head, last, above, powers[0] - slope * squares[0], np.conj(slope), *inner)


def _inner_bounds(
    whole: _State, moved: Base, head: Ints, last: Ints, above: Ints
) -> tuple[Reals, Ints, Reals, Reals]:
    """For each LV grid the voltage above it at which its first bound is met, which bound that is, and what is left of the broken."""
    tree, base, bounds = whole.tree, whole.base, whole.bounds
    owner = np.full(tree.section.size, -1, np.int64)
    for h, (i, j) in enumerate(zip(head, last, strict=True)):
        owner[i:j] = h
    volts = [tree.margins(flow, bounds) for flow in (base, moved)]
    here = np.concatenate([volts[0][0][0], volts[0][1][0]])
    there = np.concatenate([volts[1][0][0], volts[1][1][0]])
    grid = np.concatenate([owner, owner[tree.section.rows.node]])
    broken = bounds.broken
    is_whole = grid >= 0
    is_whole[broken.node] = is_whole[tree.section.size + broken.row] = False
    rows = np.flatnonzero(is_whole)
    v = np.abs(base.v[0, above]), np.abs(moved.v[0, above])
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = bounds.sense * (here[rows] - there[rows]) / (v[0] - v[1])[grid[rows]]
        meets = v[0][grid[rows]] - bounds.sense * here[rows] / slope
    meets = np.where(slope > 1e-9, meets, -bounds.sense * np.inf)
    order = np.lexsort((bounds.sense * meets, grid[rows]))
    if not len(order):
        meets, rows, order, grid = (
            np.array([-bounds.sense * np.inf]),
            np.zeros(1, np.int64),
            np.zeros(1, np.int64),
            grid * 0,
        )
    best = order[np.searchsorted(grid[rows][order], np.arange(len(head)), side="right") - 1]
    bound = np.where(grid[rows[best]] == np.arange(len(head)), meets[best], -bounds.sense * np.inf)
    left, per_unit = np.full(len(head), np.inf), np.full(len(head), np.inf)
    inside = owner[broken.node] >= 0
    node, under = broken.node[inside], owner[broken.node[inside]]
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.maximum(bounds.sense * (here[node] - there[node]) / (v[0] - v[1])[under], 1e-9)
    np.minimum.at(left, under, broken.left[inside] / slope)
    np.minimum.at(per_unit, under, broken.left_per_unit[inside] / slope)
    return bound, rows[best], left, per_unit


def _solve_with(
    whole: _State, low: _Low, kept: Ints, at: Ints, start: Reals, tolerance: float
) -> tuple[Reals, Ints, Ints]:
    """Solve on the medium voltage and the LV grids ``kept``; a binding of -10 - h says it lies in the equivalent h."""
    small, held, limits, nodes, rows, inner = _reduced(whole, low, kept)
    beside = np.flatnonzero(low.but(kept) & np.isfinite(low.left))
    place = np.searchsorted(nodes, at)
    guess = small.estimate(held, limits, place)[0]
    guess = np.where(np.isnan(start), guess, start)
    state = np.zeros(len(at), np.int64)
    power, code, flows = small.solve(held, limits, place, state, guess, tolerance=tolerance)
    binding = code.copy()
    is_node, is_beside = (code >= 0) & (code < len(nodes)), code >= len(nodes) + len(rows)
    is_row = (code >= len(nodes)) & ~is_beside
    first = len(nodes) + len(rows) + limits.broken.is_own.sum()
    binding[is_beside] = -10 - beside[code[is_beside] - first]
    binding[is_row] = whole.tree.section.size + rows[code[is_row] - len(nodes)]
    binding[is_node] = np.where(inner[code[is_node]] >= 0, -10 - inner[code[is_node]], nodes[code[is_node]])
    return power, binding, flows


def _reduced(whole: _State, low: _Low, kept: Ints) -> tuple[Tree, Base, Bounds, Ints, Ints, Ints]:
    """The smaller tree with its base and bounds; its nodes and rows in the large one; per node the LV grid that bounds it."""
    tree, base, bounds = whole.tree, whole.base, whole.bounds
    section, old = tree.section, tree.section.rows
    gone = low.but(kept)
    spans = [np.arange(low.first[h], low.last[h]) for h in kept]
    nodes = np.sort(np.concatenate([low.medium, *spans]))
    first, many = tree.row_start[nodes], np.diff(tree.row_start)[nodes]
    rows = np.arange(many.sum()) + np.repeat(first - np.cumsum(many) + many, many)
    above = np.searchsorted(nodes, low.above)
    demand, y, voltage = base.demand[0, nodes], section.y[nodes], bounds.voltage[nodes]
    np.add.at(demand, above[gone], low.constant[gone])
    np.add.at(y, above[gone], low.shunt[gone])
    inner = np.full(len(nodes), -1, np.int64)
    order = np.flatnonzero(gone)[np.argsort(bounds.sense * low.bound[gone])]
    tighter = order[bounds.sense * (low.bound[order] - voltage[above[order]]) > 0]
    voltage[above[tighter]] = low.bound[tighter]
    inner[above[tighter]] = tighter
    some = Rows(
        np.repeat(np.arange(len(nodes)), many),
        *(getattr(old, c)[rows] for c in list(Rows.__dataclass_fields__)[1:]),
    )
    reduced = Section(
        section.nodes[nodes], np.searchsorted(nodes, section.parent[nodes]), section.scale[nodes],
        section.z[nodes], y, demand, some, section.root_v, section.branches,
    )  # fmt: skip
    held = Base(demand[None], base.v[:, nodes], base.j[:, nodes])
    broken = _reduced_broken(whole.bounds.broken, low, gone, nodes, rows)
    limits = replace(bounds, voltage=voltage, current=bounds.current[rows], broken=broken)
    return Tree(reduced), held, limits, nodes, rows, inner


def _reduced_broken(broken: Broken, low: _Low, gone: Bools, nodes: Ints, rows: Ints) -> Broken:
    """What is broken already in the smaller tree, and behind it, at the node above each, the equivalents with something broken."""
    if not len(broken.node) and not len(broken.row):
        return broken
    kept, has_row = np.isin(broken.node, nodes), np.isin(rows, broken.row)
    beside = np.flatnonzero(gone & np.isfinite(low.left))
    return Broken(
        np.searchsorted(nodes, np.concatenate([broken.node[kept], low.above[beside]])),
        np.concatenate([broken.left[kept], low.left[beside]]),
        np.concatenate([broken.left_per_unit[kept], low.left_per_unit[beside]]),
        np.arange(kept.sum() + len(beside)) < kept.sum(),
        np.flatnonzero(has_row),
        np.searchsorted(rows, broken.mate[np.isin(broken.row, rows)]),
    )
