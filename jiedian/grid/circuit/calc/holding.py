"""保压起算: Newton's method with generators that keep their voltage, to know the reactive power they start from."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .circuit import Branches, Complexes, groups
from .network import Ints, Reals

TURNS = 30
STILL = 1e-8
SHARES = ((1.0,), (0.25, 0.5, 0.75, 1.0))
"""The power is put on at once; where that finds nothing, in steps."""


@dataclass(frozen=True)
class HeldPart:
    """A part whose node columns are places: branches, shunts and demand per unit, given voltages, and kept magnitudes."""

    branches: Branches
    y: Complexes
    demand: Complexes
    source: Ints
    source_v: Complexes
    hold: Ints
    hold_v: Reals


def held_state(part: HeldPart) -> tuple[Complexes, Reals] | None:
    """The voltages, and what reactive power each holding node gives on top of its demand, per unit; None when none is found.

    What no source reaches is not a number.
    """
    matrix = _admittance(part.branches, part.y)
    fed = np.isin(*_labels(part))
    v = _unloaded(part, fed)
    for shares in SHARES:
        found: Complexes | None = v
        for share in shares:
            found = None if found is None else _newton(part, matrix, fed, found, share)
        if found is not None:
            drawn = found * np.conj(matrix @ found) + part.demand
            return np.where(fed, found, np.nan), np.asarray(drawn.imag[part.hold], np.float64)
    return None


def _labels(part: HeldPart) -> tuple[Ints, Ints]:
    label = groups(len(part.demand), part.branches.from_node, part.branches.to_node)
    return label, label[part.source]


def _admittance(b: Branches, y: Complexes) -> Any:
    from scipy.sparse import coo_matrix

    n = len(y)
    own, every = 1 / b.z + b.y_end, np.arange(n)
    rows = np.concatenate([b.from_node, b.from_node, b.to_node, b.to_node, every])
    columns = np.concatenate([b.from_node, b.to_node, b.from_node, b.to_node, every])
    values = [own / np.abs(b.ratio) ** 2, -1 / (b.z * np.conj(b.ratio)), -1 / (b.z * b.ratio), own, y]
    return coo_matrix((np.concatenate(values), (rows, columns)), shape=(n, n)).tocsr()


def _unloaded(part: HeldPart, fed: Any) -> Complexes:
    """The angles without any load or charging, and every magnitude 1 or as it is kept."""
    from scipy.sparse.linalg import spsolve

    bare_line = replace(part.branches, y_end=np.zeros_like(part.branches.y_end))
    matrix = _admittance(bare_line, np.zeros_like(part.y))
    v = np.ones(len(part.demand), np.complex128)
    v[part.source] = part.source_v
    is_free = fed.copy()
    is_free[part.source] = False
    free = np.flatnonzero(is_free)
    if len(free):
        given = matrix[free][:, part.source] @ part.source_v
        bare = spsolve(matrix[free][:, free].tocsc(), -given)
        v[free] = np.exp(1j * np.angle(np.where(np.isfinite(bare), bare, 1.0)))
    v[part.hold] *= part.hold_v / np.abs(v[part.hold])
    return v


def _newton(part: HeldPart, matrix: Any, fed: Any, v: Complexes, share: float) -> Complexes | None:
    """The voltages with a share of the power; None when they do not stand still."""
    from scipy.sparse import bmat, diags
    from scipy.sparse.linalg import spsolve

    is_angle = fed.copy()
    is_angle[part.source] = False
    is_size = is_angle.copy()
    is_size[part.hold] = False
    angle, size = np.flatnonzero(is_angle), np.flatnonzero(is_size)
    for _turn in range(TURNS):
        current = matrix @ v
        miss = v * np.conj(current) + share * part.demand
        wrong = np.concatenate([miss.real[angle], miss.imag[size]])
        if not np.isfinite(wrong).all():
            return None
        if np.abs(wrong).max(initial=0.0) < STILL * max(1.0, float(np.abs(part.demand).max(initial=0.0))):
            return v
        along = diags(v / np.abs(v))
        by_size = diags(v) @ (matrix @ along).conj() + diags(np.conj(current)) @ along
        by_angle = 1j * diags(v) @ (diags(current) - matrix @ diags(v)).conj()
        slope = bmat(
            [
                [by_angle.tocsr()[angle][:, angle].real, by_size.tocsr()[angle][:, size].real],
                [by_angle.tocsr()[size][:, angle].imag, by_size.tocsr()[size][:, size].imag],
            ]
        )
        step = spsolve(slope.tocsc(), -wrong)
        turned, grown = np.zeros(len(v)), np.abs(v)
        turned[angle] = step[: len(angle)]
        grown[size] += step[len(angle) :]
        v = grown * np.exp(1j * (np.angle(v) + turned))
    return None
