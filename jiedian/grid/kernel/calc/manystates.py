"""Many states: a closed form screens every (bus, state), and only the states that can decide are solved exactly."""

import numpy as np

from jiedian.grid.circuit.calc.network import Ints, Reals

from .lanes import Base, Bounds, Tree

BAND = 1.02
"""A state is solved when its corrected estimate lies within this factor of the least exact answer so far."""


def solve_states(
    tree: Tree, base: Base, bounds: Bounds, at: Ints, *, tolerance: float
) -> tuple[Reals, Ints, Ints, Ints]:
    """Power, binding, deciding state and number of flows for the nodes ``at`` over all states of ``base``.

    The band is a heuristic, validated by brute force on a sample (``brute_force``), not proven.
    """
    guess = tree.estimate(base, bounds, at)
    states, count = guess.shape
    power, ratio = np.full(count, np.inf), np.ones(count)
    binding, state = np.full(count, -1, np.int64), np.zeros(count, np.int64)
    flows = np.zeros(count, np.int64)
    is_solved = np.zeros(guess.shape, np.bool_)
    lowest = np.argpartition(guess, min(1, states - 1), axis=0)[:2]
    wanted = np.zeros(guess.shape, np.bool_)
    np.put_along_axis(wanted, lowest, True, axis=0)
    while wanted.any():
        s, b = np.nonzero(wanted)
        is_solved |= wanted
        exact, codes, steps = tree.solve(base, bounds, at[b], s, guess[s, b] * ratio[b], tolerance=tolerance)
        np.add.at(flows, b, steps)
        with np.errstate(divide="ignore", invalid="ignore"):
            np.fmin.at(ratio, b, np.where(guess[s, b] > 0, exact / guess[s, b], 1.0))
        order = np.lexsort((exact, b))
        first = order[np.unique(b[order], return_index=True)[1]]
        better = first[exact[first] < power[b[first]]]
        power[b[better]], binding[b[better]], state[b[better]] = exact[better], codes[better], s[better]
        wanted = (guess * ratio <= BAND * power) & ~is_solved
    return power, binding, state, flows


def brute_force(
    tree: Tree, base: Base, bounds: Bounds, at: Ints, *, tolerance: float
) -> tuple[Reals, Ints, Ints]:
    """Every state solved exactly for every node ``at``: power, deciding state, number of flows. The nightly sample's check."""
    guess = tree.estimate(base, bounds, at)
    states = np.arange(len(guess))
    power, state, flows = np.empty(len(at)), np.empty(len(at), np.int64), np.empty(len(at), np.int64)
    for k, node in enumerate(at):
        found = tree.solve(base, bounds, np.full(len(states), node), states, guess[:, k], tolerance=tolerance)
        state[k] = np.argmin(found[0])
        power[k], flows[k] = found[0][state[k]], found[2].sum()
    return power, state, flows
