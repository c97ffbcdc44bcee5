"""What a customer is told while he applies and while he follows his case: one answer, one day, and what his own process does."""

import math
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.screen.queries.gantt import gantt_of
from jiedian.grid.network.models import Grid
from jiedian.shell.models import SimulatedTime
from jiedian.supply.study.queries.offers import why_none
from jiedian.supply.study.queries.studies import study_of
from tests.cast import do, lodge, moment
from tests.core.town import LAT, LON, STEP
from tests.supply.test_answer import located
from tests.supply.town import found_town

pytestmark = pytest.mark.django_db
AT_V3 = (LON + 2.375 * STEP, LAT + 1.2 * STEP)


@pytest.fixture(autouse=True)
def _now(db: None) -> None:
    SimulatedTime.objects.create(at=moment("2025-09-15 09:00"))


@pytest.fixture
def town() -> Grid:
    return found_town(moment("2025-09-01 08:00"))


def tracked(case: Case, at: str) -> str:
    SimulatedTime.objects.update(at=moment(at))
    client = Client()
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    return client.get(reverse("tracker", args=[case.number])).content.decode()


def far_off(kind: str, metres: float = 6700, **changes: object) -> Case:
    return located(kind, pin=(AT_V3[0], AT_V3[1] + metres / 111_195), **changes)


def expected_on(case: Case, at: str) -> date:
    gantt = gantt_of(case, at=moment(at), is_zh=True)
    assert gantt and gantt.forecast
    return gantt.forecast.on


def test_a_small_shop_is_promised_no_scheme_but_the_contract(town: Grid) -> None:
    case = far_off("LV0", capacity_kva=15)
    page = tracked(case, "2025-09-15 09:30")
    assert "方案最迟" not in page and "您这类用电不另发供电方案" in page and "3 个工作日内请您看合同" in page
    assert "受理后我们到现场勘查" in page
    do(case, "ACCEPT", "2025-09-15 10:00")
    assert "最迟 2025年9月18日" in tracked(case, "2025-09-15 10:30")


def test_after_the_survey_he_is_told_what_it_found(town: Grid) -> None:
    case = far_off("LV0", capacity_kva=15)
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 10:00", grid_works="yes", open_capacity="no")
    page = tracked(case, "2025-09-16 11:00")
    assert "已经定下：由公司先建电网配套工程" in page
    assert "受理后我们到现场勘查" not in page and "只作参考" not in page


def test_what_the_grid_has_to_build_counts_in_the_forecast_before_anybody_said_so(town: Grid) -> None:
    near, far = located("LV0", capacity_kva=15), far_off("LV0", capacity_kva=15)
    assert expected_on(far, "2025-09-15 09:30") > expected_on(near, "2025-09-15 09:30")
    page = tracked(far, "2025-09-15 09:30")
    assert "没有算进" not in page and "已按要建电网配套工程算" in page


@pytest.mark.parametrize("kind", ["RES", "LV0"])
def test_the_contract_put_before_him_is_the_answer_of_a_short_process(kind: str) -> None:
    case = lodge(kind, "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["id_card", "licence"])
    if kind == "LV0":
        do(case, "SURVEY", "2025-09-16 10:00")
        do(case, "CONTRACT_DRAFT", "2025-09-17 10:00")
    page = tracked(case, "2025-09-30 10:00")
    assert "答复供电方案晚了" not in page


def test_the_same_day_before_and_after_he_applies(town: Grid) -> None:
    place = {"lon": f"{LON + 2.2 * STEP}", "lat": f"{LAT + 1.1 * STEP}"}
    told = Client().get(
        reverse("apply_here"), {**place, "declared_class": "HV1", "capacity_kva": "800", "voltage_kv": "10"}
    )
    way = told.context["answer"].way
    case = located("HV1", capacity_kva=800, voltage_kv=Decimal(10))
    assert way.power_on == expected_on(case, "2025-09-15 09:00")


def test_a_case_at_35_kv_has_not_the_day_of_one_at_10_kv() -> None:
    small = lodge("HV1", "2025-09-15 09:00", capacity_kva=Decimal(315))
    large = lodge("HV1", "2025-09-15 09:00", capacity_kva=Decimal(12000), voltage_kv=Decimal(35))
    days = (expected_on(large, "2025-09-15 09:30") - expected_on(small, "2025-09-15 09:30")).days
    assert days > 28


def test_who_pays_to_the_red_line_is_said_where_a_price_is(town: Grid) -> None:
    place = {"lon": f"{LON + 2.2 * STEP}", "lat": f"{LAT + 1.1 * STEP}"}
    asked = {**place, "declared_class": "HV1", "capacity_kva": "800", "voltage_kv": "10"}
    assert "国办函〔2020〕129号" in Client().get(reverse("apply_here"), asked).content.decode()
    case = located("HV1", capacity_kva=800, voltage_kv=Decimal(10))
    assert "国办函〔2020〕129号" in tracked(case, "2025-09-15 09:30")


@pytest.mark.parametrize("kva", [15, 60, 150])
def test_where_the_line_cannot_hold_no_larger_transformer_is_proposed(town: Grid, kva: int) -> None:
    study = study_of(far_off("LV0", capacity_kva=kva), on=date(2025, 9, 15))
    assert study and not study.options
    codes = [reason.code for reason in study.reasons]
    assert any(code.startswith("scheme.far_") for code in codes) and "scheme.short" not in codes, codes


def test_a_voltage_is_said_in_volts(town: Grid) -> None:
    study = study_of(far_off("LV0", 900, capacity_kva=60), on=date(2025, 9, 15))
    assert study and study.offer and study.offer.line
    u_pu = study.offer.line.u_pu
    assert u_pu and f"客户处电压 {10 * u_pu:.2f} kV" in study.reasons[-1].zh
    near = located("LV0", capacity_kva=15)
    page = tracked(near, "2025-09-15 09:30")
    seen = study_of(near, on=date(2025, 9, 15))
    assert seen and seen.options
    assert " V，" in page and not math.isnan(seen.options[0].legs[0].u_pu)


def test_a_remedy_names_its_transformer_as_people_do(town: Grid) -> None:
    town.devices.filter(kind="area").update(name="沙河村#1公变")
    study = study_of(located("LVN", capacity_kva=1500), on=date(2025, 9, 15))
    assert study
    needs = [point.lift_zh for point in study.around.points if "kVA）" in point.lift_zh]
    assert needs and all("（沙河村#1公变：现" in words for words in needs), needs


def test_the_full_area_of_his_own_is_told_before_the_far_one_of_his_neighbours(town: Grid) -> None:
    study = study_of(far_off("RES", 900, capacity_kva=8, voltage_kv=Decimal("0.22")), on=date(2025, 9, 15))
    assert study and not study.options
    near, *others = sorted(study.around.points, key=lambda point: point.length.mid_m)
    full = replace(near, capacity_kw=0.0, lift_zh="受限于现状已越限的 丹桂里#1公变")
    told = why_none(study.wish, replace(study.around, points=(full, *others)), 0.22)
    assert [each.code for each in told][0] == "scheme.near_short" and "丹桂里#1公变" in told[0].zh
    assert told[-1].code.startswith("scheme.far_")


def test_what_the_customer_of_low_voltage_builds_stands_in_his_row(town: Grid) -> None:
    study = study_of(located("LVN", capacity_kva=40), on=date(2025, 9, 15))
    assert study and study.options
    main = study.options[0].builds.of("incoming")
    assert (
        main and (main.builder, main.payer, main.owner) == ("customer",) * 3 and "进线总开关" in main.name_zh
    )
