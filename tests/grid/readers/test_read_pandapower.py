"""The reader takes over what pandapower solves, and nothing in a file is ever run."""

import copy
import json
from typing import Any

import numpy as np
import pandapower as pp
import pytest

from jiedian.core.findings import Refused
from jiedian.grid.circuit.calc.circuit import circuit_of, currents
from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.kernel.calc.powerflow import Flow
from jiedian.grid.readers.calc.files import read_file
from jiedian.grid.readers.calc.pandapower import read
from tests.grid.grids import SMALL, pandapower_net


def agrees(net: Any, network: Network, model: str) -> tuple[float, float]:
    """The largest differences in voltage (pu) and loading (percentage points) to pandapower itself."""
    pp.runpp(net, trafo_model=model, tolerance_mva=1e-9)
    circuit = circuit_of(network, transformer_model=model)
    v = Flow(circuit).solve()
    ours = np.abs(v)[circuit.node[: len(net.bus)]]
    assert (np.isnan(ours) == net.res_bus.vm_pu.isna().to_numpy()).all()
    i, j = currents(circuit.branches, v)
    loading = np.maximum(np.abs(i) / circuit.branches.limit_from, np.abs(j) / circuit.branches.limit_to) * 100
    worst = 0.0
    for kind, table, ids in (
        (0, net.res_line, network.lines.id),
        (1, net.res_trafo, network.transformers.id),
    ):
        for k in np.flatnonzero(circuit.branches.kind == kind):
            name = ids[circuit.branches.element[k]]
            if name.isdecimal() and np.isfinite(table.loading_percent.get(int(name), np.nan)):
                worst = max(worst, abs(loading[k] - table.loading_percent[int(name)]))
    return float(np.nanmax(np.abs(ours - net.res_bus.vm_pu.to_numpy()))), worst


@pytest.mark.parametrize("name", SMALL)
def test_it_solves_to_the_same_voltages_and_loadings(name: str) -> None:
    net = copy.deepcopy(pandapower_net(name))
    network, findings = read(pp.to_json(net, None).encode(), name=name)
    assert not [f for f in findings if f.code != "grid.no_rating"]
    for model in ("pi", "t"):
        volts, percent = agrees(net, network, model)
        assert volts < 1e-8 and percent < 1e-5


def every_element() -> Any:
    """A small radial net with the rarer elements: taps on both sides, three windings, derating, shunts, impedances."""
    net = pp.create_empty_network(sn_mva=1.0)
    hv, mv, low, far, lv, aux = (pp.create_bus(net, kv) for kv in (110, 20, 10, 20, 0.4, 20))
    pp.create_ext_grid(net, hv, vm_pu=1.01)
    pp.create_transformer3w(net, hv, mv, low, "63/25/38 MVA 110/20/10 kV")
    net.trafo3w.loc[0, ["tap_pos", "tap_changer_type"]] = [3, "Ratio"]
    pp.create_line(net, mv, far, 4.0, "NA2XS2Y 1x240 RM/25 12/20 kV", parallel=2, df=0.8)
    pp.create_transformer(net, far, lv, "0.4 MVA 20/0.4 kV", parallel=2, tap_pos=2, df=0.9)
    net.trafo.loc[0, ["tap_changer_type", "tap_side"]] = ["Ratio", "lv"]
    pp.create_switch(net, far, aux, et="b", closed=True, z_ohm=0.5)
    pp.create_load(net, lv, 0.3, 0.1, scaling=0.8, const_z_p_percent=30, const_z_q_percent=30)
    pp.create_sgen(net, low, 2.0, 0.3)
    pp.create_shunt(net, mv, q_mvar=-1.0, step=2)
    pp.create_ward(net, aux, 0.1, 0.02, 0.3, 0.1)
    pp.create_impedance(net, far, pp.create_bus(net, 20), 0.01, 0.02, 5.0, gf_pu=0.01, bf_pu=0.2)
    pp.create_motor(net, lv, 0.05, 0.9, efficiency_percent=92, loading_percent=80)
    pp.create_storage(net, low, 0.4, 1.0)
    return net


def test_the_rarer_elements_are_taken_over() -> None:
    net = every_element()
    network, findings = read(pp.to_json(net, None).encode())
    assert findings == []
    volts, percent = agrees(net, network, "t")
    assert volts < 1e-8 and percent < 1e-5


@pytest.mark.parametrize("side", ["hv", "mv", "lv"])
def test_a_transformer_of_three_windings_is_loaded_as_its_terminals_are(side: str) -> None:
    net = every_element()
    net.trafo3w.loc[0, ["tap_side", "tap_pos"]] = [side, -6]
    pp.runpp(net, tolerance_mva=1e-9)
    circuit = circuit_of(read(net)[0])
    v = Flow(circuit).solve()
    i, j = currents(circuit.branches, v)
    percent = np.maximum(np.abs(i) / circuit.branches.limit_from, np.abs(j) / circuit.branches.limit_to) * 100
    arms = [circuit.network.transformers.id[e].startswith("0 ") for e in circuit.branches.element]
    worst = percent[(circuit.branches.kind == 1) & arms].max()
    assert worst == pytest.approx(net.res_trafo3w.loading_percent[0], abs=1e-5)


@pytest.mark.parametrize("degree", [0.0, 30.0, float("nan")])
@pytest.mark.parametrize("side", ["hv", "mv", "lv"])
def test_a_tap_at_the_star_is_that_of_pandapower(side: str, degree: float) -> None:
    net = every_element()
    columns = [
        "tap_side",
        "tap_pos",
        "tap_neutral",
        "tap_step_percent",
        "tap_step_degree",
        "tap_at_star_point",
    ]
    for column, value in zip(columns, [side, 3, 0, 1.5, degree, True], strict=True):
        net.trafo3w[column] = value
    network, findings = read(net)
    assert [f.code for f in findings] == (["grid.tap_star"] if degree != degree else [])
    volts, _ = agrees(net, network, "t")
    assert volts < 1e-8


def test_an_extended_ward_keeps_its_voltage_behind_its_impedance() -> None:
    net = pp.create_empty_network()
    a, b, c = (pp.create_bus(net, 20.0) for _ in range(3))
    pp.create_ext_grid(net, a, vm_pu=1.02)
    for start, end in ((a, b), (b, c)):
        pp.create_line(net, start, end, 3.0, "NA2XS2Y 1x240 RM/25 12/20 kV")
    pp.create_xward(net, c, 0.4, 0.1, 0.2, 0.05, 1.0, 5.0, 1.0)
    pp.create_xward(net, c, 0.4, 0.1, 0.2, 0.05, 1.0, 5.0, 1.0, in_service=False)
    network, findings = read(pp.to_json(net, None).encode())
    assert findings == [] and network.held_pu == {"xward 0": 1.0}
    pp.runpp(net, tolerance_mva=1e-9)
    circuit = circuit_of(network)
    v = np.abs(Flow(circuit, is_holding=True).solve())[circuit.node[:3]]
    assert v == pytest.approx(net.res_bus.vm_pu.to_numpy(), abs=1e-8)


def test_what_is_empty_or_uneven_is_never_taken_silently() -> None:
    net = every_element()
    net.load.loc[0, "q_mvar"] = net.line.loc[0, "c_nf_per_km"] = net.ext_grid.loc[0, "vm_pu"] = None
    net.impedance.loc[0, "bt_pu"] = 0.0
    net.line["from_bus"] = net.line["from_bus"].astype(float) + 0.5
    found = {(f.code, f.where) for f in read(pp.to_json(net, None).encode())[1]}
    assert found == {
        ("grid.guessed", "load.q_mvar = 0"),
        ("grid.guessed", "line.c_nf_per_km = 0"),
        ("grid.guessed", "ext_grid.vm_pu = 1"),
        ("grid.uneven_impedance", "impedance"),
        ("grid.no_such_bus", "line"),
    }


@pytest.mark.parametrize("many", [0, 2.5])
def test_a_number_of_units_that_is_none_is_for_a_person(many: float) -> None:
    net = every_element()
    net.trafo["parallel"] = many
    assert [f.code for f in read(net)[1]] == ["grid.bad_trafo"]


@pytest.mark.parametrize("dead", ["mv", "lv"])
def test_a_dead_bus_at_one_winding_leaves_the_others_their_voltage(dead: str) -> None:
    """The kind of pandapower#943: the whole transformer was left out, and the living side was an island."""
    net = pp.create_empty_network()
    hv, mv, low = (pp.create_bus(net, kv) for kv in (110, 20, 10))
    pp.create_ext_grid(net, hv, vm_pu=1.01)
    pp.create_transformer3w(net, hv, mv, low, "63/25/38 MVA 110/20/10 kV")
    for bus in (mv, low):
        pp.create_load(net, bus, 5.0, 1.0)
    net.bus.loc[net.trafo3w.loc[0, f"{dead}_bus"], "in_service"] = False
    network, _ = read(pp.to_json(net, None).encode())
    pp.runpp(net, tolerance_mva=1e-9)
    living = low if dead == "mv" else mv
    circuit = circuit_of(network)
    v = np.abs(Flow(circuit).solve())[circuit.node[living]]
    assert v == pytest.approx(net.res_bus.vm_pu[living], abs=1e-8)


def test_leakage_split_unevenly_is_said() -> None:
    net = every_element()
    net.trafo["leakage_resistance_ratio_hv"] = 0.3
    assert [f.code for f in read(net)[1]] == ["grid.uneven_leakage"]


def test_a_tap_counts_only_with_its_type() -> None:
    net = every_element()
    net.trafo["tap_changer_type"] = None
    network, findings = read(net)
    assert [f.code for f in findings] == ["grid.tap_ignored"]
    assert network.transformers.ratio_pu[0] == 1.0
    assert agrees(net, network, "pi")[0] < 1e-8


def test_a_line_open_at_one_end_stays_charged() -> None:
    net = copy.deepcopy(pandapower_net("simple_mv_open_ring_net"))
    open_ = net.switch.index[~net.switch.closed]
    assert len(open_)
    network, _ = read(net)
    assert (network.lines.from_closed ^ network.lines.to_closed).sum() == len(open_)
    assert agrees(net, network, "t")[0] < 1e-9


def test_an_older_file_is_read_as_pandapower_converts_it() -> None:
    from pandapower.convert_format import convert_format

    net = every_element()
    net["trafo"] = net.trafo.drop(columns=["tap_changer_type"])
    net["trafo3w"] = net.trafo3w.drop(columns=["tap_changer_type"])
    net["switch"] = net.switch.drop(columns=["z_ohm"])
    net["format_version"], net["version"] = "2.14.0", "2.14.0"
    network, _ = read(pp.to_json(net, None).encode())
    assert agrees(convert_format(net), network, "t")[0] < 1e-8


def wrapped(module: str, class_: str, inner: object) -> dict[str, object]:
    return {"_module": module, "_class": class_, "_object": inner}


def test_a_hostile_file_runs_nothing(tmp_path: Any) -> None:
    mark = tmp_path / "ran"
    bus = json.dumps({"columns": ["vn_kv"], "index": [0], "data": [[20.0]]})
    evil = {
        "bus": wrapped("pandas.core.frame", "DataFrame", bus),
        "controller": wrapped("os", "system", f"touch {mark}"),
        "std_types": wrapped("subprocess", "Popen", {"args": ["touch", str(mark)]}),
        "name": {"py/object/apply": "os.system"},
    }
    network, findings = read(json.dumps(wrapped("pandapower.auxiliary", "pandapowerNet", evil)).encode())
    assert network.buses.id == ("0",) and not mark.exists()
    assert [f.code for f in findings] == ["grid.no_source"]
    evil["line"] = wrapped("builtins", "eval", f"__import__('os').system('touch {mark}')")
    with pytest.raises(Refused, match="line"):
        read(json.dumps(wrapped("pandapower.auxiliary", "pandapowerNet", evil)).encode())
    assert not mark.exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "grid.not_json"),
        (b"\xff\xfe\x00garbage", "grid.not_json"),
        (b"[" * 100_000, "grid.not_json"),
        (b"{}", "grid.not_pandapower"),
        (b"[1, 2]", "grid.not_pandapower"),
        (b'{"bus": {}}', "grid.no_bus"),
        (b'{"bus": {"_class": "DataFrame", "_object": "{"}}', "grid.no_bus"),
        (b'{"version": "1.4", "bus": {"vn_kv": {"0": 20}}}', "grid.too_old"),
    ],
)
def test_what_is_no_network_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read(content)
    assert refused.value.findings[0].code == code


def test_bad_values_are_named() -> None:
    net = every_element()
    net.line.loc[0, "length_km"] = -1.0
    net.trafo.loc[0, "vk_percent"] = float("nan")
    net.load.loc[0, "p_mw"] = float("nan")
    pp.create_line(net, 3, 5, 1.0, "NA2XS2Y 1x240 RM/25 12/20 kV")
    net.line.loc[1, ["max_i_ka", "r_ohm_per_km", "x_ohm_per_km"]] = [float("nan"), 0, 0]
    net.line.loc[1, "to_bus"] = 99
    pp.create_line(net, 3, 5, 1.0, "NA2XS2Y 1x240 RM/25 12/20 kV")
    net.line.loc[2, ["max_i_ka", "r_ohm_per_km", "x_ohm_per_km"]] = [float("nan"), 0, 0]
    codes = {f.code for f in read(net)[1]}
    assert codes == {
        "grid.bad_line", "grid.bad_trafo", "grid.bad_power", "grid.no_such_bus", "grid.no_rating",
        "grid.zero_impedance",
    }  # fmt: skip


def test_what_hangs_at_no_bus_is_named_and_a_transformer_that_cannot_be_has_no_answer() -> None:
    from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
    from jiedian.grid.kernel.calc.prepared import CapacityLimits

    net = every_element()
    net.load.loc[0, "bus"] = 99
    net.trafo.loc[0, ["vk_percent", "tap2_pos", "tap2_neutral", "tap2_step_percent"]] = [0.0, 2, 0, 1.25]
    network, findings = read(net)
    where = {(f.code, f.where) for f in findings}
    assert where == {("grid.no_such_bus", "load"), ("grid.bad_trafo", "trafo"), ("grid.tap_ignored", "trafo")}
    answer = open_capacity(prepare(network), limits=CapacityLimits())
    assert "data" in answer.binding and np.isnan(answer.capacity_kw).all()


def test_a_place_that_is_nowhere_is_left_out() -> None:
    net = every_element()
    net.bus["geo"] = '{"coordinates": [NaN, 36.8]}'
    net.line["geo"] = '{"coordinates": [[118.0, 36.8], [Infinity, 36.8]]}'
    network, _ = read(net)
    assert network.places == {} and network.routes == {}


def test_a_bus_without_a_voltage_is_in_the_answer() -> None:
    from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
    from jiedian.grid.kernel.calc.prepared import CapacityLimits

    net = every_element()
    net.bus.loc[4, "vn_kv"] = float("nan")
    network, _ = read(net)
    answer = open_capacity(prepare(network), limits=CapacityLimits())
    assert dict(zip(answer.bus.tolist(), answer.binding, strict=True))[4] == "data"


def test_a_negative_branch_of_an_equivalent_grid_is_used_as_pandapower_does_and_said() -> None:
    """What Ward and REI equivalents are made of; a line of some length with a negative resistance stays an error."""
    net = copy.deepcopy(pandapower_net("simple_mv_open_ring_net"))
    a, b = (int(net.bus.index[net.bus.vn_kv < 30][k]) for k in (1, 3))
    pp.create_impedance(net, a, b, rft_pu=-0.04, xft_pu=0.3, sn_mva=10)
    pp.runpp(net, tolerance_mva=1e-9)
    found = read_file("net.json", [("net.json", pp.to_json(net).encode())])
    assert found.network and "grid.bad_line" not in {f.code for f in found.findings}
    assert [f.facts["first"] for f in found.findings if f.code == "grid.line_negative"] == [("impedance 0",)]
    circuit = circuit_of(found.network)
    assert np.abs(Flow(circuit).solve())[circuit.node[: len(net.bus)]] == pytest.approx(
        net.res_bus.vm_pu.to_numpy(), abs=1e-8
    )
    assert not circuit.is_bad.any()


def test_a_negative_impedance_of_an_equivalent_is_used_as_pandapower_does_and_said() -> None:
    net = pp.create_empty_network()
    a, b, c = (pp.create_bus(net, kv) for kv in (110.0, 20.0, 20.0))
    pp.create_ext_grid(net, a)
    pp.create_transformer_from_parameters(
        net, a, b, 40, 110, 20, vk_percent=10, vkr_percent=0.3, pfe_kw=0, i0_percent=0
    )
    pp.create_transformer_from_parameters(
        net, b, c, 40, 20, 20, vk_percent=-2, vkr_percent=-0.1, pfe_kw=0, i0_percent=0
    )
    pp.create_load(net, c, 12, 5)
    pp.runpp(net, tolerance_mva=1e-9)
    network, findings = read(net)
    assert [(f.code, f.facts["first"]) for f in findings] == [("grid.trafo_negative", ("1",))]
    circuit = circuit_of(network)
    assert np.abs(Flow(circuit).solve())[circuit.node] == pytest.approx(
        net.res_bus.vm_pu.to_numpy(), abs=1e-8
    )
