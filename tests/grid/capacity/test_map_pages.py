"""The maps of a grid: what can be pressed is no image, and a device says what is open in words."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from jiedian.grid.capacity.services.reservations import Wish, reserve
from jiedian.grid.network.models import Grid
from jiedian.grid.network.services.basemap import take_map
from jiedian.grid.publication.services import publish
from jiedian.shell.models import SimulatedTime
from tests.cast import moment, staff
from tests.grid.conftest import PLANNER, device, measure
from tests.grid.network.maps import town_map

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(db: Any, settings: Any) -> None:
    """The tenth of June, when the year of measurement is fresh."""
    settings.DEMO = True
    SimulatedTime.objects.create(at=moment("2025-06-10 09:00"))


def test_a_map_with_links_is_a_group_and_one_without_is_an_image(town: Grid, client: Client) -> None:
    publish(town, due_on=date(2025, 6, 5), on=date(2025, 6, 10), actor=PLANNER, at=moment("2025-06-10 09:30"))
    pinned = svg(client.get("/apply/").content.decode())
    assert pinned.count("<a ") == 0 and 'role="img"' in pinned, "there a click puts the pin"
    public = svg(client.get("/capacity/").content.decode())
    assert 'role="group"' in public and public.count("<a ") == public.count('tabindex="-1"') > 0
    client.force_login(staff("planner"))
    own = svg(client.get("/grid/").content.decode())
    assert 'role="group"' in own and own.count("<a ") == own.count('tabindex="-1"') > 0


def test_the_map_draws_areas_as_land_on_the_streets_and_ties_them_to_the_list(
    town: Grid, client: Client
) -> None:
    take_map(town_map(), name="云溪", actor=PLANNER, at=moment("2025-06-01 09:00"))
    measure(town)
    client.force_login(staff("planner"))
    page = client.get("/grid/?kind=area").content.decode()
    own = svg(page)
    assert 'class="area kw kw-' in own and 'data-name="学府路"' in own and "style=" not in own
    assert page.count(f'data-key="d{device(town, "area", "D1").pk}"') == 2, "the mark and its row"
    assert "街道与地名是虚构的" in page and 'class="ramp"' in page and 'data-card="#map-card .body"' in page
    english = client.get("/grid/", headers={"Accept-Language": "en"}).content.decode()
    assert 'data-name="Xuefu Road"' in english


def test_a_click_on_an_area_brings_its_card_with_what_binds(town: Grid, client: Client) -> None:
    measure(town)
    client.force_login(staff("planner"))
    area = device(town, "area", "D1")
    card = client.get(f"/grid/devices/{area.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in card and f"变压器 {area.name} 先到限：负载到额定的 80 % 就不再接" in card
    assert "630 kVA" in card and "504 kVA" in card and "2025-06" in card and "可接光伏" in card


def test_a_place_leads_to_the_area_it_lies_on_and_far_away_is_said(town: Grid, client: Client) -> None:
    measure(town)
    client.force_login(staff("planner"))
    near = client.get("/grid/", {"lon": "118.0115", "lat": "36.7995", "where": "学府路88号"}).content.decode()
    assert (
        "由谁供电，以勘查为准" in near
        and "由它供电" not in near
        and "学府路88号" in near
        and 'data-look="118.0115 36.7995"' in near
    )
    assert "2 公里内没有台区" in client.get("/grid/", {"lon": "119", "lat": "36"}).content.decode()
    assert client.get("/grid/", {"lon": "x", "lat": "1e999"}).status_code == 200


def test_an_applicant_is_answered_at_once_at_the_place_he_points_at(town: Grid, client: Client) -> None:
    measure(town)
    here = client.get("/apply/here/", {"lon": "118.0115", "lat": "36.7995"}).content.decode()
    area = device(town, "area", "D1")
    assert f"这一带的台区是 {area.name}，还能接" in here and "由谁供电" in here and "先到限" in here
    assert "没有台区" in client.get("/apply/here/", {"lon": "120", "lat": "30"}).content.decode()


def test_no_answer_is_not_said_to_be_no_area(town: Grid, client: Client) -> None:
    place = {"lon": "118.0115", "lat": "36.7995"}

    def said(**query: str) -> str:
        return client.get("/apply/here/", query).content.decode()

    assert "查不到" in said(lon="nan") and "没有台区" not in said(lon="nan")
    town.versions.update(undone_at=moment("2025-06-09 09:00"))
    assert "查不到" in said(**place) and "没有台区" not in said(**place), "no version is in force"
    Grid.objects.update(is_city=False)
    assert "查不到" in said(**place) and "没有台区" not in said(**place), "there is no grid"


def test_the_bar_of_a_card_leaves_what_the_formula_leaves(town: Grid, client: Client) -> None:
    """504 − 200 − 95 / 0.95 · 0.7 = 234 kVA: what is reserved counts in kVA with its simultaneity, as in the formula."""
    measure(town)
    at = moment("2025-06-10 09:00")
    reserve("C-2025-000077", device(town, "node", "L1"), Wish(95, "LV0"), actor=PLANNER, at=at)
    client.force_login(staff("planner"))
    area = device(town, "area", "D1")
    page = client.get(f"/grid/devices/{area.pk}/", headers={"HX-Request": "true"})
    assert (
        page.context["card"].left_kva == pytest.approx(234) and "预留计 70，限 504" in page.content.decode()
    )


def test_without_measurement_the_answer_is_by_hand_and_no_number(town: Grid, client: Client) -> None:
    here = client.get("/apply/here/", {"lon": "118.0115", "lat": "36.7995"}).content.decode()
    assert "须人工核定" in here and "kW" not in here


def test_the_applicant_points_at_a_map_before_anything_was_published(town: Grid, client: Client) -> None:
    page = client.get("/apply/").content.decode()
    assert 'class="netmap"' in page and 'data-answer="/apply/here/"' in page and "data-find=" in page
    Grid.objects.update(is_city=False)
    assert 'class="netmap"' not in client.get("/apply/").content.decode()


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


def test_a_list_names_the_limit_that_sets_the_number(town: Grid, client: Client) -> None:
    """The formula leaves 304 kVA, less than the power flow: what is named beside the number is the formula's device."""
    measure(town)
    client.force_login(staff("planner"))
    row = client.get("/grid/?kind=area").context["rows"][0]
    figure, _level, said = row
    assert figure.formula_kw < figure.physical_kw and said == "变压器负载"
    table = client.get("/grid/?kind=area&format=csv").content.decode("utf-8-sig")
    assert "变压器负载" in table and "transformer" not in table and "受什么限制" in table
    measure(town, kva=0)
    figure, _level, said = client.get("/grid/?kind=area").context["rows"][0]
    assert figure.formula_kw >= figure.physical_kw and said


def test_a_search_leads_to_the_answer_and_is_no_filter(town: Grid, client: Client) -> None:
    take_map(town_map(), name="云溪", actor=PLANNER, at=moment("2025-06-01 09:00"))
    measure(town)
    publish(town, due_on=date(2025, 6, 5), on=date(2025, 6, 5), actor=PLANNER, at=moment("2025-06-05 09:00"))
    for to, at in (("capacity", "#device-card"), ("grid", "#map-card")):
        found = client.get("/places/", {"where": "学府路", "to": to}).content.decode()
        assert f'{at}"' in found
    here = {"lon": "118.0115", "lat": "36.7995", "where": "学府路"}
    page = client.get("/capacity/", here).content.decode()
    assert 'id="device-card" tabindex="-1"' in page and "筛选 ·" not in page
    assert "筛选 · 1" in client.get("/capacity/", here | {"level": "tight"}).content.decode()
    client.force_login(staff("planner"))
    assert "筛选 ·" not in client.get("/grid/", here | {"grid": town.code, "kind": "area"}).content.decode()
