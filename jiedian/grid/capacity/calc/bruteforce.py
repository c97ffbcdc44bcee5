"""抽查: the open capacity of a few buses found again by bisection on the whole section, with no secant and no equivalents."""

from dataclasses import dataclass

import numpy as np

from jiedian.grid.circuit.calc.network import Bools, Ints, Reals
from jiedian.grid.circuit.calc.sections import Section
from jiedian.grid.kernel.calc.lanes import Base, Bounds, Tree, over_rows
from jiedian.grid.kernel.calc.prepared import CapacityLimits, Direction, Prepared, bounds_of

HIGHEST_PU = 256.0
"""256 MW: where that still fits nothing limits."""
TRIED = 300
"""So many powers show whether a current comes within its limit: one every five percent."""
STEP_PU = 1e-5
"""So little more (10 W) shows whether a current is being relieved."""


def bisected(
    prepared: Prepared,
    buses: Ints,
    *,
    limits: CapacityLimits,
    direction: Direction,
    tolerance_kw: float = 0.2,
) -> Reals:
    """kW at each of ``buses`` to ``tolerance_kw``; NaN where its part is no tree or was not solved, infinite where nothing limits it."""
    found = np.full(len(buses), np.nan)
    node = prepared.circuit.node[buses]
    for part in np.unique(prepared.split.part[node]):
        if part < 0 or not isinstance(prepared.split.parts[part], Section):
            continue
        rows = np.flatnonzero(prepared.split.part[node] == part)
        found[rows] = _in_section(
            prepared, int(part), prepared.split.place[node[rows]], limits, direction, tolerance_kw / 1000
        )
    return found


def _in_section(
    prepared: Prepared, part: int, at: Ints, limits: CapacityLimits, direction: Direction, tolerance: float
) -> Reals:
    tree = prepared.tree(part)
    bounds = bounds_of(prepared.circuit, tree.section, limits, direction)
    base = tree.base()
    if base.has_failed:
        return np.full(len(at), np.nan)
    rule = _Rule.of(tree, base, bounds, limits, at)
    low, high = np.zeros(len(at)), np.full(len(at), HIGHEST_PU)
    low, high = np.where(rule.is_shut, -1.0, low), np.where(rule.is_shut, 0.0, high)
    while (high - low)[~rule.is_shut].max(initial=0) > tolerance:
        middle = (low + high) / 2
        fits = rule.fits(tree, base, bounds, at, middle)
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return np.where(low > HIGHEST_PU - 1, np.inf, np.maximum(low, 0) * 1000)


@dataclass(frozen=True)
class _Rule:
    """What is broken already, for every node ``at``: whom it shuts, what voltages may still fall to, which currents count.

    A broken current counts for those below it only, and shuts them unless what is added brings it within its limit; up to
    there it may be over it as long as it is being relieved.
    """

    is_shut: Bools
    is_broken: Bools
    floor: Reals
    per_unit: Reals
    is_over: Bools
    is_free: Bools

    @classmethod
    def of(cls, tree: Tree, base: Base, bounds: Bounds, limits: CapacityLimits, at: Ints) -> "_Rule":
        volts, amps = tree.margins(base, bounds)
        is_broken, is_over, scale = volts[0] < 0, over_rows(tree.section, amps), tree.section.scale
        is_above = tree.ways(at)
        is_own = is_over & is_above[:, tree.section.rows.node]
        is_shut = (is_above & is_broken).any(axis=1) | ~_relieved(tree, base, bounds, at, is_own)
        return cls(
            is_shut,
            is_broken,
            np.where(is_broken, volts[0] - limits.notice_pu * scale, 0.0),
            np.where(is_broken, limits.notice_pu_per_mw * scale, 0.0),
            is_over,
            is_over & ~is_own,
        )

    def fits(self, tree: Tree, base: Base, bounds: Bounds, at: Ints, power: Reals) -> Bools:
        """Whether everything that counts for a node holds with so much power there."""
        volts, amps = _margins(tree, base, bounds, at, power)
        with np.errstate(invalid="ignore"):
            fits = np.all(volts >= self.floor - self.per_unit * power[:, None], axis=1)
            is_held = (amps >= 0) | self.is_free
            if self.is_over.any():
                is_held |= self.is_over & (_margins(tree, base, bounds, at, power + STEP_PU)[1] > amps)
        return np.asarray(fits & np.all(is_held, axis=1), np.bool_)


def _margins(tree: Tree, base: Base, bounds: Bounds, at: Ints, power: Reals) -> tuple[Reals, Reals]:
    demand = np.repeat(base.demand, len(at), axis=0)
    demand[np.arange(len(at)), at] += bounds.sense * power * (1 + 1j * bounds.tilt)
    return tree.margins(tree.base(demand), bounds)


def _relieved(tree: Tree, base: Base, bounds: Bounds, at: Ints, is_own: Bools) -> Bools:
    """Whether every current ``is_own`` [node, row] comes within its limit at some power."""
    inside = ~is_own
    if is_own.any():
        for power in np.geomspace(1e-4, HIGHEST_PU, TRIED):
            with np.errstate(invalid="ignore"):
                inside |= _margins(tree, base, bounds, at, np.full(len(at), power))[1] >= 0
    return np.asarray(np.all(inside, axis=1), np.bool_)
