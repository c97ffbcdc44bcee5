"""One application screened: every candidate checked by an AC flow, pairs and transfers, against pandapower on the same candidates."""

import copy

import pandapower as pp
from _grids import SECTION, simbench_net
from _measure import cpu_seconds, say

from jiedian.grid.capacity.calc.screening import pairs, screen
from jiedian.grid.capacity.calc.transfers import transfers
from jiedian.grid.kernel.calc.capacity import prepare
from jiedian.grid.kernel.calc.prepared import CapacityLimits
from jiedian.grid.readers.calc.pandapower import read

LIMITS = CapacityLimits()
KW, PEER = 1260.0, 4


def main() -> None:
    net = simbench_net(SECTION)
    grid, _ = read(net)
    prepared = prepare(grid)
    found = screen(prepared, kw=KW, pf=0.95, limits=LIMITS)

    def product() -> None:
        pairs(prepared, screen(prepared, kw=KW, pf=0.95, limits=LIMITS))

    ours = sorted(cpu_seconds(product) for _ in range(5))[2]
    net = copy.deepcopy(net)
    added = pp.create_load(net, net.bus.index[0], KW / 1000, KW / 1000 * LIMITS.tan_phi)

    def peer() -> None:
        for c in found[:PEER]:
            net.load.loc[added, "bus"] = int(grid.buses.id[c.bus])
            pp.runpp(net)

    peer()
    theirs = cpu_seconds(peer) / PEER * len(found)
    bench = "screening"
    say(bench, f"{len(found)} candidates and pairs, CPU seconds allowed 0.05", ours, 0.05, unit="cpu s")
    say(
        bench,
        f"{len(found)} candidates against one pandapower flow each, {PEER} scaled",
        ours,
        theirs,
        unit="cpu s",
    )
    worst = 0.0
    for c in found[:: len(found) // 5]:
        net.load.loc[added, "bus"] = int(grid.buses.id[c.bus])
        pp.runpp(net)
        worst = max(worst, abs(net.res_bus.vm_pu[int(grid.buses.id[c.bus])] - c.u_pu))
    say(
        bench,
        "largest difference of the voltage at the point to pandapower, pu allowed 1e-5",
        worst,
        1e-5,
        unit="pu",
    )
    fit = next(c for c in found if c.is_fit and transfers(prepared, bus=c.bus, kw=KW, pf=0.95, limits=LIMITS))
    cases = transfers(prepared, bus=fit.bus, kw=KW, pf=0.95, limits=LIMITS)
    each = cpu_seconds(lambda: transfers(prepared, bus=fit.bus, kw=KW, pf=0.95, limits=LIMITS)) / len(cases)
    say(bench, f"N-1: one transfer of {len(cases)}, CPU seconds allowed 0.05", each, 0.05, unit="cpu s")


if __name__ == "__main__":
    main()
