"""计算核: sixteen flows side by side over one tree, compiled. A lane is one flow: a node with extra power in a state.

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
SWEEPS, TURNS = 200, 60
UNLOOKED, FEW = 2, 4
"""A flow never stands still after two sweeps; less than four states are not worth sixteen lanes."""
LOADED = 0.36
"""Rows off the way to the root are followed only above this square of their share of the limit; the last flow checks the rest."""
COARSE = 100.0
"""The first flow of a lane only has to show the way: it may be coarser by this factor."""
FLOOR = 0.2
"""Square of the lowest voltage that is still followed; below it a flow counts as collapsed."""
FAST = {"contract", "reassoc", "arcp", "nsz"}
"""Without nnan and ninf: a NaN must stay a NaN."""
compiled: Any = njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
NONE, COLLAPSED = -1, -2


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
def _is_found(lanes, k, tolerance):
    """Whether a lane's flow stands still."""
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
def _room(nodes):
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
    lanes = _room(n)
    p, q, vr, vi, jr, ji, _last = lanes
    for begin in range(0, states, LANES):
        for k in range(LANES):
            s = min(begin + k, states - 1)
            for i in range(n):
                p[i, k], q[i, k] = base[0][s, i], base[1][s, i]
                vr[i, k], vi[i, k] = root_v[s], 0.0
        sweep(tree, lanes, tolerance)
        for k in range(min(LANES, states - begin)):
            is_good = _is_found(lanes, k, tolerance)
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


@compiled
def solve(tree, base, rows, bound, sense, tilt, at, state, start, tolerance, still, power, binding, flows):
    """The exact answer of every pair (node ``at``, ``state``): flows, every bound followed by its own secant, least wins.

    ``power`` is per unit; ``binding`` the node whose voltage binds, n + row of a current that binds, NONE or COLLAPSED;
    ``flows`` the number of flows it took. ``start`` is a first guess, ``still`` when a flow has converged.
    """
    lanes, count = _room(tree[0].size), rows[0].size
    old = (np.empty((tree[0].size, LANES)), np.empty((count, LANES)), np.empty((count, LANES)))
    near, room, whole = np.empty(count, np.int64), np.empty(tree[0].size, np.bool_), np.empty((5, LANES))
    # per lane: power, power before, highest that is good, lowest that is not, next power, what binds
    steps = (whole[0], whole[1], whole[2], whole[3], whole[4], np.empty(LANES, np.int64))
    asks = (at, state, start, sense, tilt, tolerance, still)
    for begin in range(0, at.size, LANES):
        here = slice(begin, begin + LANES)
        some = _near_rows(tree, base, rows, at[here], state[here], near, room)
        _sixteen(tree, base, rows, near[:some], bound, asks, begin, lanes, old, steps, power, binding, flows)
        if some < count and not _holds(tree, lanes, rows, near[:some], steps[5][: at.size - begin]):
            near[:] = np.arange(count)
            _sixteen(tree, base, rows, near, bound, asks, begin, lanes, old, steps, power, binding, flows)


@compiled
def _near_rows(tree, base, rows, at, state, near, is_on_way):
    """The rows worth following: those on the way from the nodes to the root, and those well loaded; how many."""
    par = tree[0]
    is_on_way[:] = False
    for i in at:
        while i > 0 and not is_on_way[i]:
            is_on_way[i] = True
            i = par[i]
    is_one, count = (state == state[0]).all(), 0
    for r in range(rows[0].size):
        i = rows[0][r]
        e = i if rows[6][r] else par[i]
        is_near = is_on_way[i]
        for k in range(1 if is_one else state.size):
            s = state[k]
            cr, ci = terminal(rows, r, base[4][s, i], base[5][s, i], base[2][s, e], base[3][s, e])
            is_near |= not cr * cr + ci * ci < LOADED * rows[1][r] * rows[1][r]
        if is_near:
            near[count] = r
            count += 1
    return count


@compiled
def _holds(tree, lanes, rows, near, who):
    """Whether at the last flow of every lane the rows that were not followed are within their limits too."""
    _p, _q, vr, vi, jr, ji, _last = lanes
    followed = 0
    if (who < 0).any():
        return False
    for r in range(rows[0].size):
        if followed < near.size and near[followed] == r:
            followed += 1
            continue
        i = rows[0][r]
        e = i if rows[6][r] else tree[0][i]
        most = rows[1][r] * rows[1][r]
        for k in range(who.size):
            cr, ci = terminal(rows, r, jr[i, k], ji[i, k], vr[e, k], vi[e, k])
            if not cr * cr + ci * ci < most:
                return False
    return True


@compiled
def _sixteen(tree, base, rows, near, bound, asks, begin, lanes, old, steps, power, binding, flows):
    """Solve the sixteen pairs from ``begin`` on, following the voltages and the rows ``near``."""
    at, state, start, sense, tilt, tolerance, still = asks
    x, old_x, good, high, ahead, who = steps
    is_open = np.empty(LANES, np.bool_)
    for k in range(LANES):
        m, is_open[k] = min(begin + k, at.size - 1), begin + k < at.size
        x[k] = min(max(start[m], 1e-4), 1e4) if is_open[k] else 1e-4
        old_x[k], good[k], high[k] = 0.0, 0.0, np.inf
    _load(base, lanes, old, state, begin)
    for k in range(LANES):
        m = min(begin + k, at.size - 1)
        lanes[0][at[m], k] += sense * x[k]
        lanes[1][at[m], k] += sense * x[k] * tilt
    _remember(tree, base, rows, near, old, begin, state)
    for turn in range(TURNS):
        sharp = still if turn else COARSE * still
        sweep(tree, lanes, sharp)
        _follow(tree, lanes, rows, near, bound, sense, sharp, old, steps)
        for k in range(LANES):
            if is_open[k]:
                m = begin + k
                flows[m] += 1
                clear = tolerance * _straight(lanes, k, base, at[m], state[m])
                if not _settle(steps, k, _is_found(lanes, k, sharp), tolerance, clear):
                    _move(base, lanes, k, at[m], state[m], sense * (ahead[k] - x[k]), tilt, high[k] == x[k])
                    x[k] = ahead[k]
                    continue
                power[m] = np.inf if who[k] == NONE else (good[k] if who[k] == COLLAPSED else ahead[k])
                binding[m], is_open[k] = who[k], False
        if not is_open.any():
            break
    for k in range(LANES):
        if is_open[k]:
            power[begin + k], binding[begin + k], who[k] = good[k], COLLAPSED, COLLAPSED


@compiled
def _load(base, lanes, old, state, begin):
    """Put the base of its state into every lane; the same state into all of them at once."""
    p, q, vr, vi, _jr, _ji, _last = lanes
    some = state[begin : begin + LANES]
    for k in range(1 if (some == some[0]).all() else LANES):
        s, after = state[min(begin + k, state.size - 1)], slice(k, LANES)
        for i in range(base[0].shape[1]):
            p[i, after], q[i, after] = base[0][s, i], base[1][s, i]
            vr[i, after], vi[i, after] = base[2][s, i], base[3][s, i]
            old[0][i, after] = base[2][s, i] * base[2][s, i] + base[3][s, i] * base[3][s, i]


@compiled
def _remember(tree, base, rows, near, old, begin, state):
    """The currents of the base as those of the flow before."""
    for n in range(near.size):
        r = near[n]
        i = rows[0][r]
        e = i if rows[6][r] else tree[0][i]
        for k in range(LANES):
            s = state[min(begin + k, state.size - 1)]
            now = terminal(rows, r, base[4][s, i], base[5][s, i], base[2][s, e], base[3][s, e])
            old[1][n, k], old[2][n, k] = now


@compiled
def _follow(tree, lanes, rows, near, bound, sense, still, old, steps):
    """For every lane the least power at which a bound would be met, by the secant of each bound; remembers this flow."""
    x, old_x, _good, _high, ahead, who = steps
    inverse, is_good = np.empty(LANES), np.empty(LANES, np.bool_)
    for k in range(LANES):
        is_good[k] = _is_found(lanes, k, still)
        inverse[k] = 1.0 / (x[k] - old_x[k] if abs(x[k] - old_x[k]) > 1e-9 else 1e-9)
        ahead[k], who[k] = np.inf, NONE
    _follow_voltages(lanes, bound, sense, old, inverse, is_good, ahead, who)
    _follow_currents(tree, lanes, rows, near, old, inverse, is_good, ahead, who)
    ahead += x


@compiled
def _follow_voltages(lanes, bound, sense, old, inverse, is_good, ahead, who):
    """Squares of voltages are followed: straighter than voltages, and no roots. Only what may be the least is divided."""
    vr, vi = lanes[2], lanes[3]
    left, fall = np.empty(LANES), np.empty(LANES)
    for i in range(1, bound.size):
        least = bound[i] * bound[i]
        is_near = False
        for k in range(LANES):
            square = vr[i, k] * vr[i, k] + vi[i, k] * vi[i, k]
            left[k] = sense * (square - least)
            fall[k] = sense * (old[0][i, k] - square) * inverse[k]
            old[0][i, k] = square if is_good[k] else old[0][i, k]
            is_near |= left[k] < ahead[k] * fall[k]
        if is_near:
            for k in range(LANES):
                if fall[k] > 1e-12 and left[k] < ahead[k] * fall[k]:
                    ahead[k], who[k] = left[k] / fall[k], i


@compiled
def _follow_currents(tree, lanes, rows, near, old, inverse, is_good, ahead, who):
    """Currents are followed as straight lines in the complex plane."""
    _p, _q, vr, vi, jr, ji, _last = lanes
    for n in range(near.size):
        r = near[n]
        i = rows[0][r]
        e = i if rows[6][r] else tree[0][i]
        for k in range(LANES):
            cr, ci = terminal(rows, r, jr[i, k], ji[i, k], vr[e, k], vi[e, k])
            dr, di = (cr - old[1][n, k]) * inverse[k], (ci - old[2][n, k]) * inverse[k]
            meet = last_root(cr, ci, dr, di, rows[1][r])
            who[k] = tree[0].size + r if meet < ahead[k] else who[k]
            ahead[k] = meet if meet < ahead[k] else ahead[k]
            old[1][n, k] = cr if is_good[k] else old[1][n, k]
            old[2][n, k] = ci if is_good[k] else old[2][n, k]


@compiled
def _straight(lanes, k, base, node, s):
    """How much farther than the tolerance a secant is right: the less the voltage moved, the straighter; up to eight times."""
    was = base[2][s, node] * base[2][s, node] + base[3][s, node] * base[3][s, node]
    now = lanes[2][node, k] * lanes[2][node, k] + lanes[3][node, k] * lanes[3][node, k]
    return min(max(0.5 / max(abs(now / was - 1.0), 1e-9), 1.0), 8.0)


@compiled
def _settle(steps, k, is_good, tolerance, clear):
    """Decide the next power of a lane; true when it has its answer: the next one is nearer than ``clear``."""
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
    return abs(ahead[k] - x[k]) < clear


@compiled
def _move(base, lanes, k, node, s, more, tilt, is_reset):
    """Change a lane's extra power; a collapsed lane starts again from the base's voltages."""
    lanes[0][node, k] += more
    lanes[1][node, k] += more * tilt
    if is_reset:
        for i in range(base[0].shape[1]):
            lanes[2][i, k], lanes[3][i, k] = base[2][s, i], base[3][s, i]
