"""A person hands in a file, sees what is wrong with it, says which column is what, takes it over and takes it back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jiedian.ground.files import services as files
from jiedian.ground.journal.models import Fact
from tests.browser.test_journeys import fits, is_zh, sign_in
from tests.handed import read_now

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "工号,叫什么,拼音,部门,岗位\n"


def handed(page: Page, folder: Path, rows: str) -> None:
    path = folder / "staff-list-2026-kept-by-the-personnel-department.csv"
    path.write_text(HEAD + rows, "utf-8-sig")
    page.goto("/people/files/")
    fits(page)
    page.set_input_files("[name=file]", path)
    page.locator("main form button.go").first.click()
    expect(page.locator("main [role=status]")).to_be_visible()
    fits(page)
    read_now()


def test_a_staff_file_goes_its_whole_way(seen: Page, set_time: Callable[[str], None], tmp_path: Path) -> None:
    page = seen
    set_time("2025-06-10 09:00")
    sign_in(page, "admin")
    handed(page, tmp_path, "zhao,赵一,Zhao Yi,marketing,clerk\nwu,吴一,Wu Yi,食堂,specialist\n")
    page.reload()
    expect(page.locator("main .note")).to_contain_text("没有导入" if is_zh(page) else "Nothing was imported")
    page.select_option("[name=column-name_zh]", label="叫什么")
    page.locator("main form button").last.click()
    read_now()
    page.reload()
    fits(page)
    expect(page.locator("main")).to_contain_text("“食堂”" if is_zh(page) else "no department '食堂'")
    handed(page, tmp_path, "zhao,赵一,Zhao Yi,marketing,clerk\n")
    page.reload()
    page.select_option("[name=column-name_zh]", label="叫什么")
    page.locator("main form button").last.click()
    read_now()
    page.reload()
    page.locator("main form button.go").first.click()
    expect(page.locator("main progress")).to_be_visible()
    files.take_in(Fact.objects.get(kind="file.ordered"))
    page.reload()
    fits(page)
    page.goto("/people/files/")
    fits(page)
