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


class Already:
    """What a network breaks before anything is added, and whom that binds: the same rule by pandapower and networkx."""

    def __init__(self, net: Any, bus: int, limits: CapacityLimits, direction: str) -> None:
        self.net, self.bus, self.limits = copy.deepcopy(net), bus, limits
        self.sense = 1 if direction == "load" else -1
        self.bound = limits.vmin_pu if direction == "load" else limits.vmax_pu
        pp.runpp(self.net)
        self.u = self.net.res_bus.vm_pu.copy()
        self.is_low = self.sense * (self.u - self.bound) < 0
        self.is_shut = self._is_cut(buses=self.u.index[self.is_low])
        self.over: dict[tuple[str, Any], float] = {}
        self.within: dict[tuple[str, Any], bool] = {}
        for kind, most in (("line", limits.line_percent), ("trafo", limits.transformer_percent)):
            loading = self.net[f"res_{kind}"].loading_percent
            for k in loading.index[loading > most]:
                self.over[kind, k] = float(loading[k])
        self.shared = self._binds(list(self.over))
        self.own = {key: self._binds([key])[key] for key in self.over}
        self.added = pp.create_load(self.net, bus, 0.0, 0.0)

    def _binds(self, over: list[tuple[str, Any]]) -> dict[tuple[str, Any], bool]:
        """Which of the overloaded elements lie on a way to the bus that passes nothing twice, where every way passes one of them."""
        import networkx as nx

        net, ends = copy.copy(self.net), {}
        for kind, (a, b) in (("line", ("from_bus", "to_bus")), ("trafo", ("hv_bus", "lv_bus"))):
            rows = net[kind].copy()
            pairs = [frozenset(pair) for pair in zip(rows[a], rows[b], strict=True)]
            mine = {key: pairs[rows.index.get_loc(key[1])] for key in over if key[0] == kind}
            rows.loc[[pair in mine.values() for pair in pairs], "in_service"] = False
            net[kind], ends = rows, ends | mine
        graph = pp.topology.create_nxgraph(net)
        island = {bus: n for n, one in enumerate(nx.connected_components(graph)) for bus in one}
        fed = {island[bus] for bus in net.ext_grid.bus[net.ext_grid.in_service]}
        place = {bus: -1 if n in fed else n for bus, n in island.items()}
        here = place[self.bus]
        if here == -1:
            return dict.fromkeys(over, False)
        ways = nx.Graph([tuple(place[bus] for bus in pair) for pair in ends.values()] + [(-1, here)])
        (block,) = [
            edges
            for edges in map(lambda e: {frozenset(x) for x in e}, nx.biconnected_component_edges(ways))
            if frozenset((-1, here)) in edges
        ]
        return {key: frozenset(place[bus] for bus in pair) in block for key, pair in ends.items()}

    def _is_cut(self, *, buses: Any = ()) -> bool:
        """Whether the bus is no longer fed without these buses."""
        graph = pp.topology.create_nxgraph(self.net, nogobuses=set(buses) or None)
        fed = set(self.net.ext_grid.bus[self.net.ext_grid.in_service])
        return self.bus not in graph or not (set(pp.topology.connected_component(graph, self.bus)) & fed)

    def _run(self, mw: float) -> bool:
        tan = float(np.tan(np.arccos(self.limits.pf)))
        self.net.load.loc[self.added, ["p_mw", "q_mvar"]] = [self.sense * mw, self.sense * mw * tan]
        try:
            pp.runpp(self.net, tolerance_mva=1e-9)
        except pp.LoadflowNotConverged:
            return False
        return True

    def fits(self, mw: float, *, is_mesh: bool = False) -> bool:
        """Whether so much keeps every limit that counts for the bus."""
        limits = self.limits
        if self.is_shut or not self._run(mw):
            return False
        floor = np.where(
            self.is_low, self.u - self.sense * (limits.notice_pu + limits.notice_pu_per_mw * mw), self.bound
        )
        if (self.sense * (self.net.res_bus.vm_pu - floor) < 0).any():
            return False
        falling = []
        for kind, most in (("line", limits.line_percent), ("trafo", limits.transformer_percent)):
            loading = self.net[f"res_{kind}"].loading_percent
            for k in loading.index[loading > most]:
                if (kind, k) not in self.over:
                    return False
                if self.own[kind, k]:
                    falling.append((kind, k, float(loading[k])))
                elif is_mesh and loading[k] > self._level(kind, k, mw, most):
                    return False
        return not falling or (
            all(self._comes_within(kind, k) for kind, k, _was in falling)
            and self._run(mw + 1e-4)
            and all(self.net[f"res_{kind}"].loading_percent[k] < was for kind, k, was in falling)
        )

    def _comes_within(self, kind: str, k: int) -> bool:
        """Whether some power brings an overloaded branch above the bus within its limit."""
        from scipy.optimize import minimize_scalar

        if (kind, k) not in self.within:
            most = self.limits.line_percent if kind == "line" else self.limits.transformer_percent
            high = 2 * self.over[kind, k] / 100 * self._mva(kind, k)

            def loading(mw: float) -> float:
                return float(self.net[f"res_{kind}"].loading_percent[k]) if self._run(mw) else 1e6

            found = minimize_scalar(loading, bounds=(0, high), method="bounded", options={"maxiter": 20})
            self.within[kind, k] = bool(found.fun <= most)
        return self.within[kind, k]

    def _mva(self, kind: str, k: int) -> float:
        row = self.net[kind].loc[k]
        mva = row.sn_mva if kind == "trafo" else np.sqrt(3) * self.net.bus.vn_kv[row.from_bus] * row.max_i_ka
        return float(mva * row.parallel)

    def _level(self, kind: str, k: int, mw: float, most: float) -> float:
        """Loading a broken branch of a mesh may reach: where several feed the bus together, none but what it has."""
        if self.shared[kind, k]:
            return self.over[kind, k]
        share = self.limits.notice_share * mw / self._mva(kind, k) * 100
        return self.over[kind, k] + self.limits.notice_rating * most + share


def ruled_within(
    net: Any, bus: int, kw: float, limits: CapacityLimits, direction: str, *, is_mesh: bool = False
) -> bool:
    """Whether the largest power at the bus lies within a kilowatt of a figure, with what is broken already by the rule."""
    rule = Already(net, bus, limits, direction)
    below = kw < 1 or rule.fits((kw - 1) / 1000, is_mesh=is_mesh)
    return below and not rule.fits((kw + 1) / 1000, is_mesh=is_mesh)
