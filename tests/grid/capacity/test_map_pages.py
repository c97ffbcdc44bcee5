"""The maps of a grid: what can be pressed is no image, and a device says what is open in words."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from jiedian.grid.network.models import Grid
from jiedian.grid.publication.services import publish
from tests.cast import moment, staff
from tests.grid.conftest import PLANNER

pytestmark = pytest.mark.django_db


def test_a_map_with_links_is_a_group_and_one_without_is_an_image(town: Grid, client: Client) -> None:
    publish(town, due_on=date(2025, 6, 5), on=date(2025, 6, 10), actor=PLANNER, at=moment("2025-06-10 09:30"))
    pinned = svg(client.get("/apply/").content.decode())
    assert pinned.count("<a ") == 0 and 'role="img"' in pinned, "there a click puts the pin"
    public = svg(client.get("/capacity/").content.decode())
    assert 'role="group"' in public and public.count("<a ") == public.count('tabindex="-1"') > 0
    client.force_login(staff("planner"))
    own = svg(client.get("/grid/").content.decode())
    assert 'role="group"' in own and own.count("<a ") == own.count('tabindex="-1"') > 0


def test_what_only_waits_or_lacks_data_is_said_in_words(town: Grid, client: Any) -> None:
    client.force_login(staff("planner"))
    feeder = town.devices.filter(kind="feeder").first()
    page = client.get(f"/grid/devices/{feeder.pk}/").content.decode()
    assert "可开放容量须人工核定。" in page and "为什么" in page
    lists = [
        client.get(f"/grid/{name}/").content.decode() for name in ("imports", "publications", "reservations")
    ]
    assert all("domain reference" not in text and "lines.came" not in text for text in lists)
    assert "首版" in lists[0] and "尚未公布过" in lists[1] and "还没有预留" in lists[2]


def svg(page: str) -> str:
    """The map alone."""
    return page[page.index('<svg class="netmap"') :].partition("</svg>")[0]
