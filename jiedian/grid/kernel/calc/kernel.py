"""计算核: the exact open capacity of many nodes, sixteen at a time, compiled. The arrays are those of ``sweeps`` and ``chord``.

numba keeps what it compiled by the file it stands in and does not see that what is imported here has changed; the set-up
(``run.py``) then compiles all of them anew.
"""
# mypy: disable-error-code="no-untyped-def,untyped-decorator"

import numpy as np

from .broken import follow_broken_voltages, spare
from .chord import (
    AHEAD,
    FIELDS,
    GI,
    GOOD,
    GR,
    HIGH,
    II,
    INVERSE,
    IR,
    TAKES_II,
    TAKES_IR,
    TAKES_RI,
    TAKES_RR,
    TIMES,
    VI,
    VR,
    WORK,
    X_OLD,
    X,
    chord_of,
    flow,
    load_all,
    load_one,
)
from .sweeps import LANES, compiled, terminal

TURNS = 60
LOADED = 0.36
"""Rows off the way to the root are followed only above this square of their share of the limit; the last flow checks the rest."""
COARSE = 20.0
"""The first flow of a lane only has to show the way: it may be coarser by this factor."""
NONE, COLLAPSED = -1, -2
FAR = 1e6
"""Per unit; farther than anything is asked."""
NEVER = -1e9
"""How far ahead the bound is that cannot be met: less than nothing."""
CR, CI = 0, LANES


@compiled
def solve(tree, base, rows, bounds, sense, tilt, at, state, start, tolerance, still, power, binding, flows):
    """The exact answer of every pair (node ``at``, ``state``): flows, every bound followed by its own secant, least wins.

    ``bounds`` are the voltage at every node and what is broken already (see ``broken``). ``power`` is per unit; ``binding``
    the node whose voltage binds, n + row of a current that binds, n + rows + k of a broken bound beside it, NONE or
    COLLAPSED; ``flows`` the number of flows it took. ``start`` is a first guess, ``still`` how exact a flow is.
    """
    if not at.size:
        return
    n, count, odd = tree[0].size, rows[0].size, bounds[1][5]
    is_one, mark, chord = (
        (state == state[0]).all(),
        np.full(count, -1, np.int64),
        chord_of(tree, base, state[0]),
    )
    for m in range(odd.size):
        mark[odd[m]] = m
    # the lanes, what the nodes draw, and of the flow before the squares of the voltages and the currents of the rows
    drawn = np.empty((n, 2 if is_one else 2 * LANES))
    room = np.empty((n, FIELDS)), drawn, np.empty((n, LANES)), np.empty((count, 2 * LANES))
    work, near, now = np.zeros(WORK), np.empty(count, np.int64), np.empty((count, 2))
    ours = np.empty(LANES, np.int64), np.empty(LANES, np.int64), np.empty((odd.size, LANES), np.bool_), mark
    asks = (at, state, start, sense, tilt, tolerance, still)
    if is_one:
        for i in range(n):
            drawn[i, 0], drawn[i, 1] = base[0][state[0], i], base[1][state[0], i]
        _base_currents(tree, base, rows, state[0], now)
    place, found = (room, now, work, ours), (power, binding, flows)
    for begin in range(0, at.size, LANES):
        if not is_one:
            chord = chord_of(tree, base, state[begin])
        here = at[begin : begin + LANES]
        some = _near_rows(tree[0], rows, here, now, mark, near) if is_one else _every(near)
        _sixteen(tree, base, rows, bounds, asks, begin, chord, near[:some], place, found)
        if some < count and not _holds(tree[0], room[0], chord, rows, near[:some], ours[1][: here.size]):
            _sixteen(tree, base, rows, bounds, asks, begin, chord, near[: _every(near)], place, found)


@compiled
def _every(near):
    """Fill ``near`` with every row; how many."""
    for r in range(near.size):
        near[r] = r
    return near.size


@compiled
def _near_rows(par, rows, at, now, mark, near):
    """The rows worth following: those on the way from the nodes to the root, those well loaded and those broken; how many."""
    is_on_way, count = np.zeros(par.size, np.bool_), 0
    for i in at:
        while i > 0 and not is_on_way[i]:
            is_on_way[i] = True
            i = par[i]
    for r in range(rows[0].size):
        square, most = now[r, 0] * now[r, 0] + now[r, 1] * now[r, 1], LOADED * rows[1][r] * rows[1][r]
        if is_on_way[rows[0][r]] or not square < most or mark[r] >= 0:
            near[count] = r
            count += 1
    return count


@compiled
def _base_currents(tree, base, rows, s, now):
    """The currents of the rows in the base of a state."""
    for r in range(rows[0].size):
        i = rows[0][r]
        e = i if rows[6][r] else tree[0][i]
        now[r, 0], now[r, 1] = terminal(rows, r, base[4][s, i], base[5][s, i], base[2][s, e], base[3][s, e])


@compiled
def _load(tree, base, rows, here, begin, state, room, chord, near, now):
    """Put the base into every lane, and as the flow before."""
    lanes, powers, squares, old = room
    n, s = tree[0].size, state[begin]
    if powers.shape[1] == 2:
        load_all(base, chord, s, here, lanes)
        for i in range(n):
            row, square = squares[i], base[2][s, i] * base[2][s, i] + base[3][s, i] * base[3][s, i]
            for k in range(LANES):
                row[k] = square
        for r in near:
            was, x, y = old[r], now[r, 0], now[r, 1]
            for k in range(LANES):
                was[CR + k], was[CI + k] = x, y
        return
    for k in range(LANES):
        s = state[min(begin + k, state.size - 1)]
        load_one(base, chord, s, lanes, k)
        _base_currents(tree, base, rows, s, now)
        for i in range(n):
            powers[i, k], powers[i, LANES + k] = base[0][s, i], base[1][s, i]
            squares[i, k] = base[2][s, i] * base[2][s, i] + base[3][s, i] * base[3][s, i]
        for r in near:
            old[r, CR + k], old[r, CI + k] = now[r, 0], now[r, 1]


@compiled
def _sixteen(tree, base, rows, bounds, asks, begin, chord, near, place, found):
    """Solve the sixteen pairs from ``begin`` on."""
    at, state, start, sense, tilt, tolerance, still = asks
    (room, now, work, ours), (power, binding, flows) = place, found
    here, who, is_spared, _mark = ours
    lanes, powers, _squares, _old = room
    is_open, is_good = np.empty(LANES, np.bool_), np.empty(LANES, np.bool_)
    for k in range(LANES):
        m, is_open[k] = min(begin + k, at.size - 1), begin + k < at.size
        here[k] = at[m]
        work[X + k] = min(max(start[m], 1e-4), 1e4) if is_open[k] else 1e-4
        work[X_OLD + k] = work[GOOD + k] = work[IR + k] = work[II + k] = 0.0
        work[HIGH + k] = np.inf
    spare(tree, base, rows, bounds[1], begin, state, at, is_spared)
    _load(tree, base, rows, here, begin, state, room, chord, near, now)
    for turn in range(TURNS):
        sharp = still if turn else COARSE * still
        flow(tree[0], lanes, chord, powers, here, work, sense, tilt, sharp, is_good)
        _follow(tree[0], base, room, chord, rows, near, bounds, sense, work, ours, state, begin)
        for k in range(LANES):
            if is_open[k]:
                m = begin + k
                flows[m] += 1
                clear = tolerance * _straight(lanes, k, base, at[m], state[m])
                if _settle(work, who, k, is_good[k], tolerance, clear):
                    last = work[GOOD + k] if who[k] == COLLAPSED else work[AHEAD + k]
                    power[m], binding[m], is_open[k] = np.inf if who[k] == NONE else last, who[k], False
        if not is_open.any():
            return
        _again(tree[0], base, room, chord, rows, near, work, state, begin, is_good)
    for k in range(LANES):
        if is_open[k]:
            power[begin + k], binding[begin + k], who[k] = work[GOOD + k], COLLAPSED, COLLAPSED


@compiled
def _again(par, base, room, chord, rows, near, work, state, begin, is_good):
    """Note this flow and go on to the next power; a collapsed lane starts again from the base."""
    lanes, _powers, squares, old = room
    for k in range(LANES):
        work[X_OLD + k] = work[X + k]
        work[X + k] = work[AHEAD + k]
        if not is_good[k]:
            load_one(base, chord, state[min(begin + k, state.size - 1)], lanes, k)
            work[X_OLD + k] = work[IR + k] = work[II + k] = 0.0
    for i in range(par.size):
        row, was = lanes[i], squares[i]
        for k in range(LANES):
            was[k] = row[VR + k] * row[VR + k] + row[VI + k] * row[VI + k]
    for r in near:
        e, to = _to_row(par, rows, chord, r)
        row, end, was = lanes[rows[0][r]], lanes[e], old[r]
        for k in range(LANES):
            was[CR + k], was[CI + k] = _carried(to, row, end, k)


@compiled
def _to_row(par, rows, chord, r):
    """The end of a row, and how its current follows from the voltage and the rest of its node, and the voltage of its end."""
    i, sr, si = rows[0][r], rows[2][r], rows[3][r]
    a, b = (
        sr * chord[i, TAKES_RR] - si * chord[i, TAKES_IR],
        sr * chord[i, TAKES_RI] - si * chord[i, TAKES_II],
    )
    c, d = (
        sr * chord[i, TAKES_IR] + si * chord[i, TAKES_RR],
        sr * chord[i, TAKES_II] + si * chord[i, TAKES_RI],
    )
    return i if rows[6][r] else par[i], (sr, si, a, b, c, d, rows[4][r], rows[5][r])


@compiled
def _carried(to, row, end, k):
    """The current of a row in a lane."""
    sr, si, a, b, c, d, yr, yi = to
    x, y, vr, vi, er, ei = row[GR + k], row[GI + k], row[VR + k], row[VI + k], end[VR + k], end[VI + k]
    return (
        sr * x - si * y + a * vr + b * vi + yr * er - yi * ei,
        si * x + sr * y + c * vr + d * vi + yi * er + yr * ei,
    )


@compiled
def _holds(par, lanes, chord, rows, near, who):
    """Whether at the last flow of every lane the rows that were not followed are within their limits too."""
    if (who < 0).any():
        return False
    followed, is_over = 0, False
    for r in range(rows[0].size):
        if followed < near.size and near[followed] == r:
            followed += 1
            continue
        e, to = _to_row(par, rows, chord, r)
        row, end, most = lanes[rows[0][r]], lanes[e], rows[1][r] * rows[1][r]
        for k in range(LANES):
            cr, ci = _carried(to, row, end, k)
            is_over |= not cr * cr + ci * ci < most
        if is_over:
            return False
    return True


@compiled
def _follow(par, base, room, chord, rows, near, bounds, sense, work, ours, state, begin):
    """For every lane the least power at which a bound would be met, by the secant of each bound."""
    _here, who, is_spared, mark = ours
    lanes, _powers, squares, old = room
    bound, broken = bounds
    for k in range(LANES):
        step = work[X + k] - work[X_OLD + k]
        work[INVERSE + k] = 1.0 / (step if abs(step) > 1e-9 else 1e-9)
        work[AHEAD + k], who[k] = FAR, NONE
    if broken[0].size:
        first = bound.size + rows[0].size
        follow_broken_voltages(base, lanes, squares, broken, sense, work, who, state, begin, first)
    for k in range(LANES):
        work[TIMES + k] = work[AHEAD + k] * work[INVERSE + k]
    _follow_voltages(lanes, squares, bound, sense, work, who)
    _follow_currents(par, lanes, chord, rows, near, old, work, who, is_spared, mark)
    for k in range(LANES):
        work[AHEAD + k] += work[X + k]


@compiled
def _follow_voltages(lanes, squares, bound, sense, work, who):
    """Squares of voltages are followed: straighter than voltages, and no roots. Only what may be the least is divided."""
    for i in range(bound.size - 1, 0, -1):
        row, was, least, is_near = lanes[i], squares[i], sense * bound[i] * bound[i], False
        for k in range(LANES):
            square = row[VR + k] * row[VR + k] + row[VI + k] * row[VI + k]
            is_near |= sense * (square + work[TIMES + k] * (square - was[k])) <= least
        if is_near:
            for k in range(LANES):
                square = row[VR + k] * row[VR + k] + row[VI + k] * row[VI + k]
                left, fall = sense * square - least, sense * (was[k] - square) * work[INVERSE + k]
                if fall > 1e-12 and left <= work[AHEAD + k] * fall:
                    work[AHEAD + k], who[k] = left / fall, i
                    work[TIMES + k] = work[AHEAD + k] * work[INVERSE + k]


@compiled
def _follow_currents(par, lanes, chord, rows, near, old, work, who, is_spared, mark):
    """Currents are followed as straight lines in the complex plane. Only what is over its limit at the least so far is solved for.

    What is over its limit already (``mark``) does not bind the lanes spared, and leaves nothing where it is not brought within.
    """
    for r in near:
        e, to = _to_row(par, rows, chord, r)
        row, end, was = lanes[rows[0][r]], lanes[e], old[r]
        most, is_near = rows[1][r] * rows[1][r], False
        for k in range(LANES):
            cr, ci = _carried(to, row, end, k)
            ar, ai = cr + work[TIMES + k] * (cr - was[CR + k]), ci + work[TIMES + k] * (ci - was[CI + k])
            is_near |= not ar * ar + ai * ai < most
        if not is_near:
            continue
        for k in range(LANES):
            cr, ci = _carried(to, row, end, k)
            dr, di = (cr - was[CR + k]) * work[INVERSE + k], (ci - was[CI + k]) * work[INVERSE + k]
            meet = _meet(cr, ci, dr, di, most, mark[r] >= 0)
            if meet < work[AHEAD + k] and not (mark[r] >= 0 and is_spared[mark[r], k]):
                work[AHEAD + k], who[k], work[TIMES + k] = meet, par.size + r, meet * work[INVERSE + k]


@compiled
def _meet(cr, ci, dr, di, most, is_broken):
    """How far ahead a current meets its limit for the last time; what is broken and not brought within it leaves nothing."""
    a, b, over = dr * dr + di * di, cr * dr + ci * di, cr * cr + ci * ci - most
    inside = b * b - a * over
    if inside < 0.0 and is_broken and over > 0.0:
        return NEVER
    return (np.sqrt(inside) - b) / a if a > 1e-24 and inside >= 0.0 else np.inf


@compiled
def _straight(lanes, k, base, node, s):
    """How much farther than the tolerance a secant is right: the less the voltage moved, the straighter; up to eight times."""
    was = base[2][s, node] * base[2][s, node] + base[3][s, node] * base[3][s, node]
    now = lanes[node, VR + k] * lanes[node, VR + k] + lanes[node, VI + k] * lanes[node, VI + k]
    return min(max(0.5 / max(abs(now / was - 1.0), 1e-9), 1.0), 8.0)


@compiled
def _settle(work, who, k, is_good, tolerance, clear):
    """Decide the next power of a lane; true when it has its answer: the next one is nearer than ``clear``."""
    x = work[X + k]
    if is_good:
        work[GOOD + k] = x
        ahead = max(min(work[AHEAD + k], 4.0 * x + 1.0), 0.0)
        if ahead >= work[HIGH + k]:
            ahead, who[k] = 0.5 * (x + work[HIGH + k]), COLLAPSED
    else:
        work[HIGH + k], who[k] = x, COLLAPSED
        ahead = 0.5 * (work[GOOD + k] + x)
    work[AHEAD + k] = ahead
    if x > 1e4:
        who[k] = NONE
        return True
    if who[k] == COLLAPSED:
        return work[HIGH + k] - work[GOOD + k] < tolerance
    return abs(ahead - x) < clear
