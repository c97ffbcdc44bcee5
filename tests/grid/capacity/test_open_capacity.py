"""Open capacity: the same as an independent pandapower loop, whatever binds; what must not be answered says why."""

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pandapower as pp
import pytest

from jiedian.grid.circuit.calc.circuit import circuit_of
from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.circuit.calc.sections import Mesh, Section, split
from jiedian.grid.kernel.calc.capacity import open_capacity, prepare, with_demand
from jiedian.grid.kernel.calc.powerflow import Flow
from jiedian.grid.kernel.calc.prepared import Capacity, CapacityLimits
from jiedian.grid.readers.calc.pandapower import read
from tests.grid.grids import RADIAL, network, pandapower_net
from tests.grid.loop import lies_within, measured_kw

LIMITS = CapacityLimits()


def lighter(name: str, scale: float) -> Any:
    net = copy.deepcopy(pandapower_net(name))
    net.load["scaling"] *= scale
    return net


def kw_at(answer: Capacity, network: Network, bus: int) -> float:
    return float(answer.capacity_kw[[network.buses.id[b] for b in answer.bus].index(str(bus))])


@pytest.mark.parametrize("name", RADIAL)
def test_the_sweep_agrees_with_power_grid_model(name: str) -> None:
    """Pitfalls 4 and 5 are inside: open lines stay charged, twin transformers are one branch."""
    circuit = circuit_of(network(name), transformer_model="pi")
    exact = np.abs(Flow(circuit).solve(tolerance=1e-10))
    prepared = prepare(network(name), transformer_model="pi")
    sections = [k for k, part in enumerate(prepared.split.parts) if isinstance(part, Section)]
    assert sections
    for k in sections:
        section = prepared.tree(k).section
        ours = np.abs(prepared.base(k).v[0]) / section.scale
        assert np.abs(ours - exact[section.nodes]).max() < 1e-7


@pytest.mark.parametrize(
    ("name", "scale", "limits", "direction"),
    [
        ("mv_oberrhein", 0.4, LIMITS, "load"),
        ("mv_oberrhein", 0.4, LIMITS, "generation"),
        ("create_cigre_network_lv", 0.5, LIMITS, "load"),
        ("create_kerber_dorfnetz", 0.4, LIMITS, "load"),
        ("create_kerber_dorfnetz", 0.4, LIMITS, "generation"),
        ("case33bw", 1.0, replace(LIMITS, vmin_pu=0.88, pf=0.9), "load"),
    ],
)
def test_it_is_what_pandapower_measures(
    name: str, scale: float, limits: CapacityLimits, direction: Any
) -> None:
    net = lighter(name, scale)
    ours, _ = read(net)
    answer = open_capacity(prepare(ours), limits=limits, direction=direction)
    known = np.flatnonzero(answer.capacity_kw > 0)
    for k in np.random.default_rng(7).choice(known, 1, replace=False):
        bus = int(ours.buses.id[answer.bus[k]])
        assert answer.capacity_kw[k] == pytest.approx(measured_kw(net, bus, limits, direction), abs=1.0)


@pytest.mark.parametrize("direction", ["load", "generation"])
@pytest.mark.parametrize(
    ("name", "scale", "vmin_pu"),
    [
        ("mv_oberrhein", 0.4, 0.93),
        ("create_cigre_network_mv", 0.3, 0.9),
        ("create_cigre_network_lv", 0.5, 0.93),
        ("create_kerber_landnetz_freileitung_1", 0.5, 0.93),
        ("create_kerber_dorfnetz", 0.4, 0.93),
        ("case33bw", 1.0, 0.88),
        ("simple_mv_open_ring_net", 1.0, 0.93),
        ("lv_schutterwald", 0.2, 0.93),
    ],
)
def test_twenty_buses_of_every_network_lie_within_one_kw(
    name: str, scale: float, vmin_pu: float, direction: Any
) -> None:
    net, limits = lighter(name, scale), replace(LIMITS, vmin_pu=vmin_pu)
    ours, _ = read(net)
    answer = open_capacity(prepare(ours), limits=limits, direction=direction)
    known = np.flatnonzero(answer.capacity_kw > 0)
    assert len(known)
    chosen = np.random.default_rng(11).choice(known, min(20, len(known)), replace=False)
    for k in chosen:
        bus, kw = int(ours.buses.id[answer.bus[k]]), float(answer.capacity_kw[k])
        assert lies_within(net, bus, kw, limits, direction, within_kw=1.0), (bus, kw, answer.binding[k])


def test_a_meshed_grid_is_solved_by_power_grid_model_and_says_so() -> None:
    net = lighter("simple_mv_open_ring_net", 1.0)
    net.switch["closed"] = True
    ours, _ = read(net)
    answer = open_capacity(prepare(ours), limits=LIMITS)
    assert answer.is_meshed
    for bus in (2, 5):
        assert kw_at(answer, ours, bus) == pytest.approx(measured_kw(net, bus, LIMITS), abs=1.0)


def test_twin_transformers_with_different_taps_are_a_mesh() -> None:
    net = lighter("mv_oberrhein", 0.4)
    twin = pp.create_transformer(
        net, net.trafo.hv_bus.iat[0], net.trafo.lv_bus.iat[0], net.trafo.std_type.iat[0]
    )
    for column in (
        "tap_side",
        "tap_neutral",
        "tap_step_percent",
        "tap_changer_type",
        "tap_pos",
        "vk_percent",
    ):
        net.trafo.loc[twin, column] = net.trafo[column].iat[0]
    equal = prepare(read(net)[0])
    assert all(isinstance(part, Section) for part in equal.split.parts)
    net.trafo.loc[twin, "tap_pos"] += 1
    assert any(isinstance(part, Mesh) for part in prepare(read(net)[0]).split.parts)


def test_twin_transformers_of_different_size_share_by_impedance() -> None:
    net = lighter("create_kerber_dorfnetz", 0.4)
    old = net.trafo.iloc[0]
    twin = pp.create_transformer(net, old.hv_bus, old.lv_bus, "0.25 MVA 20/0.4 kV")
    net.trafo.loc[twin, ["vn_hv_kv", "vn_lv_kv"]] = [old.vn_hv_kv, old.vn_lv_kv]
    ours, _ = read(net)
    answer = open_capacity(prepare(ours), limits=LIMITS)
    assert not answer.is_meshed
    bus = int(old.lv_bus)
    assert kw_at(answer, ours, bus) == pytest.approx(measured_kw(net, bus, LIMITS), abs=1.0)


def test_one_section_over_its_limit_does_not_zero_the_others() -> None:
    ours = network("mv_oberrhein")
    answer = open_capacity(prepare(ours), limits=LIMITS)
    (broken,) = answer.violations
    assert broken.kind == "transformer" and broken.margin < 0
    base = np.array([b == "base" for b in answer.binding])
    assert base.sum() == 108
    assert (answer.capacity_kw[base] == 0).all() and (answer.capacity_kw[~base] > 0).all()
    assert {e for e, b in zip(answer.element, answer.binding, strict=True) if b == "base"} == {broken.element}


def test_an_unsolvable_state_is_never_a_capacity() -> None:
    """Pitfall 2: a flow that failed must not look feasible."""
    net = lighter("create_kerber_dorfnetz", 60.0)
    ours, _ = read(net)
    answer = open_capacity(prepare(ours), limits=LIMITS)
    below = [b for b in answer.binding if b != "source"]
    assert set(below) == {"unsolved"} and np.isnan(answer.capacity_kw).all()
    flow = Flow(circuit_of(network("create_kerber_dorfnetz")))
    v = flow.probe(np.array([5, 5]), np.array([0.001 + 0j, 500 + 0j]))
    assert np.isfinite(v[0]).all() and np.isnan(v[1]).all()


def test_loading_is_by_current_not_by_power() -> None:
    """Pitfall 3: at a low voltage the current reaches the rating before the apparent power does."""
    net = lighter("create_kerber_dorfnetz", 0.1)
    net.ext_grid["vm_pu"] = 0.95
    ours, _ = read(net)
    limits = replace(LIMITS, vmin_pu=0.8, line_percent=1000)
    answer = open_capacity(prepare(ours), limits=limits)
    bus = int(net.trafo.lv_bus.iat[0])
    kw = kw_at(answer, ours, bus)
    assert kw == pytest.approx(measured_kw(net, bus, limits), abs=1.0)
    drawn = complex(
        net.load.p_mw.sum() * 0.1 + kw / 1000, net.load.q_mvar.sum() * 0.1 + kw / 1000 * limits.tan_phi
    )
    assert abs(drawn) < 0.8 * net.trafo.sn_mva.iat[0] * 0.97


def test_lv_buses_can_have_a_wider_limit() -> None:
    ours, _ = read(lighter("create_cigre_network_lv", 0.5))
    narrow = open_capacity(prepare(ours), limits=LIMITS)
    wide = open_capacity(prepare(ours), limits=replace(LIMITS, lv_vmin_pu=0.90))
    by_voltage = [b == "voltage" for b in narrow.binding]
    assert (wide.capacity_kw[by_voltage] > narrow.capacity_kw[by_voltage]).all()


def test_a_reservation_touches_only_its_section() -> None:
    ours, _ = read(lighter("mv_oberrhein", 0.4))
    before = prepare(ours)
    first = open_capacity(before, limits=LIMITS)
    bus = int(first.bus[5])
    after = with_demand(before, bus, p_kw=1000, q_kvar=300)
    again = open_capacity(after, limits=LIMITS)
    same = before.split.part[before.circuit.node[first.bus]] != before.part_of(bus)
    assert (first.capacity_kw[same] == again.capacity_kw[same]).all()
    assert (first.capacity_kw[~same] - again.capacity_kw[~same] > 0).all()
    assert again.capacity_kw[5] == pytest.approx(first.capacity_kw[5] - 1000, abs=60)
    net = lighter("mv_oberrhein", 0.4)
    pp.create_load(net, int(ours.buses.id[bus]), 1.0, 0.3)
    fresh = open_capacity(prepare(read(net)[0]), limits=LIMITS)
    assert np.abs(fresh.capacity_kw - again.capacity_kw).max() < 0.01


def test_what_cannot_be_answered_says_why() -> None:
    net = lighter("create_kerber_dorfnetz", 0.4)
    island = pp.create_bus(net, 0.4)
    ours, _ = read(net)
    answer = open_capacity(prepare(ours), limits=LIMITS)
    by_bus = {ours.buses.id[b]: (answer.capacity_kw[k], answer.binding[k]) for k, b in enumerate(answer.bus)}
    assert by_bus[str(island)][1] == "unsupplied" and np.isnan(by_bus[str(island)][0])
    assert by_bus[str(net.ext_grid.bus.iat[0])][1] == "source"
    net.line.loc[net.line.index[3], "length_km"] = float("nan")
    ours, findings = read(net)
    assert "grid.bad_line" in {f.code for f in findings}
    answer = open_capacity(prepare(ours), limits=LIMITS)
    assert {b for b in answer.binding} == {"data", "unsupplied", "source"}


def test_two_sources_on_one_grid_are_a_mesh_and_no_source_is_no_supply() -> None:
    net = lighter("simple_mv_open_ring_net", 1.0)
    pp.create_ext_grid(net, net.bus.index[-1], vm_pu=1.0)
    answer = open_capacity(prepare(read(net)[0]), limits=LIMITS)
    assert answer.is_meshed and np.isfinite(answer.capacity_kw).any()
    net.ext_grid["in_service"] = False
    answer = open_capacity(prepare(read(net)[0]), limits=LIMITS)
    assert set(answer.binding) == {"unsupplied"}


def test_a_line_without_impedance_joins_its_ends() -> None:
    net = lighter("create_kerber_dorfnetz", 0.4)
    net.line.loc[net.line.index[10], ["r_ohm_per_km", "x_ohm_per_km"]] = 0.0
    ours, _ = read(net)
    prepared = prepare(ours)
    a, b = int(net.line.from_bus.iat[10]), int(net.line.to_bus.iat[10])
    answer = open_capacity(prepared, limits=LIMITS)
    assert kw_at(answer, ours, a) == kw_at(answer, ours, b) > 0


def test_the_split_names_every_node_once() -> None:
    found = split(circuit_of(network("lv_schutterwald")))
    own = np.concatenate(
        [p.nodes[1:] if isinstance(p, Section) else p.nodes[: p.size - len(p.held)] for p in found.parts]
    )
    assert len(own) == len(np.unique(own)) == (found.part >= 0).sum()
