"""A section made ready for the compiled kernel: base flows of all states, what they violate, and exact answers."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from jiedian.grid.circuit.calc.circuit import Complexes
from jiedian.grid.circuit.calc.network import Bools, Ints, Reals
from jiedian.grid.circuit.calc.sections import Section

STILL = 1e-7
"""A probing flow is found when its last sweep moved the voltage by less than this, per unit: what it is off is far less (``chord``)."""
STILL_BASE = 1e-10


@dataclass(frozen=True)
class Broken:
    """现状越限: what some state breaks before anything is added, in the frame of the section.

    By entry a node, what its voltage may still lose, and lose per unit of power added elsewhere than below it;
    where not ``is_own`` the entry stands for something beside the tree and counts in every state. ``row`` are the currents.
    """

    node: Ints
    left: Reals
    left_per_unit: Reals
    is_own: Bools
    row: Ints
    mate: Ints
    """The row of the other end of the same element; the row itself where there is none."""


_NONE, _NO_ROW = np.zeros(0), np.zeros(0, np.int64)
NOTHING = Broken(_NO_ROW, _NONE, _NONE, np.zeros(0, np.bool_), _NO_ROW, _NO_ROW)


@dataclass(frozen=True)
class Bounds:
    """Bounds that must hold in a section: a voltage at every node and a current in every row, in its frame.

    ``sense`` is +1 for load (voltages stay above ``voltage``) and -1 for generation (below); ``tilt`` is tan(phi).
    ``broken`` are those that do not hold in the base, and what they may still lose.
    """

    voltage: Reals
    current: Reals
    sense: float
    tilt: float
    broken: Broken = NOTHING

    @property
    def arrays(self) -> tuple[Any, ...]:
        """As the kernel takes them: what is broken is followed by itself, never by the others' voltage bound."""
        broken = self.broken
        own = broken.node[broken.is_own]
        held = self.voltage
        if len(own):
            held = held.copy()
            held[own] = 0.0 if self.sense > 0 else 1e3
        bound = self.voltage[broken.node]
        return held, (
            broken.node,
            bound,
            broken.left,
            broken.left_per_unit,
            broken.is_own,
            broken.row,
            broken.mate,
        )


@dataclass(frozen=True)
class Base:
    """The flows of the states before anything is added, [state, node]: demand, voltages, branch currents."""

    demand: Complexes
    v: Complexes
    j: Complexes

    @property
    def has_failed(self) -> bool:
        return bool(np.isnan(self.v.real).any())

    @cached_property
    def arrays(self) -> tuple[Reals, ...]:
        """As the kernel takes them."""
        return (*_halves(self.demand), *_halves(self.v), *_halves(self.j))


class Tree:
    """The arrays of a section as the kernel takes them."""

    def __init__(self, section: Section) -> None:
        self.section = section
        rows = section.rows
        self.arrays: tuple[Any, ...] = (section.parent, *_halves(section.z), *_halves(section.y))
        self.row_terms: tuple[Any, ...] = (*_halves(rows.share), *_halves(rows.y), rows.is_child)
        self.row_start = np.searchsorted(rows.node, np.arange(section.size + 1))

    def base(self, demand: Complexes | None = None, *, root_v: float | None = None) -> Base:
        """The flows of the states in ``demand`` [state, node] (the present one when left out)."""
        demand = self.section.demand[None] if demand is None else demand
        found = tuple(np.empty(demand.shape) for _ in range(4))
        held = np.full(len(demand), self.section.root_v if root_v is None else root_v)
        from . import sweeps

        sweeps.base_flow(self.arrays, (*_halves(demand), *found), held, STILL_BASE)
        return Base(demand, found[0] + 1j * found[1], found[2] + 1j * found[3])

    def ways(self, at: Ints) -> Bools:
        """Ways to the root: the nodes that lie between it and each of ``at`` to the root, itself among them, [len(at), node]."""
        found = np.zeros((len(at), self.section.size), np.bool_)
        here = np.asarray(at, np.int64)
        while (here > 0).any():
            found[np.arange(len(at)), here] = True
            here = self.section.parent[here]
        found[:, 0] = False
        return found

    def currents(self, base: Base) -> Reals:
        """The currents of the rows, [state, row]."""
        rows = self.section.rows
        end = np.where(rows.is_child, rows.node, self.section.parent[rows.node])
        result: Reals = np.abs(rows.share * base.j[:, rows.node] + rows.y * base.v[:, end])
        return result

    def margins(self, base: Base, bounds: Bounds) -> tuple[Reals, Reals]:
        """Margins left in the base: voltages [state, node] per unit in the frame, currents [state, row] of their limit."""
        volts = bounds.sense * (np.abs(base.v) - bounds.voltage)
        volts[:, 0] = np.inf
        return volts, 1 - self.currents(base) / bounds.current

    def estimate(self, base: Base, bounds: Bounds, at: Ints) -> Reals:
        """The closed form for every node ``at`` in every state, [state, node], per unit."""
        out = np.empty((len(base.demand), len(at)))
        rows = (self.section.rows.node, bounds.current, *self.row_terms)
        left, own = np.zeros(self.section.size), bounds.broken.is_own
        left[bounds.broken.node[own]] = bounds.broken.left[own]
        from . import closedform

        closedform.estimates(
            self.arrays,
            base.arrays,
            rows,
            self.row_start,
            (bounds.voltage, left),
            bounds.sense,
            bounds.tilt,
            at,
            out,
        )
        return out

    def solve(
        self, base: Base, bounds: Bounds, at: Ints, state: Ints, start: Reals, *, tolerance: float
    ) -> tuple[Reals, Ints, Ints]:
        """The exact power per pair (node, state), what binds (see kernel.solve) and the flows it took."""
        power, binding, flows = np.zeros(len(at)), np.empty(len(at), np.int64), np.zeros(len(at), np.int64)
        rows = (self.section.rows.node, bounds.current, *self.row_terms)
        from . import broken, kernel

        arrays, free = base.arrays, np.arange(len(at))
        if bounds.broken.is_own.any():
            broken.broken_above(self.arrays, arrays, bounds.voltage, bounds.sense, at, state, binding)
            free = np.flatnonzero(binding < 0)
        found = np.empty(len(at[free])), np.empty(len(at[free]), np.int64), np.zeros(len(at[free]), np.int64)
        kernel.solve(
            self.arrays, arrays, rows, bounds.arrays, bounds.sense, bounds.tilt, at[free], state[free], start[free],
            tolerance, STILL, *found,
        )  # fmt: skip
        power[free], binding[free], flows[free] = found
        return power, binding, flows


def over_rows(section: Section, amps: Reals) -> Bools:
    """The rows of elements that are over their limit at either end in some state; ``amps`` are margins [state, row]."""
    branch = section.rows.branch
    over: Bools = np.isin(branch, branch[(amps < 0).any(axis=0)])
    return over


def _halves(values: Complexes) -> tuple[Reals, Reals]:
    return np.ascontiguousarray(values.real), np.ascontiguousarray(values.imag)
