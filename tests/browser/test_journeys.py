"""Journeys in a real browser, in both languages, on a desk and on a phone."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jiedian.cases.case.models.case import Case
from jiedian.clocks.models import Clock, Pause
from jiedian.links.models import Outbox
from jiedian.people.models import User
from jiedian.process.queries import open_steps
from tests.cast import ID_NUMBER, codes, do, lodge

pytestmark = pytest.mark.django_db(transaction=True)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def is_zh(page: Page) -> bool:
    return page.locator("html").get_attribute("lang") == "zh-hans"


def fits(page: Page) -> None:
    """Nothing sticks out sideways, once the page that a click led to has been read."""
    page.wait_for_load_state()
    width, view = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= view + 1, f"{page.url} is {width} wide in {view}"


def sign_in(page: Page, username: str) -> None:
    page.context.clear_cookies(name="sessionid")
    page.goto("/account/login/")
    page.click(f"button[value='{username}']")


def owner(case: Case, code: str) -> str:
    return User.objects.get(pk=open_steps(case.number).get(code=code).owner_id).username


def work(page: Page, case: Case, code: str, **fields: str) -> None:
    """The owner signs in, opens the step, fills it in and finishes it."""
    sign_in(page, owner(case, code))
    page.goto(f"/cases/{case.number}/steps/{open_steps(case.number).get(code=code).pk}/")
    fits(page)
    for name, value in fields.items():
        field = page.locator(f"[name={name}]").first
        if value == "check":
            page.locator(f"[name={name}]").first.check()
        elif field.get_attribute("type") == "radio":
            page.locator(f"[name={name}][value={value}]").check()
        elif field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    finish(page, case)


def finish(page: Page, case: Case) -> None:
    """The filled step is finished, and once more where that is final."""
    page.locator("main .card").last.locator("button.go").first.click()
    again = page.locator(".dialog:popover-open button.go")
    if again.count():  # what cannot be taken back is asked for once
        expect(page.locator(".dialog:popover-open")).to_be_visible()
        again.click()
    expect(page).to_have_url(re.compile(f"/cases/{case.number}/$"))
    fits(page)


def apply(page: Page, kind: str, answers: dict[str, str]) -> None:
    """A customer answers one question after the other and sends what he has checked."""
    page.goto("/apply/")
    fits(page)
    page.locator(f"input[value={kind}]").check()
    while not page.locator("[data-send]").is_visible():
        page.locator("[data-next]").click()
        for name, value in answers.items():
            if (field := page.locator(f"[name={name}]")).is_visible():
                field.fill(value)
    fits(page)
    for value in answers.values():
        expect(page.locator("[data-answers]")).to_contain_text(value)
    page.locator("[data-send]").click()


def test_a_resident_applies_is_connected_the_same_day_and_sees_it(
    seen: Page, set_time: Callable[[str], None]
) -> None:
    page = seen
    set_time("2025-09-15 09:00")
    apply(
        page,
        "RES",
        {
            "capacity_kva": "8",
            "name": "王小明",
            "identity_number": ID_NUMBER,
            "phone": "13812345678",
            "address": "柳泉路 1 号",
            "points": "今天要用电",
        },
    )
    case = Case.objects.get()
    expect(page.locator("body")).to_contain_text(case.number)
    work(page, case, "ACCEPT", held="check", originals_seen="check")
    set_time("2025-09-15 10:00")
    work(page, case, "CONTRACT_SIGN", number="HT-1", signatory="王小明")
    set_time("2025-09-15 14:00")
    work(page, case, "METER_INSTALL", meter_number="M-1", seal_number="S-1", first_reading_kwh="0")
    set_time("2025-09-15 15:00")
    work(page, case, "ENERGISE", reading_kwh="0.1")
    assert Clock.objects.get(subject=case.number, limit_id="T34").state == "kept"
    page.context.clear_cookies(name="sessionid")
    page.goto("/track/")
    page.fill("[name=number]", case.number)
    page.locator("main button.go").click()
    code = re.search(r"\d{6}", Outbox.objects.get(template="one_time_code").text)
    assert code
    page.fill("[name=code]", code[0])
    page.locator("main button.go").click()
    expect(page.locator(".now")).to_have_text("您已用上电" if is_zh(page) else "You have power")
    fits(page)


def test_low_voltage_is_connected_the_next_day_across_national_day(
    seen: Page, set_time: Callable[[str], None]
) -> None:
    """Accepted on 30 September 2025; 1–8 October were off, so the next day is Thursday 9 October."""
    page = seen
    set_time("2025-09-30 10:10")
    case = lodge("LV0", "2025-09-30 10:00")
    work(page, case, "ACCEPT", held="check", originals_seen="check")
    do(case, "SURVEY", "2025-09-30 14:00")
    for code in ("CONTRACT_DRAFT", "METER_ALLOC"):
        do(case, code, "2025-09-30 16:00")
    set_time("2025-10-08 10:00")
    sign_in(page, owner(case, "METER_INSTALL"))
    page.goto(f"/cases/{case.number}/")
    promise = page.locator("#limit-T35")
    expect(promise).to_contain_text(re.compile("10月9日（周四）" if is_zh(page) else "Thu 9 Oct 2025"))
    expect(promise.locator(".clock.late")).to_have_count(0)
    set_time("2025-10-09 09:00")
    work(page, case, "CONTRACT_SIGN", signatory="柳泉路生鲜超市")
    work(page, case, "METER_INSTALL", seal_number="S-1", first_reading_kwh="0")
    set_time("2025-10-09 15:00")
    work(page, case, "ENERGISE", reading_kwh="0.1")
    assert Clock.objects.get(subject=case.number, limit_id="T35").state == "kept"
    assert not Clock.objects.filter(subject=case.number, state="broken").exists()


def test_high_voltage_shows_five_branches_at_once(seen: Page, set_time: Callable[[str], None]) -> None:
    page = seen
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00", grid_works="yes", has_fee="yes")
    do(case, "SCHEME_DRAFT", "2025-09-18 09:00")
    do(case, "SCHEME_REPLY", "2025-09-19 09:00")
    do(case, "SCHEME_SIGN", "2025-09-22 09:00")
    set_time("2025-09-23 09:00")
    sign_in(page, "head")
    page.goto(f"/cases/{case.number}/")
    fits(page)
    assert page.locator(".card").first.locator(".tasks li").count() == 5
    page.locator("#way > summary").click()
    drawn = page.locator("svg.gantt") if page.viewport_size["width"] > 720 else page.locator(".vlist")  # type: ignore[index]
    expect(drawn).to_be_visible()
    definition = "/process/high_voltage/1/"
    page.goto(definition)
    expect(page.locator(".token-count")).to_have_count(5)
    fits(page)


def test_an_important_customer_keeps_review_and_mid_inspection(
    seen: Page, set_time: Callable[[str], None]
) -> None:
    page = seen
    case = lodge("HV2", "2025-09-15 09:00", importance="second")
    for code, day in (
        ("ACCEPT", 15),
        ("SURVEY", 16),
        ("SCHEME_DRAFT", 17),
        ("COUNTERSIGN", 18),
        ("SCHEME_REPLY", 19),
        ("SCHEME_SIGN", 22),
        ("CUSTOMER_DESIGN", 24),
    ):
        do(case, code, f"2025-09-{day} 10:00")
    set_time("2025-09-25 09:00")
    work(page, case, "DESIGN_REVIEW", result="rectify", defects="保护定值缺失")
    assert "CUSTOMER_DESIGN" in codes(case)
    do(case, "CUSTOMER_DESIGN", "2025-09-26 10:00")
    do(case, "DESIGN_REVIEW", "2025-09-26 11:00")
    do(case, "CUSTOMER_WORKS", "2025-09-28 10:00")
    set_time("2025-09-29 09:00")
    work(page, case, "MID_INSPECTION", result="pass")
    assert "COMPLETION_APPLY" in codes(case)


def test_an_owed_paper_is_handed_in_by_the_customer(
    seen: Page, set_time: Callable[[str], None], tmp_path: Path
) -> None:
    page = seen
    set_time("2025-09-15 11:00")
    apply(
        page,
        "HV1",
        {
            "capacity_kva": "630",
            "name": "鲁东精密制造",
            "phone": "13812345678",
            "address": "昌国路 9 号",
        },
    )
    case = Case.objects.get()
    do(case, "ACCEPT", "2025-09-15 12:00", held=["licence"])
    page.reload()
    bad, good = tmp_path / "a.pdf", tmp_path / "b.pdf"
    bad.write_bytes(b"#!/bin/sh\n")
    good.write_bytes(b"%PDF-1.7\n%%EOF\n")
    owed = case.papers.filter(state="owed").count()
    page.locator("input[type=file]").first.set_input_files(bad)
    page.locator("form:has(input[type=file]) button").first.click()
    expect(page.locator(".findings")).to_be_visible()
    assert case.papers.filter(state="owed").count() == owed
    page.goto(f"/track/{case.number}/")
    page.locator("input[type=file]").first.set_input_files(good)
    page.locator("form:has(input[type=file]) button").first.click()
    expect(page.get_by_role("status")).to_be_visible()
    assert case.papers.filter(state="owed").count() == owed - 1
    fits(page)


def test_a_pause_without_evidence_is_refused_and_a_withdrawal_works(
    seen: Page, set_time: Callable[[str], None]
) -> None:
    page = seen
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    set_time("2025-09-16 09:00")
    sign_in(page, owner(case, "SURVEY"))
    page.goto(f"/cases/{case.number}/do/pause/")
    page.select_option("[name=reason]", "WAIT_PERMIT")
    page.fill("[name=evidence]", "  ")
    page.locator("main button.go").click()
    expect(page.locator(".field:has([name=evidence]) .error")).to_be_visible()
    expect(page.locator("[name=reason]")).to_have_value("WAIT_PERMIT")
    assert not Pause.objects.filter(is_automatic=False).exists()
    sign_in(page, "clerk")
    page.goto(f"/cases/{case.number}/do/withdraw/")
    page.fill("[name=reason]", "计划取消")
    page.locator("main button.stop[popovertarget]").click()
    expect(page.locator(".dialog:popover-open [data-readback]")).to_contain_text("计划取消")
    page.locator(".dialog:popover-open button.stop").click()
    expect(page.locator(".now")).to_contain_text("客户撤回" if is_zh(page) else "Withdrawn")
    fits(page)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/apply/",
        "/track/",
        "/limits/",
        "/today/",
        "/desk/",
        "/department/",
        "/cases/",
        "/process/",
        "/people/",
        "/journal/",
    ],
)
def test_english_pages_carry_no_chinese_of_ours(
    path: str, browser: object, seen: Page, set_time: Callable[[str], None]
) -> None:
    page = seen
    set_time("2025-09-15 09:00")
    sign_in(page, {"/journal/": "auditor"}.get(path, "head"))
    if path in ("/apply/", "/", "/track/"):
        page.context.clear_cookies(name="sessionid")
    page.goto(path)
    fits(page)
    if not is_zh(page):
        text = page.locator("body").inner_text().replace("简体中文", "")
        assert not CHINESE.search(text), re.findall(r".{0,12}[\u4e00-\u9fff]+.{0,12}", text)[:5]
