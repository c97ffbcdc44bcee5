"""Screening: what is reported is what pandapower finds with the power connected; N-1 by switching as a dispatcher would."""

import copy
from typing import Any

import numpy as np
import pandapower as pp
import pytest

from jiedian.grid.capacity.calc.screening import pairs, screen
from jiedian.grid.capacity.calc.transfers import transfers
from jiedian.grid.kernel.calc.capacity import prepare
from jiedian.grid.kernel.calc.prepared import CapacityLimits
from jiedian.grid.readers.calc.pandapower import read
from tests.grid.grids import pandapower_net, town

LIMITS = CapacityLimits()


def oberrhein() -> Any:
    net = copy.deepcopy(pandapower_net("mv_oberrhein"))
    net.load["scaling"] *= 0.6
    return net


def test_candidates_report_what_is_seen_with_the_power_connected() -> None:
    net = oberrhein()
    ours, _ = read(net)
    prepared = prepare(ours)
    found = screen(prepared, kw=6000, pf=0.9, limits=LIMITS)
    assert [c.is_fit for c in found] == sorted((c.is_fit for c in found), reverse=True)
    assert 20 < sum(c.is_fit for c in found) < len(found)
    pp.runpp(net)
    before = net.res_bus.vm_pu.copy()
    for c in [found[0], found[-1], found[len(found) // 2]]:
        bus = int(ours.buses.id[c.bus])
        loaded = copy.deepcopy(net)
        pp.create_load(loaded, bus, 6.0, 6.0 * np.tan(np.arccos(0.9)))
        pp.runpp(loaded)
        own = prepared.split.part[prepared.circuit.node[: len(net.bus)]] == c.section
        assert c.u_pu == pytest.approx(loaded.res_bus.vm_pu[bus], abs=1e-6)
        assert c.du_pu == pytest.approx(loaded.res_bus.vm_pu[bus] - before[bus], abs=1e-6)
        assert c.min_u_pu == pytest.approx(loaded.res_bus.vm_pu[own].min(), abs=1e-6)
        lines = loaded.res_line.loading_percent[loaded.line.from_bus.isin(net.bus.index[own]).to_numpy()]
        assert c.max_line_percent == pytest.approx(lines.max(), abs=1e-3)


def test_what_would_lift_a_limit_lifts_it() -> None:
    net = oberrhein()
    ours, _ = read(net)
    refused = [
        c for c in screen(prepare(ours), kw=9000, pf=0.95, limits=LIMITS) if c.binding == "line" and c.lift
    ]
    c = next(c for c in refused if c.lift and c.lift.kind == "line")
    assert c.lift and c.lift.unit == "A" and c.lift.needed > c.lift.present
    row = net.line.index == int(c.lift.element)
    net.line.loc[row, "max_i_ka"] = c.lift.needed * 1.001 / 1000
    again = next(d for d in screen(prepare(read(net)[0]), kw=9000, pf=0.95, limits=LIMITS) if d.bus == c.bus)
    assert again.is_fit or (again.lift and again.lift.element != c.lift.element)


def test_dual_supply_prefers_different_substations() -> None:
    ours, _ = read(oberrhein())
    prepared = prepare(ours)
    found = pairs(prepared, screen(prepared, kw=800, pf=0.95, limits=LIMITS))
    assert found and found[0].apart == "substation"
    assert all(pair.first.is_fit and pair.second.is_fit for pair in found)
    alone = screen(prepared, kw=800, pf=0.95, limits=LIMITS, buses=[c for c in range(60)])
    one = [c for c in alone if c.section == alone[0].section]
    inside = pairs(prepared, one)
    assert {pair.apart for pair in inside} == {"feeder"}
    assert all(pair.first.feeder != pair.second.feeder for pair in inside)


def test_dual_supply_answers_for_the_bus_that_was_asked() -> None:
    """Pairs of that bus alone, at its voltage; every other bus gave the same three pairs of busbars."""
    net = copy.deepcopy(town())
    net.load["scaling"] *= 0.4
    ours, _ = read(net)
    prepared = prepare(ours)
    for bus, kv in ((29, 10.0), (12, 0.4)):
        everywhere = screen(prepared, kw=60, pf=0.95, limits=LIMITS)
        found = pairs(prepared, everywhere, bus=bus)
        assert found and all(pair.first.bus == bus for pair in found)
        assert {float(ours.buses.kv[pair.second.bus]) for pair in found} == {kv}
        assert all(pair.first.feeder != pair.second.feeder for pair in found)
    too_much = screen(prepared, kw=60_000, pf=0.95, limits=LIMITS)
    assert pairs(prepared, too_much, bus=29) == []


def test_a_voltage_that_stays_above_the_band_is_said() -> None:
    """A load can only lower it, so the power fits; the customer would get a voltage out of band all the same."""
    net = copy.deepcopy(town())
    net.load["scaling"] *= 0.1
    net.ext_grid["vm_pu"] = 1.09
    ours, _ = read(net)
    (here,) = screen(prepare(ours), kw=20, pf=0.95, limits=LIMITS, buses=[12])
    assert here.is_fit and here.is_high and here.u_pu > 1.07
    net.ext_grid["vm_pu"] = 1.0
    (here,) = screen(prepare(read(net)[0]), kw=20, pf=0.95, limits=LIMITS, buses=[12])
    assert here.is_fit and not here.is_high


def over_loaded_town() -> Any:
    """One village transformer at more than 80 %, and a tie between the ends of two feeders."""
    net = copy.deepcopy(town())
    net.load["scaling"] *= 0.4
    low = net.trafo.lv_bus.iat[2]
    pp.create_load(net, low, 0.45, 0.1)
    heads = net.trafo.hv_bus.iloc[[4, 8]].tolist()
    tie = pp.create_line(net, *heads, 0.5, "NA2XS2Y 1x150 RM/25 6/10 kV")
    pp.create_switch(net, heads[0], tie, "l", closed=False)
    return net


def test_what_is_broken_elsewhere_is_neither_a_remedy_nor_a_reason_against_a_transfer() -> None:
    net = over_loaded_town()
    ours, _ = read(net)
    prepared = prepare(ours)
    low = int(net.trafo.lv_bus.iat[2])
    found = {c.bus: c for c in screen(prepared, kw=300, pf=0.95, limits=LIMITS)}
    assert found[low].lift and (found[low].lift.kind, found[low].lift.element) == ("transformer", "2")
    assert not found[low].is_fit and found[int(net.trafo.hv_bus.iat[7])].is_fit
    lifts = {c.lift.element for c in found.values() if c.lift and c.bus != low and c.binding != "base"}
    assert "2" not in lifts
    moved = transfers(prepared, bus=int(net.trafo.hv_bus.iat[3]), kw=100, pf=0.95, limits=LIMITS)
    assert moved and all(t.worst is None or t.worst.element != "2" for t in moved)


def test_a_transfer_is_what_pandapower_finds_after_the_same_switching() -> None:
    net = oberrhein()
    ours, _ = read(net)
    prepared = prepare(ours)
    place = ours.buses.id.index("147")
    bus = 147
    found = transfers(prepared, bus=place, kw=500, pf=0.95, limits=LIMITS)
    assert len(found) >= 2 and any(t.is_fit for t in found)
    graph = pp.topology.create_nxgraph(net)
    roots = set(net.ext_grid.bus)
    head = next(
        k for k in net.line.index
        if not roots & set(pp.topology.connected_component(without(net, k), bus)) and is_head(net, k)
    )  # fmt: skip
    assert graph.has_node(bus)
    for t in found:
        assert t.tie[0] == "line"
        switched = copy.deepcopy(net)
        switched.line.loc[head, "in_service"] = False
        tie = (switched.switch.et == "l") & (switched.switch.element == int(t.tie[1]))
        switched.switch.loc[tie, "closed"] = True
        pp.create_load(switched, bus, 0.5, 0.5 * LIMITS.tan_phi)
        pp.runpp(switched)
        assert t.u_pu == pytest.approx(switched.res_bus.vm_pu[bus], abs=1e-6)


def without(net: Any, line: int) -> Any:
    """The graph of the network with one line out."""
    cut = copy.copy(net)
    cut["line"] = net.line.copy()
    cut.line.loc[line, "in_service"] = False
    return pp.topology.create_nxgraph(cut)


def is_head(net: Any, line: int) -> bool:
    """Whether a line leaves the busbar below an HV/MV transformer."""
    bars = set(net.trafo.lv_bus)
    return bool(bars & {net.line.from_bus[line], net.line.to_bus[line]})
