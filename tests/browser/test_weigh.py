"""In a real browser: a customer shares out a hundred points; the figures of the gaps are folded and say their names on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from jiedian.voice.surveys.models import Response
from jiedian.voice.surveys.services.surveys import open_kiosk
from tests.browser.test_journeys import fits, is_zh, sign_in
from tests.cast import CUSTOMER, moment
from tests.voice.gaps.test_weigh import POINTS, marks

pytestmark = pytest.mark.django_db(transaction=True)
AT = moment("2025-09-17 16:00")


def test_points_are_shared_out_and_figures_unfold(seen: Page, set_time: Callable[[str], None]) -> None:
    set_time("2025-09-17 16:00")
    answers = {name: float(mark) for name, mark in marks("short").items()}
    for swing in range(6):
        told = answers | {"P_sh1": 3 + swing % 3, "W_sh2": 30, "satisfaction": 5}
        Response.objects.create(instrument="short", channel="kiosk", answered_on=AT.date(), answers=told)
    _kiosk, token = open_kiosk("short", area="", department="", days=90, actor=CUSTOMER, at=AT)
    seen.goto(f"/s/{token}/")
    seen.locator("main form button").last.click()
    fits(seen)
    while seen.locator("[data-points]").count() == 0:
        seen.locator("button[name=next]").click()
        fits(seen)
    for name, points in POINTS.items():
        seen.fill(f"[name={name}]", points)
    expect(seen.locator("[data-points] output")).to_have_text("100")
    seen.fill("[name=WD_supply]", "20")
    expect(seen.locator("[data-points].error")).to_be_visible()
    fits(seen)
    seen.locator("button[name=send]").click()
    expect(seen.locator("main")).to_contain_text("110")
    seen.fill("[name=WD_supply]", "10")
    seen.locator("button[name=send]").click()
    expect(seen.locator("main")).to_contain_text("谢谢" if is_zh(seen) else "hank")
    assert Response.objects.filter(answers__W_sh2=30).count() == 7

    sign_in(seen, "quality")
    seen.goto("/gaps/")
    fits(seen)
    name = "可靠性" if is_zh(seen) else "Reliability"
    row = seen.locator("details.fold tr", has=seen.locator("th[scope=row]", has_text=name)).first
    expect(row).to_be_hidden()
    row.locator("xpath=ancestor::details[1]/summary").click()
    figure = row.locator("td").first
    expect(figure).to_be_visible()
    is_phone = (seen.viewport_size or {"width": 0})["width"] < 720
    shown = figure.evaluate("node => getComputedStyle(node, '::before').content")
    assert (shown == f'"{figure.get_attribute("data-label")}"') is is_phone, (
        "a figure says its name on a phone"
    )
    fits(seen)
