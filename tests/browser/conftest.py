"""A real browser before a real server. Without chromium these tests are skipped and counted."""

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from jiedian.shell.models import SimulatedTime
from tests.cast import moment
from tests.chromium import CHROMIUM, SIZES, started

EXPECTED = re.compile("422|ERR_INTERNET_DISCONNECTED")
"""Errors a browser writes down where a page refuses, or where a test takes the network away."""

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def pytest_collection_modifyitems(items: list[Any]) -> None:
    if not CHROMIUM:
        for item in items:
            if "browser" in item.nodeid:
                item.add_marker(pytest.mark.skip(reason="chromium is not installed and could not be"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with started() as found:
        yield found


@pytest.fixture
def set_time(company: None) -> Callable[[str], None]:
    def put(text: str) -> None:
        SimulatedTime.objects.all().delete()
        SimulatedTime.objects.create(at=moment(text))

    return put


@pytest.fixture(
    params=[("zh-CN", "desktop"), ("en-US", "desktop"), ("zh-CN", "phone"), ("en-US", "phone")],
    ids=lambda p: f"{p[0][:2]}-{p[1]}",
)
def seen(request: pytest.FixtureRequest, browser: Browser, live_server: Any, settings: Any) -> Iterator[Page]:
    """A page in one language at one size; it fails on any error in its console."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    language, size = request.param
    context = browser.new_context(base_url=live_server.url, locale=language, viewport=SIZES[size])  # type: ignore[arg-type]
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda m: errors.append(m.text) if m.type == "error" and not EXPECTED.search(m.text) else None,
    )
    yield page
    context.close()
    assert not errors, errors
