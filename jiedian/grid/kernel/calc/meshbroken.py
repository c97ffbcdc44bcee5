"""现状越限 in a mesh: whom what is broken already binds, and how much worse the others may make it."""

from dataclasses import dataclass

import numpy as np

from jiedian.grid.circuit.calc.circuit import Branches, Circuit, Complexes, currents, groups
from jiedian.grid.circuit.calc.network import Bools, Ints, Reals
from jiedian.grid.circuit.calc.sections import Mesh

from .powerflow import Flow
from .prepared import CapacityLimits, Violation, bus_at, element_at


@dataclass(frozen=True)
class Part:
    """A mesh with its model, its limits, and the secants' view of a flow."""

    circuit: Circuit
    mesh: Mesh
    flow: Flow
    own: Branches
    voltage: Reals
    limit: Reals
    sense: float
    tilt: float
    limits: CapacityLimits

    def look(self, v: Complexes) -> tuple[Reals, Complexes]:
        """Voltages [flow, node] and terminal currents [flow, 2 x branch]."""
        i, j = currents(self.own, v)
        return np.abs(v), np.concatenate([i, j], axis=-1)

    def broken(self, base: Complexes, part: int, state: int) -> list[Violation]:
        """Every limit a flow breaks, the worst first."""
        size, amps = self.look(base)
        volts, left = self.sense * (size - self.voltage), 1 - np.abs(amps) / self.limit
        count = len(self.mesh.branches)
        left = np.minimum(left[:count], left[count:])
        found = [
            Violation(part, "voltage", bus_at(self.circuit, int(self.mesh.nodes[k])), float(volts[k]), state)
            for k in np.flatnonzero(volts < 0)
        ]
        for b in np.flatnonzero(left < 0):
            kind, name = element_at(self.circuit, int(self.mesh.branches[b]))
            found.append(Violation(part, kind, name, float(left[b]), state))
        return sorted(found, key=lambda broken: broken.margin)


@dataclass(frozen=True)
class Probe:
    """Flows of several lanes: where and how much is added, by how much more than the time before, and what is seen."""

    at: Ints
    x: Reals
    step: Reals
    size: Reals
    amps: Complexes


@dataclass(frozen=True)
class Broken:
    """Limits that a mesh breaks already. ``shut`` gives each place the place of a broken voltage every way to it passes; -1: none.

    ``node`` and ``terminal`` are what is broken, ``floor`` the voltages that may still be reached, ``level`` the currents, and
    ``is_own`` [terminal, place] whom only that branch (with those parallel to it) feeds, ``is_shared`` whom it feeds together with
    other broken ones only: to those it may not rise at all.
    """

    shut: Ints
    node: Ints
    floor: Reals
    terminal: Ints
    level: Reals
    is_own: Bools
    is_shared: Bools

    def meet(self, view: Part, now: Probe, slope: Reals, d: Complexes, volts: Reals, flow: Reals) -> None:
        """Put what is broken in its place among the distances ``volts`` [lane, node] and ``flow`` [lane, terminal]."""
        limits, x = view.limits, now.x[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            if len(self.node):
                left = view.sense * (now.size[:, self.node] - self.floor) + limits.notice_pu_per_mw * x
                fall = -slope[:, self.node] - limits.notice_pu_per_mw
                volts[:, self.node] = np.where(fall > 1e-12, left / fall, np.inf)
            if len(self.terminal):
                c, d = now.amps[:, self.terminal], d[:, self.terminal]
                a, b = np.abs(d) ** 2, (c * np.conj(d)).real
                inside = b**2 - a * (np.abs(c) ** 2 - view.limit[self.terminal] ** 2)
                own = np.where(inside >= 0, (np.sqrt(np.maximum(inside, 0)) - b) / a, -x)
                share = limits.notice_share
                level = self.level + share * x
                a, b, left = a - share**2, b - share * level, np.abs(c) ** 2 - level**2
                inside = b**2 - a * left
                other = np.where(
                    (a > 1e-12) & (inside >= 0), (np.sqrt(np.maximum(inside, 0)) - b) / a, np.inf
                )
                before = self.level - limits.notice_rating * view.limit[self.terminal]
                a, b = np.abs(d) ** 2, (c * np.conj(d)).real
                inside = b**2 - a * (np.abs(c) ** 2 - before**2)
                none = np.where((a > 1e-24) & (inside >= 0), (np.sqrt(np.maximum(inside, 0)) - b) / a, np.inf)
                other = np.where(self.is_shared[:, now.at].T, none, other)
                flow[:, self.terminal] = np.where(self.is_own[:, now.at].T, own, other)


def broken_of(view: Part, base: Complexes) -> Broken:
    """Limits that the flow ``base`` breaks."""
    limits, mesh = view.limits, view.mesh
    size, amps = view.look(base)
    count, inner = len(mesh.branches), mesh.size - len(mesh.held)
    margin = view.sense * (size - view.voltage)
    share = (np.abs(amps) / view.limit).reshape(2, -1).max(axis=0)
    node, terminal = np.flatnonzero(margin < 0), np.flatnonzero(np.tile(share > 1, 2))
    shut = np.full(inner, -1, np.int64)
    if len(node):
        is_gone = np.zeros(mesh.size, np.bool_)
        is_gone[node] = True
        gone = is_gone[view.own.from_node] | is_gone[view.own.to_node]
        shut = np.where(_fed(view, ~gone)[:inner], -1, _nearest(view, gone, margin)[:inner])
        shut[node] = node
    branch = np.unique(terminal % count)
    each = np.searchsorted(branch, terminal % count)
    is_own = np.array([_between(view, branch[[k]])[0] for k in range(len(branch))], np.bool_).reshape(
        -1, inner
    )
    is_shared = _between(view, branch) & ~is_own
    level = (share[terminal % count] + limits.notice_rating) * view.limit[terminal]
    return Broken(
        shut, node, size[node] - view.sense * limits.notice_pu, terminal, level, is_own[each], is_shared[each]
    )


def _between(view: Part, broken: Ints) -> Bools:
    """Whom each of the broken branches binds, [branch, place]: who is fed through them (and those parallel to them) only.

    Of several it is those on a way from a source to him that passes nothing twice: twins with a busbar each feed what hangs
    between them together, and what hangs behind one of two in a row is not bound by the other one behind him.
    """
    own, size = view.own, view.mesh.size
    inner = size - len(view.mesh.held)
    ends = np.sort(np.stack([own.from_node, own.to_node]), axis=0)
    pair = ends[0] * size + ends[1]
    gone = np.isin(pair, pair[broken])
    whole = groups(size, own.from_node[~gone], own.to_node[~gone])
    whole = np.where(np.isin(whole, whole[inner:]), -1, whole)
    islands, of_place = np.unique(whole, return_inverse=True)
    a, b = of_place[own.from_node[gone]], of_place[own.to_node[gone]]
    mine = np.stack([of_place[own.from_node[broken]], of_place[own.to_node[broken]]])
    found = np.ones((len(broken), len(islands)), np.bool_)
    for w in range(len(islands)):
        kept = (a != w) & (b != w)
        side = groups(len(islands), a[kept], b[kept])
        side[w] = -1
        here = side[np.where(mine[0] == w, mine[1], mine[0])]
        found &= (here[:, None] == side) | ((here == side[0]) & (w != 0))[:, None]
    found &= (mine[0] != mine[1])[:, None]
    found[:, 0] = False
    bound: Bools = found[:, of_place[:inner]] & (islands[0] == -1)
    return bound


def _nearest(view: Part, gone: Bools, margin: Reals) -> Ints:
    """For each place the broken node beside what it still hangs together with; of several the one broken the most."""
    own, size = view.own, view.mesh.size
    label = groups(size, own.from_node[~gone], own.to_node[~gone])
    a = np.concatenate([own.from_node[gone], own.to_node[gone]])
    b = np.concatenate([own.to_node[gone], own.from_node[gone]])
    beside = margin[a] < 0
    a, b = a[beside], b[beside]
    order = np.argsort(-margin[a], kind="stable")
    best = np.full(size, -1, np.int64)
    best[label[b[order]]] = a[order]
    found: Ints = best[label]
    return found


def _fed(view: Part, kept: Bools) -> Bools:
    """Which places are still fed from a held node over the branches that are kept."""
    mesh, own = view.mesh, view.own
    label = groups(mesh.size, own.from_node[kept], own.to_node[kept])
    held = np.unique(label[-len(mesh.held) :])
    fed: Bools = np.isin(label, held)
    return fed
