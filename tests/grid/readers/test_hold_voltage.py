"""Given generators that hold a voltage, when power is added, then they go on holding it, as pandapower's do."""

import copy
from typing import Any

import numpy as np
import pandapower as pp
import pytest

from jiedian.grid.capacity.calc.screening import screen
from jiedian.grid.circuit.calc.packing import pack, unpack
from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
from jiedian.grid.kernel.calc.prepared import CapacityLimits
from jiedian.grid.readers.calc.pandapower import read
from tests.grid.grids import pandapower_net
from tests.grid.loop import measured_kw


def holding() -> Any:
    """A 20 kV network with two generators that keep a voltage, one beside the busbar and one far out."""
    net = copy.deepcopy(pandapower_net("simple_mv_open_ring_net"))
    net.load["scaling"] *= 0.5
    pp.create_gen(net, net.bus.index[3], p_mw=0.6, vm_pu=1.005)
    pp.create_gen(net, net.bus.index[6], p_mw=0.3, vm_pu=1.01)
    return net


@pytest.mark.parametrize("direction", ["load", "generation"])
def test_generators_keep_their_voltage_while_power_is_added(direction: Any) -> None:
    net, limits = holding(), CapacityLimits()
    network = read(net)[0]
    assert unpack(pack(network)).held_pu == network.held_pu == {"3": 1.005, "6": 1.01}
    answer = open_capacity(prepare(network), limits=limits, direction=direction)
    known = [k for k in range(len(answer.bus)) if np.isfinite(answer.capacity_kw[k])]
    assert len(known) == 6 and answer.is_meshed
    for k in known[::2]:
        bus = int(network.buses.id[answer.bus[k]])
        assert answer.capacity_kw[k] == pytest.approx(measured_kw(net, bus, limits, direction), abs=2)


def test_a_voltage_that_cannot_be_held_is_for_a_person() -> None:
    net = holding()
    net.gen["vm_pu"] = [0.6, 1.4]
    prepared = prepare(read(net)[0])
    assert "unsolved" in open_capacity(prepared, limits=CapacityLimits()).binding
    assert not any(
        c.is_fit for c in screen(prepared, kw=10, pf=0.95, limits=CapacityLimits()) if c.section >= 0
    )


@pytest.mark.parametrize("name", ["case39", "case118", "case300"])
def test_machines_that_hold_the_whole_grid_are_found_from_a_file_without_results(name: str) -> None:
    from jiedian.grid.circuit.calc.circuit import circuit_of
    from jiedian.grid.kernel.calc.powerflow import Flow

    net = copy.deepcopy(pandapower_net(name))
    pp.runpp(net, calculate_voltage_angles=True)
    expected = net.res_bus.vm_pu.to_numpy()
    net["res_gen"] = net.res_gen.iloc[0:0]
    circuit = circuit_of(read(net)[0])
    found = np.abs(Flow(circuit, is_holding=True).solve())[circuit.node]
    assert found[: len(expected)] == pytest.approx(expected, abs=1e-7)
