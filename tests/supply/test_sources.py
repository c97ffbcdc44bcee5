"""Each source with figures of its own, the customer's busbar as it can be built, and the supply radius with what stands already."""

import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from jiedian.grid.circuit.calc.corridor import Length
from jiedian.grid.circuit.calc.newline import Load, Node, chosen_line
from jiedian.supply.menu.calc.radius import area_words, feeding_m, reach_id
from jiedian.supply.menu.calc.supply import SupplyPoint, Wish
from jiedian.supply.scheme.calc.oneline import one_line
from jiedian.supply.scheme.calc.sheet import sheet
from jiedian.supply.study.calc.scheme import Option
from jiedian.supply.study.queries.rules import amounts, conductors, hold
from tests.core.town import network
from tests.supply.test_receiving import slot
from tests.supply.test_scheme import RULES, made, point

LOAD = Load(2000, 1900, 0.3287)


def lined(
    name: str, metres: float, mva: float, kv: float = 10.0, load: Load = LOAD, **more: object
) -> SupplyPoint:
    """A point whose new overhead line was chosen from the catalogue."""
    node = Node(kv, float("nan") if kv >= 30 else 1.0, 0.0)
    length = Length(metres, metres, metres, "straight")
    held = replace(hold(kv, is_single_phase=load.is_single_phase), before_m=1000.0)
    line = chosen_line(conductors(), "overhead", load, node, length, held)
    assert line is not None
    return point(name, metres, kv=kv, lines=(line,), length=length, short_circuit_mva=mva, **more)


WISH = Wish(2000, 1900, importance="first", security_kw=200, generator_kw=260)


def two(units: tuple[float, ...] = (1000.0, 1000.0), count: int = 2) -> tuple[Wish, Option]:
    wish = replace(WISH, transformers=units)
    legs = [lined(f"S{n}-B1-F{n}", 300.0 * n * n, 150.0 + 200 * n) for n in range(1, count + 1)]
    return wish, made(wish, *legs)


def test_each_source_has_conductor_length_drop_fault_level_and_breaker_of_its_own() -> None:
    """350 and 550 MVA at 10 kV are 20.2 and 31.8 kA: breakers of 25 and 40 kA; 300 and 1,200 m stand as two lines of the estimate."""
    wish, option = two()
    line, fault, switch = (
        slot(option, *each)
        for each in (("source", "conductor"), ("receiving", "fault"), ("receiving", "incoming"))
    )
    assert (
        "电源 1 新建线路" in line and "约 300 m" in line and "电源 2 新建线路" in line and "约 1200 m" in line
    )
    assert "电源 1 350 MVA，三相短路电流 20.2 kA" in fault and "电源 2 550 MVA，三相短路电流 31.8 kA" in fault
    assert "电源 1 进线断路器" in switch and "不小于 25 kA" in switch and "不小于 40 kA" in switch
    metres = [(cost.name_zh, cost.quantity) for cost in option.costs if cost.rule == "P-OH-MV"]
    assert metres == [("架空线路（电源 1）", 300.0), ("架空线路（电源 2）", 1200.0)]
    content = sheet(option, wish, RULES)
    rows = content["sources"]
    assert [row["fault"] for row in rows] == [[350, 20.2], [550, 31.8]]
    assert [row["breaker"] for row in rows] == [["630", "25"], ["630", "40"]]
    assert rows[0]["drop_percent"] < rows[1]["drop_percent"] and all(row["conductor"][0] for row in rows)
    drawn = one_line(content, is_zh=True)
    for words in (
        "架空 300 m",
        "架空 1200 m",
        "630 A 25 kA",
        "630 A 40 kA",
        f"压降 {rows[1]['drop_percent']:g}%",
    ):
        assert words in drawn
    assert "{" not in drawn and "source 1" not in slot(option, "source", "conductor")


HAN = re.compile("[\u3001-\u303f\u3400-\u9fff\uff00-\uffef]")


@pytest.mark.parametrize(("need_kw", "fed_kw"), [(9000.0, 0.0), (1900.0, 50.0), (1900.0, 700.0)])
def test_english_lines_name_everything_in_english(need_kw: float, fed_kw: float) -> None:
    """What binds stood in Chinese in the English conflict, and two figures were divided by a Chinese comma."""
    names = {"城东站": "Chengdong", "城东站10kVⅠ段": "Chengdong section I", "泉路线": "Quanlu line"}
    names |= {
        "河西站": "Hexi",
        "河西站10kVⅡ段": "Hexi section II",
        "柳巷线": "Liuxiang line",
        "3号环网柜": "RMU 3",
    }
    legs = [
        replace(
            lined(f"S{n}-B1-F{n}", 300.0, 350.0),
            station=station,
            section=section,
            feeder=feeder,
            name_zh=f"{feeder} 3号环网柜",
            name_en=f"{names[feeder]} RMU 3",
            element=feeder,
            feed_element=feeder,
            capacity_kw=2000.0 * n,
            feed_kw=300.0 * n,
            feed_asked_kw=fed_kw,
            spelt=tuple(names.items()),
        )
        for n, (station, section, feeder) in enumerate(zip(*[iter(list(names)[:6])] * 3, strict=True), 1)
    ]
    wish = replace(WISH, load_kw=need_kw, kva=need_kw, feed_in_kw=fed_kw)
    option = made(wish, *legs)
    told = [line.en for line in option.modules]
    told += [words for each in option.conflicts for words in (each.en, each.lift_en)]
    assert not [words for words in told if HAN.search(words)]
    content = sheet(option, wish, RULES)
    for row in content["sources"]:
        assert not HAN.search(" ".join(row[name][1] for name in ("name", "station", "line", "spot")))
    said = " ".join(told)
    if need_kw > 5000:
        assert "Quanlu line, Liuxiang line binds" in said
    if fed_kw > 300:
        assert "Quanlu line, Liuxiang line binds" in said and "300, 600 kW" in said


@pytest.mark.parametrize(
    ("units", "count", "told", "sections", "ties"),
    [
        ((2000.0,), 2, "单母线接线", 1, 0),
        ((1000.0, 1000.0), 2, "各段分别接一路电源", 2, 1),
        ((1000.0, 1000.0), 3, "电源 1、2 各接一段，电源 3 接入第 2 段", 2, 1),
        ((500.0,) * 4, 2, "各段分别接一路电源", 2, 1),
        ((2000.0,), 1, "线路变压器组", 1, 0),
        ((630.0, 630.0), 1, "各变压器分别经出线柜接入", 1, 0),
    ],
)
def test_a_busbar_has_no_section_without_a_transformer(
    units: tuple[float, ...], count: int, told: str, sections: int, ties: int
) -> None:
    wish, option = two(units, count)
    assert told in slot(option, "receiving", "busbar")
    assert ("分段" in slot(option, "receiving", "busbar")) is (ties > 0)
    drawn = one_line(sheet(option, wish, RULES), is_zh=True)
    assert drawn.count("联络（闭锁）") == ties and drawn.count(" kVA<") == len(units)
    assert drawn.count("进线闭锁") == count - sections
    panels = len(units) if "出线柜" in slot(option, "receiving", "busbar") else 0
    assert drawn.count("出线柜") == panels, "drawn where the words speak of them"
    assert one_line(sheet(option, wish, RULES), is_zh=False).count("feeder panel") == panels


def test_the_emergency_source_is_drawn_with_its_interlock() -> None:
    wish, option = two()
    drawn = one_line(sheet(option, wish, RULES), is_zh=True)
    assert "自备应急电源 260 kW" in drawn and "与市电机械、电气闭锁" in drawn and ">G<" in drawn
    asked = replace(wish, generator_kw=0)
    assert "不小于 240 kW" in one_line(sheet(made(asked, *option.legs), asked, RULES), is_zh=True)
    none = replace(wish, generator_kw=0, security_kw=0)
    assert ">G<" not in one_line(sheet(made(none, *option.legs), none, RULES), is_zh=True)
    shop = Wish(60, 57, security_kw=10, generator_kw=20)
    low = one_line(sheet(made(shop, point("S1-B1-F1", kv=0.4)), shop, RULES), is_zh=True)
    assert "自备应急电源 20 kW" in low and "闭锁" in low


def test_two_low_voltage_sources_meet_in_one_board() -> None:
    shop = Wish(60, 57, sources=2)
    option = made(shop, point("S1-B1-F1", kv=0.4), point("S1-B1-F2", kv=0.4))
    assert "切换装置" in slot(option, "receiving", "busbar")
    drawn = one_line(sheet(option, shop, RULES), is_zh=True)
    assert drawn.count("用电人负荷") == 1 and "进线闭锁" in drawn


def test_what_stands_already_counts_in_the_supply_radius() -> None:
    """450 m of existing line and 100 m of new one are 550 m: more than the 500 m of a class D area; 50 m are not."""
    load, node = Load(8, 7.6, 0.3287), Node(0.4, 1.0, 0.0)
    held = hold(0.4, is_single_phase=False)
    for metres, before, binds in (
        (100, 450, "length"),
        (49, 450, ""),
        (100, None, ""),
        (501, None, "length"),
    ):
        length = Length(metres, metres, metres, "corridor")
        line = chosen_line(conductors(), "overhead", load, node, length, replace(held, before_m=before))
        assert line is not None and line.binds == binds, (metres, before)
    option = made(
        Wish(8, 7.6), point("S1-B1-F1", kv=0.4, lines=(replace(line, binds="length", before_m=450.0),))
    )
    far = next(conflict for conflict in option.conflicts if conflict.id == "C-END-FAR")
    assert "951 m" in far.zh and "500 m" in far.zh and "未定，按 D 类" in far.zh and not far.is_advice


def test_the_class_of_the_area_decides_the_radius_and_an_unknown_one_is_said() -> None:
    held = amounts()
    for area, low, medium in (("A+", 150, 3000), ("B", 250, 3000), ("C", 400, 5000), ("unknown", 500, 15000)):
        rows = held | {"AREA-CLASS": replace(held["AREA-CLASS"], value=area)}
        assert [float(rows[reach_id(rows, kv)].value) for kv in (0.4, 10)] == [low, medium]
        assert ("未定" in area_words(rows, 0.4)[0]) is (area == "unknown")
    assert area_words(held, 35) == ("", "")


def test_metres_before_a_bus_are_those_from_its_own_transformer() -> None:
    """By hand: every piece of a feeder is 400 m, every piece at low voltage 50 m, and both begin anew below a transformer."""
    town = network()
    found = feeding_m(town)
    told = dict(zip(town.buses.id, found, strict=True))
    assert {bus: told[bus] for bus in ("a1", "a4", "d3", "v0", "v3")} == pytest.approx(
        {"a1": 400, "a4": 1600, "d3": 1200, "v0": 0, "v3": 150}
    )
    heads = {int(bus) for bus in town.transformers.lv_bus} | {int(bus) for bus in town.sources.bus}
    assert all(found[bus] == 0 for bus in heads)
    for row in range(len(town.lines.id)):
        a, b = int(town.lines.from_bus[row]), int(town.lines.to_bus[row])
        if town.lines.from_closed[row] and town.lines.to_closed[row] and np.isfinite(found[[a, b]]).all():
            assert abs(found[a] - found[b]) <= town.lines.length_m[row] + 1e-6
    blind = replace(town, lines=replace(town.lines, length_m=np.full(len(town.lines.id), np.nan)))
    assert np.isnan([value for bus, value in enumerate(feeding_m(blind)) if bus not in heads]).all()


@pytest.mark.parametrize(("metres", "kva", "fact"), [(3000, 12_000, "rated"), (30_000, 20_000, "drop")])
def test_a_line_of_35_kv_is_judged_by_its_own_drop_and_current_and_the_rest_is_a_persons(
    metres: float, kva: float, fact: str
) -> None:
    load = Load(kva, 0.95 * kva, 0.3287)
    option = made(
        Wish(kva, 0.95 * kva), lined("S1-B1-F1", metres, 800, kv=35.0, load=load, capacity_kw=float("nan"))
    )
    assert option.facts["new_line"] == fact
    told = slot(option, "source", "conductor")
    ids = {conflict.id for conflict in option.conflicts}
    if fact == "rated":
        assert (
            "LGJ-" in told and "线路压降" in told and "载流量" in told and "供电点电压由供电企业核定" in told
        )
        assert "C-END-RATED" in ids and option.to_explain == ()
    else:
        assert "C-END-DROP" in {conflict.id for conflict in option.to_explain}
    by_cable = made(Wish(kva, 0.95 * kva), *option.legs, line="cable")
    assert "C-END-ASK" in {conflict.id for conflict in by_cable.conflicts}


USUAL = {
    (1260, (630.0, 630.0), "", 10.0): set(),
    (315, (315.0,), "", 10.0): set(),
    (2000, (1000.0, 1000.0), "hv_lv", 10.0): {"C-MET-UNITS"},
    (1000, (1000.0,), "hv_lv", 10.0): {"C-MET-BIG"},
    (160, (160.0,), "hv_hv", 10.0): {"C-MET-SMALL"},
    (500, (500.0,), "hv_hv", 10.0): set(),
    (1260, (630.0, 500.0), "", 10.0): {"C-UNITS"},
    (1260, (700.0, 560.0), "", 10.0): {"C-UNIT-SIZE"},
    (25_000, (5000.0,) * 5, "", 10.0): {"C-UNIT-MANY"},
    (1575, (315.0,) * 5, "", 10.0): {"C-UNIT-MANY"},
    (5000, (5000.0,), "", 10.0): {"C-UNIT-MANY"},
    (12_600, (6300.0, 6300.0), "hv_lv", 35.0): {"C-MET-HV"},
    (12_000, (8000.0, 4000.0), "", 35.0): set(),
}


@pytest.mark.parametrize("asked", list(USUAL))
def test_an_unusual_composition_needs_a_written_reason(
    asked: tuple[float, tuple[float, ...], str, float],
) -> None:
    kva, units, metering, kv = asked
    option = made(
        Wish(kva, 0.95 * kva, transformers=units), point("S1-B1-F1", kv=kv, capacity=1e6), metering=metering
    )
    odd = {c.id for c in option.to_explain if c.id.startswith(("C-UNIT", "C-MET"))}
    assert odd == USUAL[asked]
    assert f"合计 {sum(units):g} kVA" in slot(option, "receiving", "units"), "the sum is the sum"


def test_what_the_rules_propose_is_usual() -> None:
    for kva, kv in product((315, 630, 800, 1260, 1600, 2500, 4000), (10.0,)):
        option = made(Wish(kva, 0.95 * kva), point("S1-B1-F1", kv=kv, capacity=1e6))
        assert not {c.id for c in option.conflicts if c.id.startswith(("C-UNIT", "C-MET"))}, kva
