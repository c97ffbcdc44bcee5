"""底图: street data read from GeoJSON, own words and OpenStreetMap's; hostile files; taken in whole, taken back."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedian.core.findings import Refused
from jiedian.grid.network.calc.features import pack, unpack
from jiedian.grid.network.calc.find import Shelf, entries_of, find
from jiedian.grid.network.calc.geojson import read_map
from jiedian.grid.network.commands import store_map
from jiedian.grid.network.models import BaseMap, Grid
from jiedian.grid.network.queries.basemap import base_maps, ground_now
from jiedian.grid.network.services.basemap import look, take_map, undo_map
from jiedian.ground.files.services import undo
from jiedian.ground.journal.models import Fact
from jiedian.people.queries import actor
from tests.cast import moment, staff
from tests.grid.conftest import PLANNER
from tests.handed import read_now, take_now

from .maps import at, box, feature, street, town_map

AT = moment("2025-06-01 09:00")


def collection(*rows: Any, **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(rows)} | more


def codes(content: Any) -> set[str]:
    """Codes of the findings, of a refusal or of a file that was read."""
    try:
        return {finding.code for finding in read_map(content).findings}
    except Refused as refusal:
        return {finding.code for finding in refusal.findings}


def test_a_map_of_our_own_words_is_read_whole() -> None:
    found = read_map(json.dumps(town_map(), ensure_ascii=False).encode("utf-8-sig"))
    assert not found.findings and found.is_made_up and found.name == "云溪"
    road = found.features[0]
    assert (road.kind, road.called(True), road.called(False)) == ("street", "学府路", "Xuefu Road")
    assert (road.rank, road.first, road.last, road.parts[0][0]) == (1, 1, 200, (117.99, 36.81))
    assert unpack(pack(found.features)) == found.features


@pytest.mark.parametrize(
    ("shape", "coordinates", "tags", "kind", "what"),
    [
        ("LineString", [at(0, 0), at(1, 1)], {"highway": "trunk_link", "name": "环线"}, "street", ""),
        ("LineString", [at(0, 0), at(1, 1)], {"waterway": "canal"}, "water", ""),
        ("Polygon", box(0, 0, 1, 1), {"natural": "water"}, "water", ""),
        ("Polygon", box(0, 0, 1, 1), {"leisure": "park", "name": "书院"}, "park", ""),
        ("Polygon", box(0, 0, 1, 1), {"boundary": "administrative", "name": "城区"}, "district", ""),
        ("Polygon", box(0, 0, 1, 1), {"landuse": "residential"}, "block", ""),
        ("Polygon", box(0, 0, 1, 1), {"building": "yes", "name": "学府里"}, "place", "estate"),
        ("Point", at(1, 1), {"amenity": "hospital", "name:en": "Clinic"}, "place", "hospital"),
        ("Polygon", box(0, 0, 1, 1), {"amenity": "school", "name": "小学"}, "place", "school"),
        ("Point", at(1, 1), {"place": "suburb", "name": "桥南"}, "district", ""),
        ("Point", at(1, 1), {"place": "hamlet", "name": "柳林"}, "place", "village"),
        (
            "Point",
            at(1, 1),
            {"name": "小学", "other_tags": '"amenity"=>"school","name:en"=>"A"'},
            "place",
            "school",
        ),
        ("LineString", [at(0, 0), at(1, 1)], {"id": 7, "tags": {"highway": "service"}}, "street", ""),
        ("MultiLineString", [[at(0, 0), at(1, 1)], []], {"highway": "primary", "name": "路"}, "street", ""),
        ("LineString", [[*at(0, 0), 12.5], [*at(1, 1), 13]], {"highway": "road"}, "street", ""),
        ("Point", at(1, 1), {"addr:street": "柳巷", "addr:housenumber": "12号"}, "address", ""),
    ],
)
def test_the_words_of_openstreetmap_are_understood(
    shape: str, coordinates: Any, tags: dict[str, str], kind: str, what: str
) -> None:
    (found,) = read_map(collection(feature(shape, coordinates, **tags))).features
    assert (found.kind, found.what) == (kind, what)


def test_what_no_map_shows_is_left_out_and_counted() -> None:
    rows = [feature("Point", at(i, 1), barrier="gate") for i in range(3)]
    (finding,) = read_map(collection(street("柳巷", "", (0, 0), (1, 1)), *rows)).findings
    assert finding.code == "basemap.not_shown" and finding.facts["count"] == 3
    assert "features[1]" in finding.zh and "barrier" in finding.en


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "basemap.not_json"),
        (b"[" * 5000, "basemap.not_json"),
        (b'{"type": "FeatureCollection", "features": [' + b"[" * 200_000, "basemap.not_json"),
        (b"<osm/>", "basemap.not_json"),
        (b"[]", "basemap.not_a_collection"),
        (b'{"type": "Topology", "objects": {}}', "basemap.not_a_collection"),
        (b'{"type": "FeatureCollection", "features": {}}', "basemap.not_a_collection"),
        (b'{"type": "FeatureCollection", "features": []}', "basemap.nothing"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "file.not_text"),
    ],
)
def test_what_is_no_map_is_refused_with_its_reason(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_map(content)
    assert refusal.value.findings[0].code == code


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (None, "basemap.no_geometry"),
        (
            {"type": "Feature", "geometry": None, "properties": {"highway": "residential"}},
            "basemap.no_geometry",
        ),
        (feature("GeometryCollection", [], highway="residential"), "basemap.geometry"),
        (feature("LineString", [[4e6, 5e5], [4e6, 5e5]], kind="street"), "basemap.not_degrees"),
        (feature("LineString", [[36.8, 118.0], [36.9, 118.0]], kind="street"), "basemap.not_degrees"),
        (feature("LineString", [["118", "36"], [118, 36]], kind="street"), "basemap.coordinates"),
        (feature("LineString", [[True, 36], [118, 36]], kind="street"), "basemap.coordinates"),
        (feature("LineString", [[118, 36], [10**400, 36]], kind="street"), "basemap.not_degrees"),
        (feature("Point", [0, 0], kind="place", name="x"), "basemap.coordinates"),
        (feature("Polygon", [at(0, 0), at(1, 1)], kind="block"), "basemap.coordinates"),
        (feature("LineString", [at(0, 0), at(0, 0)], kind="street"), "basemap.too_short"),
        (feature("LineString", [], kind="street"), "basemap.too_short"),
        (feature("Point", at(1, 1), kind="street"), "basemap.shape"),
        (feature("Point", at(1, 1), kind="place", name="\u200b "), "basemap.no_name"),
        (feature("Point", at(1, 1), kind="address", street="柳巷", number="甲"), "basemap.numbers"),
        (street("柳巷", "", (0, 0), (1, 1), first=1), "basemap.numbers"),
        (street("柳巷", "", (0, 0), (1, 1), first=-4, last="x"), "basemap.numbers"),
    ],
)
def test_a_bad_feature_is_said_and_the_others_are_read(row: Any, code: str) -> None:
    found = read_map(collection(street("好路", "", (0, 0), (1, 1)), row))
    assert [finding.code for finding in found.findings] == [code]
    assert found.features[0].name == "好路"


def test_numbers_that_are_none_are_no_coordinates() -> None:
    text = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"kind":"street"},"geometry":{"type":"LineString","coordinates":[[NaN,36],[118,Infinity]]}}]}'
    assert codes(text.encode()) == {"basemap.nothing", "basemap.coordinates"}


def test_a_file_in_another_system_is_refused_and_one_in_degrees_is_not() -> None:
    row = street("柳巷", "", (0, 0), (1, 1))
    gauss = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    assert codes(collection(row, crs=gauss)) == {"basemap.crs"}
    for name in ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4490"):
        assert codes(collection(row, crs={"type": "name", "properties": {"name": name}})) == set()


def test_names_are_one_line_without_hidden_marks() -> None:
    row = street("  学府\u202e路\n<script>\x00" + "长" * 200, "", (0, 0), (1, 1))
    (found,) = read_map(collection(row)).features
    assert found.name.startswith("学府 路 <script>") and len(found.name) == 80


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)
SHAPE = st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "MultiLineString", "Feature"])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "geometry": JSON | st.fixed_dictionaries({"type": SHAPE, "coordinates": JSON}),
                "properties": JSON | st.fixed_dictionaries({"kind": st.sampled_from(["street", "place"])}),
            }
        )
        | JSON,
        max_size=4,
    ),
    JSON,
)
def test_no_file_breaks_the_reader(rows: list[Any], crs: Any) -> None:
    try:
        found = read_map(collection(*rows, crs=crs))
    except Refused as refusal:
        assert all(finding.zh != finding.code for finding in refusal.findings)
    else:
        assert found.features and unpack(pack(found.features)) == found.features


@pytest.mark.parametrize(
    "crs",
    [
        {"properties": None},
        {"properties": []},
        {"properties": "x"},
        {"properties": {"name": {}}},
        7.5e9,
        [1],
        True,
    ],
)
def test_a_system_that_names_none_is_none(crs: Any) -> None:
    assert codes(collection(street("路", "", (0, 0), (1, 1)), crs=crs)) == set()


ODD = st.sampled_from(
    [None, True, 0, -1, 1e400, 10**40, "", "x", "\x00", "\ud800", [], {}, [[]], [None], {"name": []}]
)
WHOLE = town_map(
    feature(
        "MultiPolygon", [box(0, 0, 1, 1)], landuse="residential", tags={"name": "院"}, other_tags='"a"=>"b"'
    ),
    feature("Point", at(7, 6), kind="address", street="柳巷", number="12"),
) | {"crs": {"type": "name", "properties": {"name": "EPSG:4326"}}}


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) within a value."""
    pairs = list(
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [one for key, inner in pairs for one in ((value, key), *_places(inner))]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_odd_value_at_any_place_breaks_what_reads_keeps_or_searches_a_map(data: Any) -> None:
    whole = json.loads(json.dumps(WHOLE))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(_places(whole)))
        holder[key] = json.loads(json.dumps(data.draw(ODD | JSON)))
    try:
        found = read_map(json.dumps(whole).encode())
    except Refused as refusal:
        told = refusal.findings
    else:
        told = found.findings
        assert unpack(pack(found.features)) == found.features
        find("学府路88号", Shelf(entries_of(found.features)))
        (found.name + found.note).encode()
    kept = json.dumps([finding.row() for finding in told], ensure_ascii=False)
    assert kept.encode() and "\\u0000" not in kept, "the database keeps neither"


@pytest.mark.django_db
def test_a_map_is_taken_in_and_taken_back(town: Grid) -> None:
    assert ground_now().features == ()
    first = take_map(town_map(), name="一", actor=PLANNER, at=AT)
    later = take_map(
        json.dumps(collection(street("新路", "", (0, 0), (1, 1)))).encode(), name="二", actor=PLANNER, at=AT
    )
    assert (ground_now().name, len(ground_now().features), ground_now().is_made_up) == ("二", 1, False)
    assert undo_map(later, actor=PLANNER, at=AT) == first
    assert ground_now().is_made_up and ground_now().features[0].name == "学府路"
    with pytest.raises(Refused, match=r"basemap\.undone"):
        undo_map(later, actor=PLANNER, at=AT)
    assert undo_map(first, actor=PLANNER, at=AT) is None and ground_now().features == ()
    take_map(town_map(), name="一", actor=PLANNER, at=AT)
    assert ground_now().name == "云溪", "an older file taken again stands again"
    kinds = list(Fact.objects.filter(kind__startswith="grid.map").values_list("kind", flat=True))
    assert kinds.count("grid.map_taken") == 3 and kinds.count("grid.map_undone") == 2
    assert base_maps()[0].counts["street"] == 3 and base_maps()[0].taken_by == PLANNER.name


@pytest.mark.django_db
def test_a_refused_map_leaves_the_one_before(town: Grid) -> None:
    take_map(town_map(), name="一", actor=PLANNER, at=AT)
    with pytest.raises(Refused):
        take_map(collection(None), name="坏", actor=PLANNER, at=AT)
    assert BaseMap.objects.count() == 1 and ground_now().name == "云溪"


@pytest.mark.django_db
def test_a_map_of_another_town_is_said_to_be_elsewhere(town: Grid) -> None:
    far = collection(feature("LineString", [[36.80, 52.0], [36.81, 52.0]], kind="street", name="远"))
    assert [finding.code for finding in look(far).findings] == ["basemap.elsewhere"]
    assert look(town_map()).findings == ()


@pytest.mark.django_db
def test_the_command_looks_takes_and_takes_back(
    town: Grid, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "streets.geojson", tmp_path / "bad.geojson"
    good.write_text(json.dumps(town_map()), "utf-8")
    bad.write_text("{}", "utf-8")
    assert store_map([str(good)]) == 0 and not BaseMap.objects.exists()
    assert store_map([str(good), "--take"]) == 0 and "street=3" in capsys.readouterr().out
    assert store_map([str(bad), "--take"]) == 2 and "FeatureCollection" in capsys.readouterr().err
    assert store_map([str(tmp_path / "none.geojson")]) == 2
    number = str(BaseMap.objects.get().pk)
    assert store_map(["--undo", number]) == 0 and ground_now().features == ()
    assert store_map(["--undo", number]) == 2 and store_map(["--undo", "99999"]) == 2


@pytest.mark.django_db
def test_a_file_of_streets_is_handed_in_on_the_page_looked_at_taken_and_taken_back(
    town: Grid, client: Any
) -> None:
    client.force_login(staff("planner"))
    content = json.dumps(town_map(feature("Point", at(1, 1), barrier="gate"))).encode()
    file = SimpleUploadedFile("streets.geojson", content)
    answer = client.post(f"/grid/sheets/{town.pk}/", {"kind": "basemap", "file": file})
    assert answer.status_code == 302
    row = read_now()
    assert (row.state, row.left_out) == ("checked", 1) and ground_now().features == ()
    assert "不画的要素" in client.get(answer["Location"]).content.decode()
    row = take_now(actor=actor(staff("planner")))
    assert row.state == "imported" and ground_now().name == "云溪"
    assert "云溪" in client.get("/grid/imports/").content.decode()
    undo(row, actor=PLANNER, at=AT)
    assert ground_now().features == () and BaseMap.objects.get().undone_at


@pytest.mark.django_db
def test_a_file_that_is_no_map_goes_back_with_its_reason(town: Grid, client: Any) -> None:
    client.force_login(staff("planner"))
    file = SimpleUploadedFile("streets.json", b'{"type": "Topology"}')
    answer = client.post(f"/grid/sheets/{town.pk}/", {"kind": "basemap", "file": file})
    row = read_now()
    assert row.state == "refused" and "GeoJSON" in client.get(answer["Location"]).content.decode()
