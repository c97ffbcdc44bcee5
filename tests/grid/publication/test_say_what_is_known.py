"""An issue says what it knows: what binds, what is reserved and waits, feed-in, why by hand; in four files row by row the same."""

import csv
import io
import json
import re
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jiedian.grid.capacity.queries.capacity import capacity_of
from jiedian.grid.capacity.services.reservations import Wish, reserve
from jiedian.grid.load.services import load_neighbours
from jiedian.grid.network.models import Device, Grid
from jiedian.grid.publication.models import Publication
from jiedian.grid.publication.queries.dataset import openapi
from jiedian.grid.publication.queries.issues import issue_of
from jiedian.grid.publication.queries.rows import FIELDS, KEYS
from jiedian.grid.publication.services import publish, publish_due
from tests.cast import moment
from tests.core.tables import TABLES, reading
from tests.grid.conftest import PLANNER, bring_in, device, measure

from .openapi_check import faults

pytestmark = pytest.mark.django_db
AT = moment("2025-06-10 09:00")
DUE = date(2025, 6, 5)


@pytest.fixture
def issue(town: Grid) -> Publication:
    """The town, measured, with 95 kW reserved, 400 kW waiting and 30 kW of feed-in reserved in its only area."""
    measure(town)
    node = device(town, "node", "L1")
    reserve("C-2025-000077", node, Wish(95, "LV0"), actor=PLANNER, at=AT)
    assert reserve("C-2025-000078", node, Wish(400), actor=PLANNER, at=AT).state == "queued"
    reserve("C-2025-000079", node, Wish(30, is_generation=True), actor=PLANNER, at=AT)
    return publish(town, due_on=DUE, on=date(2025, 6, 6), actor=PLANNER, at=AT)


def api(client: Client, query: str = "") -> list[dict[str, Any]]:
    return client.get(f"/api/v1/capacity?{query}").json()["capacity"]


def row(client: Client, kind: str, code: str, query: str = "") -> dict[str, Any]:
    (found,) = [one for one in api(client, f"kind={kind}&{query}") if one["code"] == code]
    return found


def test_a_row_names_what_binds_and_what_it_is_made_of(issue: Publication, client: Client) -> None:
    """The worked numbers of docs/algorithms/published-capacity.md: 630 kVA · 0.8 − 200 − 95/0.95 · 0.7 = 234 kVA."""
    area = row(client, "area", "D1")
    assert (area["rated_kva"], area["allowed_kva"], area["peak_kva"], area["reserved_kva"]) == (
        630,
        504,
        200,
        70,
    )
    assert area["open_kw"] == area["formula_kw"] == pytest.approx(234 * 0.95, abs=0.05)
    assert area["physical_kw"] > area["formula_kw"]
    assert (area["limit"], area["limit_by"], area["limit_at"]) == ("area", "formula", "S1-B1-F01-A01")
    assert "80 %" in area["limit_zh"] and "80 %" in area["limit_en"] and not area["by_hand"]
    assert area["peak_month"] == "2025-06"
    assert (area["feeder"], area["main"], area["station"]) == ("S1-B1-F01", "S1-T1", "S1")
    assert (area["lon"], area["lat"]) == (118.01, 36.8)


def test_reserved_and_waiting_are_said_at_every_device_above_and_at_no_node(
    issue: Publication, client: Client
) -> None:
    for kind, code in (("area", "D1"), ("feeder", "LA1"), ("main", "T1"), ("station", "T1")):
        found = row(client, kind, code)
        assert (found["reserved_kw"], found["reserved_cases"]) == (95, None), kind
        assert (found["queued_kw"], found["queued_cases"]) == (400, None), kind
        assert (found["feed_in_reserved_kw"], found["feed_in_queued_kw"]) == (30, 0), kind
    other = row(client, "feeder", "LB1")
    assert (other["reserved_kw"], other["queued_cases"]) == (0, 0)
    nodes = api(client, "kind=node")
    assert nodes and all(node["reserved_kw"] is None and node["queued_cases"] is None for node in nodes)


def test_feed_in_and_every_node_are_what_the_grid_room_computes(
    issue: Publication, client: Client, town: Grid
) -> None:
    rows = [one for one in api(client, "kind=all") if one["kind"] != "station"]
    assert {one["kind"] for one in rows} == {"main", "feeder", "area", "node"}
    for one in rows:
        known = device(town, one["kind"], one["code"])
        load, feed_in = (
            capacity_of(known, on=date(2025, 6, 6), direction=way) for way in ("load", "generation")
        )
        for key, value in (
            ("open_kw", load.open_kw),
            ("formula_kw", load.formula_kw),
            ("physical_kw", load.physical_kw),
            ("feed_in_kw", feed_in.open_kw),
        ):
            assert one[key] == (None if value is None else round(value, 1)), (one["kind"], one["code"], key)
        assert (one["feed_in_limit_zh"] is None) == (one["feed_in_kw"] is None)
        assert ("20%" in (one["feed_in_state_zh"] or "")) == (one["feed_in_kw"] is not None), "at light load"
        assert (one["limit_zh"] is None) == (one["open_kw"] is None)
        assert bool(one["reason_zh"]) == one["by_hand"] == (one["open_kw"] is None)
    assert {one["code"] for one in rows if one["kind"] == "node"} >= {"L1", "L2", "A1", "A2", "B1", "B2"}


def test_why_by_hand_is_said_and_is_not_a_zero(town: Grid, client: Client) -> None:
    measure(town, kinds=("feeder", "main"))
    publish(town, due_on=DUE, on=DUE, actor=PLANNER, at=AT)
    area = row(client, "area", "D1")
    assert area["open_kw"] is None and area["by_hand"] and area["level"] == "hand" and area["limit"] is None
    assert "12 个月" in area["reason_zh"] and "12 months" in area["reason_en"] and area["peak_kva"] is None
    assert area["feed_in_kw"] > 0, "feed-in asks physics alone"
    table = list(
        csv.DictReader(io.StringIO(client.get("/capacity.csv?kind=area").content.decode("utf-8-sig")))
    )
    assert table[0]["open_kw"] == "" and "12 个月" in table[0]["reason_zh"]


def test_what_is_missing_elsewhere_on_the_way_is_said_with_its_name(town: Grid, client: Client) -> None:
    """The area is measured and its feeder is not: "only 0 of 12 months" beside a measured peak would be false of the area."""
    measure(town, kinds=("area", "main"))
    publish(town, due_on=DUE, on=DUE, actor=PLANNER, at=AT)
    area, feeder = row(client, "area", "D1"), row(client, "feeder", "LA1")
    assert area["peak_kva"] == 200 and area["reason_zh"].startswith("S1-B1-F01: ")
    assert area["reason_en"].startswith("S1-B1-F01: ") and feeder["reason_zh"].startswith("近 12 个月")


def test_the_four_files_agree_row_by_row(issue: Publication, client: Client) -> None:
    for query in (
        "",
        "kind=all",
        "kind=area",
        "feeder=LB1",
        "level=enough",
        "q=S1-B1",
        "kind=node&feeder=LA1",
    ):
        rows = api(client, query)
        geo = json.loads(b"".join(client.get(f"/capacity.geojson?{query}")))
        assert [feature["properties"] for feature in geo["features"]] == rows, query
        text = b"".join(client.get(f"/capacity.csv?{query}")).decode()
        assert text.startswith("\ufeff")
        table = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
        assert table[0] == list(KEYS) and all(len(cells) == len(KEYS) for cells in table)
        assert table[1:] == [[as_text(value) for value in one.values()] for one in rows], query
        book = openpyxl.load_workbook(
            io.BytesIO(client.get(f"/capacity.xlsx?{query}").content), read_only=True
        )
        sheet = [list(cells) for cells in book.worksheets[0].iter_rows(values_only=True)]
        assert len(sheet[0]) == len(KEYS) and any("kW" in str(cell) for cell in sheet[0])
        assert sheet[1:] == [list(one.values()) for one in rows], query
    assert len(api(client, "kind=all")) == len(api(client)) + len(api(client, "kind=node"))


def as_text(value: Any) -> str:
    """A value as CSV writes it."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_every_answer_is_what_openapi_says(issue: Publication, client: Client) -> None:
    told = client.get("/api/v1/openapi.json").json()
    assert told == json.loads(json.dumps(openapi())) and told["openapi"].startswith("3.1")
    asked = {
        "/api/v1/capacity": [
            "",
            "kind=all",
            "kind=node&limit=2",
            "near=118.01,36.8",
            "q=nothing",
            "kind=pole",
            "x=1",
        ],
        "/api/v1/capacity/issues": ["", "grid=town", "grid=nowhere", "x=1"],
        "/capacity.geojson": ["", "kind=all", "grid=nowhere", "near=1,1"],
        "/capacity.csv": ["issue=9", "kind=pole"],
        "/capacity.xlsx": ["issue=0", "limit=3"],
    }
    seen = set()
    assert set(asked) == set(told["paths"])
    for path, queries in asked.items():
        for query in queries:
            answer = client.get(f"{path}?{query}")
            media = answer["Content-Type"].partition(";")[0]
            content = told["paths"][path]["get"]["responses"][str(answer.status_code)]["content"]
            schema = content[media]["schema"]
            assert faults(json.loads(b"".join(answer)), schema, told) == [], (path, query)
            seen.add(answer.status_code)
    assert seen == {200, 400, 404}


def test_an_untrue_answer_is_seen(issue: Publication, client: Client) -> None:
    told, answer = openapi(), client.get("/api/v1/capacity").json()
    schema = {"$ref": "#/components/schemas/Capacity"}
    for change in (
        {"open_kw": "12"},
        {"kind": "pole"},
        {"date": "5 June"},
        {"surprise": 1},
        {"by_hand": None},
    ):
        untrue = answer | {"capacity": [answer["capacity"][0] | change]}
        assert faults(untrue, schema, told), change
    del answer["capacity"][0]["level"]
    assert faults(answer, schema, told)


def test_feeders_are_lines_and_mains_stand_at_their_station(issue: Publication, client: Client) -> None:
    features = {one["id"]: one for one in client.get("/capacity.geojson").json()["features"]}
    way = features["feeder:LB1"]["geometry"]
    assert way["type"] == "LineString", "its lines are put together as on the map"
    points = way["coordinates"]
    at = points.index([118.002, 36.805])
    around = [points[at - 1], points[at + 1]]
    assert sorted(around) == [[118.0, 36.8], [118.0, 36.81]], "the route of the file"
    assert [118.02, 36.8] not in points, "the open tie to the other feeder is not its own"
    assert features["main:T1"]["geometry"]["coordinates"] == [118.0, 36.8]
    assert features["area:D1"]["geometry"]["coordinates"] == [118.01, 36.8]


def test_a_device_without_a_place_is_in_every_file_and_null_on_the_map(db: Any, client: Client) -> None:
    """Coordinates 0, 0 are what a file without places says; so a public list of 200,000 devices once stood in the sea."""
    buses = (
        TABLES["buses"].replace("L1,0.4,118.01,36.80", "L1,0.4,0,0").replace("B1,10,118.00,36.81", "B1,10,,")
    )
    bring_in(reading(buses=buses))
    grid = Grid.objects.get(code="town")
    measure(grid)
    publish(grid, due_on=DUE, on=DUE, actor=PLANNER, at=AT)
    node = row(client, "node", "L1")
    assert node["lon"] is None and node["lat"] is None
    features = json.loads(b"".join(client.get("/capacity.geojson?kind=all")))["features"]
    assert len(features) == len(api(client, "kind=all"))
    assert {one["id"] for one in features if one["geometry"] is None} >= {"node:L1", "node:B1"}


def test_a_parameter_is_honoured_or_refused_never_ignored(issue: Publication, client: Client) -> None:
    for path in ("/api/v1/capacity", "/capacity.csv", "/capacity.xlsx", "/capacity.geojson"):
        for query, status, word in (
            ("kind=substation", 400, "feeder"),
            ("grid=oberrhein", 404, "town"),
            ("issue=7", 404, "7"),
            ("feeder=LZ9", 404, "LZ9"),
            ("level=green", 400, "ample"),
            ("Kind=area", 400, "kind"),
            ("offset=10", 400, "offset"),
        ):
            answer = client.get(f"{path}?{query}")
            assert answer.status_code == status, (path, query)
            assert answer["Content-Type"] == "application/problem+json"
            assert word in answer.json()["detail"] and answer.json()["detail_zh"], (path, query)
    for query, status in (
        ("kind=substation", 400),
        ("grid=oberrhein", 404),
        ("issue=7", 404),
        ("lon=x&lat=1", 400),
    ):
        assert client.get(f"/capacity/?{query}").status_code == status, query
    assert client.get("/capacity/?utm_source=x").status_code == 200


def test_no_address_breaks_the_page_or_a_file(issue: Publication, client: Client) -> None:
    strange = (
        "%00",
        "²",
        "٣",
        "x" * 300,
        "'; --",
        "%F0%9F%98%80",
        "-1",
        "nan,nan",
        "inf,0",
        "1e309,0",
        "area:",
        ":",
        "node:L1%00",
    )
    for value in strange:
        for name in (
            "grid",
            "issue",
            "kind",
            "feeder",
            "level",
            "q",
            "device",
            "at",
            "near",
            "limit",
            "after",
            "lon",
        ):
            for path in ("/capacity/", "/api/v1/capacity"):
                answer = client.get(f"{path}?{name}={value}")
                assert answer.status_code in (200, 400, 404), (path, name, value)
    assert client.get("/capacity/?device=node:L1").context["card"].line.row["kind"] == "node"
    assert client.get("/capacity/?device=area:NOWHERE").context["card"] is None


def test_a_long_list_comes_in_pages_that_make_the_whole(issue: Publication, client: Client) -> None:
    whole, parts, url = api(client, "kind=all"), [], "/api/v1/capacity?kind=all&limit=3"
    while url:
        answer = client.get(url).json()
        assert len(answer["capacity"]) <= 3 and answer["count"] == len(whole)
        parts, url = parts + answer["capacity"], answer["next"]
    assert parts == whole
    for wrong in ("limit=0", "limit=9999999", "limit=x", "after=-1", "limit=٣"):
        assert client.get(f"/api/v1/capacity?{wrong}").status_code == 400, wrong


def test_near_a_place_the_nearest_come_first(issue: Publication, client: Client) -> None:
    rows = api(client, "near=118.0101,36.8")
    assert rows[0]["kind"] == "area" or rows[0]["distance_m"] == rows[1]["distance_m"]
    assert [one["distance_m"] for one in rows] == sorted(one["distance_m"] for one in rows)
    assert row(client, "area", "D1", "near=118.0101,36.8")["distance_m"] == pytest.approx(8.9, abs=0.2)


def test_every_grid_in_force_is_published(town: Grid, client: Client) -> None:
    bring_in_village()
    measure(town)
    made = publish_due(on=date(2025, 6, 5), at=AT)
    assert [one.grid.code for one in made] == ["town", "village"]
    assert {one["grid"] for one in client.get("/api/v1/capacity/issues").json()["issues"]} == {
        "town",
        "village",
    }
    for grid in ("town", "village"):
        answer = client.get(f"/api/v1/capacity?grid={grid}").json()
        assert answer["publication"]["grid"] == grid and {one["grid"] for one in answer["capacity"]} == {grid}
        page = client.get(f"/capacity/?grid={grid}")
        assert page.status_code == 200 and page.context["publication"].grid.code == grid
    assert client.get("/api/v1/capacity").json()["publication"]["grid"] == "town", "the city's without a word"


def bring_in_village() -> None:
    """Another grid beside the city's, taken over on 20 May: its first issue is not late for days before it was there."""
    from jiedian.grid.network.services.imports import Source, keep
    from jiedian.grid.network.services.versions import take_over

    at = moment("2025-05-20 08:00")
    done = keep(reading(), Source("village.zip", "village", "0", 1), actor=PLANNER, at=at)
    take_over(done, effective_at=at, reason="首次", actor=PLANNER, at=at)


def test_a_grid_taken_over_after_the_due_day_is_not_late_for_the_days_before(town: Grid) -> None:
    bring_in_village()
    village = Grid.objects.get(code="village")
    made = publish(
        village, due_on=date(2025, 5, 5), on=date(2025, 5, 21), actor=PLANNER, at=moment("2025-05-21 09:00")
    )
    assert made.late_days == 1


def test_figures_are_said_not_to_be_additive_in_every_file(issue: Publication, client: Client) -> None:
    assert client.get("/api/v1/capacity").json()["publication"]["is_additive"] is False
    assert all("不可相加" in one["note_zh"] and "add" in one["note_en"] for one in api(client, "kind=all"))
    assert "不可相加" in client.get("/capacity.csv").content.decode()
    assert "不可相加" in client.get("/capacity/").content.decode()
    english = client.get("/capacity/", headers={"accept-language": "en"}).content.decode()
    assert "add" in english.partition("<main")[2]


def test_a_feeder_says_what_its_areas_sum_to(db: Any, client: Client) -> None:
    """Two areas of one feeder whose sum is more than the feeder takes: the sum is said beside the feeder's own figure."""
    lines = TABLES["lines"].replace("LA1,M,A1,900,0.161,0.11,406,358", "LA1,M,A1,900,0.161,0.11,406,90")
    trafos = TABLES["transformers"] + "D2,A2,L3,630,10,0.4,4.5,0.98,0.81,0.6\n"
    bring_in(reading(lines=lines, transformers=trafos, buses=TABLES["buses"] + "L3,0.4,118.02,36.80\n"))
    grid = Grid.objects.get(code="town")
    measure(grid)
    publish(grid, due_on=DUE, on=DUE, actor=PLANNER, at=AT)
    feeder, areas = row(client, "feeder", "LA1"), api(client, "kind=area")
    total = sum(one["open_kw"] for one in areas)
    assert len(areas) == 2 and total > feeder["open_kw"] > 0
    assert f"{total:,.0f}" in feeder["note_zh"] and f"{feeder['open_kw']:,.0f}" in feeder["note_en"]


def test_an_issue_is_frozen_and_an_old_one_says_only_what_it_kept(
    issue: Publication, client: Client, town: Grid
) -> None:
    before = api(client, "kind=all&issue=1")
    Device.objects.filter(grid=town, kind="area").update(name="别的名字", lon=1.0, rated_kva=1.0)
    reserve("C-2025-000080", device(town, "node", "L1"), Wish(20), actor=PLANNER, at=AT)
    assert api(client, "kind=all&issue=1") == before
    Publication.objects.filter(pk=issue.pk).update(edition=1, parameters={})
    issue.rows.filter(kind="node").delete()
    issue.rows.update(facts={}, feed_in_kw=None)
    old = client.get("/api/v1/capacity?kind=area").json()
    (area,) = old["capacity"]
    assert old["publication"]["edition"] == 1 and area["open_kw"] == row_of(before, "area")["open_kw"]
    assert area["device"] == "别的名字" and area["feed_in_kw"] is None and area["reserved_cases"] is None
    assert faults(old, {"$ref": "#/components/schemas/Capacity"}, openapi()) == []
    for url in ("/capacity/", "/capacity.csv", "/capacity.geojson", "/capacity.xlsx", "/capacity/data/"):
        assert client.get(url).status_code == 200, url
    assert client.get("/api/v1/capacity?level=ample").status_code == 404, "it kept no levels"


def row_of(rows: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(one for one in rows if one["kind"] == kind)


def test_no_customer_no_case_and_no_pole_is_published(issue: Publication, client: Client, town: Grid) -> None:
    load_neighbours(town, b"account,node,pole\n3703001,L2,P-17\n", name="n.csv", actor=PLANNER, at=AT)
    publish(town, due_on=date(2025, 7, 5), on=date(2025, 7, 5), actor=PLANNER, at=AT)
    urls = ["/capacity/", "/capacity/?kind=node", "/capacity/data/", "/api/v1/capacity?kind=all"]
    urls += ["/capacity.csv?kind=all", "/capacity.geojson?kind=all", "/api/v1/capacity/issues"]
    for url in urls:
        body = b"".join(client.get(url)).decode()
        assert not [word for word in ("C-2025", "3703001", "P-17", "规划") if word in body], url


def test_a_place_far_from_the_grid_gets_no_figure_of_an_area_that_is_not_near(
    issue: Publication, client: Client
) -> None:
    """Another continent was told what the nearest area still takes."""
    page = client.get("/capacity/?lon=10&lat=10")
    assert page.context["card"] is None
    assert "这里 2 公里内没有公布的台区" in page.content.decode()


def test_the_card_shows_a_sum_that_adds_up_and_leads_on_to_the_application(
    issue: Publication, client: Client
) -> None:
    page = client.get("/capacity/?lon=118.0101&lat=36.8")
    card = page.context["card"]
    assert card.line.row["code"] == "D1" and card.line.distance_m == pytest.approx(8.9, abs=0.2)
    made = card.sum
    assert made.peak + made.reserved + made.open + made.held == made.allowed == 479
    text = page.content.decode()
    assert "还能接" in text and "在这里办电" in text and "怎么算的" in text
    assert "beside=" not in text and "lon=118.010100" in text, "his own place, not that of the nearest area"
    apply = client.get(f"/apply/?{card.apply}").content.decode()
    assert 'value="S1-B1-F01-A01"' not in apply and 'value="118.0101' in apply


def test_the_list_and_the_map_are_tied_and_a_mark_opens_the_card(issue: Publication, client: Client) -> None:
    page = client.get("/capacity/").content.decode()
    area = issue.rows.get(kind="area")
    assert page.count(f'data-key="d{area.device_id}"') == 2, "the mark and the row"
    url = "/capacity/?grid=town&issue=1&device=area%3AD1"
    assert url.replace("&", "&amp;") in page
    card, whole = client.get(url, headers={"hx-request": "true"}), client.get(url)
    assert "S1-B1-F01-A01" in card.content.decode() and "<html" not in card.content.decode()
    assert (
        "<html" in whole.content.decode() and card["ETag"] != whole["ETag"] and "HX-Request" in card["Vary"]
    )


def test_the_page_says_when_the_next_issue_is_due_and_that_it_is_late(
    issue: Publication, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "jiedian.grid.publication.views.public.business_now"
    monkeypatch.setattr(name, lambda: moment("2025-06-20 09:00"))
    page = client.get("/capacity/")
    assert (page.context["next"].due_on, page.context["next"].days) == (date(2025, 7, 5), 0)
    monkeypatch.setattr(name, lambda: moment("2025-07-08 09:00"))
    page = client.get("/capacity/")
    assert page.context["next"].days == 3 and "已迟 3 天" in page.content.decode()
    assert "迟了 1 天" in page.content.decode(), "and so was this one"


def test_the_page_asks_few_questions_however_many_nodes_there_are(issue: Publication, client: Client) -> None:
    client.get("/capacity/")
    for url, most in (("/capacity/", 9), ("/capacity/?device=area:D1", 10), ("/api/v1/capacity?kind=all", 6)):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        assert len(queries) <= most, (url, len(queries))


def test_every_field_has_a_type_a_meaning_and_a_place_in_the_row() -> None:
    assert len(set(KEYS)) == len(FIELDS) and all(str(field.label) for field in FIELDS)
    assert all(field.unit in field.key or "_" in field.key for field in FIELDS if field.unit == "kW")


def test_search_and_downloads_stand_above_the_map_and_the_list_is_folded(
    issue: Publication, client: Client
) -> None:
    page = client.get("/capacity/").content.decode()
    marks = [page.index(word) for word in ('name="where"', "/capacity.csv", 'class="mapbox"', 'id="list"')]
    assert marks == sorted(marks), "search, downloads, map, list"
    fold = re.search(r'<details[^>]*id="list"[^>]*>', page)
    assert fold and " open" not in fold[0]
    asked = client.get("/capacity/?kind=area").content.decode()
    assert re.search(r'<details[^>]* open id="list"', asked), "what was asked for is seen"
    assert not re.search(r"(?<![年\d])\d{1,2}月\d{1,2}日", page), "every day has its year"


def test_the_sum_of_an_area_says_in_words_what_is_free_and_cannot_be_used(
    issue: Publication, client: Client
) -> None:
    area = next(row["code"] for row in issue_of(issue).rows if row["kind"] == "area")
    page = client.get(f"/capacity/?device=area:{area}").content.decode()
    assert "最高用到" in page and "这里最多带" in page and "受别处限制" not in page
