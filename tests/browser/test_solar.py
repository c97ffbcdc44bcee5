"""光伏 in a real browser: a resident asks for 8 kW and reads his reply; 100 kW at the end of a weak line is told how much fits."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from jiedian.cases.case.models.case import Case
from jiedian.grid.network.models import Account
from tests.browser.test_journeys import fits, owner, sign_in
from tests.cast import codes, do, moment
from tests.supply.test_feed_in import V3
from tests.supply.town import found_town

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("seen", [("zh-CN", "desktop")], indirect=True),
]


def ask_for_pv(page: Page, kind: str, **answers: str) -> Case:
    """A customer answers the questions and sends them: that of how much power he needs is not put to him."""
    page.locator(f"input[value={kind}]").check()
    asked = {"pv_mode": "full", "pv_roof": "own", "phone": "13812345678", "address": "柳泉路 1 号"} | answers
    while not page.locator("[data-send]").is_visible():
        page.locator("[data-next]").click()
        expect(page.locator("#ask-size")).to_be_hidden()
        for name, value in asked.items():
            field = page.locator(f"[name={name}]")
            if field.is_visible() and name.startswith("pv_") and name != "pv_kw":
                field.select_option(value)
            elif field.is_visible():
                field.fill(value)
    expect(page.locator("[data-answers]")).to_contain_text("全额上网")
    fits(page)
    page.locator("[data-send]").click()
    expect(page.locator("main")).to_contain_text("光伏并网申请")
    fits(page)
    return Case.objects.order_by("id").last()  # type: ignore[return-value]


def test_a_resident_gets_his_pv_connected_and_a_roof_too_large_is_told_what_fits(
    seen: Page, set_time: Callable[[str], None], company: None
) -> None:
    page, town = seen, found_town(moment("2025-09-01 08:00"))
    node = town.devices.get(kind="node", at_bus="v1")
    Account.objects.create(number="3703001234", node=node, loaded_at=moment("2025-09-01 08:00"))
    set_time("2025-09-15 09:00")
    page.goto("/apply/")
    case = ask_for_pv(page, "PV", pv_kw="8", name="王小明", beside="3703001234")
    assert (case.case_class, case.process_key) == ("PV", "distributed")
    expect(page.locator("main")).to_contain_text("能接下您要上网的 8 kW")
    page.go_back()
    expect(page.locator("[data-answers]")).to_contain_text("全额上网")  # no empty summary
    page.locator("[data-send]").click()
    expect(page.locator("main")).to_contain_text(f"已为同一处或用同一电话交过申请 {case.number}")
    page.goto(f"/track/{case.number}/")
    customer = page.context.cookies()
    do(case, "ACCEPT", "2025-09-15 09:30")
    do(case, "SURVEY", "2025-09-15 10:00")
    set_time("2025-09-16 09:00")
    sign_in(page, owner(case, "SCHEME_REPLY"))
    page.goto(f"/plans/{case.number}/")
    expect(page.locator("main")).to_contain_text("防孤岛")
    fits(page)
    for answer in page.locator("#decide input[name^=answer-]").all():
        answer.fill("按期并网")
    page.locator("form[action*='/choose/'] button.go").click()
    expect(page).to_have_url(re.compile(f"/cases/{case.number}/$"))
    assert codes(case) == {"SCHEME_SIGN"}
    page.context.clear_cookies()
    page.context.add_cookies(customer)  # type: ignore[arg-type]
    page.goto(f"/track/{case.number}/")
    expect(page.locator("#scheme")).to_contain_text("防孤岛")
    expect(page.locator("#scheme")).to_contain_text("不收费")
    fits(page)
    href = page.locator("#scheme a[href*='/schemes/']").first.get_attribute("href")
    assert page.request.get(f"{page.url.split('/track/')[0]}{href}").body().startswith(b"%PDF")
    page.goto(f"/apply/?lon={V3[0]}&lat={V3[1] + 300 / 111_195}")
    big = ask_for_pv(
        page, "PVO", pv_kw="100", name="柳泉路生鲜超市", phone="13812345679", address="柳泉路 3 号"
    )
    assert big.pk != case.pk
    expect(page.locator("main")).to_contain_text(re.compile("最多能接 [1-9][0-9]? kW 上网（申请 100 kW"))
    expect(page.locator("main")).to_contain_text("重新申请")
