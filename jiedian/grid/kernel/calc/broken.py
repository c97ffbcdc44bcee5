"""现状越限: what is over its limit before anything is added, followed beside the other bounds, compiled.

It binds only who makes it noticeably worse (docs/algorithms/open-capacity.md, "what is broken already"). ``broken`` is by
entry (node, its true bound, what it may still lose, and per unit of power, whether it counts only in the states that break
it), and behind them the rows of what some state breaks, rising, and that of each one's other end. Voltages in the frame. The
rest as in ``sweeps``.
"""
# mypy: disable-error-code="no-untyped-def,untyped-decorator"

import numpy as np

from .chord import AHEAD, INVERSE, VI, VR, X_OLD, X
from .sweeps import LANES, compiled, terminal


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
def _is_over(tree, base, rows, r, s):
    """Whether the current of a row is over its limit in a state."""
    i = rows[0][r]
    e = i if rows[6][r] else tree[0][i]
    cr, ci = terminal(rows, r, base[4][s, i], base[5][s, i], base[2][s, e], base[3][s, e])
    return cr * cr + ci * ci > rows[1][r] * rows[1][r]


@compiled
def spare(tree, base, rows, broken, begin, state, at, is_spared):
    """Spared lanes, which the currents ``odd`` do not bind, [odd, lane]: those whose power does not flow through them."""
    odd, mates = broken[5], broken[6]
    for n in range(odd.size):
        r = odd[n]
        for k in range(LANES):
            m = min(begin + k, state.size - 1)
            is_over = _is_over(tree, base, rows, r, state[m]) or _is_over(
                tree, base, rows, mates[n], state[m]
            )
            is_spared[n, k] = is_over and not is_below(tree[0], at[m], rows[0][r])


@compiled
def follow_broken_voltages(base, lanes, squares, broken, sense, work, who, state, begin, first):
    """Voltages that some state breaks: their bound where this state keeps it, else as much as they may still lose."""
    nodes, bound, left_pu, left_mw, is_own, _odd, _mates = broken
    for w in range(nodes.size):
        i = nodes[w]
        code = i if is_own[w] else first + w
        for k in range(LANES):
            s, x, old_x = state[min(begin + k, state.size - 1)], work[X + k], work[X_OLD + k]
            vr, vi = lanes[i, VR + k], lanes[i, VI + k]
            now, was = np.sqrt(vr * vr + vi * vi), np.sqrt(squares[i, k])
            least = np.sqrt(base[2][s, i] * base[2][s, i] + base[3][s, i] * base[3][s, i])
            is_over = not is_own[w] or sense * (least - bound[w]) < 0
            least = least - sense * left_pu[w] if is_over else bound[w]
            more = left_mw[w] if is_over else 0.0
            left = sense * (now - least) + more * x
            fall = (sense * (was - now) + more * (old_x - x)) * work[INVERSE + k]
            if fall > 1e-12 and left < work[AHEAD + k] * fall:
                work[AHEAD + k], who[k] = left / fall, code
