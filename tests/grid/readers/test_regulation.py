"""Given controls of a CGMES model and its authors' solved state, when it is read, then the flow is theirs, or the reader says where it is not."""

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pandapower as pp
import pytest
from scipy.optimize import brentq

from jiedian.grid.circuit.calc.circuit import circuit_of
from jiedian.grid.circuit.calc.packing import as_json, from_json, pack, unpack
from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
from jiedian.grid.kernel.calc.powerflow import Flow
from jiedian.grid.kernel.calc.prepared import CapacityLimits
from jiedian.grid.readers.calc.files import GridFile
from jiedian.grid.readers.calc.pandapower import read as read_pandapower
from tests.grid.readers.test_cim_taps import line, network, source, trafo
from tests.grid.readers.test_read_cim import terminal, thing

VOLTAGE = "#http://x#RegulatingControlModeKind.voltage"


def control(name: str, at: str, kv: str, **more: str) -> str:
    return thing("RegulatingControl", name, mode=VOLTAGE, targetValue=kv, Terminal=f"#_{at}", **more)


def machine(name: str, node: str, held: str, q: str = "-0.1", **more: str) -> str:
    return thing(
        "SynchronousMachine", name, RotatingMachine__p="-2", RotatingMachine__q=q, IdentifiedObject__name=name,
        RegulatingCondEq__RegulatingControl=f"#_{held}", RegulatingCondEq__controlEnabled="true", **more,
    ) + terminal(f"t{name}", name, node)  # fmt: skip


def load(node: str, p: str = "9", q: str = "4") -> str:
    return thing("EnergyConsumer", "D", p=p, q=q) + terminal("tD", "D", node)


def solved(**kvs: str) -> str:
    """The solved state at nodes of one bus each; a topological node has the name of its own."""
    return "".join(
        thing("TopologicalNode", f"tn{n}", IdentifiedObject__name=n)
        + f'<cim:ConnectivityNode rdf:about="#_{n}">'
        f'<cim:ConnectivityNode.TopologicalNode rdf:resource="#_tn{n}"/></cim:ConnectivityNode>'
        + thing("SvVoltage", f"sv{n}", v=kv, angle="0", TopologicalNode=f"#_tn{n}")
        for n, kv in kvs.items()
    )


def flowed(name: str, q: str, p: str = "0") -> str:
    return thing("SvPowerFlow", f"f{name}", p=p, q=q, Terminal=f"#_{name}")


BASE = (trafo("T1", "h", "m"), source("s1", "h"), line("L1", "m", "a"), load("a"))


def flow(found: GridFile) -> tuple[dict[str, float], Flow]:
    assert found.network is not None
    circuit = circuit_of(found.network)
    made = Flow(circuit, is_holding=True)
    v = np.abs(made.solve())[circuit.node]
    return dict(zip(found.network.buses.id, v.tolist(), strict=True)), made


def codes(found: GridFile) -> dict[str, Any]:
    return {f.code: dict(f.facts) for f in found.findings}


def test_machines_keep_the_voltage_of_another_node_in_equal_shares() -> None:
    both = machine("G1", "a", "c", q="-0.1"), machine("G2", "g", "c", q="-0.3")
    found = network(*BASE, line("L2", "h", "g"), *both, control("c", "T1t2", "10.2"))
    assert found.network is not None and codes(found)["grid.voltage_remote"]["first"] == ("G1", "G2")
    assert found.network.held_pu == {"m": 1.02} and found.network.held_by == {"m": ("a", "g")}
    v, made = flow(found)
    assert v["m"] == pytest.approx(1.02, abs=1e-8) and v["a"] != pytest.approx(1.02, abs=1e-3)
    assert made.holding is not None and made.holding.state is not None
    assert made.holding.given[:, 0].tolist().count(0.5) == 2 and len(made.holding.state[1]) == 1
    for kept in (unpack(pack(found.network)), from_json(as_json(found.network))):
        assert (kept.held_pu, kept.held_by) == (found.network.held_pu, found.network.held_by)


def test_a_machine_that_regulates_where_a_source_stands_is_named() -> None:
    found = network(*BASE, machine("G1", "a", "c"), control("c", "T1t1", "111"))
    assert codes(found)["grid.voltage_far"]["first"] == ("G1",)
    assert found.network is not None and not found.network.held_pu


def test_machines_that_want_different_voltages_are_named() -> None:
    wants = control("c", "tG1", "10.1"), control("d", "tG1", "10.4")
    found = network(*BASE, machine("G1", "a", "c"), machine("G2", "a", "d"), *wants)
    assert codes(found)["grid.voltage_unlike"]["first"] == ("G2",)
    assert flow(found)[0]["a"] == pytest.approx(1.01, abs=1e-8)


@pytest.mark.parametrize("limit", ["minQ", "curve"])
def test_a_machine_at_its_limit_in_the_solved_state_keeps_no_voltage_and_is_named(limit: str) -> None:
    more = {"minQ": "-0.5", "maxQ": "0.8"} if limit == "minQ" else {"InitialReactiveCapabilityCurve": "#_k"}
    points = [("0", "-2", "2"), ("4", "0", "-0.4")]
    curve = "".join(
        thing("CurveData", f"k{x}", xvalue=x, y1value=low, y2value=high, Curve="#_k")
        for x, low, high in points
    )
    q = "-0.8"  # at 2 MW the curve allows 0.8 Mvar
    parts = [*BASE, machine("G1", "a", "c", **more), control("c", "tG1", "10.4"), curve]
    found = network(*parts, flowed("tG1", q, "-2"), solved(a="9.9", m="9.95"))
    assert codes(found)["grid.at_limit"]["first"] == ("G1",)
    assert found.network is not None and not found.network.held_pu
    assert found.network.generators.q_kvar.tolist() == [800.0]
    away = network(*parts, flowed("tG1", "-0.5", "-2"), solved(a="9.9", m="9.95"))
    assert away.network is not None and away.network.held_pu == {"a": pytest.approx(0.99)}
    assert codes(away)["grid.voltage_solved"]["first"] == ("G1",)


def compensator(**more: str) -> str:
    return thing(
        "StaticVarCompensator", "svc", IdentifiedObject__name="SVC", q="0", capacitiveRating="50",
        inductiveRating="-50", sVCControlMode="#http://x#SVCControlMode.voltage", voltageSetPoint="10.2", **more,
    ) + terminal("tsvc", "svc", "a")  # fmt: skip


def test_a_compensator_gives_by_its_slope() -> None:
    v, made = flow(network(*BASE, compensator(slope="0.05")))
    assert made.holding is not None and made.holding.state is not None
    given = float(made.holding.state[1][0])  # behind the slope
    across = v["a"] * 10 * given / (v["SVC inner"] * 10)  # what comes out of the reactance of the slope
    assert 10.2 - v["a"] * 10 == pytest.approx(0.05 * across, rel=0.05) and given > 0.5
    assert flow(network(*BASE, compensator()))[0]["a"] == pytest.approx(1.02, abs=1e-8)


def test_a_compensator_at_its_limit_is_a_susceptance() -> None:
    at_limit = flowed("tsvc", str(-(9.9**2) / 50)), solved(a="9.9", m="9.95")
    found = network(*BASE, compensator(slope="0.05"), *at_limit)
    assert found.network is not None and codes(found)["grid.at_limit"]["first"] == ("SVC",)
    assert found.network.shunts.q_kvar.tolist() == [pytest.approx(-(10**2) / 50 * 1000)]


def test_taps_and_sections_are_those_of_the_solved_state() -> None:
    shunt = thing(
        "LinearShuntCompensator", "C", IdentifiedObject__name="C", bPerSection="0.01", gPerSection="0",
        ShuntCompensator__sections="3", ShuntCompensator__normalSections="2", RegulatingCondEq__controlEnabled="true",
        RegulatingCondEq__RegulatingControl="#_c",
    ) + terminal("tC", "C", "a")  # fmt: skip
    tap = thing(
        "RatioTapChanger", "r", TransformerEnd="#_T1e1", stepVoltageIncrement="1.5", TapChanger__neutralStep="0",
        TapChanger__step="1",
    )  # fmt: skip
    parts = [*BASE, shunt, tap, control("c", "tC", "10.1", enabled="true")]

    def drawn(*more: str) -> tuple[tuple[float, float], GridFile]:
        found = network(*parts, *more)
        assert found.network is not None
        return (found.network.transformers.ratio_pu[0], -found.network.shunts.q_kvar[0]), found

    present, found = drawn()
    assert present == pytest.approx((1.015, 3000))
    assert codes(found)["grid.step_control"]["first"] == ("C",)
    sv = thing("SvTapStep", "st", position="-2", TapChanger="#_r")
    sv += thing("SvShuntCompensatorSections", "ss", sections="0", ShuntCompensator="#_C")
    assert drawn(sv)[0] == pytest.approx((0.97, 0))
    by_flow = sv + flowed("tC", "-1.9602") + solved(a="9.9", m="9.95")
    assert drawn(by_flow)[0] == pytest.approx((0.97, 2000))


def test_the_converter_that_keeps_the_direct_voltage_takes_what_the_other_leaves() -> None:
    def converter(name: str, node: str, kind: str, p: str) -> str:
        return (
            thing(
                "VsConverter", name, ACDCConverter__p=p, ACDCConverter__q="0", ACDCConverter__targetUdc="100",
                ACDCConverter__idleLoss="0.1", ACDCConverter__ratedUdc="100", qPccControl="#x#K.reactivePcc",
                targetQpcc="-0.3", pPccControl=f"#x#K.{kind}", IdentifiedObject__name=name,
            )
            + terminal(f"t{name}", name, node)
            + thing(
                "ACDCConverterDCTerminal", f"d{name}", DCConductingEquipment=f"#_{name}",
                DCBaseTerminal__DCNode=f"#_n{name}",
            )
        )  # fmt: skip

    cable = thing("DCLineSegment", "dc", resistance="20") + "".join(
        thing("DCTerminal", f"e{n}", DCConductingEquipment="#_dc", DCBaseTerminal__DCNode=f"#_n{n}")
        for n in ("V1", "V2")
    )
    found = network(
        *BASE,
        converter("V1", "m", "pPcc", "5"),
        converter("V2", "a", "udc", "0"),
        cable,
        source("s2", "g"),
        flowed("tV1", "0", "0"),
    )
    assert found.network is not None
    rows = found.network.generators
    k = rows.id.index("V2")
    left = 5 - 0.1 - 20 * (4.9 / 100) ** 2 - 0.1
    assert rows.p_kw[k] / 1000 == pytest.approx(left, abs=1e-3) and rows.q_kvar[k] == 300
    assert found.network.loads.p_kw[found.network.loads.id.index("V1")] == 5000, "a solved nought is none"


def test_a_solved_state_that_is_not_ours_is_said_with_the_nodes_where_it_does_not_add_up() -> None:
    parts = [*BASE, solved(h="110", m="9.9", a="9.0", g="110"), line("L2", "h", "g")]
    facts = codes(network(*parts))["grid.solved_differs"]
    assert facts["bus"] == "a" and facts["first"][0].startswith(("a ", "m ")) and facts["pu"] > 0.05
    v = flow(network(*BASE))[0]
    right = solved(h="110", m=str(v["m"] * 10), a=str(v["a"] * 10))
    assert "grid.solved_differs" not in codes(network(*BASE, right))
    heavy = [p for p in BASE if "EnergyConsumer" not in p] + [load("a", "900", "400"), right]
    assert "grid.solved_none" in codes(network(*heavy))


def remote() -> tuple[Any, float]:
    """pandapower's network with a feeder whose far generator keeps the voltage of its middle."""
    net = pp.create_empty_network()
    at = [pp.create_bus(net, 10.0) for _ in range(4)]
    pp.create_ext_grid(net, at[0], vm_pu=1.0)
    for a, b in zip(at, at[1:], strict=False):
        pp.create_line_from_parameters(net, a, b, 2.0, 0.3, 0.35, 10, 0.3)
        pp.create_load(net, b, 0.5, 0.2)
    pp.create_sgen(net, at[3], 0.6, 0.0)
    return net, 0.995


def kept(net: Any, vm: float) -> Any:
    """The network with the reactive power of its generator found by which the middle has its voltage."""
    net = copy.deepcopy(net)

    def miss(q: float) -> float:
        net.sgen.loc[0, "q_mvar"] = q
        pp.runpp(net, tolerance_mva=1e-10)
        return float(net.res_bus.vm_pu[2] - vm)

    brentq(miss, -3, 6, xtol=1e-9)
    return net


def test_open_capacity_with_a_voltage_kept_from_afar_is_that_of_a_bisection() -> None:
    net, vm = remote()
    prepared = prepare(replace(read_pandapower(net)[0], held_pu={"2": vm}, held_by={"2": ("3",)}))
    limits = CapacityLimits(vmin_pu=0.98)
    answer = open_capacity(prepared, limits=limits)
    ours = dict(zip(answer.bus.tolist(), answer.capacity_kw.tolist(), strict=True))
    for bus in (1, 3):

        def holds(mw: float, bus: int = bus) -> bool:
            more = copy.deepcopy(net)
            pp.create_load(more, bus, mw, mw * limits.tan_phi)
            found = kept(more, vm)
            return bool(
                (found.res_bus.vm_pu >= limits.vmin_pu).all()
                and (found.res_line.loading_percent <= limits.line_percent).all()
            )

        assert holds((ours[bus] - 1) / 1000) and not holds((ours[bus] + 1) / 1000)
