"""axe-core on every kind of page of the crawl: nothing serious or critical, in both languages, on a desk and on a phone."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.chromium import SIZES

from .city import City
from .crawler import Crawl, Visitor
from .people import OUTSIDE, ROLES

GROUPS = {
    "outside": OUTSIDE,
    "staff": ("clerk", "account_manager", "specialist", "crew_lead", "visitor"),
    "heads": ("department_head", "quality_manager", "auditor", "process_owner", "administrator"),
}
"""Who sees much the same of a page; of each group the first who reaches it opens it."""
AXE = "() => axe.run(document, {resultTypes: ['violations']})"
GRAVE = ("serious", "critical")


def test_every_role_is_in_a_group() -> None:
    assert {who for group in GROUPS.values() for who in group} == {*OUTSIDE, *ROLES}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_nothing_bars_the_way(
    city: City, crawled: Callable[[str, str], Crawl], browser: Browser, language: str, size: str
) -> None:
    faults: dict[str, list[str]] = {}
    looked_at = 0
    for group in GROUPS.values():
        for visitor, paths in _shares(group, crawled):
            context = _context(browser, city, visitor, language=language, size=size)
            page = context.new_page()
            for path in paths:
                looked_at += 1
                if found := _grave(page, path):
                    faults[path] = found
            context.close()
    print(f"{language} {size}: {looked_at} pages looked at")
    assert looked_at > 50
    assert not faults, "\n".join(f"{path}: {'; '.join(found)}" for path, found in faults.items())


def _shares(
    group: tuple[str, ...], crawled: Callable[[str, str], Crawl]
) -> Iterator[tuple[Visitor, list[str]]]:
    """Each visitor of a group with the pages whose kind nobody before him has opened."""
    done: set[tuple[str, ...]] = set()
    for who in group:
        found = crawled(who, "zh-hans")
        new = {name: path for name, path in found.examples().items() if name not in done}
        done |= set(new)
        if new:
            yield found.visitor, list(new.values())


def _context(browser: Browser, city: City, visitor: Visitor, *, language: str, size: str) -> BrowserContext:
    """A window with the visitor's session, in which axe-core stands ready on every page."""
    url = city.url.rstrip("/")
    context = browser.new_context(base_url=url, locale=language, viewport=SIZES[size], bypass_csp=True)  # type: ignore[arg-type]
    host = urlsplit(url).hostname or ""
    context.add_cookies(
        [
            {"name": cookie.name, "value": cookie.value or "", "domain": host, "path": "/"}
            for cookie in visitor.jar
            if cookie.name == "sessionid"
        ]
    )
    spec = find_spec("axe_playwright_python")
    assert spec and spec.origin
    context.add_init_script(path=Path(spec.origin).with_name("axe.min.js"))
    return context


def _grave(page: Page, path: str) -> list[str]:
    """What axe-core finds serious or critical on a page: the rule, how often, and the first place."""
    answer = page.goto(path)
    if answer is None or answer.status >= 400:  # gone since it was crawled; the crawl looks at that
        return []
    found: list[dict[str, Any]] = page.evaluate(AXE)["violations"]
    return [
        f"{rule['id']} ×{len(rule['nodes'])}: {rule['nodes'][0]['target'][0]}"
        for rule in found
        if rule["impact"] in GRAVE
    ]
