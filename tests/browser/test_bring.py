"""History is brought in, seen late at once, searched, kept as a filter, and pressed for, by people."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jiedian.cases.case.models.case import Case
from jiedian.cases.coordination.models import Urging
from jiedian.ground.files.services import read_in, take_in
from jiedian.ground.journal.models import Fact
from tests.browser.test_journeys import fits

HEAD = "工单号,项目名称,渠道,部门,申请时间,计划完成,法定期限,办结时间,环节,环节时间,环节经办人\n"
ROWS = "".join(
    f"K-{n},面馆{n},营业厅,东城,2025-08-0{n},2025-09-0{n},2027-01-01,{'' if n > 2 else '2025-09-01'},受理,2025-08-0{n} 10:00,甲\n"
    for n in range(1, 6)
)


@pytest.mark.parametrize(
    "seen", [("zh-CN", "desktop"), ("en-US", "phone")], indirect=True, ids=["zh", "en-phone"]
)
def test_history_comes_in_and_is_worked_on(
    seen: Page, set_time: Callable[[str], None], tmp_path: Path
) -> None:
    set_time("2025-09-15 10:00")
    table = tmp_path / "past.csv"
    table.write_text(HEAD + ROWS + "K-9,坏行,营业厅,东城,someday,,,,受理,2025-08-01 10:00,甲\n", "utf-8")
    _sign_in(seen, "admin")
    seen.goto("/history/")
    seen.set_input_files("#file", str(table))
    seen.select_option("#mapping", "events")
    seen.locator("form[enctype] button.go").click()
    read_in(Fact.objects.get(kind="file.handed"))
    expect(seen.locator("table").first).to_contain_text("#7")
    assert not Case.objects.exists()
    seen.check('input[name="without_bad"]')
    seen.locator("button.go").click()
    expect(seen.locator("progress")).to_be_visible()
    take_in(Fact.objects.get(kind="file.ordered"))
    expect(seen.locator(".kpi.late b")).to_have_text("3")
    assert not seen.locator(".kpi[href]").count(), "an administrator brings cases but does not read them"
    _sign_in(seen, "clerk")
    seen.goto("/history/")
    seen.locator("table a").first.click()
    seen.locator(".kpi.late").click()
    expect(seen.locator("tbody tr")).to_have_count(3)
    seen.get_by_role(
        "button", name="存为常用" if seen.locator("html[lang^=zh]").count() else "Keep this filter"
    ).click()
    seen.fill("#filter-name", "旧账")
    seen.locator(".dialog:popover-open button.go").click()
    expect(seen.locator('.chip a[href*="late=1"]')).to_have_text("旧账")
    seen.check("[data-tick-all]")
    seen.locator('button[value="expedite"]').click()
    seen.fill("textarea", "请今天答复")
    seen.locator('button[name="confirm"]').click()
    expect(seen.locator("p.now")).to_contain_text(re.compile(r"3\D+3"))
    assert Urging.objects.count() == 3
    seen.locator("input.find").fill("K-4")
    expect(seen.locator("tbody tr:visible")).to_have_count(1)
    seen.goto("/today/gantt/")
    expect(
        seen.locator(".blocks svg" if seen.viewport_size["width"] > 720 else ".vlist li").first
    ).to_be_visible()  # type: ignore[index]
    fits(seen)


def _sign_in(page: Page, who: str) -> None:
    page.context.clear_cookies()
    page.goto("/account/login/")
    page.locator(f'button[value="{who}"]').first.click()
