"""计算电路: a Network in per unit on 1 MVA, buses joined by closed switches made one node, every branch one two-port."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .network import Bools, Ints, Network, Reals, Transformers, unusable, unusable_lines

Complexes = NDArray[np.complex128]
LINE, TRANSFORMER = 0, 1


@dataclass(frozen=True)
class Branches:
    """Branches closed at both ends: an ideal ratio at the from end, then a symmetric pi of ``z`` and ``y_end`` at each end.

    ``limit_from`` and ``limit_to`` are rated currents at the two terminals, all per unit. ``element`` is the row in the
    network's lines or transformers, by ``kind`` (0 line, 1 transformer).
    """

    from_node: Ints
    to_node: Ints
    ratio: Complexes
    z: Complexes
    y_end: Complexes
    limit_from: Reals
    limit_to: Reals
    kind: Ints
    element: Ints

    def take(self, rows: Ints | Bools) -> "Branches":
        """Some of the branches."""
        return Branches(*(getattr(self, name)[rows] for name in Branches.__dataclass_fields__))


@dataclass(frozen=True)
class Circuit:
    """Nodes and branches in per unit on 1 MVA. ``demand`` is drawn minus fed in, ``y`` the shunts at the node.

    ``node`` gives each bus its node; ``is_bad`` marks nodes touched by a value that cannot be used. ``idle`` are the branches
    open at one end: ``is_idle_from`` where the from end is the closed one, ``idle_y`` what they draw there (in ``y`` already).
    """

    network: Network
    node: Ints
    kv: Reals
    demand: Complexes
    y: Complexes
    branches: Branches
    source_node: Ints
    source_v: Complexes
    is_bad: Bools
    idle: Branches
    is_idle_from: Bools
    idle_y: Complexes
    transformer_model: str
    hold_node: Ints
    """Nodes whose voltage a generator keeps, and ``hold_v`` that voltage."""
    hold_v: Reals
    hold_by: Ints
    """The nodes of the generators, and ``hold_of`` which of the kept voltages each of them keeps, in equal shares."""
    hold_of: Ints

    @property
    def size(self) -> int:
        return len(self.kv)

    @cached_property
    def first_bus(self) -> Ints:
        """The first bus of each node."""
        return np.unique(self.node, return_index=True)[1]


def groups(count: int, a: Ints, b: Ints) -> Ints:
    """Groups of ``count`` things joined through the pairs (a, b): a label each, in order of first appearance."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(a), np.int8), (a, b)), shape=(count, count))
    labels: Ints = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def circuit_of(network: Network, *, transformer_model: str = "t") -> Circuit:
    """The circuit of a network in its present switching state.

    ``transformer_model`` "t" puts the iron losses between two halves of the impedance (pandapower's default), "pi" at the
    two ends (power-grid-model).
    """
    lines, links = network.lines, network.links
    joined = (lines.r_ohm == 0) & (lines.x_ohm == 0) & lines.from_closed & lines.to_closed
    closed = links.is_closed
    node = groups(
        len(network.buses.id),
        np.concatenate([links.a_bus[closed], lines.from_bus[joined]]),
        np.concatenate([links.b_bus[closed], lines.to_bus[joined]]),
    )
    count = int(node.max()) + 1 if len(node) else 0
    kv = _node_kv(network.buses.kv, node, count)
    every = branches_of(network, node, kv, transformer_model)
    ends = (
        np.concatenate([lines.from_closed, network.transformers.hv_closed]),
        np.concatenate([lines.to_closed, network.transformers.lv_closed]),
    )
    kept = ends[0] & ends[1] & ~np.concatenate([joined, np.zeros(len(network.transformers.id), np.bool_)])
    idle, is_from = every.take(ends[0] ^ ends[1]), ends[0][ends[0] ^ ends[1]]
    idle_y = _half_open(idle, is_from)
    y, demand = _at_nodes(network, node, kv)
    np.add.at(y, np.where(is_from, idle.from_node, idle.to_node), idle_y)
    branches = every.take(kept & (every.from_node != every.to_node))
    source_node, source_v = _held(network, node, kv)
    bad = _bad(demand + y, kv, branches)
    holds = _holds(network, node, kv, source_node)
    for at, size in ((source_node, np.abs(source_v)), holds[:2]):
        bad[at[~(np.abs(size - 1) < 0.5)]] = True
    return Circuit(
        network, node, kv, demand, y, branches, source_node, source_v, bad,
        idle, is_from, idle_y, transformer_model, *holds,
    )  # fmt: skip


def _node_kv(bus_kv: Reals, node: Ints, count: int) -> Reals:
    """The base voltage of every node: that of most of its buses, the lower one of two that are equally many."""
    kv = np.zeros(count)
    kv[node[::-1]] = bus_kv[::-1]
    for unlike in np.unique(node[bus_kv != kv[node]]).tolist():
        values, times = np.unique(bus_kv[node == unlike], return_counts=True)
        kv[unlike] = values[np.argmax(times)] if (values > 0).all() else np.nan
    return kv


def _at_nodes(network: Network, node: Ints, kv: Reals) -> tuple[Complexes, Complexes]:
    """Shunt admittance and demand of every node, per unit."""
    y, demand = np.zeros(len(kv), np.complex128), np.zeros(len(kv), np.complex128)
    shunts = network.shunts
    with np.errstate(invalid="ignore", divide="ignore"):
        square = np.square(kv[node[shunts.bus]] / network.buses.kv[shunts.bus])
        np.add.at(y, node[shunts.bus], (shunts.p_kw - 1j * shunts.q_kvar) / 1000 * square)
    for sign, part in ((1, network.loads), (-1, network.generators)):
        np.add.at(demand, node[part.bus], sign * (part.p_kw + 1j * part.q_kvar) / 1000)
    return y, demand


def _held(network: Network, node: Ints, kv: Reals) -> tuple[Ints, Complexes]:
    """The nodes with a source and their voltages; the first source where a node has several."""
    held = network.sources
    with np.errstate(invalid="ignore", divide="ignore"):
        size = held.vm_pu * network.buses.kv[held.bus] / kv[node[held.bus]]
    voltage: Any = size * np.exp(1j * np.deg2rad(held.va_deg))
    at, first = np.unique(node[held.bus], return_index=True)
    return at, voltage[first]


def _holds(network: Network, node: Ints, kv: Reals, source_node: Ints) -> tuple[Ints, Reals, Ints, Ints]:
    """Kept voltages and their keepers; no source keeps another's voltage, and the first value counts where several do."""
    row = {name: k for k, name in enumerate(network.buses.id)} if network.held_pu else {}
    fixed, found = set(source_node.tolist()), dict[int, float]()
    by: dict[int, set[int]] = {}
    for name, pu in network.held_pu.items():
        bus = row.get(name, -1)
        keepers = {int(node[row[k]]) for k in network.held_by.get(name, (name,)) if k in row} - fixed
        if bus < 0 or int(node[bus]) in fixed or not keepers:
            continue
        found.setdefault(int(node[bus]), pu * float(network.buses.kv[bus] / kv[node[bus]]))
        by.setdefault(int(node[bus]), set()).update(keepers)
    at = np.array(sorted(found), np.int64)
    pairs = [(keeper, k) for k, one in enumerate(at.tolist()) for keeper in sorted(by[one])]
    hold_by, hold_of = np.array(pairs, np.int64).reshape(-1, 2).T
    return at, np.array([found[int(n)] for n in at], np.float64), hold_by, hold_of


def _bad(values: Complexes, kv: Reals, branches: Branches) -> Bools:
    """Nodes touched by what cannot be used: no number, no voltage, a branch without impedance."""
    bad: Bools = ~np.isfinite(values) | ~(kv > 0)
    wrong = ~np.isfinite(branches.z + branches.y_end + branches.ratio) | (branches.z == 0)
    bad[branches.from_node[wrong]] = bad[branches.to_node[wrong]] = True
    return bad


def branches_of(network: Network, node: Ints, kv: Reals, model: str) -> Branches:
    """Every line, then every transformer, whatever its switches; ``kv`` by node.

    A line knows ohms and volts: between unlike nominal voltages (10.5 and 10 kV) it carries their ratio.
    """
    lines, trafos = network.lines, network.transformers
    from_kv, to_kv = kv[node[lines.from_bus]], kv[node[lines.to_bus]]
    with np.errstate(invalid="ignore", divide="ignore"):
        base = np.square(to_kv)
        line_z = np.where(unusable_lines(lines), np.nan, lines.r_ohm + 1j * lines.x_ohm) / base
        line_y = (lines.g_us + 1j * lines.b_us) * 1e-6 * base / 2
        line_ratio = np.where(from_kv == to_kv, 1.0, to_kv / from_kv) + 0j
        rated = lines.rated_a / 1000 * np.sqrt(3)
        z, y_end, ratio = _transformer_values(trafos, kv[node[trafos.hv_bus]], kv[node[trafos.lv_bus]], model)
        mva = trafos.rated_kva * trafos.parallel / 1000
        limit_hv, limit_lv = (
            np.where(_is_star(network)[bus], np.inf, mva * kv[node[bus]] / rated_kv)
            for bus, rated_kv in ((trafos.hv_bus, trafos.rated_hv_kv), (trafos.lv_bus, trafos.rated_lv_kv))
        )
    return Branches(
        node[np.concatenate([lines.from_bus, trafos.hv_bus])],
        node[np.concatenate([lines.to_bus, trafos.lv_bus])],
        np.concatenate([line_ratio, ratio]),
        np.concatenate([line_z, z]),
        np.concatenate([line_y, y_end]),
        np.concatenate([rated * from_kv, limit_hv]),
        np.concatenate([rated * to_kv, limit_lv]),
        np.repeat([LINE, TRANSFORMER], [len(lines.id), len(trafos.id)]),
        np.concatenate([np.arange(len(lines.id)), np.arange(len(trafos.id))]),
    )


def _is_star(network: Network) -> Bools:
    """Which buses are only star points."""
    stars = set(network.stars)
    return np.array([bool(stars) and bus in stars for bus in network.buses.id], np.bool_)


def _transformer_values(
    trafos: Transformers, hv_kv: Reals, lv_kv: Reals, model: str
) -> tuple[Complexes, Complexes, Complexes]:
    """Series impedance, admittance at each end and ratio of the transformers, per unit on the LV side."""
    square = np.square(trafos.rated_lv_kv / lv_kv)
    mva = trafos.rated_kva / 1000
    size = np.abs(trafos.vk_percent) / 100 / mva * square / trafos.parallel
    r = trafos.vkr_percent / 100 / mva * square / trafos.parallel
    z = r + 1j * np.sign(trafos.vk_percent) * np.sqrt(size**2 - r**2)
    z[unusable(trafos, hv_kv, lv_kv)] = np.nan
    iron = trafos.pfe_kw / 1000
    magnetic = np.sqrt(np.maximum((trafos.i0_percent / 100 * mva) ** 2 - iron**2, 0))
    y = (iron - 1j * magnetic) * trafos.parallel / square
    turns = trafos.ratio_pu * (trafos.rated_hv_kv / trafos.rated_lv_kv) * (lv_kv / hv_kv)
    ratio: Any = turns * np.exp(1j * np.deg2rad(trafos.shift_deg))
    if model == "pi":
        return z, y / 2, ratio
    return z * (1 + z * y / 4), y / (2 + z * y / 2), ratio


def _half_open(idle: Branches, is_from: Bools) -> Complexes:
    """What branches open at one end draw at the other: they stay charged."""
    with np.errstate(invalid="ignore", divide="ignore"):
        inner = idle.y_end + idle.y_end / (1 + idle.z * idle.y_end)
        drawn: Complexes = np.where(is_from, inner / np.abs(idle.ratio) ** 2, inner)
    return drawn


def currents(branches: Branches, v: Complexes) -> tuple[Complexes, Complexes]:
    """Currents into both ends of every branch, per unit; ``v`` has the nodes on its last axis."""
    v_from, v_to = v[..., branches.from_node] / branches.ratio, v[..., branches.to_node]
    through = (v_from - v_to) / branches.z
    return (through + branches.y_end * v_from) / np.conj(branches.ratio), branches.y_end * v_to - through


def names(network: Network, kind: int) -> Sequence[str]:
    """The ids of the lines or of the transformers."""
    return network.lines.id if kind == LINE else network.transformers.id
