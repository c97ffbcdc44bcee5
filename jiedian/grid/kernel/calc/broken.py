"""现状越限: what is over its limit before anything is added, followed beside the other bounds, compiled.

It binds only who makes it noticeably worse (docs/algorithms/open-capacity.md, "what is broken already"). ``broken`` is by
entry (node, its true bound, what it may still lose, and per unit of power, whether it counts only in the states that break
it), and behind them the rows of what some state breaks, rising, and that of each one's other end. Voltages in the frame. The
rest as in ``sweeps``.
"""
# mypy: disable-error-code="no-untyped-def,untyped-decorator"

import numpy as np

from .sweeps import LANES, compiled, terminal

NEVER = -1e9
"""How far ahead the bound is that cannot be met: less than nothing."""


@compiled
def is_below(par, node, above):
    """True where ``above`` lies on the way from a node to the root, or is the node."""
    while node > above:
        node = par[node]
    return node == above


@compiled
def broken_above(tree, base, bound, sense, at, state, out):
    """For every pair (node ``at``, state) the node on its way to the root whose voltage is broken the most; -1 for none."""
    par = tree[0]
    for m in range(at.size):
        i, s, worst = at[m], state[m], 0.0
        out[m] = -1
        while i > 0:
            size = np.sqrt(base[2][s, i] * base[2][s, i] + base[3][s, i] * base[3][s, i])
            left = sense * (size - bound[i]) / bound[i]
            if left < worst:
                out[m], worst = i, left
            i = par[i]


@compiled
def without(count, odd, near):
    """Fill ``near`` with every row but ``odd``; how many."""
    known = some = 0
    for r in range(count):
        if known < odd.size and odd[known] == r:
            known += 1
            continue
        near[some] = r
        some += 1
    return some


@compiled
def _base_current(tree, base, rows, r, s):
    """The current of a row in a state, and whether it is over its limit."""
    i = rows[0][r]
    e = i if rows[6][r] else tree[0][i]
    cr, ci = terminal(rows, r, base[4][s, i], base[5][s, i], base[2][s, e], base[3][s, e])
    return cr, ci, cr * cr + ci * ci > rows[1][r] * rows[1][r]


@compiled
def remember_broken(tree, base, rows, broken, old, begin, state, at):
    """The currents of the base in the rows ``odd``, and which lanes they bind: not those whose power does not flow through it."""
    odd, mates = broken[5], broken[6]
    for n in range(odd.size):
        r = odd[n]
        for k in range(LANES):
            m = min(begin + k, state.size - 1)
            cr, ci, is_over = _base_current(tree, base, rows, r, state[m])
            is_over |= _base_current(tree, base, rows, mates[n], state[m])[2]
            old[3][n, k], old[4][n, k] = cr, ci
            old[5][n, k] = not is_over or is_below(tree[0], at[m], rows[0][r])


@compiled
def follow_broken_currents(tree, lanes, rows, odd, old, inverse, is_good, ahead, who):
    """As the other currents, with one more answer: what is over its limit and is not brought within it leaves nothing."""
    _p, _q, vr, vi, jr, ji, _last = lanes
    for n in range(odd.size):
        r = odd[n]
        i = rows[0][r]
        e = i if rows[6][r] else tree[0][i]
        for k in range(LANES):
            cr, ci = terminal(rows, r, jr[i, k], ji[i, k], vr[e, k], vi[e, k])
            dr, di = (cr - old[3][n, k]) * inverse[k], (ci - old[4][n, k]) * inverse[k]
            a, b = dr * dr + di * di, cr * dr + ci * di
            inside = b * b - a * (cr * cr + ci * ci - rows[1][r] * rows[1][r])
            meet = (np.sqrt(max(inside, 0.0)) - b) / a if a > 1e-24 and inside >= 0.0 else np.inf
            if inside < 0.0 and cr * cr + ci * ci > rows[1][r] * rows[1][r]:
                meet = NEVER
            if old[5][n, k] and meet < ahead[k]:
                who[k], ahead[k] = tree[0].size + r, meet
            old[3][n, k] = cr if is_good[k] else old[3][n, k]
            old[4][n, k] = ci if is_good[k] else old[4][n, k]


@compiled
def follow_broken_voltages(base, lanes, broken, sense, old, inverse, steps, state, begin, first):
    """Voltages that some state breaks: their bound where this state keeps it, else as much as they may still lose."""
    nodes, bound, left_pu, left_mw, is_own, _odd, _mates = broken
    x, old_x, _good, _high, ahead, who = steps
    vr, vi = lanes[2], lanes[3]
    for w in range(nodes.size):
        i = nodes[w]
        code = i if is_own[w] else first + w
        for k in range(LANES):
            s = state[min(begin + k, state.size - 1)]
            now, was = np.sqrt(vr[i, k] * vr[i, k] + vi[i, k] * vi[i, k]), np.sqrt(old[0][i, k])
            least = np.sqrt(base[2][s, i] * base[2][s, i] + base[3][s, i] * base[3][s, i])
            is_over = not is_own[w] or sense * (least - bound[w]) < 0
            least = least - sense * left_pu[w] if is_over else bound[w]
            more = left_mw[w] if is_over else 0.0
            left = sense * (now - least) + more * x[k]
            fall = (sense * (was - now) + more * (old_x[k] - x[k])) * inverse[k]
            if fall > 1e-12 and left < ahead[k] * fall:
                ahead[k], who[k] = left / fall, code
