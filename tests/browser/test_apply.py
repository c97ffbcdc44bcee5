"""A customer applies question by question: what he typed stays, Back leads one question back, the kiosk forgets it all."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from jiedian.cases.case.models.case import Case
from jiedian.grid.network.services.basemap import take_map
from jiedian.ground.journal.services import SYSTEM
from tests.browser.test_journeys import apply, fits
from tests.browser.test_too_far import shot
from tests.cast import PHONE, moment
from tests.grid.network.maps import at as spot
from tests.grid.network.maps import feature, town_map
from tests.supply.town import found_town

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


def test_a_place_taken_from_several_of_its_name_holds_and_the_grid_answers_there(
    seen: Page, set_time: Callable[[str], None], company: None
) -> None:
    set_time("2025-09-15 09:00")
    schools = [
        feature("Point", spot(*at), kind="place", name="育才学校", name_en="Yucai School", what="school")
        for at in ((8, 21), (21, 38))
    ]
    take_map(town_map(*schools), name="云溪", actor=SYSTEM, at=moment("2025-06-01 09:00"))
    found_town(moment("2025-09-01 08:00"))
    page = seen
    page.goto("/apply/")
    page.locator("input[value=LVN]").check()
    page.locator("[data-next]").click()
    page.fill("[name=where]", "育才学校")
    page.locator("[name=find]").click()
    hits = page.locator("[name=pick]")
    expect(hits).to_have_count(2)
    hits.nth(1).click()
    words = hits.nth(1).get_attribute("data-spot") or ""
    expect(page.locator("[name=spot]")).to_have_value(words)
    expect(page.locator("#here")).to_contain_text("380 V")
    fits(page)
    shot(page, "place")
    page.reload()
    expect(page.locator("[name=spot]")).to_have_value(words)
    lon = page.locator("[name=lon]").input_value()
    page.goto("/")
    page.go_back()
    expect(page.locator("[name=lon]")).to_have_value(lon)
    page.locator("[name=use]").click()
    expect(page.locator("input[value=HV1]")).to_be_checked()
    expect(page.locator("#here")).to_contain_text("10 kV")
    while not page.locator("[data-send]").is_visible():
        for name, value in {"capacity_kva": "60", **FLAT}.items():
            if (field := page.locator(f"[name={name}]")).is_visible():
                field.fill(value)
        page.locator("[data-next]").click()
    expect(page.locator("[data-answers]")).to_contain_text(words)
    shot(page, "check")
    page.locator("[data-send]").click()
    expect(page.locator("main")).to_contain_text(Case.objects.get().number)
    assert Case.objects.get().site.reference == words
    page.locator(f"a[href$='/{Case.objects.get().number}/correct/']").last.click()
    expect(page.locator("[name=spot]")).to_have_value(words)
    fits(page)
    shot(page, "correct")
