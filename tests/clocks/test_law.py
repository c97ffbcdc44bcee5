"""What the law allows, step by step and class by class, on the last day of the old rules, on the first of the new, today."""

import csv
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.clocks.calc.promises import Limit, binding, deadline_of, profile_of
from jiedian.clocks.models import Clock
from jiedian.clocks.queries import aside, citizens, clocks_of, limits, view
from jiedian.clocks.services import sweep
from jiedian.core.evidence import Grade
from jiedian.core.workdays import Calendar
from jiedian.ground.journal.queries import facts_of
from jiedian.process.rows import steps as step_rows
from tests.cast import codes, do, lodge, moment, staff, tell

TABLE = Path(__file__).parents[1] / "data" / "law_limits.csv"
"""Origin: since 2024-06-01 the articles quoted in the column ``words`` (第一百一十条: 本规则自 2024 年 6 月 1 日起施行);
before that the figures of 供电监管办法 (2009), known through quotations only."""
ROWS = list(csv.DictReader(TABLE.read_text("utf-8").splitlines()))
LAST_OF_OLD, FIRST_OF_NEW, TODAY = date(2024, 5, 31), date(2024, 6, 1), date(2026, 11, 27)
TEN = ("SGCC-1493", "SGCC-promise-new", "SGCC-promise-complaint")
STARTS = {
    "SCHEME_REPLY": "done:ACCEPT",
    "COMPLETION_CHECK": "done:COMPLETION_APPLY",
    "METER_CONNECT": "ready:ENERGISE",
}


def by_law(step: str, case_class: str, on: date, *, voltage_kv: int = 10) -> list[Limit]:
    """What binds a step by law on a day."""
    profile = profile_of(case_class, voltage_kv=Decimal(voltage_kv))
    event = STARTS.get(step, f"opened:{step}")
    found = binding(limits().values(), profile, event=event, on=on)
    return [limit for limit in found if limit.scope == "law" and limit.step == step]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['step']}-{row['case_class']}")
def test_the_law_of_the_day_binds(row: dict[str, str]) -> None:
    days = {
        LAST_OF_OLD: row["until_2024_05_31_wd"],
        FIRST_OF_NEW: row["since_2024_06_01_wd"],
        TODAY: row["since_2024_06_01_wd"],
    }
    for on, working_days in days.items():
        (limit,) = by_law(row["step"], row["case_class"], on)
        assert (str(limit.value), limit.unit) == (working_days, "wd"), (limit.id, on)
    clause = row["words"].partition("：")[0]
    assert (limit.source_id, limit.clause, limit.grade) == ("GYGZ-2024", clause, Grade.VERBATIM)


@pytest.mark.parametrize(("case_class", "days"), [("HV1", 3), ("HV2", 3)])
def test_35_kv_has_the_same_law(case_class: str, days: int) -> None:
    (limit,) = by_law("COMPLETION_CHECK", case_class, TODAY, voltage_kv=35)
    assert limit.value == days


QUOTES = list(csv.DictReader((TABLE.parent / "law_quotes.csv").read_text("utf-8").splitlines()))
"""Sentences of the two rules as they stand in the texts. Origin: the decrees themselves, which are nobody's property."""
DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "五": 5, "十": 10, "二十": 20}
UNITS = {"个工作日": "wd", "天": "day", "个月": "month"}


def spans_in(words: str) -> set[tuple[int, str]]:
    """The times a sentence speaks of.

    >>> sorted(spans_in("低压用户不超过三个工作日，高压双电源用户不超过二十个工作日"))
    [(3, 'wd'), (20, 'wd')]
    """
    found = re.findall(r"([一二两三五十]+)(个工作日|天|个月)", words)
    return {(DIGITS[number], UNITS[unit]) for number, unit in found}


@pytest.mark.parametrize("rule", ["GYGZ-1996", "GYGZ-2024"])
def test_every_limit_of_the_rules_is_a_sentence_of_its_article(rule: str) -> None:
    rows = [limit for limit in limits().values() if limit.source_id == rule]
    assert len(rows) == 7
    for limit in rows:
        said = [q["words"] for q in QUOTES if (q["source_id"], q["clause"]) == (rule, limit.clause)]
        assert any((limit.value, limit.unit) in spans_in(words) for words in said), limit.id


def test_a_weaker_text_is_no_promise_and_stays_beside_it() -> None:
    """The same day for a resident is known from the article alone; the promise of five days is State Grid's own page."""
    assert not limits()["T34"].is_promise and not limits()["T48"].is_promise
    assert not limits()["T72"].is_promise, "24 hours after a complaint: quoted by others only"
    assert limits()["T57"].is_promise and limits()["T60"].is_promise
    assert not any(limit.is_promise for limit in limits().values() if limit.scope in ("kpi", "own"))
    resident = citizens(TODAY)[0]
    assert resident.first is not None and (resident.first.id, resident.first.value) == ("T57", 5)
    assert all(limit.is_promise for one in citizens(TODAY) for limit in one.others)
    assert "T34" in {limit.id for limit in resident.aims}


def test_nothing_older_than_the_rule_in_force_is_law_today() -> None:
    """第一百一十条：1996 年 10 月 8 日原电力工业部发布的《供电营业规则》同时废止。"""
    law = [limit for limit in limits().values() if limit.scope == "law"]
    assert {limit.source_id for limit in law if limit.is_in_force(TODAY)} == {"GYGZ-2024"}
    assert {limit.source_id for limit in law if limit.is_in_force(LAST_OF_OLD)} == {"JGBF-2009"}


def test_the_rule_of_1996_connected_within_ten_days() -> None:
    """第四十三条：检验合格后的十天内，供电企业应派员装表接电。"""
    for case_class in ("RES", "LVN", "HV2"):
        (limit,) = by_law("METER_CONNECT", case_class, date(2000, 3, 1))
        assert (limit.value, limit.unit, limit.clause) == (10, "day", "第四十三条")


def test_the_ten_promises_of_2011_ended_when_the_new_ten_came() -> None:
    """The new ten promise the company's own time and, to a resident, power in five days; a single step they do not."""
    company = [limit for limit in limits().values() if limit.source_id in TEN]
    before = {limit.id for limit in company if limit.is_in_force(date(2022, 12, 31))}
    assert before == {"T24", "T26", "T27", "T28", "T29-LVN", "T29-HV", "T32", "T33"}
    today = {limit.id: (limit.value, limit.unit) for limit in company if limit.is_in_force(TODAY)}
    assert today == {
        "T54": (6, "wd"), "T55": (22, "wd"), "T56": (32, "wd"), "T57": (5, "wd"),
        "T72": (24, "hour"), "T73": (5, "wd"),
    }  # fmt: skip


def test_low_voltage_is_promised_power_in_fifteen_days_by_policy_and_no_looser() -> None:
    for case_class in ("LVN", "LV0"):
        profile = profile_of(case_class, voltage_kv=Decimal("0.38"))
        found = binding(limits().values(), profile, event="done:ACCEPT", on=TODAY)
        whole = {limit.id: limit.value for limit in found if limit.kind == "E2E"}
        assert whole == {"T35": 1, "T65": 15}
    resident = binding(
        limits().values(), profile_of("RES", voltage_kv=Decimal("0.22")), event="done:ACCEPT", on=TODAY
    )
    assert {limit.value for limit in resident if limit.scope == "policy"} == {5}
    assert not {"T63", "T65"} & {row.id for row in aside()}


def test_provinces_are_known_and_do_not_bind() -> None:
    held = {
        limit.id: limit.value for limit in limits().values() if limit.id[:3] in ("P28", "P29", "P30", "P31")
    }
    assert held == {
        "P28-RES": 2, "P28-LVN": 3, "P28-HV": 3, "P29-RES": 5, "P29-LVN": 3, "P29-HV": 3,
        "P30-RES": 3, "P30-LVN": 5, "P30-HV": 5, "P31-RES": 3, "P31-LVN": 5, "P31-HV": 7,
    }  # fmt: skip
    assert not any(limits()[limit_id].is_adopted for limit_id in held)


def test_our_own_numbers_are_our_own_order_and_nobody_elses() -> None:
    ours = [limit for limit in limits().values() if limit.id.startswith("K-")]
    assert len(ours) == 15
    assert {(limit.scope, limit.jurisdiction, limit.effective_from) for limit in ours} == {
        ("own", "zibo", None)
    }
    assert not any(limit.grade == Grade.OURS and limit.scope != "own" for limit in limits().values())


def test_what_we_usually_take_is_within_the_law() -> None:
    for row in ROWS:
        if row["step"] in step_rows():
            assert step_rows()[row["step"]].typical_wd <= int(row["since_2024_06_01_wd"]), row["step"]


def test_an_unknown_unit_raises() -> None:
    days = Calendar.of([(date(2025, 9, 15), True)])
    fortnight = replace(limits()["T61"], unit="fortnight")
    with pytest.raises(ValueError, match="fortnight"):
        deadline_of(fortnight, moment("2025-09-15 09:00"), days, cutoff_hour=16)


def to_completion(at: str) -> Case:
    """A high-voltage case whose customer has just applied for the completion inspection."""
    case = lodge("HV1", "2025-09-15 09:00")
    while "COMPLETION_APPLY" not in codes(case):
        do(case, next(code for code in sorted(codes(case)) if code != "COMPLETION_APPLY"), "2025-09-15 10:00")
    do(case, "COMPLETION_APPLY", at)
    return case


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "state"), [("2025-11-20", "kept"), ("2025-11-21", "broken")])
def test_a_completion_inspection_on_the_fourth_day_is_late_by_law(day: str, state: str) -> None:
    """第四十七条：单次检验时间不超过三个工作日。Applied on Monday 17 November 2025; the assessment of 2015 allowed five."""
    case = to_completion("2025-11-17 09:00")
    do(case, "COMPLETION_CHECK", f"{day} 09:00")
    told = {
        v.limit.scope: v.state
        for v in clocks_of(case.number, at=moment(f"{day} 10:00"))
        if v.limit.step == "COMPLETION_CHECK"
    }
    assert told == {"law": state}


@pytest.mark.django_db
def test_each_round_of_an_inspection_has_its_own_three_days() -> None:
    case = to_completion("2025-11-17 09:00")
    do(case, "COMPLETION_CHECK", "2025-11-20 09:00", result="rectify", defects="闭锁失效")
    do(case, "RECTIFY", "2025-12-01 09:00")
    do(case, "COMPLETION_APPLY", "2025-12-02 09:00")
    do(case, "COMPLETION_CHECK", "2025-12-05 09:00")
    rounds = Clock.objects.filter(subject=case.number, limit_id="T69").order_by("id")
    assert [clock.state for clock in rounds] == ["kept", "kept"]


@pytest.mark.django_db
@pytest.mark.parametrize(("at", "state"), [("2025-09-20 10:59", "kept"), ("2025-09-20 11:01", "broken")])
def test_a_complaint_is_promised_contact_within_24_hours_day_and_night(at: str, state: str) -> None:
    """Complained on Friday 19 September 2025 at 11:00: the promise ends on Saturday at 11:00, working day or not."""
    concern = tell("投诉你们的施工队", at="2025-09-19 11:00", is_complaint=True)[0].concern
    clock = Clock.objects.get(subject=concern.number, limit_id="T72")
    assert clock.due_at == moment("2025-09-20 11:00") and clock.due_on == date(2025, 9, 20)
    seen = view(clock, at=moment("2025-09-19 23:00"))
    assert (seen.share, seen.left_wd, seen.state) == (0.5, 1, "running")
    while sweep(at=moment(at)):
        pass
    told = [(f.kind, f.data["percent"]) for f in facts_of(concern.stream) if f.data.get("limit") == "T72"]
    assert told == ([("clock.warned", 80)] if state == "kept" else [("clock.broken", 100)])
    clock.refresh_from_db()
    assert clock.is_overdue == (state == "broken")


@pytest.mark.django_db
def test_a_customer_is_never_shown_our_own_order_as_a_promise(client: Client) -> None:
    """A dual-source case at its countersign: what presses most is our own limit of two days; it is not the customer's."""
    case = lodge("HV2", "2025-09-15 09:00", importance="second")
    for code in ("ACCEPT", "SURVEY", "SCHEME_DRAFT"):
        do(case, code, "2025-09-15 10:00")
    assert "COUNTERSIGN" in codes(case)
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    customers = client.get(reverse("tracker", args=[case.number])).content.decode()
    assert "OURS-COORDINATION" not in customers and "供电营业规则（2024 年）" in customers
    assert "GYGZ-2024" not in customers, "no private code on a customer's page"
    client.force_login(staff("manager"))
    staffs = client.get(reverse("case", args=[case.number])).content.decode()
    assert "K-STEP-CS10" in staffs and "本公司自定" in staffs


@pytest.mark.django_db
def test_a_limit_known_second_hand_says_so_wherever_it_judges(client: Client) -> None:
    """T46, 22 working days by policy, is known from others who quote it; T61 is the law's own text."""
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    client.force_login(staff("manager"))
    page = client.get(reverse("case", args=[case.number])).content.decode()
    assert page.count(">转引</span>") == 1 and "T46" in page
    english = client.get(reverse("case", args=[case.number]), headers={"accept-language": "en"})
    assert ">Quoted</span>" in english.content.decode()


@pytest.mark.django_db
def test_the_limits_begin_with_what_a_citizen_may_count_on(client: Client) -> None:
    page = client.get(reverse("limits")).content.decode()
    resident = page[page.index("我是居民") :][:2400]
    assert "5 个工作日" in resident and "从受理到通电" in resident
    assert "当天" in resident and "转引" in page, "the faster aim stands beside it, with how well it is known"
    assert "设计文件审核" not in resident, "a resident has no design to be reviewed"
    first, table = page.split('id="all"')[0], page.split('id="all"')[1]
    assert "T34" not in first and "T34" in table, "codes stand in the table behind the fold only"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "foreign"), [("en", "[\u3400-\u9fff]"), ("zh-hans", "[a-z]{3,} [a-z]{2,}")]
)
def test_the_limits_speak_one_language(client: Client, language: str, foreign: str) -> None:
    """Every row with its basis and remark, those replaced and those only known of included."""
    page = client.get(reverse("limits"), {"show": "all"}, headers={"accept-language": language})
    main = re.search("<main.*</main>", page.content.decode(), re.S)
    assert main
    said = re.sub(r"<option.*?</option>|<[^>]*>", "\n", main[0])
    assert [line for line in said.split("\n") if re.search(foreign, line)] == []
