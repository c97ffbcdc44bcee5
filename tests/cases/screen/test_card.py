"""The first card says the same truth to the customer and to the staff: who acts, what is owed, what broke and why."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.screen.queries.card import FirstCard, first_card
from jiedian.cases.screen.queries.screen import screen_of
from jiedian.clocks import services as clocks
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from tests.cast import do, lodge, moment, staff
from tests.clocks.test_tick import MANAGER

pytestmark = pytest.mark.django_db


def card(case: Case, at: str) -> FirstCard:
    return first_card(screen_of(case, at=moment(at), is_zh=True), at=moment(at))


def pages(case: Case, at: str, language: str = "zh-hans") -> list[str]:
    """The page of the customer and that of a head, as text."""
    SimulatedTime.objects.all().delete()
    SimulatedTime.objects.create(at=moment(at))
    customer, head = Client(), Client()
    session = customer.session
    session["tracked"] = [case.number]
    session.save()
    head.force_login(staff("head"))
    shown = []
    for client, name in ((customer, "tracker"), (head, "case")):
        answer = client.get(reverse(name, args=[case.number]), headers={"accept-language": language})
        shown.append(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode())))
    return shown


def parallel(**survey: str) -> Case:
    """Everything after the accepted scheme is open side by side."""
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00", **survey)
    for code, day in (("SCHEME_DRAFT", 17), ("SCHEME_REPLY", 18), ("SCHEME_SIGN", 19)):
        do(case, code, f"2025-09-{day} 09:00")
    return case


def test_what_is_owed_and_how_it_is_paid_then_the_receipt() -> None:
    case = parallel(has_fee="yes")
    do(case, "FEE_DETERMINE", "2025-09-22 09:00")
    (owed,) = [about for about in card(case, "2025-09-22 10:00").abouts if about.kind == "owed"]
    assert owed.step == "FEE_COLLECT" and str(owed.amount_cny) == "80643.15" and owed.how
    for page in pages(case, "2025-09-22 10:00"):
        assert "80643.15" in page and "高可靠性供电费" in page and "营业厅" in page
    do(case, "FEE_COLLECT", "2025-09-23 09:00", receipt_number="R-77")
    (paid,) = card(case, "2025-09-23 10:00").abouts
    assert (paid.kind, paid.words, paid.step) == ("paid", "R-77", "")
    assert all("R-77" in page for page in pages(case, "2025-09-23 10:00"))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_an_inspection_found_stands_at_the_step_that_puts_it_right(language: str) -> None:
    case = parallel()
    while not open_steps(case.number).filter(code="COMPLETION_CHECK").exists():
        for step in open_steps(case.number):
            do(case, step.code, "2025-09-25 10:00")
    do(case, "COMPLETION_CHECK", "2025-09-26 09:00", result="rectify", defects="柜门不能闭锁；缺试验报告")
    (about,) = [one for one in card(case, "2025-09-26 10:00").abouts if one.kind == "defects"]
    assert (about.step, about.words) == ("RECTIFY", "柜门不能闭锁；缺试验报告")
    assert all(about.words in page for page in pages(case, "2025-09-26 10:00", language))
    do(case, "RECTIFY", "2025-09-29 09:00")
    assert not [one for one in card(case, "2025-09-29 10:00").abouts if one.kind == "defects"]


def test_a_rejected_design_says_what_is_wrong_with_it() -> None:
    case = lodge("HV1", "2025-09-15 09:00", importance="second")
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00", importance="second")
    while not open_steps(case.number).filter(code="DESIGN_REVIEW").exists():
        for step in open_steps(case.number):
            do(case, step.code, "2025-09-18 10:00")
    do(case, "DESIGN_REVIEW", "2025-09-22 09:00", result="rectify", defects="缺继电保护整定")
    (about,) = [one for one in card(case, "2025-09-22 10:00").abouts if one.kind == "defects"]
    assert about.step == "CUSTOMER_DESIGN" and "缺继电保护整定" in pages(case, "2025-09-22 10:00")[0]


def test_a_broken_promise_says_how_late_where_and_what_stood_still_and_stays_said() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00")
    asked = {"subject": case.number, "actor": MANAGER, "stream": case.stream}
    clocks.suspend(reason="WAIT_DOCS", evidence="客户来函 3 号", at=moment("2025-09-17 09:00"), **asked)
    clocks.resume(at=moment("2025-09-19 09:00"), **asked)
    held = card(case, "2025-11-18 10:00").broken
    broken = next(one for one in held if one.view.clock.stops_when == "done:SCHEME_REPLY")
    assert broken.done_on is None and broken.late > 15
    assert broken.longest and broken.longest.step.code == "SCHEME_DRAFT" and broken.longest.wd > 30
    assert [(stood.pause.reason, stood.wd) for stood in broken.pauses] == [("WAIT_DOCS", 2)]
    customer, head = pages(case, "2025-11-18 10:00")
    for page in (customer, head):
        assert f"晚了 {broken.late} 个工作日" in page and "没有做到" in page and "拟定供电方案" in page
        assert "等待客户补齐资料" in page and len(re.findall(r"预计 \S+通电", page)) == 1
    assert "对不起" in customer and "对不起" not in head
    do(case, "SCHEME_DRAFT", "2025-11-19 09:00")
    do(case, "SCHEME_REPLY", "2025-11-19 10:00")
    held = card(case, "2025-12-01 10:00").broken
    after = next(one for one in held if one.view.clock.stops_when == broken.view.clock.stops_when)
    assert after.done_on and after.late == broken.late + 1, "what is done late stays as late as it was"
    assert "实际 11月19日" in pages(case, "2025-12-01 10:00")[0].replace("2025年", "")


def test_the_delay_of_the_customer_is_not_drawn_as_ours() -> None:
    case = parallel()
    for code in ("CONTRACT_DRAFT", "METER_ALLOC", "METER_INSTALL"):
        do(case, code, "2025-09-22 09:00")
    at = moment("2026-03-18 10:00")
    screen = screen_of(case, at=at, is_zh=True)
    assert screen.gantt
    standing = {bar.code: bar for bar in screen.gantt.bars if bar.state in ("open", "late")}
    assert {"CUSTOMER_DESIGN", "CONTRACT_SIGN"} == standing.keys()
    assert {bar.state for bar in standing.values()} == {"open"}
    customer, _head = pages(case, "2026-03-18 10:00")
    assert "您有 2 件事 要办" in customer and "没有做到" not in customer


@pytest.mark.parametrize("kind", ["RES", "LV0", "HV1"])
def test_with_power_on_it_says_what_it_really_took(kind: str) -> None:
    case = lodge(kind, "2025-09-15 09:00")
    day = 15
    while case.energised_at is None:
        for step in open_steps(case.number):
            do(case, step.code, f"2025-09-{day:02d} 10:00")
        day += 1 if day not in (19, 20) else 2
    told = card(case, "2025-10-20 10:00")
    assert told.forecast is None and told.took
    assert told.took.whole_wd == told.took.ours_wd + told.took.yours_wd + told.took.stood_wd
    for page in pages(case, "2025-10-20 10:00"):
        assert (
            f"从受理起用了 {told.took.whole_wd} 个工作日" in page
            and "预计" not in page.split("走到哪一步")[0]
        )
