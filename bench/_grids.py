"""The grids of the benches: SimBench networks in the quarter-hour of their highest total load, and its year."""

import warnings
from typing import Any

import numpy as np

from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.readers.calc.pandapower import read
from jiedian.grid.readers.calc.simbench import without_stand_ins

warnings.filterwarnings("ignore")
SECTION = "1-MV-urban--0-sw"
CITY = "1-complete_data-mixed-all-1-sw"
"""37,734 buses; the equivalents of grids that are modelled in full (subnet …_eq) are taken out, so that each is fed through its own transformer."""


def simbench_net(code: str) -> Any:
    """A SimBench network at its peak."""
    import simbench

    net = simbench.get_simbench_net(code)
    if code == CITY:
        without_stand_ins(net)
    step = int(year_of(net)[0].sum(axis=0).argmax()) if code != CITY else _peak_of_profiles(net)
    profiles, sun = net.profiles["load"], net.profiles["renewables"]
    net.load["p_mw"] *= [profiles.at[step, f"{name}_pload"] for name in net.load.profile]
    net.load["q_mvar"] *= [profiles.at[step, f"{name}_qload"] for name in net.load.profile]
    net.sgen["p_mw"] *= [sun.at[step, name] if name in sun else 1.0 for name in net.sgen.profile]
    return net


def network(code: str) -> Network:
    """The same as our Network."""
    return read(simbench_net(code), name=code)[0]


def year_of(net: Any) -> tuple[Any, Any]:
    """Active and reactive power of every load in every quarter-hour, MW and Mvar [load, step], from its profile."""
    profiles = net.profiles["load"]
    p = profiles[[f"{name}_pload" for name in net.load.profile]].to_numpy() * net.load.p_mw.to_numpy()
    q = profiles[[f"{name}_qload" for name in net.load.profile]].to_numpy() * net.load.q_mvar.to_numpy()
    return p.T, q.T


def _peak_of_profiles(net: Any) -> int:
    """The step of the highest total, without the matrix of all loads (11 GB for the complete set)."""
    rated = net.load.groupby("profile").p_mw.sum()
    total = sum(net.profiles["load"][f"{name}_pload"] * mw for name, mw in rated.items())
    return int(np.argmax(total))
