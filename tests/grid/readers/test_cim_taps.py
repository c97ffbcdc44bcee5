"""CIM clocks, tables of taps and phase shifters: what a solved state means by them."""

import math

import numpy as np
import pytest

from jiedian.grid.circuit.calc.circuit import circuit_of
from jiedian.grid.circuit.calc.network import Transformers
from jiedian.grid.kernel.calc.powerflow import Flow
from jiedian.grid.readers.calc.files import GridFile
from tests.grid.readers.test_read_cim import HEAD, read, terminal, thing


def trafo(name: str, high: str, low: str, clock: int = 0) -> str:
    """A 110/10 kV transformer between two nodes."""
    ends = (("1", high, "110", "0.9", "30", 0), ("2", low, "10", "0", "0", clock))
    return thing("PowerTransformer", name, IdentifiedObject__name=name) + "".join(
        thing(
            "PowerTransformerEnd", f"{name}e{n}", ratedU=kv, ratedS="40", r=r, x=x, g="0.00001", b="-0.00002",
            PowerTransformer=f"#_{name}", TransformerEnd__endNumber=n, TransformerEnd__Terminal=f"#_{name}t{n}",
            PowerTransformerEnd__phaseAngleClock=str(hour),
        ) + terminal(f"{name}t{n}", name, node, int(n))
        for n, node, kv, r, x, hour in ends
    )  # fmt: skip


def source(name: str, node: str) -> str:
    return thing("ExternalNetworkInjection", name, referencePriority="1", p="0", q="0") + terminal(
        f"t{name}", name, node
    )


def line(name: str, a: str, b: str) -> str:
    return (
        thing("ACLineSegment", name, r="0.2", x="0.2", bch="0", Conductor__length="1")
        + terminal(f"{name}a", name, a)
        + terminal(f"{name}b", name, b, 2)
    )


def network(*parts: str) -> GridFile:
    nodes = "".join(
        thing("ConnectivityNode", n, ConnectivityNodeContainer=f"#_l{kv}", IdentifiedObject__name=n)
        for n, kv in (("h", 110), ("g", 110), ("m", 10), ("a", 10))
    )
    levels = "".join(
        thing("BaseVoltage", f"b{kv}", nominalVoltage=str(kv))
        + thing("VoltageLevel", f"l{kv}", BaseVoltage=f"#_b{kv}")
        for kv in (110, 10)
    )
    return read(HEAD + nodes + levels + "".join(parts) + "</rdf:RDF>")


def volts(found: GridFile) -> dict[str, float]:
    assert found.network is not None
    circuit = circuit_of(found.network)
    v = np.abs(Flow(circuit).solve())[circuit.node]
    return dict(zip(found.network.buses.id, v.tolist(), strict=True))


@pytest.mark.parametrize("clock", [0, 1, 5, 11])
def test_the_angles_of_two_sources_are_written_without_the_clock_between_them(clock: int) -> None:
    found = network(trafo("T1", "h", "m", clock), source("s1", "h"), source("s2", "a"), line("L1", "m", "a"))
    assert volts(found)["m"] == pytest.approx(1.0, abs=2e-3)


def test_clocks_that_disagree_round_a_closed_loop_are_said() -> None:
    pair = [trafo("T1", "h", "m", 11), source("s1", "h"), line("L1", "m", "a")]
    codes = [f.code for f in network(*pair, trafo("T2", "h", "a", 11)).findings]
    assert "grid.clocks" not in codes
    [odd] = [f for f in network(*pair, trafo("T2", "h", "a", 0)).findings if f.code == "grid.clocks"]
    assert odd.facts["first"] == ("T2",)


def one(*parts: str) -> Transformers:
    found = network(trafo("T1", "h", "m"), source("s1", "h"), *parts)
    assert found.network is not None
    return found.network.transformers


def test_a_point_of_a_table_changes_impedance_and_losses_by_its_percents() -> None:
    plain = one()
    table = [
        thing("RatioTapChanger", "r", TransformerEnd="#_T1e1", RatioTapChangerTable="#_tab", TapChanger__step="3"),
        thing("RatioTapChangerTable", "tab"),
        thing(
            "RatioTapChangerTablePoint", "p3", RatioTapChangerTable="#_tab", TapChangerTablePoint__step="3",
            TapChangerTablePoint__ratio="1.05", TapChangerTablePoint__r="10", TapChangerTablePoint__x="20",
            TapChangerTablePoint__g="-50", TapChangerTablePoint__b="0",
        ),
    ]  # fmt: skip
    made = one(*table)
    assert made.ratio_pu[0] == pytest.approx(1.05)
    assert made.vkr_percent[0] == pytest.approx(plain.vkr_percent[0] * 1.1)
    x = [math.sqrt(t.vk_percent[0] ** 2 - t.vkr_percent[0] ** 2) for t in (made, plain)]
    assert x[0] == pytest.approx(x[1] * 1.2) and made.pfe_kw[0] == pytest.approx(plain.pfe_kw[0] / 2)


@pytest.mark.parametrize("kind", ["Symmetrical", "Linear", "Asymmetrical"])
def test_the_reactance_of_a_phase_shifter_follows_its_angle(kind: str) -> None:
    stem = "PhaseTapChangerLinear" if kind == "Linear" else "PhaseTapChangerNonLinear"
    values = {
        f"{stem}__xMin": "10",
        f"{stem}__xMax": "50",
        "PhaseTapChangerNonLinear__voltageStepIncrement": "2",
        "PhaseTapChangerLinear__stepPhaseShiftIncrement": "1.5",
        "PhaseTapChanger__TransformerEnd": "#_T1e1",
        "TapChanger__lowStep": "-10",
        "TapChanger__highStep": "10",
        "TapChanger__neutralStep": "0",
    }
    base = 110**2 / 40

    def ohms(step: str) -> float:
        made = one(thing(f"PhaseTapChanger{kind}", "p", TapChanger__step=step, **values))
        return base / 100 * math.sqrt(made.vk_percent[0] ** 2 - made.vkr_percent[0] ** 2)

    assert ohms("0") == pytest.approx(10) and ohms("10") == ohms("-10") == pytest.approx(50)
    assert 10 < ohms("4") < ohms("7") < 50
    if kind == "Linear":
        share = (math.sin(math.radians(3)) / math.sin(math.radians(7.5))) ** 2
        assert ohms("4") == pytest.approx(10 + 40 * share)
