"""Taps that change impedance, ratio and phase: by table, by curve, two on one transformer; against pandapower's own flow."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandapower as pp
import pandas as pd
import pytest
from pandapower.control.util.characteristic import (
    Characteristic,
    LogSplineCharacteristic,
    SplineCharacteristic,
)

from jiedian.grid.circuit.calc.circuit import circuit_of
from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
from jiedian.grid.kernel.calc.powerflow import Flow
from jiedian.grid.kernel.calc.prepared import CapacityLimits
from jiedian.grid.readers.calc.pandapower import read
from tests.grid.loop import measured_kw

STEPS = (-2, 0, 4, 7)


def station() -> Any:
    """A 110/10 kV station on tap 4 with two kilometres of cable and a load."""
    net = pp.create_empty_network()
    for kv in (110.0, 10.0, 10.0):
        pp.create_bus(net, kv)
    pp.create_ext_grid(net, 0, vm_pu=1.02)
    pp.create_transformer(net, 0, 1, "25 MVA 110/10 kV", tap_pos=4)
    net.trafo.loc[0, "sn_mva"] = 6.3
    pp.create_line(net, 1, 2, 2.0, "NA2XS2Y 1x150 RM/25 6/10 kV")
    pp.create_load(net, 2, 2.0, 1.0)
    return net


def winding3(side: str, *, is_star: bool) -> Any:
    """A station of three windings with the tap on one side, at its terminal or at the star."""
    net = pp.create_empty_network()
    for kv in (110.0, 35.0, 10.0):
        pp.create_bus(net, kv)
    pp.create_ext_grid(net, 0)
    pp.create_transformer3w(net, 0, 1, 2, "63/25/38 MVA 110/20/10 kV", tap_pos=4)
    net.trafo3w.loc[0, ["vn_mv_kv", "tap_side", "tap_at_star_point"]] = [35.0, side, is_star]
    net.trafo3w["tap_changer_type"] = "Tabular"
    pp.create_load(net, 1, 9.0, 4.0)
    pp.create_load(net, 2, 12.0, 5.0)
    return net


def by_table(net: Any, element: str, values: dict[str, list[float]]) -> None:
    net["trafo_characteristic_table"] = pd.DataFrame({"id_characteristic": 3, "step": STEPS, **values})
    net[element]["tap_dependency_table"] = True
    net[element]["id_characteristic_table"] = 3


def by_curve(net: Any, element: str, curve: Any, *names: str) -> None:
    """As files of pandapower 2 have it: the column of the tables is not there."""
    net[element] = net[element].drop(columns=["tap_dependency_table", "id_characteristic_table"])
    net[element]["tap_dependent_impedance"] = True
    for name in names:
        net[element][f"{name}_characteristic"] = curve.index


def is_like_pandapower(net: Any) -> list[str]:
    """Compares the voltages from the file and from memory; the codes of what was found."""
    pp.runpp(net, calculate_voltage_angles=True)
    for source in (net, pp.to_json(net).encode()):
        network, findings = read(source)
        circuit = circuit_of(network)
        v = np.abs(Flow(circuit).solve())[circuit.node][: len(net.bus)]
        assert v == pytest.approx(net.res_bus.vm_pu.to_numpy(), abs=1e-8)
    return sorted(finding.code for finding in findings)


CURVES: dict[str, Callable[[Any], Any]] = {
    "straight": lambda net: Characteristic(net, [-9, 0, 9], [9.0, 12.0, 24.0]),
    "quadratic": lambda net: SplineCharacteristic(net, [-9, 0, 9], [9.0, 12.0, 24.0]),
    "cubic": lambda net: SplineCharacteristic(net, [-9, 0, 3, 9], [9.0, 12.0, 15.0, 24.0], kind="cubic"),
    "pchip": lambda net: SplineCharacteristic(net, [-9, 0, 9], [9.0, 12.0, 24.0], interpolator_kind="Pchip"),
    "logarithmic": lambda net: LogSplineCharacteristic(net, [1, 3, 9], [9.0, 12.0, 24.0]),
}


@pytest.mark.parametrize("kind", CURVES)
def test_an_impedance_follows_the_curve_of_its_tap(kind: str) -> None:
    net = station()
    by_curve(net, "trafo", CURVES[kind](net), "vk_percent")
    assert is_like_pandapower(net) == []
    plain = station()
    pp.runpp(plain)
    assert abs(net.res_bus.vm_pu[2] - plain.res_bus.vm_pu[2]) > 1e-3


@pytest.mark.parametrize("side", ["hv", "lv"])
def test_a_table_gives_ratio_phase_and_impedance_of_the_step(side: str) -> None:
    net = station()
    net.trafo["tap_side"] = side
    net.trafo["tap_changer_type"] = "Tabular"
    by_table(
        net, "trafo",
        {"voltage_ratio": [0.97, 1, 1.05, 1.1], "angle_deg": [-1.0, 0, 2.0, 3.5],
         "vk_percent": [11, 12, 14.5, 18], "vkr_percent": [0.4, 0.41, 0.5, 0.6]},
    )  # fmt: skip
    assert is_like_pandapower(net) == []


@pytest.mark.parametrize("is_star", [False, True])
@pytest.mark.parametrize("side", ["hv", "mv", "lv"])
def test_three_windings_follow_their_table_too(side: str, is_star: bool) -> None:
    net = winding3(side, is_star=is_star)
    pairs = {"hv": [9.0, 10, 13, 17], "mv": [9.5, 10, 12, 14], "lv": [9.0, 10, 11, 12]}
    by_table(
        net, "trafo3w",
        {"voltage_ratio": [0.97, 1, 1.05, 1.1], "angle_deg": [-1.0, 0, 2.0, 3.5]}
        | {f"vk_{name}_percent": values for name, values in pairs.items()}
        | {f"vkr_{name}_percent": [0.3, 0.3, 0.4, 0.5] for name in pairs},
    )  # fmt: skip
    assert is_like_pandapower(net) == []


def test_three_windings_follow_their_curves_too() -> None:
    net = winding3("hv", is_star=False)
    by_curve(net, "trafo3w", CURVES["quadratic"](net), "vk_hv_percent", "vk_lv_percent")
    assert is_like_pandapower(net) == ["grid.tap_ignored"]


@pytest.mark.parametrize("sides", [("hv", "lv"), ("lv", "lv"), ("hv", "hv")])
def test_a_second_tap_counts_as_the_first(sides: tuple[str, str]) -> None:
    net = station()
    net.trafo["tap_side"] = sides[0]
    columns = {"side": sides[1], "pos": 3, "neutral": 0, "step_percent": 1.0, "step_degree": 30.0}
    for name, value in {**columns, "changer_type": "Ratio"}.items():
        net.trafo[f"tap2_{name}"] = value
    assert is_like_pandapower(net) == []


def test_a_tap_without_its_neutral_is_neutral_and_said() -> None:
    net = station()
    net.trafo["tap_neutral"] = float("nan")
    assert is_like_pandapower(net) == ["grid.tap_neutral"]


def test_a_shunt_follows_the_table_of_its_steps() -> None:
    net = station()
    pp.create_shunt(net, 1, q_mvar=-0.5, p_mw=0.0, step=2, max_step=3)
    net["shunt_characteristic_table"] = pd.DataFrame(
        {"id_characteristic": 0, "step": [1, 2, 3], "q_mvar": [-0.5, -1.4, -2.5], "p_mw": [0.0, 0.01, 0.02]}
    )
    net.shunt["step_dependency_table"], net.shunt["id_characteristic_table"] = True, 0
    assert is_like_pandapower(net) == []


def test_capacity_is_that_of_the_impedance_at_the_tap() -> None:
    net = station()
    by_curve(net, "trafo", CURVES["quadratic"](net), "vk_percent")
    limits = CapacityLimits(vmin_pu=0.9)
    answer = open_capacity(prepare(read(net)[0]), limits=limits)
    assert answer.capacity_kw[list(answer.bus).index(2)] == pytest.approx(measured_kw(net, 2, limits), abs=1)


def changed(net: Any, change: Callable[[dict[str, Any]], None]) -> list[str]:
    """What is said of the file of a net when its characteristics are changed by hand."""
    file = json.loads(pp.to_json(net))
    change(file["_object"])
    return [finding.code for finding in read(json.dumps(file).encode())[1]]


def test_what_is_not_taken_over_of_a_tap_is_said() -> None:
    net = station()
    by_curve(net, "trafo", CURVES["quadratic"](net), "vk_percent")
    assert changed(net, lambda o: o.pop("characteristic")) == ["grid.tap_curve"]
    unknown = station()
    by_curve(unknown, "trafo", CURVES["quadratic"](unknown), "vk_percent")
    assert changed(unknown, lambda o: o.update(_renamed(o))) == ["grid.tap_curve"]
    net.trafo["tap_dependency_table"] = False
    assert [finding.code for finding in read(net)[1]] == ["grid.tap_curve_ignored"]
    tabled = station()
    by_table(tabled, "trafo", {"voltage_ratio": [1.0] * 4, "angle_deg": [0.0] * 4})
    assert {finding.code for finding in read(tabled)[1]} == {"grid.tap_table"}
    tabled.trafo["tap_pos"] = 1
    assert {finding.code for finding in read(tabled)[1]} == {"grid.tap_table"}
    plain = station()
    plain.trafo["tap_changer_type"] = "Tabular"
    assert [finding.code for finding in read(plain)[1]] == ["grid.tap_ignored"]


def _renamed(inner: dict[str, Any]) -> dict[str, Any]:
    words = json.dumps(inner["characteristic"]).replace("SplineCharacteristic", "os.system")
    return {"characteristic": json.loads(words)}
