"""Who searches the published capacity for a station or a line is answered with its own figure, never with a neighbour's."""

from datetime import date
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.grid.capacity.services.reservations import Wish, reserve
from jiedian.grid.network.models import Grid
from jiedian.grid.publication.models import Publication
from jiedian.grid.publication.services import publish
from tests.cast import moment, staff
from tests.core.tables import TABLES, reading
from tests.grid.conftest import PLANNER, bring_in, device, measure

pytestmark = pytest.mark.django_db
AT = moment("2025-06-10 09:00")
TWIN = (
    TABLES["transformers"].replace("T1,H,M,40000", "T1,H,M,40000.123456")
    + "D2,A1,L3,400,10,0.4,4,1,0.6,0.6\n"
)


@pytest.fixture
def issue(db: Any) -> Publication:
    """The town with a second transformer area at the pole of the first."""
    buses = TABLES["buses"] + "L3,0.4,118.01,36.80\n"
    bring_in(reading(buses=buses, transformers=TWIN))
    town = Grid.objects.get(code="town")
    measure(town)
    return publish(town, due_on=date(2025, 6, 5), on=date(2025, 6, 6), actor=PLANNER, at=AT)


def gone_to(client: Client, name: str) -> Any:
    """The page that the only hit of a search leads to."""
    found = client.get("/places/", {"where": name, "to": "capacity"}).content.decode()
    [link] = [
        part.split('"')[0] for part in found.split('href="')[1:] if part.startswith("/capacity/?device")
    ]
    return client.get(unescape(link).partition("#")[0])


@pytest.mark.parametrize(
    ("name", "kind", "code", "listed"),
    [
        ("S1-B1-F02", "feeder", "LB1", {"LB1"}),
        ("S1-B1-F01", "feeder", "LA1", {"LA1", "D1", "D2"}),
        ("S1", "station", "T1", {"T1"}),
        ("S1-B1-F01-A02", "area", "D2", None),
    ],
)
def test_a_device_found_by_name_answers_for_itself(
    issue: Publication, client: Client, name: str, kind: str, code: str, listed: set[str] | None
) -> None:
    page = gone_to(client, name)
    card = page.context["card"]
    assert (card.line.row["kind"], card.line.row["code"], card.is_nearest) == (kind, code, False)
    assert listed is None or {line.row["code"] for line in page.context["lines"]} == listed
    if kind == "feeder":
        assert (
            card.line.row["open_kw"]
            == client.get(f"/api/v1/capacity?kind=feeder&q={code}").json()["capacity"][0]["open_kw"]
        )


def test_of_two_areas_that_are_equally_near_none_is_picked(issue: Publication, client: Client) -> None:
    page = client.get("/capacity/?lon=118.0101&lat=36.8")
    assert page.context["card"] is None and "这里有几个台区一样近" in page.content.decode()
    assert {line.row["code"] for line in page.context["lines"][:2]} == {"D1", "D2"}


def test_a_main_transformer_has_both_its_voltages_and_figures_people_read(
    issue: Publication, client: Client
) -> None:
    rows = {(r["kind"], r["code"]): r for r in client.get("/api/v1/capacity").json()["capacity"]}
    for kind in ("station", "main"):
        row = rows[kind, "T1"]
        assert (row["kv"], row["kv_high"], row["rated_kva"]) == (10, 110, 40000.1)
    assert rows["area", "D1"]["kv_high"] == 10 and rows["feeder", "LA1"]["kv_high"] is None


def test_a_reservation_says_until_when_and_a_made_up_peak_that_it_is_one(issue: Publication) -> None:
    town = Grid.objects.get(code="town")
    reserve("C-2025-000077", device(town, "node", "L1"), Wish(95, "LV0"), actor=PLANNER, at=AT)
    device(town, "area", "D1").measured.update(source="simulated")
    client = Client()
    client.force_login(staff("planner"))
    assert "随供电方案" in client.get(reverse("grid_reservations")).content.decode()
    assert "随供电方案" in client.get(reverse("grid_reservations") + "?format=csv").content.decode(
        "utf-8-sig"
    )
    page = client.get(reverse("grid_device", args=[device(town, "area", "D1").pk])).content.decode()
    assert "模拟数据（不是实测）" in page and "simulated" not in page
