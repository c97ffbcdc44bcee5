"""Who builds, pays, owns and keeps: one model, so that estimate, days, duties and boundary cannot contradict each other."""

import re
from dataclasses import replace
from itertools import product
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedian.supply.menu.calc.builds import Side, boundary_of, builds
from jiedian.supply.menu.calc.menu import modules
from jiedian.supply.menu.calc.oneline import NEAR, one_line
from jiedian.supply.menu.calc.spots import SpotKind
from jiedian.supply.menu.calc.supply import Choices, SupplyPoint, Wish
from jiedian.supply.scheme.calc.sheet import sheet
from jiedian.supply.study.calc.scheme import Option, compose
from tests.supply.test_scheme import RULES, point


def made(wish: Wish, *legs: SupplyPoint, **choices: object) -> Option:
    return compose(wish, legs, RULES, Choices(**choices), base_wd=8)  # type: ignore[arg-type]


LEVELS, LINES, PAYERS = ("lv", "mv", "hv"), ("overhead", "cable"), ("customer", "utility")
IN_CABINETS = {
    "ring": "公用环网柜（P）出线间隔",
    "box": "公用电缆分支箱（P）出线单元",
    "switching": "公用开关站（P）出线间隔",
    "room": "公用配电室（箱式变电站）（P）出线柜",
    "cabinet": "公用开关柜（P）出线",
    "station": "公用变电站（P）出线间隔",
}


def planned(owner: str, level: str, line: str, spot: str) -> str:
    """What a planner writes for a boundary, by art. 50 (1)–(5) of the rule of 2024 and its last sentence."""
    if owner == "utility":
        if level == "lv":
            return "电能表负荷侧出线接线端子处"
        if line == "cable":
            return "用电人变电站进线间隔" if level == "hv" else "用电人配电室进线柜"
        return "用户变电站外第一基电杆" if level == "hv" else "第一断路器或第一支持物"
    if line == "cable":
        at_a_pole = "公用线路（P）电杆上的电缆引接点" if spot == "pole" else "由现场确定"
        return f"{IN_CABINETS[spot]}的电缆终端接线端子处" if spot in IN_CABINETS else at_a_pole
    if spot == "station" and level != "lv":
        return "公用变电站（P）外第一基电杆；第一基电杆及以下线路属用电人"
    if spot not in ("pole", "line"):
        return "公用电网（P）的连接处，具体位置由现场确定"
    here, number = ("分支杆（塔）", "杆（塔）号") if level == "hv" else ("分支杆", "杆号")
    return f"公用线路（P）{here}；" if spot == "pole" else f"公用线路（P）{here}，{number}由现场确定"


@pytest.mark.parametrize("combination", product(PAYERS, LEVELS, LINES, get_args(SpotKind)))
def test_the_boundary_by_line_level_spot_and_owner(combination: tuple[Side, str, str, str]) -> None:
    """Every combination has one sentence; it is the planner's, names its article, and speaks of nothing that is not there."""
    owner, level, line, spot = combination
    facts = {"level": level, "line": line, "spot": spot}
    facts["boundary"] = boundary_of(facts, owner)
    rows = [row for row in RULES.modules if row.block == "boundary"]
    (told,) = modules(rows, facts, {"points": "P", "points_en": "P"}, {}, on=RULES.on)
    assert planned(*combination) in told.zh and told.grounds[0].clause.startswith("第五十条")
    assert ("由双方协商确定" in told.zh) is (line == "cable" and not (owner == "utility" and level == "lv"))
    named = {kind for kind, words in IN_CABINETS.items() if words.split("（P）")[0] in told.zh}
    assert named <= {spot} and ("配电室" not in told.zh or spot == "room" or level == "mv")
    assert (facts["boundary"] in NEAR) is (owner == "customer"), "the diagram draws it at the same end"


@pytest.mark.parametrize(
    ("name", "kv", "line", "boundary", "pieces"),
    [
        ("柳泉线 12 号杆", 10, "overhead", "branch_pole", "分支杆用户侧分界断路器"),
        ("柳泉线 12 号杆", 10, "cable", "cable_pole", "电杆引接点用户侧的分界断路器"),
        ("学府路#1环网柜", 10, "cable", "cable_grid", "公用环网柜出线间隔"),
        ("学府路 3 号分支箱", 10, "cable", "cable_grid", "公用电缆分支箱出线单元"),
        ("城东开闭所", 10, "cable", "cable_grid", "公用开关站出线间隔"),
        ("a2", 10, "cable", "site", "公用电网接入处的出线设备（型式由现场确定）"),
        ("a2", 10, "overhead", "branch_pole", "分支杆用户侧分界断路器"),
        ("学府路#1环网柜", 10, "overhead", "site", "公用电网连接处用户侧分界断路器"),
        ("柳泉线 7 号塔", 35, "overhead", "branch_pole", ""),
    ],
)
def test_the_pieces_and_their_price_name_what_the_boundary_names(
    name: str, kv: float, line: str, boundary: str, pieces: str
) -> None:
    leg = point("S1-B1-F1", kv=kv, name_zh=name)
    option = made(Wish(6000, 5700), leg, line=line)
    assert option.facts["boundary"] == option.builds.boundary == boundary
    outside = [piece for piece in option.builds.pieces if piece.piece in ("switch", "bay", "station_bay")]
    assert [piece.name_zh for piece in outside] == ([pieces] if pieces else [])
    duties = " ".join(module.zh for module in option.modules if module.block == "duties")
    assert pieces in duties and "变电站内" not in duties
    priced = {cost.rule: cost.payer for cost in option.costs if cost.rule.startswith(("P-SWITCH", "P-BAY"))}
    assert list(priced.values()) == [piece.payer for piece in outside]


@pytest.mark.parametrize("red_line", [False, True])
@pytest.mark.parametrize(
    ("kv", "line"), [(0.4, "overhead"), (10, "overhead"), (10, "cable"), (35, "overhead")]
)
def test_the_boundary_is_where_what_the_customer_paid_for_begins(
    red_line: bool, kv: float, line: str
) -> None:
    payer = "utility" if red_line or kv < 1 else "customer"
    option = made(Wish(50, 47, is_within_red_line=red_line), point("S1-B1-F1#003", kv=kv), line=line)
    costs = {cost.rule: cost.payer for cost in option.costs}
    lines = [rule for rule in costs if rule.startswith(("P-OH", "P-CABLE", "P-SWITCH"))]
    assert lines and {costs[rule] for rule in lines} == {payer}
    built = option.builds.of("line")
    assert built and (built.builder, built.owner) == (payer, payer)
    assert {ground.id for ground in option.builds.grounds} >= {built.grounds[0].id, "K-METER"}


def test_each_source_has_the_boundary_of_its_own_place() -> None:
    """The main from a ring-main unit, the standby from a pole: two sentences, both pieces, each priced once."""
    ring = point("S1-B1-F1", name_zh="学府路#1环网柜")
    pole = point("S2-B1-F1", name_zh="柳泉线 12 号杆")
    option = made(Wish(1260, 1197, sources=2), ring, pole, line="cable")
    (told,) = [module for module in option.modules if module.block == "boundary"]
    assert "电源 1 产权分界点" in told.zh and "电源 2 产权分界点" in told.zh
    first, second = told.zh.split("电源 2")
    assert "公用环网柜" in first and "柳泉线" not in first
    assert "电杆上的电缆引接点" in second and "环网柜" not in second
    assert "Boundary of source 1" in told.en and "Boundary of source 2" in told.en
    assert {"M-BND-RING", "M-BND-CABLE-POLE"} <= {ground.id for ground in told.grounds}
    assert {piece.piece for piece in option.builds.pieces} >= {"bay", "switch"}
    counted = {cost.rule: cost.quantity for cost in option.costs}
    assert (counted["P-BAY"], counted["P-SWITCH"], counted["P-INCOMING"]) == (1, 1, 2)


def test_what_stands_in_a_public_substation_is_kept_by_the_company_whoever_paid() -> None:
    """Art. 49 (4): 在公用变电站内由用户投资建设的供电设备，由供电企业统一运维管理."""
    option = made(Wish(9000, 8550), point("S1-B1-F1", kv=35, feeder="S1B1"))
    assert option.facts["boundary"] == "first_pole"
    bay = option.builds.of("station_bay")
    assert bay and (bay.payer, bay.owner, bay.keeper) == ("customer", "agreed", "utility"), (
        "before the boundary nothing is his"
    )


@pytest.mark.parametrize("line", ["overhead", "cable"])
def test_a_line_of_ones_own_from_a_busbar_takes_a_bay_of_the_substation(line: str) -> None:
    """Else a busbar beside the customer would always be cheaper than a public line (found on the workbench)."""
    option = made(Wish(1260, 1197), replace(point("S1-B1-F1"), feeder="S1B1"), line=line)
    assert option.facts["dedicated"] == "yes"
    assert option.builds.of("station_bay") and not option.builds.of("bay") and not option.builds.of("switch")
    (bay,) = (cost for cost in option.costs if cost.rule == "P-BAY-MV")
    assert bay.payer == "customer" and bay.mid_cny > 0
    assert not {"P-BAY", "P-SWITCH"} & {cost.rule for cost in option.costs}


def test_nobody_pays_for_a_meter_or_for_a_bay_of_a_public_cabinet() -> None:
    """Art. 75: 不得向用户收取电能计量装置费用; 间隔占用费 is one of the fees done away with."""
    option = made(Wish(1260, 1197), point("S1-B1-F1"), line="cable")
    assert {name: option.builds.payer(name) for name in ("meter", "bay")} == {
        "meter": "utility",
        "bay": "utility",
    }
    assert next(cost.payer for cost in option.costs if cost.rule == "P-BAY") == "utility"


@settings(deadline=None)
@given(
    level=st.sampled_from(["lv", "mv", "hv"]),
    line=st.sampled_from(["overhead", "cable"]),
    external_payer=st.sampled_from(["utility", "customer"]),
    spot=st.sampled_from(get_args(SpotKind)),
    sources=st.sampled_from(["1", "2", "3"]),
)
def test_every_piece_has_one_builder_and_who_pays_owns(**facts: str) -> None:
    facts["dedicated"] = "yes" if facts["spot"] == "station" and facts["level"] != "lv" else "no"
    found = builds(RULES.pieces, [facts])
    names = [piece.piece for piece in found.pieces]
    assert len(names) == len(set(names)) and {"line", "meter", "generator"} <= set(names)
    assert all(piece.payer == piece.builder and piece.grounds for piece in found.pieces)
    own = {piece.piece: piece.owner for piece in found.pieces if piece.owner != piece.payer}
    assert own in ({}, {"station_bay": "agreed"})
    line_ = found.of("line")
    assert line_ and (found.boundary in NEAR) == (line_.owner == "customer")


def heights(drawing: str, words: str) -> list[float]:
    """How low each of some words stands in a diagram."""
    return [float(y) for y in re.findall(rf'<text x="[^"]*" y="([^"]*)"[^>]*>{words}', drawing)]


@pytest.mark.parametrize(
    ("name", "kv", "line", "gear", "is_before"),
    [
        ("110kV 柳镇站 35kV Ⅰ段母线", 35, "overhead", "站内出线间隔", True),
        ("110kV 柳镇站 10kV Ⅰ段母线", 10, "cable", "站内出线间隔", True),
        ("学府路#1环网柜", 10, "cable", "公用设备出线", True),
        ("柳泉线 12 号杆", 10, "overhead", "分界断路器", False),
        ("柳泉线 12 号杆", 10, "cable", "分界断路器", False),
    ],
)
def test_the_diagram_has_the_boundary_where_the_table_has_it(
    name: str, kv: float, line: str, gear: str, is_before: bool
) -> None:
    """A bay stands on the grid's side of the boundary, the boundary breaker he pays for on his; the table says the same of both."""
    wish = Wish(6000, 5700)
    option = made(wish, point("S1-B1-F1", kv=kv, name_zh=name, bus=""), line=line)
    content = sheet(option, wish, RULES)
    drawing = one_line(content, is_zh=True)
    (at,), (bound,) = heights(drawing, gear), heights(drawing, "产权分界<")
    assert (at < bound) is is_before
    outside = [piece for piece in option.builds.pieces if piece.piece in ("switch", "bay", "station_bay")]
    assert [piece.owner == "customer" for piece in outside] == [not is_before]


def test_the_emergency_source_is_drawn_as_the_text_asks_for_it() -> None:
    wish = Wish(2000, 1900, importance="first", security_kw=500, generator_kw=300)
    content = sheet(made(wish, point("S1-B1-F1"), point("S2-B1-F1")), wish, RULES)
    assert "不小于 600 kW（现有 300 kW）" in one_line(content, is_zh=True)
