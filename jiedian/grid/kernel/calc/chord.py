"""弦法: flows of one tree with power added at one node each, sixteen side by side, compiled.

What a node draws is taken as its tangent in a known flow (the chord) and a rest. The tangents are eliminated once for the
whole tree, two by two reals a node; a sweep then repeats only the rest, which is of second order, and the added power is met
exactly where it is drawn. So two sweeps do what the plain ones of ``sweeps`` need five for, and meet the same flow.

``chord`` is [node, column], its columns are named below; the current of the branch above is what the node takes times its voltage,
and the rest. ``lanes`` [node, field x lane] are the fields below, a lane one flow; ``work`` likewise without nodes. One array
each, so that the compiler sees what cannot overlap and works on four lanes at once. The rest as in ``sweeps``.
"""
# mypy: disable-error-code="no-untyped-def,untyped-decorator"

import numpy as np

from .sweeps import FLOOR, LANES, SWEEPS, compiled

VR, VI, GR, GI = (LANES * k for k in range(4))
"""Voltage, and the rest of what is drawn at the node and below it."""
FIELDS = 4 * LANES
X, X_OLD, GOOD, HIGH, AHEAD, INVERSE, TIMES, IR, II, FITS, WR, WI, ZR, ZI, DR, DI = (
    LANES * k for k in range(16)
)
"""Power added now, the flow before, highest that is good, lowest that is not, next; a lane's step and its flow."""
WORK = 16 * LANES
TAN_R, TAN_I, TAKES_RR, TAKES_RI, TAKES_IR, TAKES_II, RISES_RR, RISES_RI, RISES_IR, RISES_II = range(10)
ROOT_R, ROOT_I, ABOVE_RR, ABOVE_RI, ABOVE_IR, ABOVE_II, REST_RR, REST_RI, REST_IR, REST_II = range(10, 20)
"""Columns of ``chord``. Tangent of what a node draws; current a volt with all below it; share of the rest that goes up; impedance
to the root; own voltage by the voltage above and by the rest. Of two by two: the real part by the imaginary one is ``RI``."""
COLUMNS = 20
HOPELESS = 4
"""So many sweeps decide that no voltage fits the power added."""


@compiled
def chord_of(tree, base, s):
    """The chord of a tree about the flow of a state, [node, column]."""
    par, zr, zi, yr, yi = tree
    p, q, vr, vi = base[0][s], base[1][s], base[2][s], base[3][s]
    chord = np.zeros((par.size, COLUMNS))
    for i in range(par.size):
        a, b = vr[i], vi[i]
        inverse = 1.0 / (a * a + b * b)
        re, im = (a * a - b * b) * inverse * inverse, 2.0 * a * b * inverse * inverse
        mr, mi = -(p[i] * re + q[i] * im), -(p[i] * im - q[i] * re)
        chord[i, TAN_R], chord[i, TAN_I] = mr, mi
        chord[i, TAKES_RR], chord[i, TAKES_RI] = mr + yr[i], mi - yi[i]
        chord[i, TAKES_IR], chord[i, TAKES_II] = mi + yi[i], yr[i] - mr
    for i in range(par.size - 1, 0, -1):
        _eliminate(chord[i], chord[par[i]], zr[i], zi[i])
    for i in range(1, par.size):
        chord[i, ROOT_R], chord[i, ROOT_I] = chord[par[i], ROOT_R] + zr[i], chord[par[i], ROOT_I] + zi[i]
    return chord


@compiled
def _eliminate(row, above, zr, zi):
    """With S what a node takes a volt and Z the branch above it: F = (1 + S Z)^-1; S F goes to the node above; 1 - Z F S; -Z F."""
    a, b, c, d = row[TAKES_RR], row[TAKES_RI], row[TAKES_IR], row[TAKES_II]
    e, f = 1.0 + a * zr + b * zi, b * zr - a * zi
    g, h = c * zr + d * zi, 1.0 + d * zr - c * zi
    inverse = 1.0 / (e * h - f * g)
    e, f, g, h = h * inverse, -f * inverse, -g * inverse, e * inverse
    row[RISES_RR], row[RISES_RI], row[RISES_IR], row[RISES_II] = e, f, g, h
    a, b, c, d = e * a + f * c, e * b + f * d, g * a + h * c, g * b + h * d
    above[TAKES_RR] += a
    above[TAKES_RI] += b
    above[TAKES_IR] += c
    above[TAKES_II] += d
    row[ABOVE_RR], row[ABOVE_RI] = 1.0 - zr * a + zi * c, zi * d - zr * b
    row[ABOVE_IR], row[ABOVE_II] = -zi * a - zr * c, 1.0 - zi * b - zr * d
    row[REST_RR], row[REST_RI], row[REST_IR], row[REST_II] = (
        zi * g - zr * e,
        zi * h - zr * f,
        -zi * e - zr * g,
        -zi * f - zr * h,
    )


@compiled
def load_all(base, chord, s, at, lanes):
    """Put the base flow of a state into every lane; of the voltages only those at the root and at the nodes ``at``."""
    for i in range(1, lanes.shape[0]):
        row, x, y = lanes[i], base[4][s, i], base[5][s, i]
        a, b = base[2][s, i], base[3][s, i]
        x -= chord[i, TAKES_RR] * a + chord[i, TAKES_RI] * b
        y -= chord[i, TAKES_IR] * a + chord[i, TAKES_II] * b
        for k in range(LANES):
            row[GR + k] = x
        for k in range(LANES):
            row[GI + k] = y
    for k in range(LANES):
        m = at[k]
        lanes[0, VR + k], lanes[0, VI + k] = base[2][s, 0], base[3][s, 0]
        lanes[m, VR + k], lanes[m, VI + k] = base[2][s, m], base[3][s, m]


@compiled
def load_one(base, chord, s, lanes, k):
    """Put the base flow of a state into lane ``k``."""
    for i in range(lanes.shape[0]):
        a, b = base[2][s, i], base[3][s, i]
        lanes[i, VR + k], lanes[i, VI + k] = a, b
        lanes[i, GR + k] = base[4][s, i] - chord[i, TAKES_RR] * a - chord[i, TAKES_RI] * b
        lanes[i, GI + k] = base[5][s, i] - chord[i, TAKES_IR] * a - chord[i, TAKES_II] * b


@compiled
def flow(par, lanes, chord, powers, at, work, sense, tilt, tolerance, is_found):
    """The flows of all lanes, lane k with ``sense`` x ``work`` [X + k] more drawn at node ``at`` [k], and ``tilt`` times that of reactive power.

    ``powers`` [node, 2 or 2 x lane] is what the nodes draw, alike in all lanes or not. Watched where the
    power is added: nothing moves more than in proportion to that. A flow is found when a sweep moved that voltage by less
    than ``tolerance``; the next one would move it by a twentieth, the two after that by a ten thousandth.
    """
    for k in range(LANES):
        work[DR + k], work[DI + k] = work[IR + k], work[II + k]
        work[ZR + k], work[ZI + k] = chord[at[k], ROOT_R], chord[at[k], ROOT_I]
    _draw(lanes, at, work, sense, tilt)
    for k in range(LANES):
        _push(par, lanes, chord, at[k], k, work[IR + k] - work[DR + k], work[II + k] - work[DI + k])
    _forward(par, lanes, chord)
    for done in range(SWEEPS):
        _draw(lanes, at, work, sense, tilt)
        _backward(par, lanes, chord, powers, at, work)
        _forward(par, lanes, chord)
        is_still = True
        for k in range(LANES):
            m = at[k]
            dr, di = lanes[m, VR + k] - work[WR + k], lanes[m, VI + k] - work[WI + k]
            size = lanes[m, VR + k] * lanes[m, VR + k] + lanes[m, VI + k] * lanes[m, VI + k]
            is_found[k] = dr * dr + di * di < tolerance * tolerance and work[FITS + k] >= 0.0 and size > FLOOR
            is_still &= is_found[k] or not size > FLOOR or (done >= HOPELESS and not work[FITS + k] >= 0.0)
        if is_still:
            return


@compiled
def _draw(lanes, at, work, sense, tilt):
    """The currents drawn for the power added: V = E - Z conj(S / V), a quadratic, E the voltage there without it; notes the voltages.

    FITS is negative where no voltage fits.
    """
    for k in range(LANES):
        m = at[k]
        work[WR + k], work[WI + k] = lanes[m, VR + k], lanes[m, VI + k]
    for k in range(LANES):
        zr, zi, x, y = work[ZR + k], work[ZI + k], work[IR + k], work[II + k]
        er, ei = work[WR + k] + zr * x - zi * y, work[WI + k] + zr * y + zi * x
        p = sense * work[X + k]
        q = p * tilt
        wr, wi, size = zr * p + zi * q, zi * p - zr * q, er * er + ei * ei
        inside = 0.25 * size - wi * wi / size - wr
        work[FITS + k] = inside
        inside = inside if inside > 0.0 else 0.0
        scale = 1.0 / np.sqrt(size)
        a, b = 0.5 * size * scale + np.sqrt(inside), -wi * scale
        re, im = (a * er - b * ei) * scale, (a * ei + b * er) * scale
        inverse = 1.0 / (re * re + im * im)
        work[IR + k], work[II + k] = (p * re + q * im) * inverse, (p * im - q * re) * inverse


@compiled
def _push(par, lanes, chord, node, k, x, y):
    """More current drawn at a node, on its way up."""
    while node > 0:
        lanes[node, GR + k] += x
        lanes[node, GI + k] += y
        x, y = (
            chord[node, RISES_RR] * x + chord[node, RISES_RI] * y,
            chord[node, RISES_IR] * x + chord[node, RISES_II] * y,
        )
        node = par[node]


@compiled
def _backward(par, lanes, chord, powers, at, work):
    """What each node draws beside its tangent, added up towards the root."""
    is_alike = powers.shape[1] == 2
    for i in range(1, par.size):
        row, drawn, mr, mi = lanes[i], powers[i], chord[i, TAN_R], chord[i, TAN_I]
        if is_alike:
            p, q = drawn[0], drawn[1]
            for k in range(LANES):
                a, b = row[VR + k], row[VI + k]
                inverse = 1.0 / (a * a + b * b)
                row[GR + k] = (p * a + q * b) * inverse - mr * a - mi * b
                row[GI + k] = (p * b - q * a) * inverse - mi * a + mr * b
        else:
            for k in range(LANES):
                a, b, p, q = row[VR + k], row[VI + k], drawn[k], drawn[LANES + k]
                inverse = 1.0 / (a * a + b * b)
                row[GR + k] = (p * a + q * b) * inverse - mr * a - mi * b
                row[GI + k] = (p * b - q * a) * inverse - mi * a + mr * b
    for k in range(LANES):
        lanes[at[k], GR + k] += work[IR + k]
        lanes[at[k], GI + k] += work[II + k]
    for i in range(par.size - 1, 0, -1):
        row, above = lanes[i], lanes[par[i]]
        e, f, g, h = chord[i, RISES_RR], chord[i, RISES_RI], chord[i, RISES_IR], chord[i, RISES_II]
        for k in range(LANES):
            a, b = row[GR + k], row[GI + k]
            above[GR + k] += e * a + f * b
            above[GI + k] += g * a + h * b


@compiled
def _forward(par, lanes, chord):
    """Voltages from the currents, from the root outwards."""
    for i in range(1, par.size):
        row, above = lanes[i], lanes[par[i]]
        e, f, g, h = chord[i, ABOVE_RR], chord[i, ABOVE_RI], chord[i, ABOVE_IR], chord[i, ABOVE_II]
        p, q, r, s = chord[i, REST_RR], chord[i, REST_RI], chord[i, REST_IR], chord[i, REST_II]
        for k in range(LANES):
            a, b, x, y = above[VR + k], above[VI + k], row[GR + k], row[GI + k]
            row[VR + k] = e * a + f * b + p * x + q * y
            row[VI + k] = g * a + h * b + r * x + s * y
