"""The map in a real browser: an address leads to its area and why there is no more room, a mark to its card, the list to its mark."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from jiedian.grid.network.models import Grid
from jiedian.grid.network.services.basemap import take_map
from jiedian.grid.publication.services import publish
from tests.browser.test_journeys import fits, is_zh, sign_in
from tests.cast import moment
from tests.core.tables import reading
from tests.grid.conftest import PLANNER, bring_in, device, measure
from tests.grid.network.maps import box, feature, street, town_map

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("seen", [("zh-CN", "desktop"), ("en-US", "phone")], indirect=True),
]
AREA = re.compile("S1-B1-F01-A01")


@pytest.fixture
def town(company: None) -> Grid:
    """The town with its streets; Lantern Street passes the transformer area, which has land beside it."""
    bring_in(reading())
    lantern = street("灯市街", "Lantern Street", (22, 9), (32, 9), rank=1, first=1, last=99)
    take_map(
        town_map(lantern, feature("Polygon", box(19, 8, 6, 6), kind="block")),
        name="云溪",
        actor=PLANNER,
        at=moment("2025-06-01 09:00"),
    )
    grid = Grid.objects.get()
    measure(grid)
    return grid


def search(page: Page, zh: str, en: str) -> None:
    page.locator(".find-place input[type=search]").fill(zh if is_zh(page) else en)
    page.locator(".find-place input[type=search]").press("Enter")


def test_an_address_leads_to_its_area_and_says_what_binds(
    seen: Page, set_time: Callable[[str], None], town: Grid
) -> None:
    page = seen
    set_time("2025-06-10 09:00")
    sign_in(page, "planner")
    page.goto("/grid/?kind=area")
    fits(page)
    search(page, "灯市街 2 号", "2 Lantern Street")
    page.wait_for_url(re.compile(r"/grid/\?lon="))
    expect(page.locator("#map-card")).to_contain_text(AREA)
    expect(page.locator("#map-card")).to_be_in_viewport()
    expect(page.locator("#map-card")).to_contain_text(
        "负载到额定的 80 %" if is_zh(page) else "80 % of its rating"
    )
    expect(page.locator("svg.netmap .dot.pin")).to_be_visible()
    expect(
        page.locator(".names .way", has_text="灯市街" if is_zh(page) else "Lantern Street").first
    ).to_be_attached()
    expect(page.locator(".scale-bar")).to_have_text(re.compile(r"\d+ m"))
    fits(page)
    search(page, "登市街", "Lantren Street")
    expect(page.locator(".hits")).to_contain_text("灯市街" if is_zh(page) else "Lantern Street")
    search(page, "长安街", "Wall Street")
    expect(page.locator(".found [role=status]")).to_contain_text(
        "在图上" if is_zh(page) else "point at the map"
    )
    fits(page)


def test_a_mark_opens_its_card_and_a_row_lights_its_mark(
    seen: Page, set_time: Callable[[str], None], town: Grid
) -> None:
    page = seen
    set_time("2025-06-10 09:00")
    sign_in(page, "planner")
    page.goto("/grid/?kind=area")
    row, mark = (
        page.locator("aside [data-key] a").first,
        page.locator("svg.netmap a[data-key]", has=page.locator(".area")),
    )
    row.focus()
    expect(mark).to_have_class(re.compile("is-lit"))
    page.locator("svg.netmap").scroll_into_view_if_needed()
    mark.locator("path").click()
    expect(page.locator("#map-card")).to_contain_text(AREA)
    assert page.url.endswith("/grid/?kind=area"), "the page stays"
    area = device(town, "area", "D1")
    expect(page.locator(f"#map-card a[href='/grid/devices/{area.pk}/']")).to_be_visible()
    svg = page.locator("svg.netmap")
    before = svg.get_attribute("viewBox")
    svg.focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    assert svg.get_attribute("viewBox") != before
    page.keyboard.press("0")
    assert svg.get_attribute("viewBox") == before


def test_an_applicant_searches_points_and_is_answered(
    seen: Page, set_time: Callable[[str], None], town: Grid
) -> None:
    page = seen
    set_time("2025-06-10 09:00")
    page.goto("/apply/#2")
    search(page, "灯市街2号", "2 Lantern Street")
    expect(page.locator("svg.netmap .dot.pin")).to_be_visible()
    expect(page.locator("#here")).to_contain_text(AREA)
    expect(page.locator("#here")).to_contain_text("kW")
    assert float(page.input_value("[name=lon]")) == pytest.approx(118.012, abs=0.001)
    assert page.url.endswith("/apply/#2"), "what was typed is still there"
    fits(page)
    page.locator("#lonlat summary").click()
    page.fill("[name=lat]", "38")
    expect(page.locator("#here")).to_contain_text("2 公里内没有台区" if is_zh(page) else "within 2 km")


def test_my_place_keeps_the_grid_and_the_issue_one_looks_at(
    seen: Page, set_time: Callable[[str], None], town: Grid
) -> None:
    page, day = seen, date(2025, 6, 5)
    set_time("2025-06-10 09:00")
    publish(town, due_on=day, on=day, actor=PLANNER, at=moment("2025-06-05 09:00"))
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 118.012, "latitude": 36.8})
    page.goto("/capacity/?grid=town&issue=1")
    page.locator("[data-here]").first.click()
    page.wait_for_url(re.compile("lon=118.012"))
    assert "grid=town" in page.url and "issue=1" in page.url and "lat=36.8" in page.url
    expect(page.locator("#device")).to_contain_text(AREA)
