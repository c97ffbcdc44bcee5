"""An independent measure of open capacity: pandapower solves the whole network again and again, by bisection."""

import copy
from typing import Any

import numpy as np
import pandapower as pp

from jiedian.grid.kernel.calc.prepared import CapacityLimits


def holds(net: Any, limits: CapacityLimits, direction: str) -> bool:
    """Whether the network as it stands keeps every limit."""
    try:
        pp.runpp(net)
    except pp.LoadflowNotConverged:
        return False
    v = net.res_bus.vm_pu
    if ((v < limits.vmin_pu) if direction == "load" else (v > limits.vmax_pu)).any():
        return False
    return not (
        (net.res_line.loading_percent > limits.line_percent).any()
        or (net.res_trafo.loading_percent > limits.transformer_percent).any()
    )


def measured_kw(net: Any, bus: int, limits: CapacityLimits, direction: str = "load") -> float:
    """The largest power at the bus that keeps every limit, to 0.5 kW."""
    net = copy.deepcopy(net)
    sign = 1 if direction == "load" else -1
    added = pp.create_load(net, bus, 0.0, 0.0)
    tan = float(np.tan(np.arccos(limits.pf)))

    def fits(mw: float) -> bool:
        net.load.loc[added, ["p_mw", "q_mvar"]] = [sign * mw, sign * mw * tan]
        return holds(net, limits, direction)

    if not fits(0.0):
        return 0.0
    low, high = 0.0, 0.01
    while fits(high) and high < 100:
        low, high = high, high * 2
    while high - low > 5e-4:
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low * 1000


def lies_within(
    net: Any, bus: int, kw: float, limits: CapacityLimits, direction: str, *, within_kw: float
) -> bool:
    """Whether the largest power at the bus lies within so much of a figure: below it everything holds, above it not."""
    net = copy.deepcopy(net)
    sign = 1 if direction == "load" else -1
    added = pp.create_load(net, bus, 0.0, 0.0)
    tan = float(np.tan(np.arccos(limits.pf)))
    found = []
    for tried in (max(kw - within_kw, 0.0), kw + within_kw):
        mw = sign * tried / 1000
        net.load.loc[added, ["p_mw", "q_mvar"]] = [mw, mw * tan]
        found.append(holds(net, limits, direction))
    return found == [True, False]
