"""Who builds, pays, owns and keeps: one model, so that estimate, days, duties and boundary cannot contradict each other."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedian.supply.menu.calc.builds import builds
from jiedian.supply.menu.calc.supply import Choices, SupplyPoint, Wish
from jiedian.supply.study.calc.scheme import Option, compose
from tests.supply.test_scheme import RULES, point


def made(wish: Wish, *legs: SupplyPoint, **choices: object) -> Option:
    return compose(wish, legs, RULES, Choices(**choices), base_wd=8)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("red_line", "kv", "line", "boundary", "payer"),
    [
        (False, 10, "overhead", "branch_pole", "customer"),
        (True, 10, "overhead", "fence", "utility"),
        (False, 10, "cable", "cable_grid", "customer"),
        (True, 10, "cable", "cable_user", "utility"),
        (False, 0.4, "overhead", "lv_meter", "utility"),
        (False, 35, "overhead", "first_pole", "customer"),
        (True, 35, "overhead", "fence_pole", "utility"),
    ],
)
def test_the_boundary_is_where_what_the_customer_paid_for_begins(
    red_line: bool, kv: float, line: str, boundary: str, payer: str
) -> None:
    """Art. 50 (1)–(5) of the rule of 2024: a line the customer built ends at the branch pole, one the company built at the fence."""
    kva = 50 if kv < 1 else 1260
    option = made(Wish(kva, 0.95 * kva, is_within_red_line=red_line), point("S1-B1-F1", kv=kv), line=line)
    assert option.facts["boundary"] == option.builds.boundary == boundary
    costs = {cost.rule: cost.payer for cost in option.costs}
    lines = [rule for rule in costs if rule.startswith(("P-OH", "P-CABLE", "P-SWITCH"))]
    assert lines and {costs[rule] for rule in lines} == {payer}
    built = option.builds.of("line")
    assert built and (built.builder, built.owner) == (payer, payer)
    assert {ground.id for ground in option.builds.grounds} >= {built.grounds[0].id, "K-METER"}


def test_what_stands_in_a_public_substation_is_kept_by_the_company_whoever_paid() -> None:
    """Art. 49 (4): 在公用变电站内由用户投资建设的供电设备，由供电企业统一运维管理."""
    bay = made(Wish(9000, 8550), point("S1-B1-F1", kv=35)).builds.of("station_bay")
    assert bay and (bay.payer, bay.owner, bay.keeper) == ("customer", "customer", "utility")


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
    dedicated=st.sampled_from(["yes", "no"]),
    sources=st.sampled_from(["1", "2", "3"]),
)
def test_every_piece_has_one_builder_and_who_pays_owns(**facts: str) -> None:
    found = builds(RULES.pieces, facts)
    names = [piece.piece for piece in found.pieces]
    assert len(names) == len(set(names)) and {"line", "meter", "generator"} <= set(names)
    assert all(piece.payer == piece.owner == piece.builder and piece.grounds for piece in found.pieces)
    mine = found.boundary in ("branch_pole", "first_pole", "cable_grid", "lv_support")
    line_ = found.of("line")
    assert line_ and mine == (line_.owner == "customer")
