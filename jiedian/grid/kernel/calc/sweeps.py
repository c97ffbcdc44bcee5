"""潮流推算: backward/forward sweeps over one tree, sixteen flows side by side, compiled. A lane is one flow: a node with extra power in a state.

Everything here is arrays per unit, in the frame of a Section (ratios absorbed); see docs/algorithms/open-capacity.md.
``tree`` is (parent, zr, zi, yr, yi) by node, parents first; ``rows`` are the rated currents (node, limit, share re, im,
y re, im, is_child); ``base`` is (p, q, vr, vi, jr, ji), each [state, node]; ``lanes`` is (p, q, vr, vi, jr, ji), each
[node, lane], and behind them (square of the last change, lowest square of a voltage) [2, lane].
"""
# mypy: disable-error-code="no-untyped-def,untyped-decorator"

from typing import Any

import numpy as np
from numba import njit

LANES = 16
SWEEPS = 200
UNLOOKED, FEW = 2, 4
"""A flow never stands still after two sweeps; less than four states are not worth sixteen lanes."""
FLOOR = 0.2
"""Square of the lowest voltage that is still followed; below it a flow counts as collapsed."""
FAST = {"contract", "reassoc", "arcp", "nsz"}
"""Without nnan and ninf: a NaN must stay a NaN."""
compiled: Any = njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")


@compiled
def sweep(tree, lanes, tolerance):
    """Backward/forward sweeps until every lane stands still to ``tolerance`` or has collapsed; the number of sweeps."""
    for done in range(1, SWEEPS + 1):
        _backward(tree, lanes)
        if done <= UNLOOKED:
            _forward(tree, lanes)
            continue
        _forward_looking(tree, lanes)
        is_still = True
        for k in range(LANES):
            is_still &= lanes[6][0, k] < tolerance * tolerance or not lanes[6][1, k] > FLOOR
        if is_still:
            return done
    return SWEEPS


@compiled
def is_found(lanes, k, tolerance):
    """True where a lane's flow stands still."""
    return lanes[6][0, k] < tolerance * tolerance and lanes[6][1, k] > FLOOR


@compiled
def _backward(tree, lanes):
    """Currents from the voltages: what each node draws, added up towards the root."""
    par, _zr, _zi, yr, yi = tree
    p, q, vr, vi, jr, ji, _last = lanes
    for i in range(par.size):
        for k in range(LANES):
            a, b = vr[i, k], vi[i, k]
            inverse = 1.0 / (a * a + b * b)
            jr[i, k] = (p[i, k] * a + q[i, k] * b) * inverse + yr[i] * a - yi[i] * b
            ji[i, k] = (p[i, k] * b - q[i, k] * a) * inverse + yr[i] * b + yi[i] * a
    for i in range(par.size - 1, 0, -1):
        above = par[i]
        for k in range(LANES):
            jr[above, k] += jr[i, k]
            ji[above, k] += ji[i, k]


@compiled
def _forward(tree, lanes):
    """Voltages from the currents, from the root outwards."""
    par, zr, zi, _yr, _yi = tree
    _p, _q, vr, vi, jr, ji, _last = lanes
    for i in range(1, par.size):
        above = par[i]
        for k in range(LANES):
            re = vr[above, k] - zr[i] * jr[i, k] + zi[i] * ji[i, k]
            vi[i, k] = vi[above, k] - zr[i] * ji[i, k] - zi[i] * jr[i, k]
            vr[i, k] = re


@compiled
def _forward_looking(tree, lanes):
    """The same, with the square of the largest change and the lowest square of each lane: looking costs as much again."""
    par, zr, zi, _yr, _yi = tree
    _p, _q, vr, vi, jr, ji, last = lanes
    last[0, :], last[1, :] = 0.0, 10.0
    for i in range(1, par.size):
        above = par[i]
        for k in range(LANES):
            re = vr[above, k] - zr[i] * jr[i, k] + zi[i] * ji[i, k]
            im = vi[above, k] - zr[i] * ji[i, k] - zi[i] * jr[i, k]
            dr, di = re - vr[i, k], im - vi[i, k]
            change, square = dr * dr + di * di, re * re + im * im
            vr[i, k] = re
            vi[i, k] = im
            last[0, k] = last[0, k] if change <= last[0, k] else change
            last[1, k] = last[1, k] if square >= last[1, k] else square


@compiled
def room_for(nodes):
    """Empty lanes for a tree of so many nodes."""
    shape = (nodes, LANES)
    p, q, vr, vi = np.empty(shape), np.empty(shape), np.empty(shape), np.empty(shape)
    return p, q, vr, vi, np.empty(shape), np.empty(shape), np.empty((2, LANES))


@compiled
def _alone(tree, base, s, root_v, tolerance):
    """The flow of one state by itself; whether it was found."""
    par, zr, zi, yr, yi = tree
    p, q, vr, vi, jr, ji = base[0][s], base[1][s], base[2][s], base[3][s], base[4][s], base[5][s]
    vr[:], vi[:] = root_v, 0.0
    for _done in range(SWEEPS):
        for i in range(par.size):
            a, b = vr[i], vi[i]
            inverse = 1.0 / (a * a + b * b)
            jr[i] = (p[i] * a + q[i] * b) * inverse + yr[i] * a - yi[i] * b
            ji[i] = (p[i] * b - q[i] * a) * inverse + yr[i] * b + yi[i] * a
        for i in range(par.size - 1, 0, -1):
            jr[par[i]] += jr[i]
            ji[par[i]] += ji[i]
        worst, low = 0.0, 10.0
        for i in range(1, par.size):
            re = vr[par[i]] - zr[i] * jr[i] + zi[i] * ji[i]
            im = vi[par[i]] - zr[i] * ji[i] - zi[i] * jr[i]
            change, square = abs(re - vr[i]) + abs(im - vi[i]), re * re + im * im
            vr[i], vi[i] = re, im
            worst = worst if change <= worst else change
            low = low if square >= low else square
        if worst < tolerance or not low > FLOOR:
            return low > FLOOR
    return False


@compiled
def base_flow(tree, base, root_v, tolerance):
    """Fill in the voltages and currents of every state of ``base``, sixteen at a time; a collapsed state is NaN."""
    states, n = base[0].shape
    if states < FEW:
        for s in range(states):
            if not _alone(tree, base, s, root_v[s], tolerance):
                base[2][s][:] = np.nan
        return
    lanes = room_for(n)
    p, q, vr, vi, jr, ji, _last = lanes
    for begin in range(0, states, LANES):
        for k in range(LANES):
            s = min(begin + k, states - 1)
            for i in range(n):
                p[i, k], q[i, k] = base[0][s, i], base[1][s, i]
                vr[i, k], vi[i, k] = root_v[s], 0.0
        sweep(tree, lanes, tolerance)
        for k in range(min(LANES, states - begin)):
            is_good = is_found(lanes, k, tolerance)
            for i in range(n):
                base[2][begin + k, i], base[3][begin + k, i] = vr[i, k] if is_good else np.nan, vi[i, k]
                base[4][begin + k, i], base[5][begin + k, i] = jr[i, k], ji[i, k]


@compiled
def last_root(cr, ci, dr, di, limit):
    """Last distance at which a current c that moves by d a unit meets ``limit`` in magnitude; infinite if never."""
    a, b = dr * dr + di * di, cr * dr + ci * di
    inside = b * b - a * (cr * cr + ci * ci - limit * limit)
    return (np.sqrt(max(inside, 0.0)) - b) / a if a > 1e-24 and inside >= 0.0 else np.inf


@compiled
def terminal(rows, r, jr, ji, er, ei):
    """The current of a row, from its branch's current and the voltage of its end."""
    cr = rows[2][r] * jr - rows[3][r] * ji + rows[4][r] * er - rows[5][r] * ei
    return cr, rows[2][r] * ji + rows[3][r] * jr + rows[4][r] * ei + rows[5][r] * er
