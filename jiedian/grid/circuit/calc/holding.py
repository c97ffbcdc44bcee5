"""保压潮流: Newton's method with voltages that are kept by reactive power, beside the machine or far from it."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from .circuit import Branches, Complexes, groups
from .network import Bools, Ints, Reals

TURNS = 30
MANY_TURNS = 60
"""Turns with the slopes of the present state, which are many but cheap."""
STILL = 1e-8
STRIDES = (1.0, 0.5, 0.25, 0.125, 0.0625)
"""How far along a step of Newton's method: the first that makes the missing power less."""
ONCE, STEPS = (1.0,), (0.25, 0.5, 0.75, 1.0)
"""The power is put on at once; where that finds nothing, in steps."""


@dataclass(frozen=True)
class HeldPart:
    """A part whose node columns are places: branches, shunts and demand per unit, given voltages, and kept magnitudes.

    ``by`` are the nodes that give the reactive power, in equal shares those of one kept voltage: ``of`` is its row in ``hold``.
    """

    branches: Branches
    y: Complexes
    demand: Complexes
    source: Ints
    source_v: Complexes
    hold: Ints
    hold_v: Reals
    by: Ints
    of: Ints


class Holding:
    """The flows of a part whose kept voltages are met. What no source reaches is not a number; nor is a flow that is not found."""

    def __init__(self, part: HeldPart) -> None:
        label = groups(len(part.demand), part.branches.from_node, part.branches.to_node)
        self.fed: Bools = np.isin(label, label[part.source])
        self.part = _reached(part, label, self.fed)
        self.matrix = _admittance(part.branches, part.y)
        free = self.fed.copy()
        free[part.source] = False
        self.angle = np.flatnonzero(free)
        free[self.part.hold] = False
        self.size = np.flatnonzero(free)
        count = np.maximum(np.bincount(self.part.of, minlength=len(self.part.hold)), 1)
        self.given = np.zeros((len(part.demand), len(self.part.hold)))
        np.add.at(self.given, (self.part.by, self.part.of), 1 / count[self.part.of])

    @cached_property
    def state(self) -> tuple[Complexes, Reals] | None:
        """The voltages of the present state and the reactive power given for each kept voltage on top of the demand, per unit."""
        part = self.part
        for begin, shares in ((self._loaded, ONCE), (self._unloaded, ONCE), (self._unloaded, STEPS)):
            found: tuple[Complexes, Reals] | None = begin(), np.zeros(len(part.hold))
            for share in shares:
                found = None if found is None else self._newton(*found, share * part.demand)
            if found is not None:
                return found
        return None

    def solve(self) -> Complexes:
        """The voltages of the present state."""
        nothing: Complexes = np.full(len(self.part.demand), np.nan + 0j)
        return nothing if self.state is None else np.where(self.fed, self.state[0], np.nan)

    def states(self, demand: Complexes) -> Complexes:
        """Voltages [flow, node] when each flow has its own ``demand`` [flow, node]."""
        if self.state is None or not len(demand):
            return np.full(demand.shape, np.nan + 0j)
        v = np.repeat(self.state[0][:, None], len(demand), axis=1)
        given = np.repeat(self.state[1][:, None], len(demand), axis=1)
        is_open = np.ones(len(demand), np.bool_)
        for _turn in range(MANY_TURNS):
            rows = np.flatnonzero(is_open)
            wrong = self._wrong(v[:, rows], given[:, rows], demand[rows].T)
            worst = np.abs(wrong).max(axis=0, initial=0.0)
            is_open[rows] = (worst >= self._still(demand[rows])) & (
                worst < 1e3 * (1 + np.abs(demand[rows]).max())
            )
            rows, wrong = rows[is_open[rows]], wrong[:, is_open[rows]]
            if not len(rows):
                break
            v[:, rows], given[:, rows] = self._moved(v[:, rows], given[:, rows], -self._slopes.solve(wrong))
        miss = np.abs(self._wrong(v, given, demand.T)).max(axis=0, initial=0.0)
        for k in np.flatnonzero(~(miss < self._still(demand))).tolist():
            found = self._newton(*self.state, demand[k])
            v[:, k] = np.nan if found is None else found[0]
        return np.where(self.fed, v.T, np.nan)

    def _unloaded(self) -> Complexes:
        """To begin with: the angles without any load or charging, and every magnitude 1 or as it is kept."""
        part = self.part
        bare = replace(part.branches, y_end=np.zeros_like(part.branches.y_end))
        v = np.ones(len(part.demand), np.complex128)
        v[part.source] = part.source_v
        matrix = _admittance(bare, np.zeros_like(part.y))
        v[self.angle] = np.exp(1j * np.angle(_solved(matrix, v, part.source, self.angle, 0.0)))
        v[part.hold] *= part.hold_v / np.abs(v[part.hold])
        return v

    def _loaded(self) -> Complexes:
        """To begin with: the angles of the active power alone, and the magnitudes that constant currents then give."""
        part, b = self.part, self.part.branches
        weight = np.where(b.z.imag < 0, -1, 1) / np.abs(b.z)
        power, turn = -part.demand.real, np.angle(b.ratio)
        np.add.at(power, b.from_node, weight * turn)
        np.add.at(power, b.to_node, -weight * turn)
        z = np.asarray(1 / weight, np.complex128)
        plain = replace(b, ratio=np.ones_like(b.ratio), z=z, y_end=np.zeros_like(b.y_end))
        matrix = _admittance(plain, np.zeros_like(part.y)).real
        angle = np.zeros(len(power))
        angle[part.source] = np.angle(part.source_v)
        angle[self.angle] = _solved(matrix, angle, part.source, self.angle, power[self.angle])
        v = np.exp(1j * angle)
        v[part.source] = part.source_v
        v[part.hold] *= part.hold_v
        known = np.concatenate([part.source, part.hold])
        current = -np.conj(part.demand / np.exp(1j * angle))
        v[self.size] = _solved(self.matrix, v, known, self.size, current[self.size])
        return np.asarray(v, np.complex128)

    def _still(self, demand: Complexes) -> Any:
        return STILL * np.maximum(1.0, np.abs(demand).max(axis=-1, initial=0.0))

    def _wrong(self, v: Complexes, given: Reals, demand: Complexes) -> Reals:
        """Active power that is missing at the free nodes, then the reactive."""
        miss = v * np.conj(self.matrix @ v) + demand - 1j * (self.given @ given)
        return np.concatenate([miss.real[self.angle], miss.imag[self.angle]])

    def _moved(self, v: Complexes, given: Reals, step: Reals) -> tuple[Complexes, Reals]:
        turned, grown = np.zeros(v.shape), np.abs(v)
        first, second = len(self.angle), len(self.angle) + len(self.size)
        turned[self.angle] = step[:first]
        grown[self.size] += step[first:second]
        return grown * np.exp(1j * (np.angle(v) + turned)), given + step[second:]

    @cached_property
    def _slopes(self) -> Any:
        assert self.state is not None
        return self._factors(self.state[0])

    def _factors(self, v: Complexes) -> Any:
        """The slopes at a state, ready to be solved for steps of angles, magnitudes and reactive power given."""
        from scipy.sparse import bmat, csr_matrix, diags
        from scipy.sparse.linalg import splu

        matrix, current = self.matrix, self.matrix @ v
        along = diags(v / np.abs(v))
        by_size = (diags(v) @ (matrix @ along).conj() + diags(np.conj(current)) @ along).tocsr()
        by_angle = (1j * diags(v) @ (diags(current) - matrix @ diags(v)).conj()).tocsr()
        rows, size = self.angle, self.size
        by_angle, by_size = by_angle[rows][:, rows], by_size[rows][:, size]
        given = csr_matrix(-self.given[rows])
        return splu(
            bmat([[by_angle.real, by_size.real, None], [by_angle.imag, by_size.imag, given]]).tocsc()
            if len(self.part.hold)
            else bmat([[by_angle.real, by_size.real], [by_angle.imag, by_size.imag]]).tocsc()
        )

    def _newton(self, v: Complexes, given: Reals, demand: Complexes) -> tuple[Complexes, Reals] | None:
        """The voltages with a demand; None when they do not stand still."""
        wrong = self._wrong(v, given, demand)
        for _turn in range(TURNS):
            if not np.isfinite(wrong).all():
                return None
            if np.abs(wrong).max(initial=0.0) < self._still(demand):
                return v, given
            try:
                step = -self._factors(v).solve(wrong)
            except RuntimeError:  # the slopes are singular
                return None
            v, given, wrong = self._along(v, given, demand, step, float(np.linalg.norm(wrong)))
        return None

    def _along(
        self, v: Complexes, given: Reals, demand: Complexes, step: Reals, before: float
    ) -> tuple[Complexes, Reals, Reals]:
        """As far along a step as makes things better, the least share where none does."""
        for share in STRIDES:
            there = self._moved(v, given, share * step)
            wrong = self._wrong(*there, demand)
            if np.linalg.norm(wrong) < before:
                break
        return *there, wrong


def _reached(part: HeldPart, label: Ints, fed: Bools) -> HeldPart:
    """Only what can be kept: a voltage and the machines that keep it, joined with each other and with a source."""
    ok = fed[part.by] & (label[part.by] == label[part.hold[part.of]]) & ~np.isin(part.by, part.source)
    kept = np.unique(part.of[ok])
    row = np.full(len(part.hold), -1, np.int64)
    row[kept] = np.arange(len(kept))
    return replace(part, hold=part.hold[kept], hold_v=part.hold_v[kept], by=part.by[ok], of=row[part.of[ok]])


def _admittance(b: Branches, y: Complexes) -> Any:
    from scipy.sparse import coo_matrix

    n = len(y)
    own, every = 1 / b.z + b.y_end, np.arange(n)
    rows = np.concatenate([b.from_node, b.from_node, b.to_node, b.to_node, every])
    columns = np.concatenate([b.from_node, b.to_node, b.from_node, b.to_node, every])
    values = [own / np.abs(b.ratio) ** 2, -1 / (b.z * np.conj(b.ratio)), -1 / (b.z * b.ratio), own, y]
    return coo_matrix((np.concatenate(values), (rows, columns)), shape=(n, n)).tocsr()


def _solved(matrix: Any, v: Any, known: Ints, free: Ints, given: Any) -> Any:
    """The free values of a linear network with the known ones and what is given to the free nodes; 1 where there is none."""
    from scipy.sparse.linalg import spsolve

    if not len(free):
        return v[free]
    found = spsolve(matrix[free][:, free].tocsc(), given - matrix[free][:, known] @ v[known])
    return np.where(np.isfinite(found), found, 1.0)
