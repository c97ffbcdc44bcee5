"""One city for the whole walk, and what was seen of it by each visitor.

``JIEDIAN_WALK_URL=http://127.0.0.1:8000/ python3 run.py walk tests/walk/test_crawl.py`` goes through the demo that runs from this
checkout instead of setting one up. The walk presses buttons in it.
"""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.chromium import CHROMIUM, started

from .city import ROOT, City, bare_city, remembered
from .crawler import Crawl, crawl
from .people import visitor


@pytest.fixture(scope="session")
def city() -> Iterator[City]:
    """Set up once for all that is asked of it."""
    if url := os.environ.get("JIEDIAN_WALK_URL"):
        yield City(url.rstrip("/") + "/", ROOT, remembered(ROOT, "demo"), "")
        return
    with bare_city() as found:
        yield found


@pytest.fixture(scope="session")
def crawled(city: City) -> Callable[[str, str], Crawl]:
    """What a visitor finds in a language; gone through once, whoever asks."""
    kept: dict[tuple[str, str], Crawl] = {}

    def of(who: str, language: str) -> Crawl:
        if (who, language) not in kept:
            few = {"objects": 1, "variants": 2} if language == "en" else {}  # the same pages in other words
            kept[who, language] = crawl(*visitor(city, who, language), **few)
        return kept[who, language]

    return of


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("chromium is not installed and could not be")
    with started() as found:
        yield found
