"""抽查: the open capacity of a few buses found again by bisection on the whole section, with no secant and no equivalents."""

import numpy as np

from jiedian.grid.circuit.calc.network import Ints, Reals
from jiedian.grid.circuit.calc.sections import Section
from jiedian.grid.kernel.calc.prepared import CapacityLimits, Direction, Prepared, bounds_of, worst_of

HIGHEST_PU = 256.0
"""256 MW: where that still fits nothing limits."""


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
    if worst_of(prepared.circuit, tree, *tree.margins(base, bounds), part) is not None:
        return np.zeros(len(at))
    low, high = np.zeros(len(at)), np.full(len(at), HIGHEST_PU)
    while (high - low).max() > tolerance:
        middle = (low + high) / 2
        demand = np.repeat(base.demand, len(at), axis=0)
        demand[np.arange(len(at)), at] += bounds.sense * middle * (1 + 1j * bounds.tilt)
        volts, amps = tree.margins(tree.base(demand), bounds)
        with np.errstate(invalid="ignore"):
            fits = (volts >= 0).all(axis=1) & (amps >= 0).all(axis=1)
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return np.where(low > HIGHEST_PU - 1, np.inf, low * 1000)
