"""闭式估算: how much power until a bound is met, without a flow: where the exact calculation starts, and what screens many states.

The arrays are those of ``sweeps``. numba keeps what it compiled by the file it stands in and does not see that what is
imported here has changed; the set-up (``run.py``) then compiles both anew.
"""
# mypy: disable-error-code="no-untyped-def,untyped-decorator"

import numpy as np

from .sweeps import compiled, last_root, terminal


@compiled
def subtree_ends(par):
    """One past the last node of each node's subtree, in depth-first order."""
    ends = np.arange(1, par.size + 1)
    for i in range(par.size - 1, 0, -1):
        ends[par[i]] = max(ends[par[i]], ends[i])
    return ends


@compiled
def _margins(tree, vr, vi, bounds, sense, margin, is_broken):
    """The smallest voltage margin in every subtree; what is broken already has what it may still lose."""
    par = tree[0]
    bound, left = bounds
    for i in range(par.size):
        margin[i] = sense * (np.sqrt(vr[i] * vr[i] + vi[i] * vi[i]) - bound[i])
        is_broken[i] = i > 0 and margin[i] < 0
        margin[i] = left[i] if is_broken[i] else margin[i]
    margin[0] = np.inf
    for i in range(par.size - 1, 0, -1):
        margin[par[i]] = min(margin[par[i]], margin[i])


@compiled
def estimates(tree, base, rows, row_start, bounds, sense, tilt, at, out):
    """The closed form: how much power at each node ``at`` until a bound on its way to the root or beside it is met.

    Voltage: smallest margin in the subtree x voltage met over the resistance shared. Currents: quadratic, with the voltage
    that is left there at that power. ``bounds`` are the voltage of every node, and what it may still lose where that is broken.
    ``out`` is [state, len(at)], per unit.
    """
    par, zr, zi, _yr, _yi = tree
    margin, reach, is_broken = np.empty(par.size), np.zeros(par.size), np.empty(par.size, np.bool_)
    for i in range(1, par.size):
        reach[i] = reach[par[i]] + zr[i] + zi[i] * tilt
    for s in range(out.shape[0]):
        vr, vi, jr, ji = base[2][s], base[3][s], base[4][s], base[5][s]
        _margins(tree, vr, vi, bounds, sense, margin, is_broken)
        for m in range(at.size):
            i = at[m]
            square = vr[i] * vr[i] + vi[i] * vi[i]
            size = np.sqrt(square)
            ar = sense * (vr[i] + tilt * vi[i]) / square
            ai = sense * (vi[i] - tilt * vr[i]) / square
            best = most = np.inf
            while i > 0:
                if reach[i] > 1e-12:
                    best = min(best, margin[i] * (size - sense * margin[i]) / reach[i])
                if is_broken[i]:
                    best = 0.0
                for r in range(row_start[i], row_start[i + 1]):
                    e = i if rows[6][r] else par[i]
                    cr, ci = terminal(rows, r, jr[i], ji[i], vr[e], vi[e])
                    dr = rows[2][r] * ar - rows[3][r] * ai
                    di = rows[2][r] * ai + rows[3][r] * ar
                    meet = last_root(cr, ci, dr, di, rows[1][r])
                    if not meet < np.inf and cr * cr + ci * ci > rows[1][r] * rows[1][r]:
                        meet = 0.0
                    most = min(most, meet)
                i = par[i]
            if np.isfinite(most):
                best = min(best, most * max(1 - sense * most * reach[at[m]] / square, 0.5))
            out[s, m] = max(best, 0.0)
