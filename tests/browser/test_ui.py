"""In a real browser: the sheet of parts, light and dark, on a desk and on a phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SIZES
from tests.browser.test_journeys import fits, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
CONTRAST = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const node of document.querySelectorAll("body *")) {
    if (node.closest("svg, option") || ![...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    if (!node.getClientRects().length) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${node.tagName}.${node.className} ${node.textContent.trim()} ${ratio.toFixed(2)}`);
  }
  return faint;
}"""


@pytest.fixture(params=[(size, scheme) for size in SIZES for scheme in ("light", "dark")], ids="-".join)
def sheet(
    request: pytest.FixtureRequest, browser: Browser, live_server: Any, settings: Any, company: None
) -> Iterator[Page]:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    size, scheme = request.param
    context = browser.new_context(
        base_url=live_server.url, locale="zh-CN", viewport=SIZES[size], color_scheme=scheme
    )
    page = context.new_page()
    sign_in(page, "manager")
    page.goto("/ui/")
    yield page
    context.close()


def test_the_sheet_of_parts(sheet: Page) -> None:
    fits(sheet)
    assert len(sheet.screenshot(full_page=True)) > 50_000
    assert sheet.evaluate(CONTRAST) == []
    is_phone = (sheet.viewport_size or {"width": 0})["width"] < 720
    cell = sheet.locator("td[data-label]").first
    shown = cell.evaluate("node => getComputedStyle(node, '::before').content")
    assert (shown == f'"{cell.get_attribute("data-label")}"') is is_phone
    assert sheet.evaluate("document.querySelector('main').offsetTop") <= (110 if is_phone else 130)

    search = sheet.locator(".filters input[type=search]")
    expect(search).to_be_visible(visible=not is_phone)
    if is_phone:
        sheet.locator(".filters-open").click()
        expect(search).to_be_visible()
        sheet.keyboard.press("Escape")
        sheet.locator(".burger").click()
        expect(sheet.locator(".menu nav a").first).to_be_visible()
        sheet.keyboard.press("Escape")

    sheet.locator("button.basis").click()
    expect(sheet.locator(".basis-card")).to_contain_text("第二十二条")
    sheet.keyboard.press("Escape")
    sheet.locator("button.btn[popovertarget=ask]").click()
    expect(sheet.locator("#ask textarea")).to_be_visible()
    sheet.locator("#ask .close").click()
    sheet.goto("/ui/#ask")
    expect(sheet.locator("#ask textarea")).to_be_visible()
