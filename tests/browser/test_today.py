"""The day's page refreshes itself, and takes nothing away from whoever works on it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journeys import sign_in
from tests.cast import lodge

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("seen", [("zh-CN", "desktop"), ("en-US", "phone")], indirect=True, ids=str),
]


@pytest.fixture
def today(seen: Page, settings: Any, set_time: Callable[[str], None]) -> Iterator[Page]:
    """The page of a day with one case on it, asking anew every half second."""
    settings.REFRESH_SECONDS = 0.5
    set_time("2025-09-15 10:00")
    lodge("LV0", "2025-09-15 09:00", title="第一户")
    sign_in(seen, "head")
    seen.goto("/today/")
    expect(seen.locator("tbody")).to_contain_text("第一户")
    yield seen


def rounds(page: Page) -> None:
    """Long enough for several rounds."""
    page.wait_for_timeout(1600)


def test_new_cases_appear_by_themselves_while_nobody_uses_the_page(today: Page) -> None:
    lodge("LV0", "2025-09-15 09:30", title="第二户")
    expect(today.locator("tbody")).to_contain_text("第二户")
    expect(today.locator("[data-fresh=found]")).to_have_text("2")


def test_what_is_typed_keeps_its_place_and_the_rows_wait(today: Page) -> None:
    if (opener := today.locator(".filters-open")).is_visible():
        opener.click()
    search = today.locator("main input[name=q]")
    search.click()
    today.keyboard.type("abc")
    lodge("LV0", "2025-09-15 09:30", title="第二户")
    rounds(today)
    expect(search).to_be_focused()
    today.keyboard.type("d")
    expect(search).to_have_value("abcd")
    expect(today.locator("[data-paused]")).to_be_visible()
    expect(today.locator("tbody")).not_to_contain_text("第二户")
    search.blur()
    rounds(today)
    expect(search).to_have_value("abcd")
    expect(today.locator("tbody")).not_to_contain_text("第二户")
    search.fill("")
    search.blur()
    expect(today.locator("tbody")).to_contain_text("第二户")
    expect(today.locator("[data-paused]")).to_be_hidden()


def test_a_selection_and_a_link_with_the_focus_stay(today: Page) -> None:
    today.locator("tbody a").first.focus()
    lodge("LV0", "2025-09-15 09:30", title="第二户")
    rounds(today)
    expect(today.locator("tbody a").first).to_be_focused()
    today.locator("tbody a").first.blur()
    expect(today.locator("tbody")).to_contain_text("第二户")
    today.evaluate("getSelection().selectAllChildren(document.querySelector('tbody td'))")
    held = today.evaluate("getSelection().toString()")
    lodge("LV0", "2025-09-15 09:40", title="第三户")
    rounds(today)
    assert held and today.evaluate("getSelection().toString()") == held
    today.evaluate("getSelection().removeAllRanges()")
    expect(today.locator("tbody")).to_contain_text("第三户")
