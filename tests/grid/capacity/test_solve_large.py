"""What makes it fast gives the same numbers: two levels, many states, the closed form as a start only."""

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedian.grid.kernel.calc import twolevel
from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
from jiedian.grid.kernel.calc.lanes import Tree
from jiedian.grid.kernel.calc.manystates import brute_force, solve_states
from jiedian.grid.kernel.calc.prepared import CapacityLimits, Direction, bounds_of
from jiedian.grid.readers.calc.pandapower import read
from tests.grid.grids import network, pandapower_net, town
from tests.grid.loop import measured_kw

LIMITS = CapacityLimits()


@pytest.mark.parametrize("direction", ["load", "generation"])
def test_two_levels_give_what_one_tree_gives(direction: Direction, monkeypatch: Any) -> None:
    ours, _ = read(town())
    two = open_capacity(prepare(ours), limits=LIMITS, direction=direction)
    monkeypatch.setattr(twolevel, "SMALL", 10**9)
    one = open_capacity(prepare(ours), limits=LIMITS, direction=direction)
    known = np.isfinite(one.capacity_kw)
    assert known.sum() > 300 and (one.capacity_kw[known] > 0).all()
    assert np.abs(two.capacity_kw - one.capacity_kw)[known].max() < 0.6
    assert two.binding == one.binding and two.element == one.element


def test_an_lv_grid_elsewhere_that_binds_is_named_and_exact(monkeypatch: Any) -> None:
    """The polish: one LV grid is so close to its limit that it bounds the whole feeder."""
    net = copy.deepcopy(town())
    net.ext_grid["vm_pu"] = 0.969
    ours, _ = read(net)
    two = open_capacity(prepare(ours), limits=LIMITS)
    monkeypatch.setattr(twolevel, "SMALL", 10**9)
    one = open_capacity(prepare(ours), limits=LIMITS)
    known = np.isfinite(one.capacity_kw)
    assert not one.violations
    assert np.abs(two.capacity_kw - one.capacity_kw)[known].max() < 0.6
    assert two.element == one.element
    k = next(
        i for i, (kind, name) in enumerate(zip(two.binding, two.element, strict=True))
        if kind == "voltage" and ours.buses.kv[ours.buses.id.index(name)] < 1 < ours.buses.kv[two.bus[i]]
    )  # fmt: skip
    bus = int(ours.buses.id[two.bus[k]])
    assert two.capacity_kw[k] == pytest.approx(measured_kw(net, bus, LIMITS), abs=1.0)


def states_of(tree: Tree, count: int, seed: int) -> Any:
    """States with a daily course, sun and noise."""
    draw = np.random.default_rng(seed)
    course = 0.45 + 0.35 * np.sin(np.linspace(0, 20 * np.pi, count))[:, None]
    own = tree.section.demand[None] * course * draw.lognormal(0, 0.25, (count, tree.section.size))
    sun = np.maximum(np.sin(np.linspace(0, 20 * np.pi, count) + 1), 0)[:, None]
    return own - 0.8 * sun * tree.section.demand.real[None]


@pytest.mark.parametrize("direction", ["load", "generation"])
def test_many_states_screened_are_the_same_as_all_of_them(direction: Direction) -> None:
    prepared = prepare(network("create_cigre_network_lv"))
    limits = CapacityLimits(tolerance_kw=0.01)
    for part in range(3):
        tree = prepared.tree(part)
        base = tree.base(states_of(tree, 600, part))
        bounds = bounds_of(prepared.circuit, tree.section, limits, direction)
        at = np.arange(1, tree.section.size)
        quick = solve_states(tree, base, bounds, at, tolerance=1e-5)
        every = brute_force(tree, base, bounds, at, tolerance=1e-5)
        assert np.abs(quick[0] - every[0]).max() * 1000 < 0.05
        assert quick[3].sum() < every[2].sum() / 4


def test_states_replace_the_networks_own_powers() -> None:
    net = copy.deepcopy(pandapower_net("create_cigre_network_lv"))
    ours, _ = read(net)
    drawn = np.zeros((3, len(ours.buses.id)), np.complex128)
    for row, factor in enumerate((0.1, 0.5, 0.3)):
        np.add.at(drawn[row], ours.loads.bus, factor * (ours.loads.p_kw + 1j * ours.loads.q_kvar))
    many = open_capacity(prepare(ours), limits=LIMITS, states=drawn)
    net.load["scaling"] = 0.5
    one = open_capacity(prepare(read(net)[0]), limits=LIMITS)
    known = np.isfinite(one.capacity_kw)
    assert np.abs(many.capacity_kw - one.capacity_kw)[known].max() < 0.6
    assert set(many.state[known]) == {1}


@settings(max_examples=25, deadline=None)
@given(scale=st.floats(0.05, 0.8), pf=st.floats(0.7, 1.0), vmin=st.floats(0.88, 0.95))
def test_the_secant_is_the_largest_power_that_holds(scale: float, pf: float, vmin: float) -> None:
    """At the answer every limit holds to the tolerance, 2 kW above it one does not."""
    prepared = prepare(network("create_kerber_dorfnetz"))
    tree = prepared.tree(0)
    limits = CapacityLimits(pf=pf, vmin_pu=vmin)
    base = tree.base(tree.section.demand[None] * scale)
    bounds = bounds_of(prepared.circuit, tree.section, limits, "load")
    if min(m.min() for m in tree.margins(base, bounds)) < 0:
        return
    at = np.arange(1, tree.section.size)
    power, binding, _ = twolevel.solve_all(prepared, 0, base, bounds, at, tolerance=5e-4)
    for more, must_hold in ((-0.0005, True), (0.002, False)):
        demand = np.repeat(base.demand, len(at), axis=0)
        demand[np.arange(len(at)), at] += (power + more) * (1 + 1j * limits.tan_phi)
        volts, amps = tree.margins(tree.base(demand), bounds)
        worst = np.minimum(volts.min(axis=1), amps.min(axis=1))
        assert ((worst >= -1e-9) == must_hold).all()
    assert (binding >= 0).all()
