"""轻载: the network while little is drawn, the state in which what is fed in raises voltages and flows back the most."""

from dataclasses import replace

import numpy as np

from jiedian.grid.circuit.calc.network import Network


def light(network: Network, share: float) -> Network:
    """The network with a share (0–1) of what its loads draw in the model; what a load gives (negative) and generators stay whole.

    The share of all loads alike is ours: files of measured load say the months' peaks, not what is drawn at noon of a holiday.
    """
    loads = network.loads
    factor = np.where(loads.p_kw > 0, share, 1.0)
    return replace(network, loads=replace(loads, p_kw=loads.p_kw * factor, q_kvar=loads.q_kvar * factor))
