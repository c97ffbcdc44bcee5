"""已入图: what a network draws and feeds at each bus, by which a customer who runs is known to be in it."""

from dataclasses import dataclass

import numpy as np

from jiedian.grid.circuit.calc.network import Ints, Network, Reals
from jiedian.grid.circuit.calc.territory import NONE, Territory

NEAR_KW, SAME_KW = 0.5, 0.01
"""Figures so near are one: what a file rounds, and what is no change at all."""


@dataclass(frozen=True)
class Drawn:
    """One row a bus, kW. ``fed``: generators (and loads below zero) at it and what closed links join to it.

    ``load``: loads of its area; outside areas of the bus and what closed links join to it.
    """

    fed: Reals
    load: Reals


def drawn_of(network: Network, land: Territory) -> Drawn:
    """What a network has at each bus; a value that is no number counts nothing."""
    count = len(network.buses.id)
    p_kw, given = np.nan_to_num(network.loads.p_kw), np.nan_to_num(network.generators.p_kw)
    load = _sum(network.loads.bus, np.maximum(p_kw, 0.0), count)
    fed = _sum(network.generators.bus, np.maximum(given, 0.0), count)
    fed = fed + _sum(network.loads.bus, np.maximum(-p_kw, 0.0), count)
    by_spot = _sum(land.spot_of, load, count)[land.spot_of]
    is_inside = land.area != NONE
    by_area = _sum(land.area[is_inside], load[is_inside], max(len(network.transformers.id), 1))
    return Drawn(
        _sum(land.spot_of, fed, count)[land.spot_of], np.where(is_inside, by_area[land.area], by_spot)
    )


def _sum(rows: Ints, values: Reals, count: int) -> Reals:
    return np.bincount(rows, values, count).astype(np.float64)
