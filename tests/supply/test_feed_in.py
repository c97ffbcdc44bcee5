"""分布式光伏: a customer who asks for feed-in gets a scheme for PV, at light load, and is told how much fits where it does not."""

import math
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.models.feed_in import FeedIn, feed_in_kw, feed_in_mode
from jiedian.cases.case.services.work import Work
from jiedian.cases.intake.calc.application import FeedInWish
from jiedian.cases.intake.forms import SurveyForm
from jiedian.cases.intake.services.survey import fix_class, forget_survey
from jiedian.cases.papers.rows import papers
from jiedian.clocks.calc.promises import binding, profile_of
from jiedian.clocks.models import Clock
from jiedian.clocks.queries import limits
from jiedian.core.findings import Refused
from jiedian.grid.capacity.calc.lightload import light
from jiedian.grid.capacity.models import Reservation
from jiedian.grid.capacity.queries.capacity import capacity_of
from jiedian.grid.capacity.queries.present import network_now
from jiedian.grid.circuit.calc.corridor import Length
from jiedian.grid.circuit.calc.newline import KINDS, Kind, Load, Node, chosen_line
from jiedian.grid.network.models import Device, Grid
from jiedian.ground.journal.services import SYSTEM
from jiedian.process.queries import open_steps
from jiedian.supply.menu.calc.oneline import one_line
from jiedian.supply.scheme.queries.sheet import form_of
from jiedian.supply.study.calc.ends import volts_at
from jiedian.supply.study.queries.feeding import most_fed, what_fits
from jiedian.supply.study.queries.rules import conductors, hold
from jiedian.supply.study.queries.studies import Study, study_of
from jiedian.supply.study.services import locate
from tests.cast import codes, do, lodge, moment
from tests.cast import form_of as form_of_step
from tests.core.town import LAT, LON, STEP, network
from tests.supply.town import found_town

AT, ON = moment("2025-09-15 09:00"), date(2025, 9, 15)
V3 = (LON + 2 * STEP + 3 * STEP / 8, LAT + 1.2 * STEP)
"""The end of the low-voltage line."""


@pytest.fixture
def town(company: None) -> Grid:
    return found_town(moment("2025-09-01 08:00"))


def asking(kw: float, *, metres: float = 20, mode: str = "surplus", **changes: Any) -> Case:
    kind, kv = ("PV", "0.22" if kw <= 8 else "0.38") if kw <= 400 else ("PVH", "10")
    wish = FeedInWish(mode, "own")
    asked = {"capacity_kva": Decimal(str(kw)), "voltage_kv": Decimal(kv), "feed_in": wish} | changes
    case = lodge(kind, "2025-09-15 09:00", **asked)
    locate(case, {"pin": (V3[0], V3[1] + metres / 111_195), "use": "residential"}, actor=SYSTEM, at=AT)
    return case


def studied(case: Case) -> Study:
    found = study_of(case, on=ON, is_deep=False)
    assert found
    return found


@given(st.floats(0, 1), st.lists(st.floats(-1e4, 1e4), min_size=19, max_size=19))
def test_light_load_takes_a_share_of_what_is_drawn_and_nothing_of_what_is_given(
    share: float, drawn: list[float]
) -> None:
    import numpy as np

    given_ = network()
    loads = replace(given_.loads, p_kw=np.array(drawn), q_kvar=np.array(drawn) * 0.3)
    found = light(replace(given_, loads=loads), share)
    for before, after in zip(drawn, found.loads.p_kw.tolist(), strict=True):
        assert after == pytest.approx(before * share if before > 0 else before)
    assert found.generators == given_.generators and found.lines is given_.lines


@pytest.mark.django_db
def test_feed_in_is_computed_at_light_load_and_what_flows_back_stays_within_the_transformer(
    town: Grid,
) -> None:
    """400 kVA at 80 % is 320; behind it 90 kW are drawn in the model, 18 at light load."""
    area = town.devices.get(kind=Device.Kind.AREA)
    found = capacity_of(area, on=ON, direction="generation").physical_kw
    assert found is not None and found <= 320 + 0.2 * 90 + 3
    assert found > 250, "the rating binds, not nothing"


@pytest.mark.django_db
def test_what_is_promised_to_pv_lowers_the_feed_in_of_what_lies_above_and_leaves_the_load_alone(
    town: Grid,
) -> None:
    area = town.devices.get(kind=Device.Kind.AREA)
    before = [capacity_of(area, on=ON, direction=way).physical_kw or 0 for way in ("generation", "load")]
    case = asking(40)
    walked(case, "SCHEME_SIGN")
    kept = Reservation.objects.get(subject=case.number)
    assert (kept.is_generation, kept.kw, kept.state) == (True, 40, "held")
    after = [capacity_of(area, on=ON, direction=way).physical_kw or 0 for way in ("generation", "load")]
    assert before[0] - after[0] == pytest.approx(40, abs=4) and after[1] == before[1]
    while case.is_open and "ENERGISE" not in codes(case):
        do(case, sorted(codes(case))[0], "2025-09-18 09:00")
    do(case, "ENERGISE", "2025-09-19 09:00")
    running = capacity_of(area, on=ON, direction="generation").physical_kw
    assert running == pytest.approx(after[0], abs=1), "no month measures it: it stays until the next network"


def walked(case: Case, last: str) -> None:
    """The case up to a step, its scheme the study's first."""
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-15 11:00")
    option = studied(case).options[0]
    values = {"buses": [leg.bus for leg in option.legs], "choices": option.choices, "exception_reason": ""}
    do(case, "SCHEME_REPLY", "2025-09-16 09:00", **values)
    if last == "SCHEME_SIGN":
        do(case, "SCHEME_SIGN", "2025-09-17 09:00")


@pytest.mark.django_db
def test_a_household_with_8_kw_gets_a_scheme_for_pv_and_nothing_of_power(town: Grid) -> None:
    case = asking(8)
    walked(case, "SCHEME_REPLY")
    scheme = case.schemes.get()
    assert scheme.depth == 1 and not scheme.missing and scheme.exception_reason == ""
    form = form_of(scheme, "zh-hans")
    said = dict(form["parts"]["feed_in"])
    assert (
        "双向电能表" in said["电能计量"]
        and "防孤岛" in said["并网保护"]
        and "购售电合同" in said["购售电合同"]
    )
    assert "余电上网" in said["上网方式"] and "轻载" in " ".join(said)
    assert form["title"] == "分布式光伏接入系统方案答复单" and ("装机容量", "8 kW") in form["header"]
    assert {"项目地址", "上网方式", "并网电压", "组件容量（直流侧）"} <= dict(form["header"]).keys()
    assert not any("供电" in label or "用电" in label for label, _value in form["header"])
    assert (
        form["meters"] == [] and form["fees"] == [] and form["costs"] == [] and "不收费" in form["fee_words"]
    )
    (checked, line), (_entry, existing) = form["sources"][0]["entry"]
    leg = studied(case).options[0].legs[0]
    assert form["sources"][0]["capacity"] == "8 kW" and "kVA" not in str(form["points"])
    assert case.unit == "kW"
    line_of = leg.line("overhead") or leg.line("cable")
    assert line_of and line_of.end_pu == line_of.feed_pu, (
        "what is told is the voltage that comes nearer to a limit"
    )
    assert volts_at(0.22, line_of.end_pu) in str(said), "the reply says the same"
    assert form["sources"][0]["role"] == "并网点" and checked == "校核所依导线"
    assert leg.lines[0].name_zh in line and f"约 {leg.length.mid_m:.0f} m" in line
    assert "现场核实" in existing and "更换" in existing
    assert ("户号", "沿用现有户号") in form["header"]
    owed = {row.name_zh for row in papers("distributed", on=ON) if row.defer_until_step == "COMPLETION_CHECK"}
    ((bundle, told),) = form["papers"]["bundles"]
    assert bundle == "并网验收资料" and {name.rpartition("（申请")[0] or name for name in told} == owed
    notices = " ".join(words for _name, words in form["parts"]["notice"])
    assert "有效期至" in notices and "三个月" not in notices and "再行协商" not in notices
    assert "10 个工作日" not in str(form), "no figure of a superseded paper in a form that is signed"
    assert not {"metering", "receiving"} & {k for k, lines in form["parts"].items() if lines}
    english = form_of(scheme, "en")
    assert "anti-islanding" in str(english["parts"]["feed_in"])


@pytest.mark.django_db
def test_pv_at_10_kv_stands_behind_its_transformer_and_has_no_drop_of_a_load(town: Grid) -> None:
    case = asking(2000, mode="full")
    walked(case, "SCHEME_REPLY")
    scheme = case.schemes.get()
    drawn = one_line(scheme.content, is_zh=True)
    assert "升压变压器" in drawn and "逆变器" in drawn
    low = scheme.content | {"sources": [scheme.content["sources"][0] | {"kv": 0.38}]}
    assert "升压变压器" not in one_line(low, is_zh=True)
    assert ("线路压降", "0%") not in form_of(scheme, "zh-hans")["sources"][0]["entry"]


@pytest.mark.django_db
def test_100_kw_at_the_end_of_a_weak_line_is_told_how_much_fits_and_three_ways_on(town: Grid) -> None:
    asked = asking(100, metres=300, mode="full")
    found = studied(asked)
    told = {r.code: r for r in found.reasons}
    assert not found.options and "scheme.feed_fits" in told
    words, fits = told["scheme.feed_fits"].zh, told["scheme.feed_fits"].facts["fits_kw"]
    assert 0 < fits < 100 and f"{fits:.0f} kW" in words
    for way in ("减小到", "全部自用", "重新申请"):
        assert way in words
    assert "上一级" not in words and "排队" not in words, "nobody is queued before a scheme is signed"
    assert studied(asking(fits, metres=300, mode="full", phone="13812345679")).options, (
        "what is said to fit fits"
    )
    assert not studied(asking(fits + 3, metres=300, mode="full", phone="13812345670")).options


@pytest.mark.django_db
def test_who_uses_all_of_it_on_the_spot_takes_nothing_of_the_grid(town: Grid) -> None:
    case = asking(300, metres=300, mode="self")
    found = studied(case)
    assert found.options and found.wish.feed_in_kw == 0
    assert "防逆流" in " ".join(m.zh for m in found.options[0].modules)
    walked(case, "SCHEME_SIGN")
    assert not Reservation.objects.filter(subject=case.number).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["LVN", "HV1"])
def test_who_asks_for_no_pv_reads_nothing_of_it(town: Grid, kind: str) -> None:
    case = lodge(kind, "2025-09-15 09:00")
    locate(case, {"pin": (V3[0], V3[1] + 20 / 111_195)}, actor=SYSTEM, at=AT)
    assert not [m.zh for o in studied(case).options for m in o.modules if m.block == "feed_in"]


LENGTH = Length(36, 40, 46, "straight")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("u_pu", "before_m", "of_a_load", "of_pv"),
    [
        (0.92, 0, "low", ""),
        (1.0, 480, "length", ""),
        (1.08, 0, "high", "high"),
        (math.nan, 480, "length", "unknown"),
    ],
)
def test_who_only_feeds_in_is_held_to_the_upper_limit_and_not_to_those_of_a_load(
    kind: Kind, u_pu: float, before_m: float, of_a_load: str, of_pv: str
) -> None:
    held = replace(hold(0.4, is_single_phase=False), before_m=before_m)
    for is_drawn, expected in ((True, of_a_load), (False, of_pv)):
        load = Load(8, 0.0, 0.33, feed_in_kw=8, is_drawn=is_drawn)
        found = chosen_line(
            conductors(), kind, load, Node(0.4, u_pu, 0), LENGTH, replace(held, is_drawn=is_drawn)
        )
        assert found and found.binds == expected


@pytest.mark.django_db
def test_pv_within_reach_of_nothing_but_the_voltage_is_connected_where_a_load_is_not(town: Grid) -> None:
    """The last node has 150 m of line before it: 450 m more are beyond the supply radius of 500 m, which is no rule of PV."""
    for mode in ("surplus", "self"):
        found = studied(asking(3, metres=450, mode=mode, phone=f"1381234567{len(mode) % 10}"))
        assert found.options and {line.binds for line in found.options[0].legs[0].lines} == {""}
        assert all(leg.length.mid_m + leg.feeding_m > 500 for leg in found.options[0].legs)
    drawn = lodge("LVN", "2025-09-15 09:00", capacity_kva=Decimal(3), phone="13812345671")
    locate(drawn, {"pin": (V3[0], V3[1] + 450 / 111_195)}, actor=SYSTEM, at=AT)
    assert not studied(drawn).options


@pytest.mark.django_db
def test_nothing_is_promised_by_a_line_that_was_refused(town: Grid) -> None:
    """A load beyond the radius, 8 kW of feed-in beside it: no word of feed-in, and never "at most 8, asked 8"."""
    case = lodge("LVN", "2025-09-15 09:00", capacity_kva=Decimal(5))
    place = {"pin": (V3[0], V3[1] + 450 / 111_195), "feed_in_kw": 8.0}
    locate(case, place, actor=SYSTEM, at=AT)
    found = studied(case)
    assert found.wish.feed_in_kw == 8 and not found.options
    assert "scheme.far_length" in {row.code for row in found.reasons}
    assert not {"scheme.feed_fits", "scheme.feed_nothing"} & {row.code for row in found.reasons}
    point = replace(found.around.points[0], feed_kw=500.0)
    assert all(line.binds == "length" for line in point.lines)
    assert most_fed(network_now(town.code), point, found.wish) == 0, (
        "existing line counts as the judge counts it"
    )


@pytest.mark.django_db
def test_what_fits_whole_is_not_told_to_be_reduced(town: Grid) -> None:
    found = studied(asking(8))
    assert found.options and not what_fits(found.site, found.wish, found.around)


@pytest.mark.django_db
def test_pv_at_10_kv_pays_for_no_substation_and_no_incoming_panel_it_has(town: Grid) -> None:
    option = studied(asking(1000, metres=100)).options[0]
    assert not {"P-STATION", "P-INCOMING"} & {line.rule for line in option.costs}
    assert not {"station", "incoming"} & {piece.piece for piece in option.builds.pieces}


@pytest.mark.django_db
def test_a_survey_that_finds_pv_asks_how_it_feeds_in_and_its_undo_forgets_it(town: Grid) -> None:
    case = lodge("RES", "2025-09-15 09:00")
    locate(case, {"pin": (V3[0], V3[1] + 20 / 111_195)}, actor=SYSTEM, at=AT)
    values = {"case_class": "PV", "voltage_kv": "0.22", "capacity_kva": "8"}
    with pytest.raises(Refused) as refusal:
        fix_class(case, values, actor=SYSTEM, at=AT)
    assert [found.code for found in refusal.value.findings] == ["application.solar"]
    case = Case.objects.get(pk=case.pk)
    case.case_class = "PV"
    assert feed_in_mode(case) == "" and feed_in_kw(case) == 8, "nobody said: nothing is put in his mouth"
    with pytest.raises(Refused):
        study_of(case, on=ON, is_deep=False)
    case = Case.objects.get(pk=case.pk)
    with transaction.atomic():
        fix_class(case, values | {"mode": "self", "roof": "leased"}, actor=SYSTEM, at=AT)
    kept = FeedIn.objects.get(case=case)
    assert (kept.mode, kept.roof) == ("self", "leased") and studied(case).wish.feed_mode == "self"
    with transaction.atomic():
        forget_survey(Work(case, open_steps(case.number).get(code="ACCEPT"), SYSTEM, AT))
    case = Case.objects.get(pk=case.pk)
    assert case.case_class == "RES" and not FeedIn.objects.filter(case=case).exists()


@pytest.mark.django_db
def test_the_form_of_the_survey_asks_mode_and_roof_of_pv_alone(town: Grid) -> None:
    case = asking(8)
    do(case, "ACCEPT", "2025-09-15 10:00")
    form = SurveyForm(case=case)
    assert (form["mode"].value(), form["roof"].value()) == ("surplus", "own")
    said = form_of_step(case, open_steps(case.number).get(code="SURVEY"), AT) | {"mode": "", "roof": ""}
    assert "mode" in SurveyForm(said, case=case).errors
    assert "mode" not in SurveyForm(said | {"mode": "full", "roof": "own"}, case=case).errors


@pytest.mark.django_db
def test_our_own_clocks_run_on_pv_and_those_of_the_supply_rules_do_not(company: None) -> None:
    case = lodge("PV", "2025-09-15 09:00")
    rows = limits().values()
    for kind in ("PV", "PVH"):
        of_pv = profile_of(kind, voltage_kv=case.voltage_kv)
        for event, started in (
            ("message.from_customer", {"K-MESSAGE"}),
            ("task.sent", {"K-ACK-TASK", "K-TASK"}),
            ("question.asked", {"K-QUESTION"}),
            ("countersign.sent", {"K-ACK-CS"}),
            ("call.asked", {"K-CALL"}),
            ("case.applied", {"K-ACCEPT"}),
            ("done:COMPLETION_APPLY", {"DG3", "DG4"}),
            ("ready:ENERGISE", set()),
        ):
            found = {row.id for row in binding(rows, of_pv, event=event, on=ON)}
            assert found >= started and not {row for row in found if row.startswith("T")}, (kind, event)
    assert Clock.objects.filter(subject=case.number, limit_id="K-ACCEPT").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mode", "drawn", "not_drawn"),
    [
        ("full", ("上网关口电能表", "光伏 8 kW"), ("用电人负荷", "发电量表", "防逆流")),
        ("surplus", ("关口双向电能表", "发电量表", "用电人负荷"), ("防逆流", "上网关口")),
        ("self", ("关口双向电能表", "防逆流装置", "用电人负荷"), ("上网关口",)),
    ],
)
def test_the_reply_to_pv_has_its_diagram_its_duties_and_its_next_steps(
    town: Grid, mode: str, drawn: tuple[str, ...], not_drawn: tuple[str, ...]
) -> None:
    case = asking(8, mode=mode)
    walked(case, "SCHEME_REPLY")
    form = form_of(case.schemes.get(), "zh-hans")
    assert all(words in form["diagram"] for words in ("产权分界", "防孤岛", *drawn))
    assert not any(words in form["diagram"] for words in not_drawn)
    duties = " ".join(f"{label} {words}" for label, words in form["parts"]["duties"])
    assert "光伏设施属用电人" in duties and "不向用电人收取电能计量装置费用" in duties
    told = {what: (who, by) for what, who, by in form["steps"]}
    assert told["客户确认方案"] == ("您", "有效期内")
    assert told["并网验收申请"] == ("您", "“客户光伏工程施工”之后")
    assert told["装表"][0] == told["并网运行"][0] == "供电企业" and "出具接入电网意见函" not in told
    english = form_of(case.schemes.get(), "en")
    assert "anti-islanding" in english["diagram"] and english["steps"][0][1] == "You"
    assert not any("\u4e00" <= letter <= "\u9fff" for row in english["steps"] for letter in "".join(row))
