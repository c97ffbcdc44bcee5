"""A customer applies question by question: what he typed stays, Back leads one question back, the kiosk forgets it all."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from jiedian.cases.case.models.case import Case
from tests.browser.test_journeys import apply, fits
from tests.cast import PHONE

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("seen", [("zh-CN", "desktop"), ("en-US", "phone")], indirect=True, ids=str),
]
FLAT = {"name": "王小明", "phone": PHONE, "address": "柳泉路 1 号"}


def switch(page: Page) -> None:
    """Switch the language, by the menu where there is one."""
    if (burger := page.locator(".burger")).is_visible():
        burger.click()
    page.locator("[data-language] button").click()


def test_what_was_typed_survives_a_reload_and_the_other_language(
    seen: Page, set_time: Callable[[str], None]
) -> None:
    set_time("2025-09-15 09:00")
    page = seen
    page.goto("/apply/")
    page.locator("input[value=RES]").check()
    page.locator("[data-next]").click()
    page.fill("[name=address]", "柳泉路 1 号")
    page.reload()
    expect(page.locator("[name=address]")).to_have_value("柳泉路 1 号")
    switch(page)
    page.goto("/apply/#2")
    expect(page.locator("[name=address]")).to_have_value("柳泉路 1 号")
    page.goto("/say/")
    page.fill("[name=text]", "电压太低")
    switch(page)
    expect(page.locator("[name=text]")).to_have_value("电压太低")
    page.reload()
    expect(page.locator("[name=text]")).to_have_value("")


def test_back_leads_one_question_back_and_a_wrong_answer_to_its_question(
    seen: Page, set_time: Callable[[str], None]
) -> None:
    set_time("2025-09-15 09:00")
    page = seen
    apply(page, "RES", FLAT | {"capacity_kva": "99999"})
    expect(page.locator("[name=capacity_kva]")).to_be_visible()
    fits(page)
    page.fill("[name=capacity_kva]", "8")
    while not page.locator("[data-send]").is_visible():
        page.locator("[data-next]").click()
    page.go_back()
    expect(page.locator("[data-next]")).to_be_visible()
    page.locator("[data-next]").click()
    page.locator("[data-send]").click()
    case = Case.objects.get()
    expect(page.locator(".note.done a")).to_be_visible()
    assert case.capacity_kva == 8


def test_a_kiosk_gives_the_next_person_nothing_back(seen: Page, set_time: Callable[[str], None]) -> None:
    set_time("2025-09-15 09:00")
    page = seen
    page.goto("/kiosk/")
    fits(page)
    apply(page, "RES", FLAT)
    case = Case.objects.get()
    expect(page.locator("main")).to_contain_text(case.number)
    page.locator(".kiosk-bar .btn.stop").click()
    expect(page.locator(".door").first).to_be_visible()
    page.go_back()
    page.wait_for_timeout(300)
    expect(page.locator("body")).not_to_contain_text(case.number)
    page.goto("/apply/#2")
    expect(page.locator("[name=address]")).to_have_value("")
    page.goto(f"/track/{case.number}/")
    expect(page.locator("body")).not_to_contain_text("王小明")
