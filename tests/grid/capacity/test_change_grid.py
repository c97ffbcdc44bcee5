"""An element changed: the same as a network prepared anew, and the other sections are not touched."""

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jiedian.grid.circuit.calc import sections
from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.circuit.calc.sections import Mesh, Section
from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
from jiedian.grid.kernel.calc.change import with_line, with_transformer
from jiedian.grid.kernel.calc.prepared import CapacityLimits
from jiedian.grid.readers.calc.pandapower import read
from tests.grid.grids import pandapower_net

LIMITS = CapacityLimits()


def half_loaded(name: str) -> Network:
    net = copy.deepcopy(pandapower_net(name))
    net.load["scaling"] *= 0.4
    return read(net)[0]


@pytest.mark.parametrize("what", ["line", "transformer"])
def test_a_changed_element_is_as_if_prepared_anew(what: str) -> None:
    ours = half_loaded("mv_oberrhein")
    before = prepare(ours)
    first = open_capacity(before, limits=LIMITS)
    if what == "line":
        after = with_line(before, 4, r_ohm=0.01, rated_a=900.0)
    else:
        after = with_transformer(before, 0, rated_kva=63_000.0, vk_percent=14.0)
    answer, anew = (open_capacity(p, limits=LIMITS) for p in (after, prepare(after.network)))
    assert np.abs(answer.capacity_kw - anew.capacity_kw).max() < 1e-6
    kept = [k for k in range(2) if after.split.parts[k] is before.split.parts[k]]
    assert len(kept) == 1 and kept[0] in after.bases
    assert (answer.capacity_kw != first.capacity_kw).any()


def test_a_value_that_cannot_be_used_is_for_a_person() -> None:
    answer = open_capacity(
        with_line(prepare(half_loaded("mv_oberrhein")), 4, r_ohm=float("nan")), limits=LIMITS
    )
    assert "data" in answer.binding and np.isfinite(answer.capacity_kw).any()


def test_the_nominal_powers_of_all_loads_at_once_are_no_capacity() -> None:
    """Pitfall 9: such a state is over its limits, and that is what is said, with the element."""
    net = copy.deepcopy(pandapower_net("create_kerber_dorfnetz"))
    net.load["scaling"] *= 3
    answer = open_capacity(prepare(read(net)[0]), limits=LIMITS)
    assert answer.violations and not np.nan_to_num(answer.capacity_kw).any()


def meshed_above() -> Any:
    """Two busbars fed from a 110 kV ring, with a source."""
    import pandapower as pp

    net = pp.create_empty_network()
    ring = [pp.create_bus(net, 110.0) for _ in range(3)]
    pp.create_ext_grid(net, ring[0], vm_pu=1.02)
    for a, b in ((0, 1), (1, 2), (2, 0)):
        pp.create_line(net, ring[a], ring[b], 12.0, "149-AL1/24-ST1A 110.0")
    for hv in ring[1:]:
        last = pp.create_bus(net, 20.0)
        pp.create_transformer(net, hv, last, "25 MVA 110/20 kV")
        for _ in range(5):
            bus = pp.create_bus(net, 20.0)
            pp.create_line(net, last, bus, 2.0, "NA2XS2Y 1x240 RM/25 12/20 kV")
            pp.create_load(net, bus, 0.8, 0.2)
            last = bus
    return net


def test_a_large_meshed_grid_is_cut_at_its_busbars_and_says_so(monkeypatch: Any) -> None:
    """Pitfall 10: the upstream grid is solved by itself; small ones are solved whole, and the two nearly agree."""
    ours, _ = read(meshed_above())
    whole = prepare(ours)
    assert [type(part) for part in whole.split.parts] == [Mesh]
    exact = open_capacity(whole, limits=LIMITS)
    monkeypatch.setattr(sections, "WHOLE_LIMIT", 5)
    monkeypatch.setattr("jiedian.grid.kernel.calc.capacity.WHOLE_LIMIT", 5)
    cut = prepare(ours)
    assert [type(part) for part in cut.split.parts] == [Section, Section]
    held = open_capacity(cut, limits=LIMITS)
    assert held.is_upstream_held and not held.is_meshed and exact.is_meshed
    assert np.abs(held.capacity_kw / exact.capacity_kw - 1).max() < 0.03


@pytest.mark.parametrize("column", ["r_ohm", "x_ohm", "b_us"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e9])
def test_no_value_of_a_line_crashes_it(column: str, value: float) -> None:
    ours = half_loaded("create_kerber_dorfnetz")
    lines = ours.lines
    values = getattr(lines, column).copy()
    values[7] = value
    answer = open_capacity(prepare(replace(ours, lines=replace(lines, **{column: values}))), limits=LIMITS)
    assert set(answer.binding) <= {
        "data",
        "unsolved",
        "unsupplied",
        "source",
        "base",
        "voltage",
        "line",
        "transformer",
    }
    if value != value:
        assert "data" in answer.binding
