"""A planner reads a grid in, looks at the findings, takes it over, sees the map; a customer sees what was published."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jiedian.grid.network.models import Grid
from jiedian.grid.network.services.imports import read_asked
from jiedian.grid.publication.services import publish
from jiedian.ground.journal.models import Fact
from tests.browser.test_answer_scheme import click_map
from tests.browser.test_journeys import fits, is_zh, sign_in
from tests.cast import moment
from tests.core.tables import TABLES
from tests.grid.capacity.test_reserve import measure
from tests.grid.conftest import PLANNER

pytestmark = pytest.mark.django_db(transaction=True)


def archive(folder: Path) -> Path:
    """The town's tables with one row that names no bus."""
    lines = TABLES["lines"] + "LX,B1,NOWHERE,10,0.1,0.1,0,100,1,1,\n"
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as made:
        for name, text in (TABLES | {"lines": lines}).items():
            made.writestr(f"{name}.csv", text)
    path = folder / "town.zip"
    path.write_bytes(kept.getvalue())
    return path


def test_a_grid_is_read_taken_over_seen_on_the_map_published_and_undone(
    seen: Page, set_time: Callable[[str], None], tmp_path: Path
) -> None:
    page = seen
    set_time("2025-06-10 09:00")
    sign_in(page, "planner")
    page.goto("/grid/")
    fits(page)
    page.goto("/grid/imports/")
    fits(page)
    page.fill("[name=grid_code]", "town")
    page.set_input_files("[name=parts]", archive(tmp_path))
    page.locator("main form button.go").first.click()
    expect(page.locator("progress")).to_be_visible()
    fits(page)
    read_asked(Fact.objects.get(kind="grid.import_asked"))
    expect(page.locator("main")).to_contain_text("NOWHERE")
    assert not Grid.objects.exists()
    fits(page)
    page.locator("main form button.go").first.click()
    expect(page.locator(".note").first).to_be_visible()
    page.goto("/grid/")
    fits(page)
    expect(page.locator("svg.netmap .dot").first).to_be_visible()
    expect(page.locator("aside table")).to_contain_text("S1-B1-F01")
    before = page.locator("svg.netmap").get_attribute("viewBox")
    page.locator("[data-zoom=in]").click()
    assert page.locator("svg.netmap").get_attribute("viewBox") != before
    measure(Grid.objects.get(code="town"))
    page.goto("/grid/?kind=area")
    page.locator("aside table a[href*=devices]").first.click()
    expect(page.locator(".page-head .lead")).to_contain_text("kW")
    expect(page.locator("main")).to_contain_text("还可开放" if is_zh(page) else "can still be opened")
    fits(page)
    publish(
        Grid.objects.get(),
        due_on=date(2025, 6, 5),
        on=date(2025, 6, 10),
        actor=PLANNER,
        at=moment("2025-06-10 09:30"),
    )
    page.context.clear_cookies(name="sessionid")
    page.goto("/capacity/")
    fits(page)
    expect(page.locator("#near")).to_contain_text("S1-B1-F01-A01")
    page.locator("svg.netmap a").first.dispatch_event("click")
    expect(page.locator("#device-card h2")).to_contain_text("S1-B1-F01-A01")
    expect(page.locator("#device-card .headroom")).to_contain_text("kW")
    page.goto("/capacity/?at=118.0101,36.8")
    expect(page.locator("#device-card h2")).to_contain_text("S1-B1-F01-A01")
    fits(page)
    page.locator("#device-card a.go").click()
    assert page.input_value("[name=beside]") == "", "his own place, not that of the nearest area"
    assert float(page.input_value("[name=lon]")) == pytest.approx(118.0101)
    page.goto("/capacity/data/")
    fits(page)
    page.goto("/apply/#2")
    fits(page)
    click_map(page, 118.005, 36.805)
    assert float(page.input_value("[name=lon]")) == pytest.approx(118.005, abs=0.0005)
    pin = page.locator("svg.netmap .dot.pin")
    expect(pin).to_be_visible()
    before = pin.bounding_box()
    page.locator("#lonlat").evaluate("fold => { fold.open = true; }")
    page.fill("[name=lat]", "36.81")
    assert pin.bounding_box() != before, "typed coordinates move the pin"
    sign_in(page, "planner")
    page.goto("/grid/imports/")
    page.locator("main table a").first.click()
    page.locator("button.stop").click()
    expect(page.locator(".note").first).to_be_visible()
    page.goto("/grid/")
    expect(page.locator("main")).to_contain_text("导入电网" if is_zh(page) else "Import a network")
