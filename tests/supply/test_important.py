"""Important users: three sources are three, one substation for grade 1 asks a reason, a hospital is no industry."""

import re
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.core.findings import Refused
from jiedian.grid.network.models import Grid
from jiedian.ground.journal.services import SYSTEM
from jiedian.people.queries import person
from jiedian.process.queries import open_steps
from jiedian.supply.menu.calc.supply import Choices, Wish
from jiedian.supply.menu.calc.units import split_transformers
from jiedian.supply.scheme.forms import UnitsField
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.studies import composed, study_of
from jiedian.supply.study.queries.uses import use_of
from jiedian.supply.study.services import locate_applicant
from tests.cast import do, lodge, moment, staff
from tests.core.town import LAT, LON, STEP
from tests.supply.test_answer import ON, located
from tests.supply.test_scheme import made, point, words
from tests.supply.town import found_town


@pytest.fixture
def town(db: None) -> Grid:
    return found_town(moment("2025-09-01 08:00"))


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("S1-B1-F1", "S2-B1-F1", "S3-B1-F1"), "三路电源来自 3 座变电站"),
        (("S1-B1-F1", "S1-B2-F1", "S2-B1-F1"), "三路电源来自 2 座变电站：S1 变电站 2 路、S2 变电站 1 路"),
        (("S1-B1-F1", "S1-B2-F1", "S1-B2-F2"), "三路电源来自同一变电站的 2 段母线"),
        (("S1-B1-F1", "S2-B1-F1"), "两路电源来自 2 座变电站"),
    ],
)
def test_three_sources_are_three(names: tuple[str, ...], told: str) -> None:
    option = made(
        Wish(2000, 1900, importance="special", security_kw=200, generator_kw=300), *map(point, names)
    )
    assert told in words(option, "source") and ("两路" in words(option, "source")) == (len(names) == 2)


@pytest.mark.parametrize(
    ("kva", "sources", "units"),
    [(2000, 3, (1000, 1000)), (12_000, 1, (8000, 4000)), (630, 2, (315, 315)), (1600, 1, (1600,))],
)
def test_two_transformers_before_three_or_four(kva: float, sources: int, units: tuple[float, ...]) -> None:
    """Two that stand in for each other are what planners build: never 4×500 for three sources, nor 3×4,000 for 12 MVA."""
    kv = 35 if kva > 5000 else 10
    option = made(Wish(kva, 0.95 * kva), *(point(f"S{n}-B1-F1", kv=kv, capacity=1e6) for n in range(sources)))
    assert option.choices.transformers == units and option.facts["units_match"] == "yes"


def test_every_standard_size_stays_whole() -> None:
    for kva in (315, 630, 2500, 5000, 20_000):
        assert split_transformers(kva) == (float(kva),)
    assert split_transformers(5000, most_kva=2500) == (2500.0, 2500.0), "the largest at 10 kV"


def test_a_grade_one_hospital_on_one_substation_is_asked_for_a_reason_and_the_countersigner_sees_it(
    town: Grid,
) -> None:
    """G9: two substations for grade 1 are a national standard, though the row is only found second hand."""
    case = located("HV2", importance="first", capacity_kva=2000, security_kw=200, generator_kw=260)
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00")
    study = study_of(case, on=ON)
    assert study
    one = composed(study, ["a2", "c2"], Choices())
    assert {leg.station for leg in one.legs} == {"S1"}
    assert "C-STATION-1" in {conflict.id for conflict in one.to_explain}
    with pytest.raises(Refused) as refusal:
        do(case, "SCHEME_DRAFT", "2025-09-17 09:00", buses=["a2", "c2"], exception_reason="")
    assert "不同变电站" in " ".join(refusal.value.words("zh"))
    why = "第二座变电站 2027 年投运，先由柴发保障"
    do(case, "SCHEME_DRAFT", "2025-09-17 09:00", buses=["a2", "c2"], exception_reason=why)
    step, client = open_steps(case.number).get(code="COUNTERSIGN"), Client()
    client.force_login(person(step.owner_id))
    page = client.get(reverse("step", args=[case.number, step.pk])).content.decode()
    assert why in page and "不同变电站" in page


def test_a_hospital_is_no_industry_and_who_cannot_be_told_is_asked(town: Grid) -> None:
    hospital, nobody = lodge("HV1", title="市第一人民医院"), lodge("HV1", title="鲁中 X", name="鲁中 X")
    assert (use_of(hospital), use_of(lodge("HV1", title="鲁中精密制造"))) == ("business", "industry")
    assert use_of(lodge("RES")) == "residential" and use_of(nobody) == ""
    for case in (hospital, nobody):
        locate_applicant(case, "", (LON, LAT + STEP), actor=SYSTEM, at=moment("2025-09-15 09:00"))
        assert Site.objects.get(case=case).use == Site.Use.BUSINESS
    assert [_asked(hospital), _asked(nobody)] == ["business", ""]
    assert _asked(lodge("HV1", title="鲁中 X", name="鲁中 X")) == "", "nor before anybody said where"


def _asked(case: Case) -> str:
    """The use that the page of a scheme proposes; empty where it asks."""
    client = Client()
    client.force_login(staff("manager"))
    page = client.get(reverse("scheme", args=[case.number])).content.decode()
    field = re.search(r'<select name="use".*?</select>', page, re.S)
    assert field
    return re.findall(r'value="(\w*)"\s+selected', field[0])[0]


def test_two_circuits_of_one_bus_section_are_never_called_two_sources() -> None:
    option = made(Wish(1260, 1197, sources=2), point("S1-B1-F1", 100), point("S1-B1-F2", 200))
    told = words(option, "source")
    assert "两路供电：" in told and "不是相互独立的电源" in told
    assert "双电源：" not in told
    option = made(Wish(1260, 1197, sources=2), point("S1-B1-F1", 100), point("S1-B2-F1", 200))
    apart = words(option, "source")
    assert "双电源：" in apart and "不是相互独立" not in apart


@pytest.mark.parametrize(
    "names", [("S1-B1-F1", "S1-B1-F2", "S1-B1-F3"), ("S1-B1-F1#1", "S1-B1-F1#2", "S1-B1-F1#3")]
)
def test_three_circuits_of_one_bus_section_are_never_called_several_sources(names: tuple[str, ...]) -> None:
    option = made(Wish(2000, 1900, sources=3), *(point(name, 100.0 * n) for n, name in enumerate(names, 1)))
    told = words(option, "source")
    assert "三路供电：" in told and "多电源：" not in told


def test_low_voltage_with_two_sources_names_both() -> None:
    points = (point("S1-B1-F1", 100, kv=0.4), point("S1-B2-F1", 120, kv=0.4))
    told = words(made(Wish(60, 57, sources=2), *points), "source")
    assert "S1B1F1" in told and "S1B2F1" in told and "两路供电" in told


def test_a_grade_one_proposal_begins_with_what_its_grade_asks() -> None:
    """Metered on each line at high voltage, changed over by itself; one transformer alone is said to be one."""
    points = point("S1-B1-F1", 100), point("S2-B1-F1", 200)
    grave = made(Wish(315, 300, importance="first", security_kw=60, generator_kw=80), *points)
    assert (grave.facts["metering"], grave.facts["changeover"]) == ("hv_hv", "auto")
    found = {conflict.id for conflict in grave.conflicts}
    assert "C-MET-MULTI" not in found and "C-UNIT-ONE" in found
    plain = made(Wish(315, 300, sources=2), *points)
    assert (plain.facts["metering"], plain.facts["changeover"]) == ("hv_hv", "manual")
    assert "C-UNIT-ONE" not in {conflict.id for conflict in plain.conflicts}
    by_hand = made(Wish(2000, 1900, importance="first"), *points, transfer="manual")
    assert by_hand.facts["changeover"] == "manual", "the planner decides"
    assert "C-UNIT-ONE" not in {conflict.id for conflict in by_hand.conflicts}, "two of 1,000 kVA"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2×160", "2*160"),
        ("2 x 630 kVA", "2*630"),
        ("２＊３１５＋２５０", "2*315+250"),
        ("630、315", "630+315"),
        ("2台1250", "2*1250"),
        ("", ""),
    ],
)
def test_transformers_are_taken_as_people_type_them(typed: str, kept: str) -> None:
    assert UnitsField().clean(typed) == kept


@pytest.mark.parametrize("typed", ["两台", "0*630", "2×", "630-315", "-630", "2**630", "1e9"])
def test_what_is_no_composition_is_refused_with_how_to_write_it(typed: str) -> None:
    with pytest.raises(ValidationError, match="2×630"):
        UnitsField().clean(typed)


def test_nobody_is_proposed_two_transformers_of_thirty() -> None:
    """60 kVA on two sources: no two small ones; the sizes that are, and that another capacity is another application, are said."""
    points = point("S1-B1-F1", 100), point("S2-B1-F1", 200)
    option = made(Wish(60, 57, sources=2), *points)
    assert option.choices.transformers == (60.0,)
    told = next(conflict for conflict in option.conflicts if conflict.id == "C-UNIT-SIZE")
    assert "一台 63 kVA，或两台 50 kVA" in told.lift_zh and "先更正申请容量" in told.lift_zh
    assert made(Wish(100, 95, sources=2), *points).choices.transformers == (50.0, 50.0)


def test_the_transformers_left_carry_what_must_run() -> None:
    """12 MVA with 6 MW that must run: 8,000 + 4,000 leave 4,000, three of 4,000 leave 8,000."""
    points = point("S1-B1-F1", kv=35, capacity=1e6), point("S2-B1-F1", kv=35, capacity=1e6)
    grave = Wish(12_000, 11_400, importance="first", security_kw=6000, generator_kw=7200)
    option = made(grave, *points)
    assert option.choices.transformers == (4000.0, 4000.0, 4000.0)
    assert "C-UNIT-LEFT" not in {conflict.id for conflict in option.conflicts}
    chosen = made(replace(grave, transformers=(8000.0, 4000.0)), *points)
    told = next(conflict for conflict in chosen.conflicts if conflict.id == "C-UNIT-LEFT")
    assert "共 4000 kVA，带不了保安负荷 6000 kW" in told.zh and told.is_advice


def test_a_price_taken_as_at_ten_kilovolts_says_so() -> None:
    """Nothing is known of a customer's station from 35 kV on; the estimate says what it took, and lies wide."""
    (station, panel) = (
        cost
        for cost in made(Wish(12_000, 11_400), point("S1-B1-F1", kv=35, capacity=1e6)).costs
        if cost.rule in ("P-STATION-HV", "P-INCOMING-HV")
    )
    assert "暂按 10 kV" in station.name_zh and "taken as" in panel.name_en
    assert station.high_cny > 2 * station.mid_cny and panel.high_cny > 2 * panel.mid_cny
    low = made(Wish(1260, 1197), point("S1-B1-F1"))
    assert not [cost for cost in low.costs if "暂按" in cost.name_zh]
