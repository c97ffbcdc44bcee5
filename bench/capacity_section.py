"""One MV section set (SimBench 1-MV-urban), every bus exact to 1 kW: kernel against bisection with power-grid-model and pandapower."""

import copy
import time

import numpy as np
import pandapower as pp
from _grids import SECTION, simbench_net
from _measure import compare, cpu_seconds, mean_seconds, say

from jiedian.grid.circuit.calc.circuit import currents
from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
from jiedian.grid.kernel.calc.powerflow import Flow
from jiedian.grid.kernel.calc.prepared import CapacityLimits, bounds_of
from jiedian.grid.readers.calc.pandapower import read

LIMITS = CapacityLimits(tolerance_kw=1.0)
BRACKET_MW, PANDAPOWER_BUSES = 64.0, 3


def by_bisection(prepared, part) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Every node of a section by power-grid-model, all nodes in one batch a step: 16 flows a node."""
    tree, circuit = prepared.tree(part), prepared.circuit
    section = tree.section
    held = section.nodes[:1], np.array([section.root_v + 0j])
    own = circuit.branches.take(section.branches)
    flow = Flow(circuit, nodes=section.nodes, branches=own, held=held)
    place = np.full(circuit.size, -1)
    place[section.nodes] = np.arange(section.size)
    bounds = bounds_of(circuit, section, LIMITS, "load")
    least = bounds.voltage / section.scale
    percent = np.where(own.kind == 0, LIMITS.line_percent, LIMITS.transformer_percent) / 100
    at = np.arange(1, section.size)
    low, high = np.zeros(len(at)), np.full(len(at), BRACKET_MW)
    while (high - low).max() > LIMITS.tolerance_kw / 1000:
        middle = (low + high) / 2
        v = flow.probe(at, middle * (1 + 1j * LIMITS.tan_phi))
        whole = np.full((len(at), circuit.size), np.nan + 0j)
        whole[:, section.nodes] = v
        i, j = currents(own, whole)
        fits = (np.abs(v[:, 1:]) >= least[1:]).all(axis=1)
        fits &= (np.maximum(np.abs(i) / own.limit_from, np.abs(j) / own.limit_to) <= percent).all(axis=1)
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return low * 1000


def pandapower_bus(net, bus: int) -> float:  # type: ignore[no-untyped-def]
    """One bus by bisection with runpp (numba): 16 flows."""
    net = copy.deepcopy(net)
    added = pp.create_load(net, bus, 0.0, 0.0)
    low, high = 0.0, BRACKET_MW
    while high - low > LIMITS.tolerance_kw / 1000:
        middle = (low + high) / 2
        net.load.loc[added, ["p_mw", "q_mvar"]] = [middle, middle * LIMITS.tan_phi]
        try:
            pp.runpp(net)
            fits = (net.res_bus.vm_pu >= LIMITS.vmin_pu).all()
            fits &= (net.res_line.loading_percent <= LIMITS.line_percent).all()
            fits &= (net.res_trafo.loading_percent <= LIMITS.transformer_percent).all()
        except pp.LoadflowNotConverged:
            fits = False
        low, high = (middle, high) if fits else (low, middle)
    return low * 1000


def main() -> None:
    net = simbench_net(SECTION)
    network, _ = read(net)
    prepared = prepare(network)

    def product() -> None:
        open_capacity(prepared, limits=LIMITS)

    def peer() -> None:
        for part in range(len(prepared.split.parts)):
            by_bisection(prepared, part)

    product(), peer()
    answer = open_capacity(prepared, limits=LIMITS)
    for part in range(len(prepared.split.parts)):
        nodes = prepared.tree(part).section.nodes[1:]
        found = by_bisection(prepared, part)
        of_bus = dict(zip(prepared.circuit.node[answer.bus].tolist(), answer.capacity_kw, strict=True))
        worst = max(abs(of_bus[n] - kw) for n, kw in zip(nodes.tolist(), found, strict=True) if n in of_bus)
        say("capacity_section", f"largest difference, section {part}: kW allowed 1", worst, 1.0, unit="kW")
    count = len(np.unique(prepared.circuit.node[answer.bus]))
    compare("capacity_section", f"{count} nodes against power-grid-model, batch bisection", product, peer)
    case = f"{count} nodes against power-grid-model, batch bisection, CPU seconds"
    compare("capacity_section", case, product, peer, measure=cpu_seconds)
    buses = [
        int(network.buses.id[b])
        for b in answer.bus[:: len(answer.bus) // PANDAPOWER_BUSES][:PANDAPOWER_BUSES]
    ]
    pandapower_bus(net, buses[0])
    ours = mean_seconds(product)
    begun = time.perf_counter()
    for bus in buses:
        pandapower_bus(net, bus)
    theirs = (time.perf_counter() - begun) / len(buses) * count
    say(
        "capacity_section",
        f"{count} nodes against pandapower with numba, bisection, {len(buses)} buses scaled",
        ours,
        theirs,
        unit="s",
    )


if __name__ == "__main__":
    main()
