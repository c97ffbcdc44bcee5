"""接入线: what is seen at a customer's end is what pandapower finds with the line built; the most it carries likewise."""

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pandapower as pp
import pytest

from jiedian.grid.capacity.calc.serviceline import ServiceFlow, ServiceLine, served
from jiedian.grid.kernel.calc.capacity import prepare
from jiedian.grid.kernel.calc.prepared import CapacityLimits
from jiedian.grid.readers.calc.pandapower import read
from tests.grid.grids import pandapower_net
from tests.grid.loop import lies_within

LIMITS = CapacityLimits()


def lighter(name: str, scale: float) -> Any:
    net = copy.deepcopy(pandapower_net(name))
    net.load["scaling"] *= scale
    return net


def built(net: Any, line: ServiceLine, bus: int, *, loop: float = 1.0) -> tuple[Any, int]:
    """The network with the line built, and the bus at its end."""
    net = copy.deepcopy(net)
    end = pp.create_bus(net, net.bus.vn_kv[bus])
    omega = 2 * np.pi * net.f_hz
    rated = line.rated_a / 1000 if np.isfinite(line.rated_a) else 99.0
    pp.create_line_from_parameters(
        net,
        bus,
        end,
        1.0,
        loop * max(line.r_ohm, 1e-7),
        loop * max(line.x_ohm, 1e-9),
        line.b_us * 1e-6 / omega * 1e9,
        rated,
    )
    return net, end


def seen(net: Any, line: ServiceLine, bus: int, sense: float, limits: CapacityLimits) -> tuple[float, float]:
    net, end = built(net, line, bus)
    mw = sense * line.kw / 1000
    pp.create_load(net, end, mw, mw * limits.tan_phi)
    pp.runpp(net, tolerance_mva=1e-9)
    return float(net.res_bus.vm_pu[end]), float(net.res_line.loading_percent.iat[-1])


KINDS = [
    ("mv_oberrhein", 0.4, False, (0.9, 1.1, 0.0, 250.0, 900.0)),
    ("mv_oberrhein", 0.4, False, (0.6, 0.5, 420.0, 250.0, 900.0)),
    ("create_cigre_network_lv", 0.5, False, (0.09, 0.03, 0.0, 120.0, 12.0)),
    ("create_kerber_dorfnetz", 0.4, False, (1e-4, 1e-4, 0.0, 400.0, 5.0)),
    ("simple_mv_open_ring_net", 1.0, True, (0.4, 0.3, 0.0, 200.0, 300.0)),
    ("simple_mv_open_ring_net", 1.0, True, (0.4, 0.3, 150.0, 200.0, 300.0)),
]


@pytest.mark.parametrize("direction", ["load", "generation"])
@pytest.mark.parametrize(("name", "scale", "is_ring", "values"), KINDS)
def test_the_end_of_the_line_is_what_pandapower_finds(
    name: str, scale: float, is_ring: bool, values: tuple[float, ...], direction: Any
) -> None:
    net = lighter(name, scale)
    if is_ring:
        net.switch["closed"] = True
    ours, _ = read(net)
    r, x, b, rated, kw = values
    prepared, sense = prepare(ours), 1.0 if direction == "load" else -1.0
    buses = np.random.default_rng(5).choice(net.bus.index[net.bus.vn_kv < 60], 4, replace=False).tolist()
    lines = [ServiceLine(ours.buses.id.index(str(bus)), r, x, kw, b, rated) for bus in buses]
    for bus, line, flow in zip(
        buses, lines, served(prepared, lines, limits=LIMITS, direction=direction), strict=True
    ):
        u, loading = seen(net, line, bus, sense, LIMITS)
        assert flow.u_pu == pytest.approx(u, abs=1e-6)
        assert flow.loading_percent == pytest.approx(loading, abs=1e-3)
        assert flow.drop_percent == pytest.approx((flow.u_bus_pu - flow.u_pu) * 100)
        if flow.capacity_kw > 0 and np.isfinite(flow.capacity_kw):
            longer, end = built(net, line, bus)
            assert lies_within(longer, end, flow.capacity_kw, LIMITS, direction, within_kw=1.0), (bus, flow)
        assert flow.is_fit == (flow.capacity_kw >= kw)


def two_poles() -> Any:
    """A 400 kVA village transformer with a pole 100 m away."""
    net = pp.create_empty_network()
    mv, lv, pole = pp.create_bus(net, 10.0), pp.create_bus(net, 0.4), pp.create_bus(net, 0.4)
    pp.create_ext_grid(net, mv, vm_pu=1.0)
    pp.create_transformer(net, mv, lv, "0.4 MVA 10/0.4 kV")
    pp.create_line(net, lv, pole, 0.1, "NAYY 4x150 SE")
    pp.create_load(net, pole, 0.03, 0.01)
    return net


def one(net: Any, line: ServiceLine, **more: Any) -> ServiceFlow:
    return served(prepare(read(net)[0]), [line], limits=LIMITS, **more)[0]


def test_sixty_kilowatts_over_five_and_a_half_kilometres_have_no_solution() -> None:
    """LGJ-120: 1.5 + j1.9 ohm. The voltage collapses at about 17 kW and leaves the band long before."""
    flow = one(two_poles(), ServiceLine(2, 1.5, 1.9, 57.0))
    assert not flow.is_solved and not flow.is_fit and np.isnan(flow.u_pu)
    assert 2 < flow.capacity_kw < 17 and (flow.binding, flow.element) == ("voltage", "@")


def test_a_single_phase_customer_is_judged_by_his_phase() -> None:
    """The current goes out and comes back, and the phase sees all of it: 8 kW at 220 V are 36 A, not 12."""
    line = ServiceLine(2, 0.1, 0.03, 8.0, rated_a=60.0, is_single_phase=True)
    limits = replace(LIMITS, pf=1.0)
    flow = served(prepare(read(two_poles())[0]), [line], limits=limits)[0]
    net, end = built(two_poles(), line, 2, loop=2.0)
    pp.create_load(net, end, 0.024, 0.0)
    pp.runpp(net)
    assert flow.u_pu == pytest.approx(net.res_bus.vm_pu[end], abs=1e-6)
    assert flow.amps == pytest.approx(8000 / (flow.u_pu * 400 / np.sqrt(3)), rel=1e-6)
    assert flow.loading_percent == pytest.approx(flow.amps / 60 * 100)
    wide = served(prepare(read(two_poles())[0]), [replace(line, rated_a=1e3)], limits=limits)[0]
    three = served(
        prepare(read(two_poles())[0]), [replace(line, rated_a=1e3, is_single_phase=False)], limits=limits
    )[0]
    assert wide.binding == "voltage" and wide.capacity_kw < three.capacity_kw / 3
    net.load.loc[net.load.index[-1], "p_mw"] = wide.capacity_kw * 3 / 1000
    pp.runpp(net)
    assert net.res_bus.vm_pu[end] == pytest.approx(0.90, abs=1e-3)


def test_a_line_from_the_busbar_of_a_source_is_its_own_section() -> None:
    flow = one(two_poles(), ServiceLine(0, 2.0, 2.0, 1000.0, rated_a=400.0))
    net, end = built(two_poles(), ServiceLine(0, 2.0, 2.0, 1000.0), 0)
    pp.create_load(net, end, 1.0, LIMITS.tan_phi)
    pp.runpp(net)
    assert flow.u_pu == pytest.approx(net.res_bus.vm_pu[end], abs=1e-6)
    assert flow.is_fit and flow.element == "@"


def test_what_cannot_be_calculated_says_why_and_bad_values_are_refused() -> None:
    net = two_poles()
    island = pp.create_bus(net, 0.4)
    flow = one(net, ServiceLine(int(island), 0.1, 0.1, 5.0))
    assert flow.binding == "unsupplied" and np.isnan(flow.capacity_kw) and not flow.is_fit
    assert served(prepare(read(net)[0]), [], limits=LIMITS) == []
    for line in (
        ServiceLine(2, -0.1, 0.1, 5.0),
        ServiceLine(2, 0.1, float("nan"), 5.0),
        ServiceLine(2, 0.1, 0.1, -5.0),
    ):
        with pytest.raises(ValueError):
            one(net, line)


def test_many_lines_at_once_are_what_each_is_alone() -> None:
    ours, _ = read(lighter("lv_schutterwald", 0.2))
    prepared = prepare(ours)
    buses = np.flatnonzero(prepared.split.part[prepared.circuit.node] >= 0)[::60][:40].tolist()
    lines = [ServiceLine(bus, 0.1, 0.05, 10.0, is_single_phase=k % 3 == 0) for k, bus in enumerate(buses)]
    together = served(prepared, lines, limits=LIMITS)
    for k in (0, 1, 17, 39):
        alone = served(prepared, [lines[k]], limits=LIMITS)[0]
        assert alone.u_pu == pytest.approx(together[k].u_pu, abs=1e-9)
        assert alone.capacity_kw == pytest.approx(together[k].capacity_kw, abs=0.5)
        assert (alone.binding, alone.element) == (together[k].binding, together[k].element)
