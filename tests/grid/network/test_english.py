"""Names of devices on English pages: by rule where every letter is known, Chinese and marked so where one is not."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import activate, override

from demo.town.plan import HALLS, RINGS, STATIONS
from jiedian.core.spelling import CHINESE
from jiedian.grid.network.models import Grid
from jiedian.grid.network.queries.basemap import device_mark, device_name, english, forget_names
from jiedian.grid.network.queries.finding import find_place
from jiedian.grid.network.services.basemap import take_map
from tests.cast import moment
from tests.grid.conftest import PLANNER

from .maps import town_map

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _leave_it_chinese() -> Iterator[None]:
    forget_names()
    yield
    activate("zh-hans")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("10kV 学府线 3号环网柜", "10kV Xuefu Line No. 3 ring main unit"),
        ("学府路#1环网柜（10kV 学府线）", "Xuefu Road #1 ring main unit（10kV Xuefu Line）"),
        ("云溪变", "Yunxi Substation"),
        ("110kV柳镇变电站", "110kV Liuzhen Substation"),
        ("柳镇变 35kV母线", "Liuzhen Substation 35kV busbar"),
        ("北柳甲线12号杆", "Beiliujia Line No. 12 pole"),
        ("1号主变", "No. 1 main transformer"),
        ("西关市场2号公变", "West Market No. 2 public transformer"),
        ("S1-B1-F01-A01", "S1-B1-F01-A01"),
        ("变电站", "Substation"),
    ],
)
def test_a_name_is_said_in_english_by_rule(name: str, said: str) -> None:
    west = {"type": "FeatureCollection", "features": [*town_map()["features"]]}
    west["features"][-1] = west["features"][-1] | {
        "properties": {"kind": "place", "name": "西关市场", "name_en": "West Market", "what": "market"}
    }
    take_map(west, name="云溪", actor=PLANNER, at=moment("2025-06-01 09:00"))
    forget_names()
    assert english(name) == said
    assert device_name(name) == name, "a Chinese reader reads it as it stands"
    with override("en"):
        assert device_name(name) == said


def test_a_letter_nobody_knows_keeps_the_whole_name_chinese_and_says_so() -> None:
    forget_names()
    with override("en"):
        assert device_name("龘靐线") == "龘靐线"
        assert device_mark("龘靐线") == '<span lang="zh">龘靐线</span>'
        assert device_mark("学府线") == '<span title="学府线">Xuefu Line</span>'
        assert "&lt;b&gt;" in device_mark("<b>线")
    assert device_mark("学府线") == "学府线"


def test_every_device_of_the_made_up_city_has_an_english_name() -> None:
    forget_names()
    words = [word for row in (*RINGS, *HALLS) for word in row if isinstance(word, str)]
    named = [word for word in (*words, *(row.name for row in STATIONS)) if CHINESE.search(word)]
    assert len(named) > 40 and [word for word in named if CHINESE.search(english(word))] == []


def test_a_device_is_found_by_its_english_name_and_shown_so(town: Grid) -> None:
    forget_names()
    feeder = town.devices.filter(kind="feeder").first()
    assert feeder
    town.devices.filter(pk=feeder.pk).update(name="学府线")
    Grid.objects.filter(pk=town.pk).update(revision=town.revision + 1)
    town.refresh_from_db()
    with override("en"):
        (row, *_more) = find_place("Xuefu Line", town).rows
        assert row.name == "Xuefu Line"
    browser = Client()
    browser.cookies["django_language"] = "en"
    page = browser.get(
        reverse("places"), {"where": "学府线", "to": "apply", "grid": town.code}
    ).content.decode()
    assert "Xuefu Line" in page
