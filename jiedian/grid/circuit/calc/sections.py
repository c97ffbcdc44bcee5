"""供电片区: a circuit cut where a voltage is held, so that what hangs below one busbar is calculated by itself."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .circuit import TRANSFORMER, Branches, Circuit, Complexes, groups
from .network import Bools, Ints, Reals

HIGH_KV = 60.0
"""Nodes of this nominal voltage and above belong to the upstream grid."""
WHOLE_LIMIT = 3000
"""A meshed grid with a high-voltage part up to this size is calculated whole; a larger one with its HV nodes held."""


@dataclass(frozen=True)
class Rows:
    """The rated currents of a section: at one terminal of one element, carried by the tree branch above ``node``.

    The current is ``share`` x the branch's current plus ``y`` x the voltage of that terminal (parent's or child's,
    by ``is_child``); ``branch`` is the row in the circuit's branches.
    """

    node: Ints
    is_child: Bools
    share: Complexes
    y: Complexes
    limit: Reals
    branch: Ints


@dataclass(frozen=True)
class Section:
    """A tree fed from one held node, in depth-first order: node 0 is the root and a node's parent comes before it.

    All ratios are absorbed: a voltage here is the true one times ``scale``. ``is_upstream_held`` says that the root is
    not a source but a node of the upstream grid whose voltage was calculated once and is kept. ``branches`` are the rows of
    the circuit's branches it was made of.
    """

    nodes: Ints
    parent: Ints
    scale: Reals
    z: Complexes
    y: Complexes
    demand: Complexes
    rows: Rows
    root_v: float
    branches: Ints
    is_upstream_held: bool = False

    @property
    def size(self) -> int:
        return len(self.nodes)


@dataclass(frozen=True)
class Mesh:
    """A part that is no tree: calculated by power-grid-model. ``nodes`` include the held ones at the end."""

    nodes: Ints
    branches: Ints
    held: Ints
    held_v: Complexes
    is_upstream_held: bool = False

    @property
    def size(self) -> int:
        return len(self.nodes)


@dataclass(frozen=True)
class Split:
    """The parts of a circuit; for each node its part (-1 none), its place in it, and why it has none."""

    parts: tuple[Section | Mesh, ...]
    part: Ints
    place: Ints
    reason: tuple[str, ...]


@dataclass(frozen=True)
class _Edges:
    """Branches between the same two nodes made one."""

    a: Ints
    b: Ints
    ratio: Complexes
    z: Complexes
    y_end: Complexes
    of_branch: Ints


def split(circuit: Circuit, *, upstream_v: Complexes | None = None) -> Split:
    """Cut a circuit at its sources, and where that leaves a mesh with a high-voltage part, at the HV/MV transformers.

    ``upstream_v`` gives the voltage of the nodes held at such a cut (needed only above WHOLE_LIMIT nodes).
    """
    branches = circuit.branches
    is_source = np.zeros(circuit.size, np.bool_)
    is_source[circuit.source_node] = True
    inner = ~is_source[branches.from_node] & ~is_source[branches.to_node]
    label = groups(circuit.size, branches.from_node[inner], branches.to_node[inner])
    reason = np.full(circuit.size, "unsupplied", object)
    reason[is_source] = "source"
    parts: list[Section | Mesh] = []
    sources = dict(zip(circuit.source_node.tolist(), circuit.source_v, strict=True))
    for nodes, rows in _pieces(label, branches, is_source):
        roots = _roots(branches, rows, is_source)
        if not len(roots):
            continue
        if circuit.is_bad[nodes].any() or circuit.is_bad[roots].any():
            reason[nodes] = "data"
            continue
        held = np.array([sources[int(root)] for root in roots])
        reason[nodes] = ""
        parts += _parts_of(circuit, nodes, rows, roots, held, upstream_v)
    part, place = np.full(circuit.size, -1, np.int64), np.full(circuit.size, -1, np.int64)
    for k, found in enumerate(parts):
        own = found.nodes[1:] if isinstance(found, Section) else found.nodes[: found.size - len(found.held)]
        part[own] = k
        place[own] = np.arange(len(own)) + isinstance(found, Section)
    reason[(reason == "") & (part < 0)] = "upstream"
    reason[part >= 0] = ""
    return Split(tuple(parts), part, place, tuple(reason))


def _pieces(label: Ints, branches: Branches, is_cut: Bools) -> list[tuple[Ints, Ints]]:
    """The nodes and the branches of every group between the cut nodes, branches to cut nodes included."""
    own = np.where(is_cut[branches.from_node], branches.to_node, branches.from_node)
    between = is_cut[own]
    nodes = np.flatnonzero(~is_cut)
    nodes = nodes[np.argsort(label[nodes], kind="stable")]
    rows = np.flatnonzero(~between)
    rows = rows[np.argsort(label[own[rows]], kind="stable")]
    found, starts = np.unique(label[nodes], return_index=True)
    first = np.searchsorted(label[own[rows]], found, "left")
    last = np.searchsorted(label[own[rows]], found, "right")
    ends = [*starts[1:], len(nodes)]
    return [(nodes[s:e], rows[i:j]) for s, e, i, j in zip(starts, ends, first, last, strict=True)]


def _roots(branches: Branches, rows: Ints, is_cut: Bools) -> Ints:
    ends = np.concatenate([branches.from_node[rows], branches.to_node[rows]])
    return np.unique(ends[is_cut[ends]])


def _parts_of(
    circuit: Circuit, nodes: Ints, rows: Ints, roots: Ints, held: Complexes, upstream_v: Complexes | None
) -> list[Section | Mesh]:
    """One tree if it is one; else whole through power-grid-model, or the trees below the HV/MV transformers."""
    if len(roots) == 1 and not np.isin(nodes, circuit.hold_node).any():
        tree = tree_of(circuit, nodes, rows, int(roots[0]), abs(held[0]))
        if tree is not None:
            return [tree]
    is_high = circuit.kv >= HIGH_KV
    whole = Mesh(np.concatenate([nodes, roots]), rows, roots, held)
    if whole.size <= WHOLE_LIMIT or upstream_v is None or not is_high[nodes].any():
        return [whole]
    branches = circuit.branches
    is_cut = is_high.copy()
    is_cut[roots] = True
    low = rows[~(is_cut[branches.from_node[rows]] & is_cut[branches.to_node[rows]])]
    inner = ~is_cut[branches.from_node[low]] & ~is_cut[branches.to_node[low]]
    label = groups(circuit.size, branches.from_node[low[inner]], branches.to_node[low[inner]])
    inside = np.zeros(circuit.size, np.bool_)
    inside[nodes] = True
    parts: list[Section | Mesh] = []
    for own, some in _pieces(label, branches.take(low), is_cut | ~inside):
        above = _roots(branches, low[some], is_cut)
        tree = (
            tree_of(circuit, own, low[some], int(above[0]), float(abs(upstream_v[above[0]])), held=True)
            if len(above) == 1 and not np.isin(own, circuit.hold_node).any()
            else None
        )
        if tree is not None:
            parts.append(tree)
        elif len(above):
            parts.append(Mesh(np.concatenate([own, above]), low[some], above, upstream_v[above], True))
    return parts


def tree_of(
    circuit: Circuit, nodes: Ints, rows: Ints, root: int, root_v: float, *, held: bool = False
) -> Section | None:
    """The section of ``nodes`` below ``root`` over the branches ``rows``; None when that is no tree."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import depth_first_order

    every = np.concatenate([[root], nodes])
    sort = np.argsort(every)
    ends = np.stack([circuit.branches.from_node[rows], circuit.branches.to_node[rows]])
    ends = sort[np.searchsorted(every, ends, sorter=sort)]
    edges = _merged(circuit.branches, rows, ends[0], ends[1])
    if edges is None or len(edges.a) != len(nodes):
        return None
    graph = coo_matrix((np.ones(len(edges.a)), (edges.a, edges.b)), shape=(len(every), len(every))).tocsr()
    order, above = depth_first_order(graph, 0, directed=False)
    if len(order) != len(every):
        return None
    rank = np.empty(len(every), np.int64)
    rank[order] = np.arange(len(every))
    parent = np.concatenate([[0], rank[above[order[1:]]]])
    return _section(circuit, _Shape(every[order], parent, edges, rank[ends], rows), root_v, held=held)


@dataclass(frozen=True)
class _Shape:
    """A tree from its root on: nodes, the place of each one's parent, merged branches; places at both ends of every row."""

    nodes: Ints
    parent: Ints
    edges: _Edges
    ends: Ints
    rows: Ints


def _merged(branches: Branches, rows: Ints, a: Ints, b: Ints) -> _Edges | None:
    """Parallel branches as one; None when their ratios differ, for then a current circulates."""
    turned = a > b
    key = np.where(turned, b, a) * (max(int(a.max(initial=0)), int(b.max(initial=0))) + 1) + np.where(
        turned, a, b
    )
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    ratio = np.where(turned, 1 / branches.ratio[rows], branches.ratio[rows])
    if (np.abs(ratio - ratio[first][group]) > 1e-9).any():
        return None
    if (turned != turned[first][group]).any() and (np.abs(np.abs(ratio) - 1) > 1e-9).any():
        return None
    y_sum = np.zeros(len(first), np.complex128)
    np.add.at(y_sum, group, 1 / branches.z[rows])
    y_end = np.zeros(len(first), np.complex128)
    np.add.at(y_end, group, branches.y_end[rows])
    return _Edges(a[first], b[first], branches.ratio[rows][first], 1 / y_sum, y_end, group)


def _section(circuit: Circuit, shape: _Shape, root_v: float, *, held: bool) -> Section:
    nodes, parent, edges, ends, rows = shape.nodes, shape.parent, shape.edges, shape.ends, shape.rows
    count = len(nodes)
    first = np.unique(edges.of_branch, return_index=True)[1]
    a, b = ends[0][first], ends[1][first]
    child = np.maximum(a, b)
    is_down = a < b  # the from end, where the ratio sits, is the parent
    turn = np.ones(count)
    turn[child] = np.where(is_down, np.abs(edges.ratio), 1 / np.abs(edges.ratio))
    scale = np.ones(count)
    for i in range(1, count):
        scale[i] = scale[parent[i]] * turn[i]
    frame = np.where(is_down, scale[child], scale[parent[child]])  # behind the ratio
    z, y = np.zeros(count, np.complex128), circuit.y[nodes] / np.square(scale)
    z[child] = edges.z * np.square(frame)
    np.add.at(y, child, edges.y_end / np.square(frame))
    np.add.at(y, parent[child], edges.y_end / np.square(frame))
    limits = _limits(circuit.branches.take(rows), shape, child, frame, scale)
    limits = replace(limits, branch=rows[limits.branch])
    return Section(nodes, parent, scale, z, y, circuit.demand[nodes], limits, root_v, rows, held)


def _limits(own: Branches, shape: _Shape, child: Ints, frame: Reals, scale: Reals) -> Rows:
    """The rated currents as rows sorted by node; one row an element where both ends carry the same current."""
    group, is_down = shape.edges.of_branch, shape.ends[0] < shape.ends[1]
    node = child[group]
    share = shape.edges.z[group] / own.z
    y = own.y_end / np.square(frame[group])
    at_parent = np.where(is_down, own.limit_from, own.limit_to) / scale[shape.parent[node]]
    at_child = np.where(is_down, own.limit_to, own.limit_from) / scale[node]
    one = y == 0
    every = np.arange(len(node))
    limit = np.concatenate([np.where(one, np.minimum(at_parent, at_child), at_parent), at_child])
    kept = np.flatnonzero(np.isfinite(limit) & ~np.concatenate([np.zeros(len(node), np.bool_), one]))
    kept = kept[np.argsort(np.concatenate([node, node])[kept], kind="stable")]
    twice: Any = lambda values: np.concatenate([values, values])[kept]  # noqa: E731
    is_child = kept >= len(node)
    return Rows(
        twice(node), is_child, twice(share), np.where(is_child, -1, 1) * twice(y), limit[kept], twice(every)
    )


def high_voltage_transformers(circuit: Circuit) -> Ints:
    """The branches that step down from the upstream grid."""
    branches = circuit.branches
    high = circuit.kv >= HIGH_KV
    return np.flatnonzero(
        (branches.kind == TRANSFORMER) & (high[branches.from_node] != high[branches.to_node])
    )
