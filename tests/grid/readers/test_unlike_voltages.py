"""Lines, switches and sources between buses whose nominal voltages differ: ohms and volts count, in every reader."""

import copy
from typing import Any

import numpy as np
import pandapower as pp
import pytest

from jiedian.grid.circuit.calc.circuit import circuit_of
from jiedian.grid.circuit.calc.packing import as_json, from_json
from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
from jiedian.grid.kernel.calc.powerflow import Flow
from jiedian.grid.kernel.calc.prepared import CapacityLimits
from jiedian.grid.readers.calc.files import GridFile, read_file
from jiedian.grid.readers.calc.pandapower import read
from tests.grid.loop import measured_kw

LEVELS = [(10.5, 10.0), (0.4, 0.38), (21.0, 20.0), (400.0, 380.0), (38.5, 35.0)]


def feeder(bar: float, node: float, *, is_link: bool = False, is_ring: bool = False) -> Any:
    """A busbar of one nominal voltage, two nodes of another behind a short line or a switch; a capacitor at the last."""
    net = pp.create_empty_network()
    for kv in (110.0, bar, node, node):
        pp.create_bus(net, kv)
    pp.create_ext_grid(net, 0, vm_pu=1.0)
    pp.create_transformer_from_parameters(net, 0, 1, 40.0, 110.0, bar, 0.4, 10.5, 30.0, 0.1)
    ohms = node**2 / 100
    if is_link:
        pp.create_switch(net, 1, 2, et="b")
    else:
        pp.create_line_from_parameters(net, 1, 2, 0.01, 0.1 * ohms, 0.1 * ohms, 10 / ohms, 4.0)
    pp.create_line_from_parameters(net, 2, 3, 8.0, 0.27 * ohms, 0.35 * ohms, 200 / ohms, 4.0)
    if is_ring:
        pp.create_line_from_parameters(net, 3, 1, 9.0, 0.3 * ohms, 0.4 * ohms, 100 / ohms, 4.0)
    pp.create_load(net, 3, 1.0, 0.2)
    pp.create_shunt(net, 2, q_mvar=-0.3, vn_kv=node)
    return net


def on_one_base(net: Any) -> Any:
    """The same with one nominal voltage below the transformer: what pandapower solves rightly."""
    same = copy.deepcopy(net)
    same.bus.loc[1, "vn_kv"] = net.bus.vn_kv[3]
    pp.runpp(same)
    return same


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("how", ["line", "link", "ring"])
def test_ohms_and_volts_count(levels: tuple[float, float], how: str) -> None:
    net = feeder(*levels, is_link=how == "link", is_ring=how == "ring")
    network, findings = read(net)
    circuit = circuit_of(network)
    kv = np.abs(Flow(circuit).solve())[circuit.node] * circuit.kv[circuit.node]
    same = on_one_base(net)
    assert kv == pytest.approx((same.res_bus.vm_pu * same.bus.vn_kv).to_numpy(), rel=1e-9)
    assert {f.code for f in findings} == {"grid.pandapower_voltages"}


@pytest.mark.parametrize("is_link", [False, True])
def test_capacity_is_that_of_the_same_network_on_one_base(is_link: bool) -> None:
    net, limits = feeder(10.5, 10.0, is_link=is_link), CapacityLimits()
    answer = open_capacity(prepare(read(net)[0]), limits=limits)
    kw = answer.capacity_kw[list(answer.bus).index(3)]
    assert kw == pytest.approx(measured_kw(on_one_base(net), 3, limits), abs=1)


@pytest.mark.parametrize("levels", [(10.5, 10.0), (10.0, 10.5)])
def test_a_source_a_held_voltage_and_a_capacitor_keep_their_volts_behind_a_switch(levels: Any) -> None:
    net = pp.create_empty_network()
    for kv in (levels[0], levels[1], levels[1]):
        pp.create_bus(net, kv)
    pp.create_ext_grid(net, 0, vm_pu=1.0)
    pp.create_switch(net, 0, 1, et="b")
    pp.create_line_from_parameters(net, 1, 2, 3.0, 0.3, 0.3, 10.0, 0.4)
    pp.create_load(net, 2, 1.0, 0.1)
    pp.create_shunt(net, 0, q_mvar=-0.5)
    network = read(net)[0]
    circuit = circuit_of(network)
    kv = np.abs(Flow(circuit).solve())[circuit.node] * circuit.kv[circuit.node]
    assert kv[0] == kv[1] == pytest.approx(levels[0])
    assert abs(circuit.y[circuit.node[0]]) * levels[0] ** 2 / circuit.kv[circuit.node[0]] ** 2 == (
        pytest.approx(0.5, rel=1e-3)
    )


def tables(bar: str, node: str = "10") -> GridFile:
    parts = {
        "buses": f"id,kv\nH,110\nM,{bar}\nA,{node}\nB,{node}\n",
        "lines": "id,from_bus,to_bus,length_m,r_ohm_per_km,x_ohm_per_km,rated_a\n"
        "L1,M,A,10,0.1,0.1,400\nL2,A,B,8000,0.27,0.35,400\n",
        "transformers": "id,hv_bus,lv_bus,rated_kva,rated_hv_kv,rated_lv_kv,vk_percent,vkr_percent\n"
        "T1,H,M,40000,110,10.5,10.5,0.4\n",
        "loads": "id,bus,p_kw\nW1,B,1\n",
        "sources": "bus,vm_pu,va_deg\nH,1.0,0\n",
    }
    return read_file("net", [(f"{name}.csv", text.encode()) for name, text in parts.items()])


def test_tables_and_our_own_json_read_the_same() -> None:
    found = tables("10.5")
    assert found.network is not None
    assert found.findings == ()
    for network in (found.network, from_json(as_json(found.network))):
        answer = open_capacity(prepare(network), limits=CapacityLimits())
        assert answer.capacity_kw[list(answer.bus).index(3)] == pytest.approx(3395.4, abs=0.5)


def test_voltages_too_far_apart_are_said() -> None:
    assert {f.code for f in tables("6.3").findings} == {"grid.line_voltages", "grid.rated_voltages"}


def test_a_loop_on_one_bus_and_a_source_of_no_volts_are_said() -> None:
    net = feeder(10.0, 10.0)
    net.trafo.loc[0, "lv_bus"] = 0
    net.ext_grid["vm_pu"] = 0.0
    found = read_file("net.json", [("net.json", pp.to_json(net).encode())])
    assert {"grid.same_ends", "grid.no_held_voltage"} <= {f.code for f in found.findings}
