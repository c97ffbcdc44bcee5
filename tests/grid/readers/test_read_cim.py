"""Given CIM-XML of several fashions, when it is read, then the flows of the network are those of its author.

tests/data/cgmes/cigre_lv.zip: CGMES 2.4.15 (EQ, SSH, TP, SV), written by pypowsybl 1.16.1 on 2026-11-24 from pandapower's
create_cigre_network_lv; cigre_lv.csv: the voltages pandapower 3.5.6 itself computes for that network (trafo_model="pi").
"""

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from jiedian.grid.circuit.calc.circuit import circuit_of
from jiedian.grid.kernel.calc.powerflow import Flow
from jiedian.grid.readers.calc.files import GridFile, read_file

DATA = Path(__file__).parents[2] / "data" / "cgmes"
HEAD = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:cim="http://iec.ch/TC57/2013/CIM-schema-cim16#">'
)


def thing(kind: str, identity: str, **values: str) -> str:
    """One object; a value that begins with # is a reference. Names: ``r`` is ``kind.r``, ``A__b`` is ``A.b``."""
    rows = []
    for key, value in values.items():
        name = key.replace("__", ".") if "__" in key else f"{kind}.{key}"
        rows.append(
            f'<cim:{name} rdf:resource="{value}"/>'
            if value.startswith("#")
            else f"<cim:{name}>{value}</cim:{name}>"
        )
    return f'<cim:{kind} rdf:ID="_{identity}">{"".join(rows)}</cim:{kind}>'


def terminal(identity: str, equipment: str, node: str, number: int = 1) -> str:
    return thing(
        "Terminal",
        identity,
        ConductingEquipment=f"#_{equipment}",
        ConnectivityNode=f"#_{node}",
        ACDCTerminal__sequenceNumber=str(number),
    )


def small(extra: str = "", volts: bool = False) -> str:
    """A source, a line, a switch and a load at 10 kV, node-breaker; in volts and watts when asked."""
    k = 1000 if volts else 1
    return (
        HEAD
        + "".join(
            [
                thing("BaseVoltage", "bv", nominalVoltage=str(10 * k)),
                thing("VoltageLevel", "vl", BaseVoltage="#_bv"),
                *(
                    thing(
                        "ConnectivityNode",
                        n,
                        ConnectivityNodeContainer="#_vl",
                        IdentifiedObject__name=n.upper(),
                    )
                    for n in ("n1", "n2", "n3")
                ),
                thing("ExternalNetworkInjection", "net", referencePriority="1", p="0", q="0"),
                terminal("t1", "net", "n1"),
                thing(
                    "ACLineSegment",
                    "line",
                    r="0.5",
                    x="0.4",
                    bch="0.0001",
                    Conductor__length=str(2 * k),
                    IdentifiedObject__name="L",
                ),
                terminal("t2", "line", "n1"),
                terminal("t3", "line", "n2", 2),
                thing("OperationalLimitType", "patl", limitType="#http://x#LimitTypeKind.patl"),
                thing("OperationalLimitType", "tatl", limitType="#http://x#LimitTypeKind.tatl"),
                thing("OperationalLimitSet", "set", Terminal="#_t2"),
                thing(
                    "CurrentLimit",
                    "c1",
                    value="300",
                    OperationalLimit__OperationalLimitSet="#_set",
                    OperationalLimit__OperationalLimitType="#_patl",
                ),
                thing(
                    "CurrentLimit",
                    "c2",
                    value="200",
                    OperationalLimit__OperationalLimitSet="#_set",
                    OperationalLimit__OperationalLimitType="#_tatl",
                ),
                thing("Breaker", "sw", Switch__normalOpen="false", IdentifiedObject__name="SW"),
                terminal("t4", "sw", "n2"),
                terminal("t5", "sw", "n3", 2),
                thing(
                    "EnergyConsumer",
                    "load",
                    p=str(1.2 * k * k),
                    q=str(0.4 * k * k),
                    IdentifiedObject__name="D",
                ),
                terminal("t6", "load", "n3"),
                extra,
            ]
        )
        + "</rdf:RDF>"
    )


def read(text: str | bytes, name: str = "a.xml") -> GridFile:
    return read_file(name, [(name, text.encode() if isinstance(text, str) else text)])


def voltages(found: GridFile) -> dict[str, float]:
    assert found.network is not None
    circuit = circuit_of(found.network, transformer_model="pi")
    v = np.abs(Flow(circuit).solve())[circuit.node]
    return dict(zip(found.network.buses.id, v.tolist(), strict=True))


def test_a_cgmes_archive_gives_the_voltages_of_the_network_it_was_made_of() -> None:
    found = read_file("cigre_lv.zip", [("cigre_lv.zip", (DATA / "cigre_lv.zip").read_bytes())])
    assert found.format == "cim" and found.counts["transformers"] == 3 and found.counts["links"] == 3
    got = voltages(found)
    rows = list(csv.DictReader((DATA / "cigre_lv.csv").open("r", encoding="utf-8")))
    assert len(rows) == 44
    for row in rows:
        assert got[row["name"]] == pytest.approx(float(row["vm_pu"]), abs=1e-7), row["name"]


def test_separate_files_and_an_archive_in_an_archive_read_the_same() -> None:
    content = (DATA / "cigre_lv.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("inner.zip", content)
    first = read_file("a", parts)
    second = read_file("b.zip", [("b.zip", outer.getvalue())])
    assert first.counts == second.counts and voltages(first) == voltages(second)


def test_node_breaker_limits_switches_and_units() -> None:
    found = read(small())
    network = found.network
    assert network is not None and network.links.is_closed.tolist() == [True]
    assert network.lines.rated_a.tolist() == [300] and network.lines.length_m.tolist() == [2000]
    assert network.lines.b_us[0] == pytest.approx(100) and network.loads.p_kw.tolist() == [1200]
    in_volts = read(small(volts=True))
    assert in_volts.network is not None
    assert in_volts.network.buses.kv.tolist() == [10, 10, 10] and in_volts.network.loads.p_kw[
        0
    ] == pytest.approx(1200)
    assert in_volts.network.lines.length_m.tolist() == [2000]
    assert voltages(found) == pytest.approx(voltages(in_volts))


def test_the_present_state_of_a_switch_outweighs_the_normal_one() -> None:
    opened = (
        HEAD + '<cim:Breaker rdf:about="#_sw"><cim:Switch.open>true</cim:Switch.open></cim:Breaker></rdf:RDF>'
    )
    found = read_file("x", [("EQ.xml", small().encode()), ("SSH.xml", opened.encode())])
    assert found.network is not None and found.network.links.is_closed.tolist() == [False]
    assert "grid.island" in {finding.code for finding in found.findings}


def test_three_windings_become_a_star_whose_pairs_are_the_windings() -> None:
    ends = [
        ("e1", "n1", "110", "0.5", "12"),
        ("e2", "n2", "20", "0.03", "0.4"),
        ("e3", "n3", "10", "0.01", "0.15"),
    ]
    parts = [thing("PowerTransformer", "t", IdentifiedObject__name="T3")]
    for i, (end, node, kv, r, x) in enumerate(ends, start=1):
        parts.append(
            thing(
                "PowerTransformerEnd", end, ratedU=kv, ratedS="40", r=r, x=x, PowerTransformer="#_t",
                TransformerEnd__endNumber=str(i), TransformerEnd__Terminal=f"#_tt{i}", TransformerEnd__BaseVoltage=f"#_b{kv}",
            )
        )  # fmt: skip
        parts += [terminal(f"tt{i}", "t", node), thing("BaseVoltage", f"b{kv}", nominalVoltage=kv)]
        parts.append(thing("ConnectivityNode", node))
    parts += [thing("ExternalNetworkInjection", "net"), terminal("tn", "net", "n1")]
    found = read(HEAD + "".join(parts) + "</rdf:RDF>")
    network = found.network
    assert network is not None and len(network.transformers.id) == 3 and len(network.buses.id) == 4
    for row, (_, _, kv, r, x) in enumerate(ends):
        base = float(kv) ** 2 / 40
        assert network.transformers.vk_percent[row] == pytest.approx(
            100 * np.hypot(float(r), float(x)) / base
        )
        assert network.transformers.vkr_percent[row] == pytest.approx(100 * float(r) / base)


def test_a_tap_changes_the_ratio_from_the_side_it_stands_on() -> None:
    def trafo(end: str, step: str) -> float:
        parts = [
            thing("PowerTransformer", "t"),
            thing("PowerTransformerEnd", "e1", ratedU="110", ratedS="40", r="1", x="40", PowerTransformer="#_t", TransformerEnd__endNumber="1", TransformerEnd__Terminal="#_a"),
            thing("PowerTransformerEnd", "e2", ratedU="10.5", ratedS="40", r="0", x="0", PowerTransformer="#_t", TransformerEnd__endNumber="2", TransformerEnd__Terminal="#_b"),
            terminal("a", "t", "n1"), terminal("b", "t", "n2", 2),
            thing("ConnectivityNode", "n1"), thing("ConnectivityNode", "n2"),
            thing("RatioTapChanger", "r", stepVoltageIncrement="1.25", TransformerEnd=f"#_{end}", TapChanger__neutralStep="0", TapChanger__step=step),
            thing("ExternalNetworkInjection", "net"), terminal("tn", "net", "n1"),
        ]  # fmt: skip
        found = read(HEAD + "".join(parts) + "</rdf:RDF>")
        assert found.network is not None
        return float(found.network.transformers.ratio_pu[0])

    assert trafo("e1", "-2") == pytest.approx(0.975) and trafo("e2", "-2") == pytest.approx(1 / 0.975)
    assert trafo("e1", "0") == 1


def test_equipment_that_is_not_understood_stands_out_from_what_only_describes() -> None:
    extra = [thing("FluxCapacitor", "f1"), thing("FluxCapacitor", "f2"), terminal("tf", "f1", "n2")]
    extra += [thing(kind, f"{kind}{i}") for kind in ("Season", "TapSchedule", "Analog") for i in range(3)]
    found = {f.code: f for f in read(small("".join(extra))).findings}
    assert found["grid.not_read"].where == "FluxCapacitor" and found["grid.not_read"].en.startswith("2 ")
    assert found["grid.not_needed"].facts["listed"] == "Analog 3, Season 3, TapSchedule 3"


def test_a_network_by_phase_is_read_with_findings_and_marked_for_refusal() -> None:
    extra = thing("ACLineSegmentPhase", "p", ACLineSegment="#_line", phase="#http://x#SinglePhaseKind.A")
    found = read(small(extra))
    assert found.network is not None and [f.code for f in found.refusals] == ["grid.unbalanced"]


def test_a_missing_topology_file_is_named() -> None:
    bare = small().replace("Terminal.ConnectivityNode", "Terminal.Nowhere")
    found = read(bare)
    assert {"grid.loose_terminals", "grid.no_source"} <= {finding.code for finding in found.findings}


def test_nodes_beyond_the_boundary_are_put_in_and_an_absent_state_is_named() -> None:
    content = (DATA / "cigre_lv.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    without_topology = [(n, c) for n, c in parts.items() if not n.endswith(("SSH.xml", "SV.xml"))]
    found = read_file("x", without_topology)
    assert found.network is not None and "grid.no_load_values" in {f.code for f in found.findings}
    cut = small().replace('<cim:ConnectivityNode rdf:ID="_n3">', '<cim:Substation rdf:ID="_n3">')
    cut = cut.replace(
        "N3</cim:IdentifiedObject.name></cim:ConnectivityNode>",
        "N3</cim:IdentifiedObject.name></cim:Substation>",
    )
    beyond = read(cut)
    assert beyond.network is not None and "grid.boundary" in {f.code for f in beyond.findings}
    assert beyond.network.buses.kv.tolist() == [10, 10, 10]


def machine(**control: str) -> str:
    """A machine of 0.5 MW at n2 with a control; its regulated terminal is that of the load behind the closed switch."""
    values = {"mode": "#http://x#RegulatingControlModeKind.voltage", "enabled": "true", "targetValue": "10.1"}
    values |= {"Terminal": "#_t6"} | control
    return "".join(
        [
            thing(
                "SynchronousMachine",
                "gen",
                RotatingMachine__p="-0.5",
                RotatingMachine__q="-0.1",
                RegulatingCondEq__RegulatingControl="#_ctl",
                RegulatingCondEq__controlEnabled="true",
                IdentifiedObject__name="G",
            ),
            terminal("t7", "gen", "n2"),
            thing("RegulatingControl", "ctl", **values),
        ]
    )


def pandapowers(*, is_holding: bool) -> list[float]:
    """The same network solved by pandapower."""
    import pandapower as pp

    net = pp.create_empty_network()
    a, b = pp.create_bus(net, 10.0), pp.create_bus(net, 10.0)
    pp.create_ext_grid(net, a)
    pp.create_line_from_parameters(net, a, b, 1.0, 0.5, 0.4, 1e-4 / (2 * np.pi * 50) * 1e9, 0.3)
    pp.create_load(net, b, 1.2, 0.4)
    if is_holding:
        pp.create_gen(net, b, 0.5, vm_pu=1.01)
    else:
        pp.create_sgen(net, b, 0.5, 0.1)
    pp.runpp(net, tolerance_mva=1e-9)
    return net.res_bus.vm_pu.tolist()


@pytest.mark.parametrize(
    ("control", "code"),
    [
        ({}, "grid.voltage_held"),
        ({"enabled": "false"}, ""),
        ({"mode": "#http://x#RegulatingControlModeKind.reactivePower"}, "grid.control_mode"),
        ({"targetValue": "nan"}, "grid.control_target"),
        ({"Terminal": "#_t1"}, "grid.voltage_far"),
    ],
)
def test_a_machine_that_regulates_keeps_its_voltage_as_pandapowers_does(
    control: dict[str, str], code: str
) -> None:
    found = read(small(machine(**control)))
    assert found.network is not None
    codes = {f.code for f in found.findings}
    assert code in codes if code else not codes & {"grid.voltage_held", "grid.control_mode"}
    circuit = circuit_of(found.network, transformer_model="pi")
    v = np.abs(Flow(circuit, is_holding=True).solve())[circuit.node]
    is_holding = code == "grid.voltage_held"
    assert found.network.held_pu == ({"N2": 1.01} if is_holding else {})
    expected = pandapowers(is_holding=is_holding)
    assert [v[0], v[1], v[2]] == pytest.approx([expected[0], expected[1], expected[1]], abs=1e-8)
