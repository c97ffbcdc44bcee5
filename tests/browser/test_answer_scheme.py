"""The three customers of the scheme in a real browser: 2×630 kVA on the map, a shop answered at once, two substations."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from jiedian.cases.case.models.case import Case
from jiedian.grid.capacity.models import Reservation
from jiedian.grid.network.models import Account, Grid
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import SYSTEM
from jiedian.supply.scheme import reactions
from jiedian.supply.study.services import locate
from tests.browser.test_journeys import apply, fits, is_zh, owner, sign_in
from tests.cast import codes, do, lodge, moment
from tests.core.town import LAT, LON, STEP
from tests.supply.town import found_town

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("seen", [("zh-CN", "desktop"), ("en-US", "phone")], indirect=True),
]


def click_map(page: Page, lon: float, lat: float) -> None:
    """Click a place on the map where a pin is asked for."""
    svg = page.locator(".mapbox[data-pin] svg.netmap")
    svg.scroll_into_view_if_needed()
    x, y = svg.evaluate(
        """(svg, [lon, lat]) => {
            const d = svg.dataset, p = new DOMPoint(+d.left + (lon - d.west) * d.flat * d.scale,
                30 + (d.north - lat) * d.scale).matrixTransform(svg.getScreenCTM());
            return [p.x, p.y];
        }""",
        [lon, lat],
    )
    page.mouse.click(x, y)


@pytest.fixture
def town(company: None) -> Grid:
    return found_town(moment("2025-09-01 08:00"))


def test_a_customer_of_two_times_630_kva_gets_three_options_on_the_map(
    seen: Page, set_time: Callable[[str], None], town: Grid
) -> None:
    page = seen
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00")
    set_time("2025-09-17 09:00")
    sign_in(page, owner(case, "SCHEME_DRAFT"))
    page.goto(f"/plans/{case.number}/")
    click_map(page, LON + 2.2 * STEP, LAT + 1.1 * STEP)
    assert float(page.input_value("[name=lon]")) == pytest.approx(LON + 2.2 * STEP, abs=STEP / 10)
    assert float(page.input_value("[name=lat]")) == pytest.approx(LAT + 1.1 * STEP, abs=STEP / 10)
    expect(page.locator("svg.netmap .dot.pin")).to_be_visible()
    page.select_option("[name=use]", "industry")
    begun = time.process_time()  # of the server too, it lives in this process
    page.locator("form[action$='/site/'] button.go").click()
    expect(page.locator(".plan svg.netmap")).to_be_visible()
    assert re.search(r"\d+ ms", page.locator(".page-head .lead").inner_text()), "it says how long it took"
    assert time.process_time() - begun < 5, "computed in about a second"
    begun = time.process_time()
    page.reload()
    assert time.process_time() - begun < 5, "about a second"
    expect(page.locator(".option")).to_have_count(3)
    expect(page.locator(".plan .dot .no")).not_to_have_count(0)
    expect(page.locator(".plan .name.words").first).to_contain_text(re.compile(r"\d"), use_inner_text=False)
    expect(page.locator("body")).to_contain_text("2×630")
    fits(page)
    cost = page.locator(".option.on dd").first
    before = cost.inner_text()
    page.locator("#menu summary").click()
    page.locator("#menu select[name=line]").select_option("cable")
    expect(cost).not_to_have_text(before)
    page.locator("#decide input[name^=answer-]").first.fill(
        "电缆沿通道，不停产" if is_zh(page) else "cable, no outage"
    )
    page.locator("form[action*='/choose/'] button.go").click()
    expect(page).to_have_url(re.compile(f"/cases/{case.number}/$"))
    scheme = case.schemes.get()
    assert scheme.option_key.endswith("|cable") and scheme.depth == 1 and scheme.ticked
    assert codes(case) == {"SCHEME_REPLY"}
    fits(page)


def test_a_shop_of_60_kw_is_answered_at_once_and_signs(
    seen: Page, set_time: Callable[[str], None], town: Grid
) -> None:
    page = seen
    node = town.devices.get(kind="node", at_bus="v2")
    Account.objects.create(number="3703001234", node=node, loaded_at=moment("2025-09-01 08:00"))
    set_time("2025-09-15 09:00")
    apply(
        page,
        "LVN",
        {
            "capacity_kva": "63",
            "name": "柳泉路生鲜超市",
            "phone": "13812345678",
            "address": "柳泉路 60 号",
            "beside": "3703001234",
        },
    )
    case = Case.objects.get()
    expect(page.locator("main")).to_contain_text(
        "可以接入" if is_zh(page) else "Yes: existing capacity can carry"
    )
    do(case, "ACCEPT", "2025-09-15 09:30")
    for fact in Fact.objects.filter(kind="case.accepted"):
        reactions.answer(fact)
        reactions.answer(fact)
    set_time("2025-09-15 10:00")
    page.reload()
    expect(page.locator("main")).to_contain_text(
        "由系统直接答复" if is_zh(page) else "answered by the system"
    )
    fits(page)
    with page.expect_download() as form:
        page.evaluate("document.querySelector('a[href*=schemes]').setAttribute('download', '')")
        page.locator("a[href*='/schemes/']").click()
    assert form.value.path().read_bytes().startswith(b"%PDF")
    page.locator("#scheme button.go[popovertarget]").click()
    page.locator("form[action$='/accept/'] button.go").click()
    expect(page.locator(".note").first).to_be_visible()
    assert Reservation.objects.get().subject == case.number and "SCHEME_SIGN" not in codes(case)
    fits(page)


def test_an_important_customer_gets_two_substations_or_the_reason(
    seen: Page, set_time: Callable[[str], None], town: Grid
) -> None:
    page = seen
    case = lodge("HV2", "2025-09-15 09:00", importance="first")
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00", importance="first")
    pin = {"pin": (LON + 4.5 * STEP, LAT + STEP), "security_kw": 200.0, "generator_kw": 260.0}
    locate(case, pin, actor=SYSTEM, at=moment("2025-09-16 10:00"))
    set_time("2025-09-17 09:00")
    sign_in(page, owner(case, "SCHEME_DRAFT"))
    page.goto(f"/plans/{case.number}/")
    first = page.locator(".option").first
    expect(first).to_contain_text("S1")
    expect(first).to_contain_text("S2")
    expect(first).to_contain_text("双站可转" if is_zh(page) else "two substations")
    fits(page)
    Case.objects.filter(pk=case.pk).update(capacity_kva=7000)
    page.reload()
    expect(page.locator(".note.late").first).to_contain_text(
        "S1 最多 5700 kW" if is_zh(page) else "S1 at most 5700 kW"
    )
    fits(page)
