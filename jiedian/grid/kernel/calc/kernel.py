"""计算核: the exact open capacity of many nodes, sixteen at a time, compiled. The arrays are those of ``sweeps``.

numba keeps what it compiled by the file it stands in and does not see that what is imported here has changed; the set-up
(``run.py``) then compiles all of them anew.
"""
# mypy: disable-error-code="no-untyped-def,untyped-decorator"

import numpy as np

from .broken import follow_broken_currents, follow_broken_voltages, remember_broken, without
from .sweeps import LANES, compiled, is_found, last_root, room_for, sweep, terminal

TURNS = 60
LOADED = 0.36
"""Rows off the way to the root are followed only above this square of their share of the limit; the last flow checks the rest."""
COARSE = 100.0
"""The first flow of a lane only has to show the way: it may be coarser by this factor."""
NONE, COLLAPSED = -1, -2


@compiled
def solve(tree, base, rows, bounds, sense, tilt, at, state, start, tolerance, still, power, binding, flows):
    """The exact answer of every pair (node ``at``, ``state``): flows, every bound followed by its own secant, least wins.

    ``bounds`` are the voltage at every node and what is broken already (see ``broken``). ``power`` is per unit; ``binding``
    the node whose voltage binds, n + row of a current that binds, n + rows + k of a broken bound beside it, NONE or
    COLLAPSED; ``flows`` the number of flows it took. ``start`` is a first guess, ``still`` when a flow has converged.
    """
    bound, broken = bounds
    lanes, count, odd = room_for(tree[0].size), rows[0].size, broken[5]
    wide = (max(odd.size, 1), LANES)
    old = (
        np.empty((tree[0].size, LANES)), np.empty((count, LANES)), np.empty((count, LANES)),
        np.empty(wide), np.empty(wide), np.empty(wide, np.bool_),
    )  # fmt: skip
    near, room, whole = np.empty(count, np.int64), np.empty(tree[0].size, np.bool_), np.empty((5, LANES))
    # per lane: power, power before, highest that is good, lowest that is not, next power, what binds
    steps = (whole[0], whole[1], whole[2], whole[3], whole[4], np.empty(LANES, np.int64))
    asks = (at, state, start, sense, tilt, tolerance, still)
    for begin in range(0, at.size, LANES):
        here = slice(begin, begin + LANES)
        some = _near_rows(tree, base, rows, odd, at[here], state[here], near, room)
        every = (near[:some], bound, broken)
        _sixteen(tree, base, rows, every, asks, begin, lanes, old, steps, power, binding, flows)
        if some < count - odd.size and not _holds(
            tree, lanes, rows, near[:some], odd, steps[5][: at.size - begin]
        ):
            some = without(count, odd, near)
            every = (near[:some], bound, broken)
            _sixteen(tree, base, rows, every, asks, begin, lanes, old, steps, power, binding, flows)


@compiled
def _near_rows(tree, base, rows, odd, at, state, near, is_on_way):
    """The rows worth following: those on the way from the nodes to the root, and those well loaded; how many. Not ``odd``."""
    par, known = tree[0], 0
    is_on_way[:] = False
    for i in at:
        while i > 0 and not is_on_way[i]:
            is_on_way[i] = True
            i = par[i]
    is_one, count = (state == state[0]).all(), 0
    for r in range(rows[0].size):
        if known < odd.size and odd[known] == r:
            known += 1
            continue
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
def _holds(tree, lanes, rows, near, odd, who):
    """Whether at the last flow of every lane the rows that were not followed are within their limits too."""
    _p, _q, vr, vi, jr, ji, _last = lanes
    followed = known = 0
    if (who < 0).any():
        return False
    for r in range(rows[0].size):
        if followed < near.size and near[followed] == r:
            followed += 1
            continue
        if known < odd.size and odd[known] == r:
            known += 1
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
def _sixteen(tree, base, rows, every, asks, begin, lanes, old, steps, power, binding, flows):
    """Solve the sixteen pairs from ``begin`` on, following the voltages, the rows ``near`` and what is broken already."""
    at, state, start, sense, tilt, tolerance, still = asks
    near, bound, broken = every
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
    remember_broken(tree, base, rows, broken, old, begin, state, at)
    for turn in range(TURNS):
        sharp = still if turn else COARSE * still
        sweep(tree, lanes, sharp)
        _follow(tree, base, lanes, rows, every, sense, sharp, old, steps, state, begin)
        for k in range(LANES):
            if is_open[k]:
                m = begin + k
                flows[m] += 1
                clear = tolerance * _straight(lanes, k, base, at[m], state[m])
                if not _settle(steps, k, is_found(lanes, k, sharp), tolerance, clear):
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
def _follow(tree, base, lanes, rows, every, sense, still, old, steps, state, begin):
    """For every lane the least power at which a bound would be met, by the secant of each bound; remembers this flow."""
    x, old_x, _good, _high, ahead, who = steps
    near, bound, broken = every
    inverse, is_good = np.empty(LANES), np.empty(LANES, np.bool_)
    for k in range(LANES):
        is_good[k] = is_found(lanes, k, still)
        inverse[k] = 1.0 / (x[k] - old_x[k] if abs(x[k] - old_x[k]) > 1e-9 else 1e-9)
        ahead[k], who[k] = np.inf, NONE
    if broken[0].size:
        follow_broken_voltages(
            base, lanes, broken, sense, old, inverse, steps, state, begin, bound.size + rows[0].size
        )
    _follow_voltages(lanes, bound, sense, old, inverse, is_good, ahead, who)
    _follow_currents(tree, lanes, rows, near, old, inverse, is_good, ahead, who)
    if broken[5].size:
        follow_broken_currents(tree, lanes, rows, broken[5], old, inverse, is_good, ahead, who)
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
