"""The SimBench complete set (37,734 buses, 33 busbar sections): every bus in two levels, against one tree and power-grid-model."""

import numpy as np
from _grids import CITY, network
from _measure import cpu_seconds, say

from jiedian.grid.kernel.calc import twolevel
from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
from jiedian.grid.kernel.calc.powerflow import Flow
from jiedian.grid.kernel.calc.prepared import CapacityLimits, Prepared

LIMITS = CapacityLimits(vmin_pu=0.88, line_percent=100, transformer_percent=130, tolerance_kw=1.0)
"""Wide enough that no section is over a limit in the base: every bus is solved."""
LANES = 64


def flow_seconds(prepared: Prepared, part: int) -> float:
    """One flow for every node of a section by power-grid-model in batches, from a few lanes."""
    section = prepared.tree(part).section
    held = section.nodes[:1], np.array([section.root_v + 0j])
    flow = Flow(prepared.circuit, nodes=section.nodes, held=held)
    at = np.linspace(1, section.size - 1, min(LANES, section.size - 1)).astype(np.int64)
    extra = np.full(len(at), 0.01 * (1 + 1j * LIMITS.tan_phi))
    flow.probe(at, extra)
    return cpu_seconds(lambda: flow.probe(at, extra)) / len(at) * (section.size - 1)


def main() -> None:
    grid = network(CITY)
    built = cpu_seconds(lambda: prepare(grid, upstream_pu=1.02))
    prepared = prepare(grid, upstream_pu=1.02)
    parts = range(len(prepared.split.parts))
    based = cpu_seconds(lambda: [prepared.base(k) for k in parts])
    open_capacity(prepared, limits=LIMITS)
    ours = [cpu_seconds(lambda: open_capacity(prepared, limits=LIMITS)) for _ in range(3)]
    two = open_capacity(prepared, limits=LIMITS)
    twolevel.SMALL = 10**9
    plain_s = cpu_seconds(lambda: open_capacity(prepared, limits=LIMITS))
    one = open_capacity(prepared, limits=LIMITS)
    solved = np.isfinite(one.capacity_kw) & (one.capacity_kw > 0)
    apart = np.abs(two.capacity_kw - one.capacity_kw)[solved]
    flows = float(two.flows[solved].mean())
    median = float(np.median(ours))
    bench = "capacity_city"
    say(bench, "split and trees, CPU seconds allowed 2", built, 2.0, unit="cpu s")
    say(bench, "base flows, CPU seconds allowed 2", based, 2.0, unit="cpu s")
    say(
        bench,
        f"{int(solved.sum())} buses in two levels with polish, CPU seconds allowed 2",
        median,
        2.0,
        unit="cpu s",
    )
    say(
        bench,
        f"{int(solved.sum())} buses against one tree a section, same kernel",
        median,
        plain_s,
        unit="cpu s",
    )
    say(bench, "largest difference to one tree, kW allowed 1", float(apart.max()), 1.0, unit="kW")
    share = float((apart / one.capacity_kw[solved]).max())
    say(bench, "largest difference to one tree, share allowed 0.0015", share, 0.0015, unit="share")
    once = sum(flow_seconds(prepared, k) for k in parts)
    say(
        bench,
        f"against power-grid-model bisection (16 flows; {LANES} lanes a section scaled)",
        median,
        once * 16,
        unit="cpu s",
    )
    say(
        bench,
        f"against power-grid-model secant ({flows:.2f} flows; scaled)",
        median,
        once * flows,
        unit="cpu s",
    )


if __name__ == "__main__":
    main()
