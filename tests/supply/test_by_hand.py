"""A scheme written by a person promises nothing that nobody computed, and is held to the rules like a composed one."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from jiedian.cases.case.models.case import Case
from jiedian.cases.intake.services.corrections import correct
from jiedian.core.findings import Refused
from jiedian.grid.network.models import Grid
from jiedian.shell.kit.roads import address
from jiedian.supply.scheme.forms import ReplyForm, SchemeForm
from jiedian.supply.scheme.queries.panel import map_of_version as scheme_map
from jiedian.supply.scheme.services.drafts import composed_version, entered
from jiedian.supply.study.calc.options import options
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.studies import study_of
from jiedian.supply.study.services import locate
from tests.browser.walker import run_reactions
from tests.cast import lodge
from tests.deeds import scheme_values
from tests.supply.test_reply_form import AT, BESIDE, KINDS, PLANNER, composed, text_of, town

__all__ = ["town"]
pytestmark = pytest.mark.django_db


def test_a_breaking_current_is_no_figure_while_the_fault_level_is_unknown() -> None:
    case = lodge("HV1")
    told = text_of(entered(case, scheme_values(case), actor=PLANNER, at=AT), "zh-hans")
    assert "额定短路开断电流按供电企业书面提供的短路容量选定" in told
    assert not re.search(r"\d+(\.\d+)?kA(?!\w)", told)


def test_two_sources_by_hand_promise_neither_capacity_nor_names() -> None:
    case = lodge("HV2")
    scheme = entered(case, scheme_values(case) | {"apart": "station"}, actor=PLANNER, at=AT)
    told = text_of(scheme, "zh-hans")
    assert "每路均能承担全部负荷" not in told
    assert "两路电源来自2座变电站。" in told
    assert "2 sources from 2 substations." in text_of(scheme, "en")


def test_while_nobody_said_how_far_apart_the_form_claims_neither(town: Grid) -> None:
    case = lodge("HV2")
    told = text_of(entered(case, scheme_values(case), actor=PLANNER, at=AT), "zh-hans")
    assert "两路供电：主供" in told and "双电源：" not in told and "相互独立的电源" not in told


def test_what_a_rule_forbids_asks_for_a_reason_by_hand_too() -> None:
    case = lodge("HV2", importance="first", capacity_kva=Decimal(2000))
    values = scheme_values(case) | {"apart": "feeder", "exception_reason": ""}
    with pytest.raises(Refused, match="scheme.conflict") as refused:
        entered(case, values, actor=PLANNER, at=AT)
    assert any("不同变电站" in words for words in refused.value.words("zh-hans"))
    assert not case.schemes.exists()
    kept = entered(case, values | {"exception_reason": "会议纪要同意例外"}, actor=PLANNER, at=AT)
    assert kept.exception_reason == "会议纪要同意例外"


@pytest.mark.parametrize(
    ("units", "metering", "says"),
    [("5*5000", "", "合计 25000 kVA"), ("2*1000", "hv_lv", "高供高计"), ("2000", "hv_lv", "高供高计")],
)
def test_an_unusual_composition_by_hand_asks_for_a_reason(units: str, metering: str, says: str) -> None:
    case = lodge("HV1", capacity_kva=Decimal(2000))
    values = scheme_values(case) | {"units": units, "metering": metering, "exception_reason": ""}
    with pytest.raises(Refused, match="scheme.conflict") as refused:
        entered(case, values, actor=PLANNER, at=AT)
    assert any(says in words for words in refused.value.words("zh-hans"))


def test_a_hospital_by_hand_is_no_industry() -> None:
    case = lodge("HV1", name="鲁中市人民医院")
    told = text_of(entered(case, scheme_values(case), actor=PLANNER, at=AT), "zh-hans")
    assert "用电类别工业" not in told


def test_a_composed_scheme_keeps_its_own_transformers(town: Grid) -> None:
    """315 kVA metered at low voltage: 455 A, whatever a form of before still says."""
    case_class, changes, site = KINDS["metered low"]
    case = lodge(case_class, **changes)
    locate(case, site, actor=PLANNER, at=AT)
    study = study_of(case, on=AT.date())
    assert study
    scheme = composed_version(case, study, study.options[0], {"ct_ratio": "75/5"}, actor=PLANNER, at=AT)
    assert [meter["ct_ratio"] for meter in scheme.content["meters"]] == ["500/5"]


def test_the_meter_of_a_line_of_ones_own_stands_at_home_and_its_losses_are_ones_own(town: Grid) -> None:
    case_class, changes, site = KINDS["factory"]
    case = lodge(case_class, **changes)
    locate(case, site, actor=PLANNER, at=AT)
    study = study_of(case, on=AT.date())
    assert study
    option = next(o for o in study.options if o.facts["boundary"] == "branch_pole")
    words = {module.slot: module.zh for module in option.modules if module.block == "metering"}
    assert "用户进线计量柜" in words["place"] and "产权所有者负担" in words["loss"]


def test_a_query_is_added_to_a_page_once() -> None:
    assert address("?", (), "bus=a&bus=b") == "?bus=a&bus=b"


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ({"capacity_kva": "12500"}, "capacity_kva"),
        ({"units": "1*50"}, "units"),
        ({"units": "0*100"}, "units"),
        ({"metering": "lv_lv"}, "metering"),
        ({"ct_ratio": "5000"}, "ct_ratio"),
        ({"meter_class": "9"}, "meter_class"),
    ],
)
def test_nonsense_by_hand_is_refused_at_its_field(typed: dict[str, str], at: str) -> None:
    case = lodge("HV1", capacity_kva=Decimal(1250))
    said = {name: str(value) for name, value in scheme_values(case).items()} | {"units": "2*625"}
    assert SchemeForm(said, case=case).is_valid()
    assert at in SchemeForm(said | typed, case=case).errors


def test_another_address_is_another_place(town: Grid) -> None:
    case = lodge("LVN")
    locate(case, {"pin": BESIDE, "use": "business"}, actor=PLANNER, at=AT)
    correct(case, {"phone": "13900000009"}, reason="换号", actor=PLANNER, at=AT + timedelta(hours=1))
    run_reactions()
    assert Site.objects.filter(case=case).exists()
    correct(case, {"address": "兰亭里 9 号"}, reason="写错了", actor=PLANNER, at=AT + timedelta(hours=2))
    run_reactions()
    assert not Site.objects.filter(case=case).exists()


def test_a_cabinet_has_no_pole_to_hang_a_line_on(town: Grid) -> None:
    case = lodge("HV1")
    locate(case, {"pin": BESIDE, "use": "industry"}, actor=PLANNER, at=AT)
    study = study_of(case, on=AT.date())
    assert study
    points = [replace(point, name_zh=f"{point.name_zh}#3环网柜") for point in study.around.points]
    found = options(study.wish, points, study.rules, base_wd=study.base_wd)
    assert found and {option.choices.line for option in found} == {"cable"}


def codes(case_class: str, typed: dict[str, str], **changes: object) -> dict[str, bool]:
    """Conflicts of a scheme by hand, and whether each only advises; no reason is given."""
    case = lodge(case_class, **changes)
    scheme = entered(case, scheme_values(case) | {"exception_reason": ""} | typed, actor=PLANNER, at=AT)
    return {conflict["id"]: conflict["is_advice"] for conflict in scheme.conflicts}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, ""),
        ({"ct_ratio": "50/5"}, "C-CT-SAID-SMALL"),
        ({"ct_ratio": "500/5"}, "C-CT-SAID-LARGE"),
        ({"ct_ratio": "75/5", "metering": "hv_hv"}, ""),
        ({"meter_class": "2.0"}, "C-CLASS-SAID"),
        ({"meter_class": "0.2S"}, ""),
        ({"supply_point": "35kV 柳镇站"}, "C-NAME-KV"),
        ({"supply_point": "110kV 柳镇站 10kV Ⅰ段母线"}, ""),
        ({"supply_point": "柳泉线 12 号杆"}, ""),
    ],
)
def test_a_figure_by_hand_that_does_not_fit_is_said_and_not_refused(typed: dict[str, str], said: str) -> None:
    """1,250/(√3·10) = 72.2 A: 50/5 does not carry it, 500/5 runs at 10 %."""
    found = codes("HV1", {"units": "1250", "metering": "hv_hv"} | typed, capacity_kva=Decimal(1250))
    told = {code for code in found if code.startswith(("C-CT", "C-CLASS", "C-NAME"))}
    assert told == ({said} if said else set()) and all(found[code] for code in told)


def test_the_ratio_is_held_against_the_voltage_at_the_meter() -> None:
    """315 kVA metered at 0.4 kV draw 455 A, at 10 kV 18 A."""
    for way, ratio, said in (("hv_lv", "75/5", "C-CT-SAID-SMALL"), ("hv_hv", "500/5", "C-CT-SAID-LARGE")):
        typed = {"ct_ratio": ratio, "metering": way, "exception_reason": "客户要求在此侧计量"}
        assert said in codes("HV1", typed, capacity_kva=Decimal(315))


@pytest.mark.parametrize("standby", ["10kV 柳泉线 12 号杆", "柳泉线 30号杆"])
def test_one_point_or_line_written_twice_is_one_source(standby: str) -> None:
    case = lodge("HV2")
    scheme = entered(case, scheme_values(case) | {"standby_point": standby}, actor=PLANNER, at=AT)
    assert {"C-SAME", "C-SRC"} <= {conflict["id"] for conflict in scheme.conflicts}
    assert "不构成多电源" in text_of(scheme, "zh-hans") and "双电源：" not in text_of(scheme, "zh-hans")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "切换方式（备自投或手动）由双方商定"),
        ("auto", "备自投切换；各路不并列运行"),
        ("manual", "手动切换"),
    ],
)
def test_nobody_is_given_a_change_over_he_did_not_ask_for(typed: str, told: str) -> None:
    """Art. 64: 加装连锁装置，或按照供用双方签订的协议进行调度操作; which of both is theirs to say, at grade 1 too."""
    case = lodge("HV2", importance="first", capacity_kva=Decimal(2000))
    values = scheme_values(case) | {"apart": "station", "transfer": typed}
    assert "transfer" in SchemeForm(case=case).fields
    said = text_of(entered(case, values, actor=PLANNER, at=AT), "zh-hans")
    assert told in said and ("装设备自投" in said) is (typed == "auto")


@pytest.mark.parametrize(
    ("point", "told", "never"),
    [
        ("35kV 柳泉线 7 号塔", "分支杆（塔）", "公用变电站"),
        ("110kV 柳镇站 35kV Ⅰ段母线", "第一基电杆及以下线路属用电人", "分支杆"),
        ("柳镇", "具体位置由现场确定", "第一基电杆"),
    ],
)
def test_a_tee_off_a_line_takes_no_bay_of_a_substation(point: str, told: str, never: str) -> None:
    case = lodge("HV1", voltage_kv=Decimal(35), capacity_kva=Decimal(6300))
    typed = {"supply_point": point, "boundary": "", "units": "6300"}
    said = text_of(entered(case, scheme_values(case) | typed, actor=PLANNER, at=AT), "zh-hans")
    assert told in said and never not in said
    assert ("交接协议" in said) is ("母线" in point)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_scheme_at_110_kilovolts_speaks_of_no_lower_voltage(language: str) -> None:
    case = lodge("HV1", voltage_kv=Decimal(110), capacity_kva=Decimal(31_500))
    typed = {"boundary": "", "supply_point": "220kV 柳镇站 110kV Ⅰ段母线", "units": "31500"}
    said = text_of(entered(case, scheme_values(case) | typed, actor=PLANNER, at=AT), language)
    named = set(re.findall(r"(?<![\d.])\d+(?:\.\d+)?(?=\s?kV(?!A))", said))
    assert {"110", "126"} <= named <= {"110", "126", "220", "3"}, named


def posted(case: Case) -> SchemeForm:
    """The form by hand as it opens, sent back unchanged."""
    begun = SchemeForm(case=case)
    return SchemeForm({name: "" if v is None else str(v) for name, v in begun.initial.items()}, case=case)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_form_by_hand_begins_with_is_taken_unchanged(town: Grid, kind: str) -> None:
    """What was composed before is composed anew, not kept as a person's words, and nothing is said twice."""
    before = composed(kind)
    form = posted(before.case)
    assert form.is_valid(), form.errors
    again = entered(before.case, form.cleaned_data | {"exception_reason": "核定后采用"}, actor=PLANNER, at=AT)
    assert (again.supply_point, again.content["sources"][0]["entry"], again.content["units"]) == (
        before.supply_point,
        before.content["sources"][0]["entry"],
        before.content["units"],
    )
    assert not [row for row in again.modules if not row["rules"]]
    lines = [row["zh"] for row in again.modules]
    assert len(lines) == len(set(lines))
    assert "产权分界点产权分界点" not in text_of(again, "zh-hans")
    assert "boundaryBoundary" not in text_of(again, "en").replace("property", "")


def test_the_next_version_by_hand_speaks_of_its_own_points_alone(town: Grid) -> None:
    before = composed("hospital")
    gone = before.standby_point
    form = posted(before.case)
    assert form.is_valid()
    values = form.cleaned_data | {"standby_point": "110kV 云溪变 10kVⅡ母", "exception_reason": "会签意见"}
    kept = entered(before.case, values, actor=PLANNER, at=AT)
    told = text_of(kept, "zh-hans")
    assert gone not in told and "云溪变" in told
    main, standby = kept.content["sources"]
    assert main["kind"] == "public" and standby["kind"] == "own" and "交接协议" in told
    drawn = scheme_map(kept.case, kept, at=AT)
    assert gone not in drawn and drawn.count("<title>新建 ") <= 1, (
        "the line of the one point the network knows"
    )


def test_words_of_the_version_before_are_refused_where_they_stand() -> None:
    case = lodge("HV1", capacity_kva=Decimal(1250))
    entered(case, scheme_values(case) | {"duties": "在柳泉线 12 号杆处交接"}, actor=PLANNER, at=AT)
    begun = {name: str(value) for name, value in SchemeForm(case=case).initial.items()}
    assert SchemeForm(begun, case=case).is_valid(), "his own words stand there again"
    moved = SchemeForm(begun | {"supply_point": "10kV 高新线 3 号杆"}, case=case)
    assert set(moved.errors) == {"boundary", "duties"}
    assert "柳泉线 12 号杆" in moved.errors["duties"][0]
    assert SchemeForm(
        begun | {"supply_point": "10kV 高新线 3 号杆", "boundary": "", "duties": ""}, case=case
    ).is_valid()


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ({"supply_point": "110kV 云溪变 110kV Ⅰ段母线"}, "supply_point"),
        ({"supply_point": "110kV 云溪变 10kV Ⅰ段母线"}, ""),
        ({"supply_point": "学府路#1环网柜", "line": "overhead"}, "line"),
        ({"supply_point": "学府路#1环网柜", "line": "cable"}, ""),
        ({"line": ""}, "line"),
    ],
)
def test_what_contradicts_itself_or_the_application_is_refused_at_its_field(
    typed: dict[str, str], at: str
) -> None:
    case = lodge("HV1", capacity_kva=Decimal(1250))
    said = {name: str(value) for name, value in scheme_values(case).items()} | {"units": "2*625"}
    assert set(SchemeForm(said | typed, case=case).errors) == ({at} if at else set())


def test_a_visit_without_a_draft_holds_what_is_written_to_the_same(town: Grid) -> None:
    case = lodge("LVN", capacity_kva=Decimal(60))
    said = {name: str(value) for name, value in scheme_values(case).items()}
    assert "capacity_kva" in ReplyForm(said | {"capacity_kva": "61"}, case=case).errors
    assert not ReplyForm(said, case=case).errors
