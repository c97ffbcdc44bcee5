"""35,136 quarter-hours x every node of SimBench 1-MV-urban: screen and exact against the same kernel by brute force."""

import numpy as np
from _grids import SECTION, year_of
from _measure import say, seconds

from jiedian.grid.kernel.calc.capacity import prepare
from jiedian.grid.kernel.calc.manystates import brute_force, solve_states
from jiedian.grid.kernel.calc.prepared import CapacityLimits, bounds_of
from jiedian.grid.readers.calc.pandapower import read

LIMITS = CapacityLimits()
NODES = 6
"""Nodes of each section that brute force solves; its time is scaled to all."""


def main() -> None:
    import simbench

    net = simbench.get_simbench_net(SECTION)
    p, q = year_of(net)
    sun = net.profiles["renewables"]
    fed = (
        np.array([sun[name] if name in sun else np.ones(len(sun)) for name in net.sgen.profile]).T
        * net.sgen.p_mw.to_numpy()
    )
    network, _ = read(net)
    prepared = prepare(network)
    row = {int(name): k for k, name in enumerate(network.buses.id)}
    drawn = np.zeros((p.shape[1], len(network.buses.id)), np.complex128)
    np.add.at(drawn.T, [row[b] for b in net.load.bus], (p + 1j * q) * 1000)
    np.add.at(drawn.T, [row[b] for b in net.sgen.bus], -fed.T * 1000)
    quick = brute = 0.0
    worst, flows, count = 0.0, 0, 0
    for part in range(len(prepared.split.parts)):
        tree = prepared.tree(part)
        place = np.full(prepared.circuit.size, -1)
        place[tree.section.nodes] = np.arange(tree.section.size)
        demand = np.zeros((len(drawn), tree.section.size), np.complex128)
        inside = np.flatnonzero(place[prepared.circuit.node] >= 0)
        np.add.at(demand.T, place[prepared.circuit.node[inside]], drawn[:, inside].T / 1000)
        bounds = bounds_of(prepared.circuit, tree.section, LIMITS, "load")
        at = np.arange(1, tree.section.size)
        solve_states(tree, tree.base(demand[:64]), bounds, at, tolerance=5e-4)
        kept: dict[str, object] = {}

        def product() -> None:
            base = tree.base(demand)  # noqa: B023
            kept["base"], kept["quick"] = base, solve_states(tree, base, bounds, at, tolerance=5e-4)  # noqa: B023

        quick += seconds(product)
        some = at[:: len(at) // NODES][:NODES]

        def peer() -> None:
            kept["brute"] = brute_force(tree, kept["base"], bounds, some, tolerance=5e-4)  # type: ignore[arg-type]  # noqa: B023

        brute += seconds(peer) / len(some) * len(at)
        found, every = kept["quick"], kept["brute"]
        worst = max(worst, float(np.abs(found[0][some - 1] - every[0]).max() * 1000))  # type: ignore[index]
        flows, count = flows + int(found[3].sum()), count + len(at)  # type: ignore[index]
    bench = "capacity_year"
    say(
        bench,
        f"{len(drawn)} states x {count} nodes, brute force on {2 * NODES} nodes scaled",
        quick,
        brute,
        unit="s",
    )
    say(
        bench,
        f"largest difference to brute force, kW allowed 1 ({flows / count:.0f} flows a node)",
        worst,
        1.0,
        unit="kW",
    )


if __name__ == "__main__":
    main()
