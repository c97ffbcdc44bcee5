"""A customer says something from home and at the kiosk; the clerk merges, answers; the customer reads the answer."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jiedian.voice.inbox.models.concerns import Concern
from tests.browser.test_journeys import fits, is_zh, sign_in
from tests.cast import PHONE, lodge, tell

pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("JIEDIAN_SHOTS", "")


def shot(page: Page, name: str) -> None:
    """Keep a picture where one is asked for."""
    if SHOTS:
        size = (page.viewport_size or {"width": 0})["width"]
        page.screenshot(
            path=str(Path(SHOTS) / f"{name}-{'zh' if is_zh(page) else 'en'}-{size}.png"), full_page=True
        )


def refused_and_back(page: Page, form: str, name: str, value: str) -> None:
    """What was refused on a page of its own leads back to its form, and the form still has what was typed."""
    if not page.locator(f"{form} [name={name}]").is_visible():
        page.locator(f"details:has({form}) > summary").first.click()
    page.fill(f"{form} [name={name}]", value)
    page.locator(f"{form} button").first.click()
    expect(page.locator(".findings")).to_contain_text(value)
    page.locator("main a.go").click()
    expect(page.locator(f"{form} [name={name}]")).to_have_value(value)


def test_a_wish_from_home_is_merged_answered_and_read(seen: Page, set_time: Callable[[str], None]) -> None:
    set_time("2025-09-16 09:30")
    lodge("LV0")
    tell("增容申请什么时候能来勘查？九月提交的，冷库等着用电。", channel="letter")
    tell("投诉施工队挖断了我家水管", channel="city_hotline", sender="13900000002", is_complaint=True)
    seen.goto("/say/")
    fits(seen)
    seen.fill("[name=text]", "想问一下增容申请什么时候能来勘查。另外，收费明细看不懂，请解释。")
    seen.fill("[name=phone]", PHONE)
    shot(seen, "say")
    seen.locator("main button.go").click()
    expect(seen.locator("main h1")).to_contain_text("S-2025-")
    receipt = seen.url
    shot(seen, "said")
    sign_in(seen, "clerk")
    seen.goto("/voice/")
    fits(seen)
    shot(seen, "inbox")
    number = Concern.objects.latest("id").number
    seen.goto(f"/voice/concerns/{number}/")
    fits(seen)
    shot(seen, "concern")
    refused_and_back(seen, "form[action$='/merge/']", "other", "S-2025-0000")
    seen.locator("form[action*='/accept/'] button:text-matches('^(合并|Merge)$')").click()
    expect(seen.locator("article.told")).to_have_count(2)
    seen.fill("form[action$='/reply/'] textarea", "明天上午九点上门勘查，收费明细一并带来。")
    seen.locator("form[action$='/reply/'] button").click()
    expect(seen.locator("main")).to_contain_text("明天上午九点上门勘查")
    fits(seen)
    shot(seen, "answered")
    seen.goto("/voice/answers/")
    fits(seen)
    shot(seen, "answers")
    for path in ("tickets", "scans", "new"):
        seen.goto(f"/voice/{path}/")
        fits(seen)
        shot(seen, path)
    seen.goto(receipt)
    expect(seen.locator("main")).to_contain_text("明天上午九点上门勘查")


def test_the_kiosk_takes_a_wish_and_forgets_whoever_walks_away(
    seen: Page, set_time: Callable[[str], None]
) -> None:
    set_time("2025-09-16 09:30")
    seen.clock.install()
    seen.goto("/kiosk/")
    fits(seen)
    shot(seen, "kiosk")
    seen.locator("a[href='?say']").click()
    seen.fill("textarea", "写了一半就走了")
    seen.clock.fast_forward(95_000)
    expect(seen).to_have_url(re.compile(r"/kiosk/$"))
    assert not Concern.objects.exists()
    seen.locator("a[href='?say']").click()
    seen.fill("textarea", "电压太低")
    shot(seen, "kiosk-say")
    box = seen.locator("button.go").bounding_box()
    assert box and box["height"] >= 48, "large targets"
    seen.locator("button.go").click()
    expect(seen.locator("main h1")).to_contain_text("S-2025-")
    fits(seen)
    seen.clock.fast_forward(45_000)
    expect(seen).to_have_url(re.compile(r"/kiosk/$"))
