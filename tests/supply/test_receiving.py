"""What a planner writes on the customer's side of a scheme, each figure with its arithmetic."""

import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedian.grid.capacity.calc.screening import Lift
from jiedian.grid.circuit.calc.naming import line_of, name_of, short, take_off
from jiedian.supply.menu.calc.supply import Wish
from jiedian.supply.study.calc.scheme import Option
from jiedian.supply.study.queries.points import screened
from tests.supply.test_scheme import RULES, made, point, words


def slot(option: Option, block: str, name: str) -> str:
    """The one line that fills a field."""
    found = [module.zh for module in option.modules if (module.block, module.slot) == (block, name)]
    assert len(found) == 1, (block, name, found)
    return found[0]


@pytest.mark.parametrize(
    ("kva", "units", "kv", "told"),
    [
        (1260, (630, 630), 10, "252–378 kvar（变压器容量的 20%–30%），其中每台 630 kVA 变压器 126–189 kvar"),
        (315, (315,), 10, "63–94 kvar（变压器容量的 20%–30%），其中每台 315 kVA 变压器 63–94 kvar"),
        (1430, (630, 800), 10, "286–429 kvar"),
        (12_000, (6000, 6000), 35, "1200–3600 kvar（主变压器容量的 10%–30%）"),
    ],
)
def test_a_factory_is_told_its_kvar(kva: float, units: tuple[float, ...], kv: float, told: str) -> None:
    """20–30 % of 1,260 kVA are 252–378 kvar (the guide to schemes, recalled); 10–30 % from 35 kV (GB 50613-2010, 5.9.2)."""
    option = made(Wish(kva, 0.95 * kva, transformers=units, use="industry"), point("S1-B1-F1", kv=kv))
    assert told in slot(option, "reactive", "kvar")
    line = next(m for m in option.modules if m.slot == "kvar")
    assert {"Q-KVAR-MV" if kv < 30 else "Q-KVAR-HV"} <= set(line.rules)


def test_a_home_is_asked_for_no_capacitor_and_a_shop_for_its_factor() -> None:
    home = made(Wish(8, 7.6, use="residential", is_single_phase=True), point("S1-B1-F1", kv=0.4))
    assert slot(home, "reactive", "kvar") == "不要求装设无功补偿装置。"
    shop = made(Wish(60, 57, use="business"), point("S1-B1-F1", kv=0.4))
    assert "就地补偿" in slot(shop, "reactive", "kvar") and "0.85" in words(shop, "reactive")


@pytest.mark.parametrize(
    ("kva", "kv", "told"),
    [
        (1260, 10, "额定电压 12 kV，额定电流不小于 630 A，额定短路开断电流不小于 20 kA"),
        (15_000, 10, "额定电压 12 kV，额定电流不小于 1250 A，额定短路开断电流不小于 20 kA"),
        (12_000, 35, "额定电压 40.5 kV，额定电流不小于 630 A，额定短路开断电流不小于 20 kA"),
        (40_000, 110, "额定电压 126 kV"),
        (60, 0.4, "四极，额定电流不小于 100 A"),
    ],
)
def test_the_incoming_switch_carries_and_breaks(kva: float, kv: float, told: str) -> None:
    """60 / (√3·0.4) = 86.6 A → 100 A; 15,000 / (√3·10) = 866 A → 1250 A; 150 MVA at 10 kV are 8.7 kA."""
    option = made(Wish(kva, 0.95 * kva, use="industry"), point("S1-B1-F1", kv=kv, capacity=1e6))
    assert told in slot(option, "receiving", "incoming")
    if kv == 10:
        assert "150 MVA，三相短路电流 8.7 kA" in slot(option, "receiving", "fault")


def test_an_unknown_fault_level_is_said_and_the_strongest_point_counts() -> None:
    unknown = made(Wish(630, 600), point("S1-B1-F1", short_circuit_mva=math.nan))
    assert "书面提供" in slot(unknown, "receiving", "fault")
    strong = made(Wish(630, 600, sources=2), point("S1-B1-F1"), point("S1-B2-F1", short_circuit_mva=500.0))
    assert "28.9 kA" in slot(strong, "receiving", "fault"), "500 / (√3·10)"
    assert "不小于 31.5 kA" in slot(strong, "receiving", "incoming")


@pytest.mark.parametrize(
    ("kva", "kv", "metering", "single", "wires", "spec", "ct", "vt"),
    [
        (8, 0.4, "", True, "单相二线", "220 V，5(60) A", "不装设", "不装设"),
        (15, 0.4, "", True, "单相二线", "220 V，1.5(6) A", "75/5", "不装设"),
        (30, 0.4, "", False, "三相四线", "3×220/380 V，5(60) A", "不装设", "不装设"),
        (60, 0.4, "", False, "三相四线", "3×220/380 V，1.5(6) A", "100/5", "不装设"),
        (315, 10, "", False, "三相四线", "3×220/380 V，1.5(6) A", "500/5", "不装设"),
        (1260, 10, "", False, "三相三线", "3×100 V，1.5(6) A", "75/5", "10/0.1 kV，0.5 级，V/v"),
        (12_000, 35, "", False, "三相三线", "3×100 V，1.5(6) A", "200/5", "35/√3 : 0.1/√3 kV，0.5 级，Y/y"),
        (20_000, 66, "", False, "三相三线", "3×100 V，1.5(6) A", "200/5", "66/√3 : 0.1/√3 kV，0.2 级，Y/y"),
        (40_000, 110, "", False, "三相四线", "3×57.7/100 V", "300/5", "110/√3 : 0.1/√3 kV，0.2 级，Y/y"),
        (1260, 10, "hv_lv", False, "三相四线", "3×220/380 V，1.5(6) A", "1000/5", "不装设"),
    ],
)
def test_every_way_of_metering_at_every_voltage(
    kva: float, kv: float, metering: str, single: bool, wires: str, spec: str, ct: str, vt: str
) -> None:
    """Currents: 8/0.22 = 36.4, 15/0.22 = 68.2, 30/(√3·0.4) = 43.3, 60 → 86.6, 315/(√3·0.4) = 454.7, 1260/(√3·10) = 72.7,
    12,000/(√3·35) = 198, 20,000/(√3·66) = 175, 40,000/(√3·110) = 210 A; behind each of two 630 kVA transformers 909 A."""
    use = "residential" if single else "industry"
    units = (630.0, 630.0) if kva == 1260 else ()
    wish = Wish(kva, 0.95 * kva, use=use, is_single_phase=single, transformers=units)
    option = made(wish, point("S1-B1-F1", kv=kv, capacity=1e6), metering=metering)
    assert slot(option, "metering", "wires").startswith(wires) and spec in slot(option, "metering", "spec")
    assert ct in slot(option, "metering", "ct") and vt in slot(option, "metering", "vt")
    assert "三相三线" not in words(option, "metering") or "三相四线" not in slot(option, "metering", "spec")


@pytest.mark.parametrize(("sources", "apart"), [(2, "两路电源来自"), (3, "三路电源")])
def test_three_sources_are_called_three(sources: int, apart: str) -> None:
    legs = [point(f"S{n}-B1-F{n}") for n in range(1, sources + 1)]
    option = made(Wish(2000, 1900, sources=sources, importance="special", security_kw=100), *legs)
    told = slot(option, "source", "apart")
    assert apart in told and (sources == 2 or "两路电源" not in told)


@given(
    kva=st.floats(1, 60_000),
    kv=st.sampled_from([0.4, 10.0, 20.0, 35.0, 66.0, 110.0]),
    use=st.sampled_from(["residential", "business", "industry", "agriculture"]),
    sources=st.integers(1, 3),
    line=st.sampled_from(["overhead", "cable"]),
    importance=st.sampled_from(["ordinary", "temporary", "second", "first", "special"]),
    red_line=st.booleans(),
)
def test_the_form_has_no_empty_field(
    kva: float, kv: float, use: str, sources: int, line: str, importance: str, red_line: bool
) -> None:
    """Whoever the customer is: every field that is asked has one line, and no word of a line is left open."""
    wish = Wish(kva, 0.95 * kva, importance, sources, use=use, is_within_red_line=red_line, security_kw=1)
    option = made(wish, *(point(f"S{n}-B{n}-F{n}", kv=kv) for n in range(1, sources + 1)), line=line)
    assert option.depth == 1 and not option.missing
    filled = [(m.block, m.slot) for m in option.modules]
    assert len(filled) == len(set(filled)) and len(filled) > len(RULES.blocks)
    for module in option.modules:
        assert "{" not in module.zh + module.en and "nan" not in (module.zh + module.en).lower().split()
        assert "  " not in module.zh and module.zh and module.en


def test_depth_counts_the_fields_of_the_form() -> None:
    assert len([row for row in RULES.fields if row.block == "metering"]) >= 9
    asked = {(row.block, row.slot) for row in RULES.fields if row.id != "F-TARIFF-USE"}
    assert asked <= {(row.block, row.slot) for row in RULES.modules}, "what only a person says has no line"


@pytest.mark.parametrize(
    ("spot", "told"),
    [
        ("S1-B1-F02#003", "3 号杆"),
        ("S1-B1-F02 12+1", "12+1 号杆"),
        ("S1-B1-F02 MV1.101 Bus 23", ""),
        ("S1-B1-F02 a2", ""),
        ("S1-B1-F02 人民路 2 号环网柜", "人民路 2 号环网柜"),
    ],
)
def test_a_customer_reads_names_that_people_use(spot: str, told: str) -> None:
    leg = point("S1-B1-F02", section="S1-B1", feeder="S1-B1-F02", name_zh=f"10 kV {spot}")
    assert take_off(leg)[0].lstrip("0") == told and line_of(leg) == ("F02 线", "line F02")
    assert "S1-B1" not in name_of(leg)[0] and "#" not in name_of(leg)[0]


def test_a_name_that_says_what_it_is_is_not_told_twice() -> None:
    leg = point(
        "x-y-z",
        station="柳泉变电站",
        section="10kV Ⅰ段母线",
        feeder="10kV 柳泉线",
        name_zh="10 kV 柳泉线 12#杆",
    )
    assert name_of(leg)[0] == "柳泉变电站 10kV 柳泉线" or name_of(leg)[0].startswith("柳泉变电站 10kV 柳泉线")
    area = point("x-y-z", kv=0.4, station="柳泉变电站", section="Ⅰ段", feeder="人民路3号台区")
    assert line_of(area)[0] == "人民路3号台区" and short("S1", "S1") == "S1"


@pytest.mark.parametrize(
    ("name", "above"),
    [
        ("1号主变", "1"),
        ("学府路1号台区", "学府路1"),
        ("12#杆", "12"),
        ("Ⅰ段母线", "Ⅰ"),
        ("城西二号台区", "城西二"),
    ],
)
def test_a_number_is_never_cut_from_its_measure_word(name: str, above: str) -> None:
    assert short(name, above) == name


@pytest.mark.parametrize(
    ("lift", "zh", "en"),
    [
        (
            Lift("transformer", "T1", 25000, 27580.4, "kVA"),
            "现 25,000，需 27,580 kVA",
            "has 25,000, needs 27,580 kVA",
        ),
        (Lift("line", "L1", 358, 358.001, "A"), "现 358，需 358.001 A", "has 358, needs 358.001 A"),
        (
            Lift("voltage", "B2", 0.9267, 0.93, "pu", 10),
            "接入后 9.267，需 9.3 kV",
            "connected 9.267, needs 9.3 kV",
        ),
        (Lift("voltage", "L2", 0.85, 0.93, "pu", 0.4), "接入后 340，需 372 V", "connected 340, needs 372 V"),
    ],
)
def test_what_binds_is_said_in_figures_as_people_write_them(lift: Lift, zh: str, en: str) -> None:
    flow = SimpleNamespace(lift=lift, u_pu=1.0, du_pu=0.0, max_line_percent=0.0, max_transformer_percent=0.0)
    told = screened(point("S1-B1-F1"), flow)
    assert told.lift_zh.endswith(f"{zh}）") and told.lift_en.endswith(f"{en})")
