"""计算核: sixteen flows side by side over one tree, compiled. A lane is one flow: a node with extra power in a state.

Everything here is arrays per unit, in the frame of a Section (ratios absorbed); see docs/algorithms/open-capacity.md.
``tree`` is (parent, zr, zi, yr, yi) by node, parents first; ``rows`` are the rated currents (node, limit, share re, im,
y re, im, is_child); ``base`` is (p, q, vr, vi, jr, ji), each [state, node]; ``lanes`` is (p, q, vr, vi, jr, ji), each
[node, lane], with (last change, lowest square of a voltage) [lane] behind them.
"""
# mypy: disable-error-code="no-untyped-def,untyped-decorator"

from typing import Any

import numpy as np
from numba import njit

LANES = 16
SWEEPS = 200
TURNS = 60
COARSE = 100.0
"""The first flow of a lane only has to show the way: it may be coarser by this factor."""
FLOOR = 0.2
"""Square of the lowest voltage that is still followed; below it a flow counts as collapsed."""
FAST = {"contract", "reassoc", "arcp", "nsz"}
"""Without nnan and ninf: a NaN must stay a NaN."""
compiled: Any = njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
NONE, COLLAPSED = -1, -2


@compiled
def subtree_ends(par):
    """One past the last node of each node's subtree, in depth-first order."""
    ends = np.arange(1, par.size + 1)
    for i in range(par.size - 1, 0, -1):
        ends[par[i]] = max(ends[par[i]], ends[i])
    return ends


@compiled
def sweep(tree, lanes, tolerance):
    """Backward/forward sweeps until every lane stands still to ``tolerance`` or has collapsed; the number of sweeps."""
    worst, low = lanes[6], lanes[7]
    for done in range(1, SWEEPS + 1):
        _backward(tree, lanes)
        _forward(tree, lanes)
        is_still = True
        for k in range(LANES):
            if not (worst[k] < tolerance or not low[k] > FLOOR):
                is_still = False
        if is_still:
            return done
    return SWEEPS


@compiled
def _backward(tree, lanes):
    """Currents from the voltages: what each node draws, added up towards the root."""
    par, _zr, _zi, yr, yi = tree
    p, q, vr, vi, jr, ji, _worst, _low = lanes
    for i in range(par.size):
        for k in range(LANES):
            inverse = 1.0 / (vr[i, k] * vr[i, k] + vi[i, k] * vi[i, k])
            jr[i, k] = (
                (p[i, k] * vr[i, k] + q[i, k] * vi[i, k]) * inverse + yr[i] * vr[i, k] - yi[i] * vi[i, k]
            )
            ji[i, k] = (
                (p[i, k] * vi[i, k] - q[i, k] * vr[i, k]) * inverse + yr[i] * vi[i, k] + yi[i] * vr[i, k]
            )
    for i in range(par.size - 1, 0, -1):
        above = par[i]
        for k in range(LANES):
            jr[above, k] += jr[i, k]
            ji[above, k] += ji[i, k]


@compiled
def _forward(tree, lanes):
    """Voltages from the currents, from the root outwards; the largest change and the lowest square of each lane."""
    par, zr, zi, _yr, _yi = tree
    _p, _q, vr, vi, jr, ji, worst, low = lanes
    worst[:] = 0.0
    low[:] = 10.0
    for i in range(1, par.size):
        above = par[i]
        for k in range(LANES):
            re = vr[above, k] - zr[i] * jr[i, k] + zi[i] * ji[i, k]
            im = vi[above, k] - zr[i] * ji[i, k] - zi[i] * jr[i, k]
            change = abs(re - vr[i, k]) + abs(im - vi[i, k])
            square = re * re + im * im
            vr[i, k] = re
            vi[i, k] = im
            worst[k] = worst[k] if change <= worst[k] else change
            low[k] = low[k] if square >= low[k] else square


@compiled
def _room(nodes):
    """Empty lanes for a tree of so many nodes."""
    shape = (nodes, LANES)
    p, q, vr, vi = np.empty(shape), np.empty(shape), np.empty(shape), np.empty(shape)
    return p, q, vr, vi, np.empty(shape), np.empty(shape), np.empty(LANES), np.empty(LANES)


@compiled
def base_flow(tree, base, root_v, tolerance):
    """Fill in the voltages and currents of every state of ``base``, sixteen at a time; a collapsed state is NaN."""
    states, n = base[0].shape
    lanes = _room(n)
    p, q, vr, vi, jr, ji, worst, low = lanes
    for begin in range(0, states, LANES):
        for k in range(LANES):
            s = min(begin + k, states - 1)
            for i in range(n):
                p[i, k], q[i, k] = base[0][s, i], base[1][s, i]
                vr[i, k], vi[i, k] = root_v[s], 0.0
        sweep(tree, lanes, tolerance)
        for k in range(min(LANES, states - begin)):
            is_good = worst[k] < tolerance and low[k] > FLOOR
            for i in range(n):
                base[2][begin + k, i] = vr[i, k] if is_good else np.nan
                base[3][begin + k, i] = vi[i, k]
                base[4][begin + k, i] = jr[i, k]
                base[5][begin + k, i] = ji[i, k]


@compiled
def last_root(cr, ci, dr, di, limit):
    """How far a current c that moves by d a unit goes until its magnitude meets ``limit`` for the last time; infinite if never."""
    a = dr * dr + di * di
    b = cr * dr + ci * di
    inside = b * b - a * (cr * cr + ci * ci - limit * limit)
    return (np.sqrt(max(inside, 0.0)) - b) / a if a > 1e-24 and inside >= 0.0 else np.inf


@compiled
def _margins(tree, vr, vi, bound, sense, margin):
    """The smallest voltage margin in every subtree."""
    par = tree[0]
    for i in range(par.size):
        margin[i] = sense * (np.sqrt(vr[i] * vr[i] + vi[i] * vi[i]) - bound[i])
    margin[0] = np.inf
    for i in range(par.size - 1, 0, -1):
        margin[par[i]] = min(margin[par[i]], margin[i])


@compiled
def estimates(tree, base, rows, row_start, bound, sense, tilt, at, out):
    """The closed form: how much power at each node ``at`` until a bound on its way to the root or beside it is met.

    Voltage: smallest margin in the subtree x voltage over the resistance shared (LinDistFlow). Currents: quadratic.
    ``out`` is [state, len(at)], per unit.
    """
    par, zr, zi, _yr, _yi = tree
    margin, reach = np.empty(par.size), np.zeros(par.size)
    for i in range(1, par.size):
        reach[i] = reach[par[i]] + zr[i] + zi[i] * tilt
    for s in range(out.shape[0]):
        vr, vi, jr, ji = base[2][s], base[3][s], base[4][s], base[5][s]
        _margins(tree, vr, vi, bound, sense, margin)
        for m in range(at.size):
            i = at[m]
            square = vr[i] * vr[i] + vi[i] * vi[i]
            size = np.sqrt(square)
            ar = sense * (vr[i] + tilt * vi[i]) / square
            ai = sense * (vi[i] - tilt * vr[i]) / square
            best = np.inf
            while i > 0:
                if reach[i] > 1e-12:
                    best = min(best, margin[i] * size / reach[i])
                for r in range(row_start[i], row_start[i + 1]):
                    e = i if rows[6][r] else par[i]
                    cr, ci = _terminal(rows, r, jr[i], ji[i], vr[e], vi[e])
                    dr = rows[2][r] * ar - rows[3][r] * ai
                    di = rows[2][r] * ai + rows[3][r] * ar
                    best = min(best, last_root(cr, ci, dr, di, rows[1][r]))
                i = par[i]
            out[s, m] = max(best, 0.0)


@compiled
def _terminal(rows, r, jr, ji, er, ei):
    """The current of a row, from its branch's current and the voltage of its end."""
    cr = rows[2][r] * jr - rows[3][r] * ji + rows[4][r] * er - rows[5][r] * ei
    return cr, rows[2][r] * ji + rows[3][r] * jr + rows[4][r] * ei + rows[5][r] * er


@compiled
def solve(tree, base, rows, bound, sense, tilt, at, state, start, tolerance, still, power, binding, flows):
    """The exact answer of every pair (node ``at``, ``state``): flows, every bound followed by its own secant, least wins.

    ``power`` is per unit; ``binding`` the node whose voltage binds, n + row of a current that binds, NONE or COLLAPSED;
    ``flows`` the number of flows it took. ``start`` is a first guess, ``still`` when a flow has converged.
    """
    lanes = _room(tree[0].size)
    old = (np.empty((tree[0].size, LANES)), np.empty((rows[0].size, LANES)), np.empty((rows[0].size, LANES)))
    steps = _steps()
    x, old_x, good, high, ahead, who = steps
    is_open = np.empty(LANES, np.bool_)
    for begin in range(0, at.size, LANES):
        for k in range(LANES):
            m = min(begin + k, at.size - 1)
            x[k], old_x[k], good[k], high[k] = min(max(start[m], 1e-4), 1e4), 0.0, 0.0, np.inf
            is_open[k] = begin + k < at.size
            _load(tree, base, rows, lanes, old, k, at[m], state[m], sense * x[k], tilt)
        for turn in range(TURNS):
            near = still if turn else COARSE * still
            sweep(tree, lanes, near)
            _follow(tree, lanes, rows, bound, sense, near, old, steps)
            for k in range(LANES):
                if is_open[k]:
                    m = begin + k
                    flows[m] += 1
                    if not _settle(steps, k, lanes[6][k] < near and lanes[7][k] > FLOOR, tolerance):
                        _move(
                            base, lanes, k, at[m], state[m], sense * (ahead[k] - x[k]), tilt, high[k] == x[k]
                        )
                        x[k] = ahead[k]
                        continue
                    power[m] = np.inf if who[k] == NONE else (good[k] if who[k] == COLLAPSED else ahead[k])
                    binding[m], is_open[k] = who[k], False
            if not is_open.any():
                break
        for k in range(LANES):
            if is_open[k]:
                power[begin + k], binding[begin + k] = good[k], COLLAPSED


@compiled
def _steps():
    """Per lane: power, power before, highest that is good, lowest that is not, next power, what binds."""
    x, old_x, good, high = np.empty(LANES), np.empty(LANES), np.empty(LANES), np.empty(LANES)
    return x, old_x, good, high, np.empty(LANES), np.empty(LANES, np.int64)


@compiled
def _load(tree, base, rows, lanes, old, k, node, s, extra, tilt):
    """Put the base of state ``s`` into lane ``k`` and the first guess on top; remember the base as the flow before."""
    par = tree[0]
    p, q, vr, vi, _jr, _ji, _worst, _low = lanes
    for i in range(par.size):
        p[i, k], q[i, k] = base[0][s, i], base[1][s, i]
        vr[i, k], vi[i, k] = base[2][s, i], base[3][s, i]
        old[0][i, k] = np.sqrt(vr[i, k] * vr[i, k] + vi[i, k] * vi[i, k])
    for r in range(rows[0].size):
        i = rows[0][r]
        e = i if rows[6][r] else par[i]
        old[1][r, k], old[2][r, k] = _terminal(rows, r, base[4][s, i], base[5][s, i], vr[e, k], vi[e, k])
    p[node, k] += extra
    q[node, k] += extra * tilt


@compiled
def _follow(tree, lanes, rows, bound, sense, still, old, steps):
    """For every lane the least power at which a bound would be met, by the secant of each bound; remembers this flow."""
    par = tree[0]
    _p, _q, vr, vi, jr, ji, worst, low = lanes
    x, old_x, _good, _high, ahead, who = steps
    step, is_good = np.empty(LANES), np.empty(LANES, np.bool_)
    for k in range(LANES):
        is_good[k] = worst[k] < still and low[k] > FLOOR
        step[k] = x[k] - old_x[k] if abs(x[k] - old_x[k]) > 1e-9 else 1e-9
        ahead[k], who[k] = np.inf, NONE
    for i in range(1, par.size):
        for k in range(LANES):
            size = np.sqrt(vr[i, k] * vr[i, k] + vi[i, k] * vi[i, k])
            slope = sense * (size - old[0][i, k]) / step[k]
            meet = -sense * (size - bound[i]) / slope if slope < -1e-12 else np.inf
            who[k] = i if meet < ahead[k] else who[k]
            ahead[k] = meet if meet < ahead[k] else ahead[k]
            old[0][i, k] = size if is_good[k] else old[0][i, k]
    for r in range(rows[0].size):
        i = rows[0][r]
        e = i if rows[6][r] else par[i]
        for k in range(LANES):
            cr, ci = _terminal(rows, r, jr[i, k], ji[i, k], vr[e, k], vi[e, k])
            dr, di = (cr - old[1][r, k]) / step[k], (ci - old[2][r, k]) / step[k]
            meet = last_root(cr, ci, dr, di, rows[1][r])
            who[k] = par.size + r if meet < ahead[k] else who[k]
            ahead[k] = meet if meet < ahead[k] else ahead[k]
            old[1][r, k] = cr if is_good[k] else old[1][r, k]
            old[2][r, k] = ci if is_good[k] else old[2][r, k]
    for k in range(LANES):
        ahead[k] += x[k]


@compiled
def _settle(steps, k, is_good, tolerance):
    """Decide the next power of a lane; true when it has its answer."""
    x, old_x, good, high, ahead, who = steps
    if is_good:
        good[k] = old_x[k] = x[k]
        ahead[k] = max(min(ahead[k], 4.0 * x[k] + 1.0), 0.0)
        if ahead[k] >= high[k]:
            ahead[k], who[k] = 0.5 * (good[k] + high[k]), COLLAPSED
    else:
        high[k], who[k] = x[k], COLLAPSED
        ahead[k] = 0.5 * (good[k] + x[k])
    if x[k] > 1e4:
        who[k] = NONE
        return True
    if who[k] == COLLAPSED:
        return high[k] - good[k] < tolerance
    return abs(ahead[k] - x[k]) < tolerance


@compiled
def _move(base, lanes, k, node, s, more, tilt, is_reset):
    """Change a lane's extra power; a collapsed lane starts again from the base's voltages."""
    lanes[0][node, k] += more
    lanes[1][node, k] += more * tilt
    if is_reset:
        for i in range(base[0].shape[1]):
            lanes[2][i, k], lanes[3][i, k] = base[2][s, i], base[3][s, i]
