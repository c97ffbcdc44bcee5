"""A customer too far for the voltage he asks: refused with the drop, led to the next voltage; and the cards that decide."""

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from jiedian.cases.case.models.case import Case
from jiedian.grid.network.models import Grid
from jiedian.ground.journal.services import SYSTEM
from jiedian.supply.study.services import locate
from tests.browser.test_journeys import apply, fits, is_zh, owner, sign_in
from tests.cast import do, lodge, moment
from tests.core.town import LAT, LON, STEP
from tests.supply.town import found_town

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("seen", [("zh-CN", "desktop"), ("en-US", "phone")], indirect=True),
]


@pytest.fixture
def town(company: None) -> Grid:
    return found_town(moment("2025-09-01 08:00"))


def shot(page: Page, name: str) -> None:
    """A picture of the page where somebody asks for pictures."""
    if folder := os.environ.get("JIEDIAN_PICTURES"):
        page.screenshot(path=f"{folder}/{name}-{'zh' if is_zh(page) else 'en'}.png", full_page=True)


def test_a_shop_too_far_away_goes_on_at_10_kv(
    seen: Page, set_time: Callable[[str], None], town: Grid
) -> None:
    page = seen
    set_time("2025-09-15 09:00")
    shop = {"capacity_kva": "60", "name": "山口杂货店", "phone": "13812345678", "address": "山口村 1 号"}
    apply(page, "LVN", shop)
    case = Case.objects.get()
    locate(
        case, {"pin": (LON + 2.4 * STEP, LAT + 5500 / 111_195)}, actor=SYSTEM, at=moment("2025-09-15 09:00")
    )
    page.reload()
    main = page.locator("main")
    expect(main).to_contain_text("压降" if is_zh(page) else "drops")
    expect(main).not_to_contain_text("可以接入" if is_zh(page) else "Yes: existing capacity")
    fits(page)
    shot(page, "portal")
    page.locator("a[href*='voltage_kv=10']").click()
    expect(page.locator("[name=voltage_kv]")).to_have_value("10")
    expect(page.locator("[name=case_class]")).to_have_value("HV1")
    page.fill("[name=reason]", "低压供不到")
    page.locator("form button.go").last.click()
    case.refresh_from_db()
    assert (case.case_class, case.voltage_kv) == ("HV1", 10)
    expect(page.locator("main")).to_contain_text("可以接入" if is_zh(page) else "Yes: existing capacity")


def on_the_bench(page: Page, set_time: Callable[[str], None], **asked: object) -> None:
    """The workbench of a factory that was surveyed, before who drafts its scheme."""
    case = lodge("HV1", "2025-09-15 09:00", **asked)
    pin = {"pin": (LON + 2.2 * STEP, LAT + 1.1 * STEP), "use": "industry"}
    locate(case, pin, actor=SYSTEM, at=moment("2025-09-15 09:00"))
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00")
    set_time("2025-09-17 09:00")
    sign_in(page, owner(case, "SCHEME_DRAFT"))
    page.goto(f"/plans/{case.number}/")


def test_the_cards_of_the_workbench_decide(seen: Page, set_time: Callable[[str], None], town: Grid) -> None:
    page = seen
    on_the_bench(page, set_time)
    cards = page.locator(".option")
    expect(cards).to_have_count(3)
    told = cards.all_inner_texts()
    assert sum("推荐" in one or "Recommended" in one for one in told) == 1, told
    assert all("10.70 kV" in one or "9.30 kV" in one for one in told), (
        "the limit stands beside the voltage at the customer's end"
    )
    fits(page)
    shot(page, "bench")


def test_what_is_typed_on_the_workbench_stays_while_another_option_is_looked_at(
    seen: Page, set_time: Callable[[str], None], town: Grid
) -> None:
    page = seen
    on_the_bench(page, set_time, is_special_load=True)  # every option asks why
    reason = page.locator("[name=exception_reason]")
    page.fill("[name=industry]", "机械制造")
    reason.fill("按现场核实")
    for _n in range(2):  # to another option and back again
        page.locator(".option .take").first.click()
        expect(page.locator("[name=industry]")).to_have_value("机械制造")
    expect(reason).to_have_value("按现场核实")
