"""Finding a place: what people type, house numbers along a street, mistakes, near misses, nothing; page and part of a page."""

import math
from functools import cache
from itertools import pairwise

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from jiedian.grid.network.calc.features import Feature
from jiedian.grid.network.calc.find import (
    MOST_LETTERS,
    Entry,
    Hit,
    Shelf,
    entries_of,
    find,
    house,
    inside,
    likeness,
    mistakes,
    plain,
    typed,
)
from jiedian.grid.network.calc.geojson import read_map
from jiedian.grid.network.models import Grid
from jiedian.grid.network.queries.basemap import backdrop, ground_now
from jiedian.grid.network.queries.finding import areas_around, find_place
from jiedian.grid.network.queries.network import version_now
from jiedian.grid.network.services.basemap import take_map
from tests.cast import moment
from tests.grid.conftest import PLANNER, device

from .maps import SOUTH, WEST, feature, street, town_map
from .maps import at as spot

AT = moment("2025-06-01 09:00")
ADDRESS = feature("Point", spot(7, 6), kind="address", street="柳巷", number="12")
TOWN = Shelf(entries_of(read_map(town_map(ADDRESS)).features))


def best(text: str) -> Hit:
    return find(text, TOWN)[0]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "学府路 88 号",
            "学府路88号",
            "学府路８８號",
            "学府路88",
            "云溪市学府路88号院3单元",
            "学府路八十八号",
        ),
        *("88 Xuefu Road", "No. 88, Xuefu Rd.", "88 xuefu lu", "Xuefu Road 88", "XUEFU ROAD NO.88"),
        *("学富路88号", "88 Xeufu Road", "88 Xuefu Raod", "xuefulu88hao", "学府路88号院3号楼"),
    ],
)
def test_a_house_is_found_however_it_is_written(text: str) -> None:
    hit = best(text)
    assert (hit.entry.name, hit.number) == ("学府路", 88)
    assert hit.at[0] == pytest.approx(WEST + 0.04 * 87 / 199, abs=1e-5)
    assert hit.at[1] == pytest.approx(SOUTH + 0.02 - 15 / 111_195, abs=1e-6), "even: right of the street"


def test_odd_numbers_lie_left_and_a_number_beyond_the_street_is_said() -> None:
    assert best("学府路87号").at[1] > SOUTH + 0.02
    far = best("学府路900号")
    assert far.range == (1, 200) and far.at[0] == pytest.approx(WEST + 0.04, abs=1e-4)
    assert best("柳巷88号").is_rough, "a street without numbers: its middle"


def test_an_address_of_its_own_goes_before_what_is_reckoned() -> None:
    hits = find("柳巷12号", TOWN)
    assert hits[0].entry.kind == "address" and list(hits[0].at) == spot(7, 6)
    assert [hit.entry.kind for hit in hits].count("street") == 0
    assert all(hit.entry.kind != "address" for hit in find("柳巷13号", TOWN))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("学府小学", "学府小学"),
        ("xuefu school", "学府小学"),
        ("小学", "学府小学"),
        ("书院公元", "书院公园"),
        ("云溪河", "云溪河"),
        ("老城", "老城"),
        ("柳林", "柳林村"),
        ("Renmin Rd", "人民路"),
        ("Renmin Raod", "人民路"),
        ("柳林村3号楼", "柳林村"),
        ("  人民路  ", "人民路"),
    ],
)
def test_a_place_is_found_by_its_name_a_part_of_it_and_with_a_mistake(text: str, name: str) -> None:
    assert best(text).entry.name == name


def test_nothing_is_found_for_nothing_and_for_what_is_not_there() -> None:
    assert find("", TOWN) == find("　 ,.", TOWN) == find("长安街", TOWN) == find("12", TOWN) == []


def test_pieces_of_a_street_are_one_and_namesakes_in_two_districts_are_two() -> None:
    more = [
        street("柳巷", "Liu Lane", (15, 5), (18, 5)),
        street("柳巷", "Liu Lane", (25, 25), (30, 25)),
    ]
    hits = find("柳巷", Shelf(entries_of(read_map(town_map(*more)).features)))
    assert sorted((hit.entry.name, hit.entry.detail) for hit in hits) == [("柳巷", ""), ("柳巷", "老城")]


@cache
def large_map(kind: str) -> Shelf:
    """Many entries, each of another name."""
    sound = "bcdfghjklmnpqrstvwxz"
    names = ("".join(sound[n // 20**k % 20] for k in range(5)) for n in range(40_000))
    return Shelf(
        Entry(kind, name, "", (118.0, 36.8), key=n % 300, forms=(f"{name}lu",))
        for n, name in enumerate(names)
    )


@pytest.mark.parametrize("kind", ["address", "place"])
@pytest.mark.parametrize("text", ["bcdfgjlu", "lu", "bcdgh road 88", "x" * 80, "\ufdfa" * 80])
def test_the_work_of_a_search_is_bounded_on_a_large_map(
    monkeypatch: pytest.MonkeyPatch, kind: str, text: str
) -> None:
    compared = []

    def counted(a: str, b: str, most: int) -> int:
        compared.append(len(a) * len(b))
        return mistakes(a, b, most)

    shelf = large_map(kind)
    monkeypatch.setattr("jiedian.grid.network.calc.find.mistakes", counted)
    find(text, shelf)
    assert sum(compared) <= 2 * MOST_LETTERS, "millions without a bound"


def test_the_likest_of_a_large_map_is_weighed() -> None:
    [first, *_more] = find("gfdcbb road", large_map("place")) or [None]
    assert first is not None and mistakes(first.entry.name, "gfdcbb", 3) == 1


@given(st.text(max_size=100))
def test_no_text_breaks_the_search(text: str) -> None:
    assert len(find(text, TOWN)) <= 8
    assert plain(plain(text)) == plain(plain(plain(text)))
    assert typed(text)[1] >= 0


@given(st.text("学府路人民abc", max_size=8), st.text("学府路人民abc", max_size=8))
def test_mistakes_are_counted_alike_both_ways(a: str, b: str) -> None:
    assert mistakes(a, b, 9) == mistakes(b, a, 9)
    assert (mistakes(a, b, 9) == 0) == (a == b)
    assert 0 <= likeness(a, b) <= 1


@given(
    st.lists(st.tuples(st.floats(118, 118.1), st.floats(36.8, 36.9)), min_size=2, max_size=6, unique=True),
    st.integers(1, 300),
    st.integers(-50, 400),
    st.tuples(st.integers(1, 299), st.integers(1, 299)).filter(lambda pair: pair[0] != pair[1]),
)
def test_a_house_lies_beside_its_street(
    way: list[tuple[float, float]], number: int, _other: int, numbers: tuple[int, int]
) -> None:
    row = Feature("street", "路", "", (tuple(way),), first=numbers[0], last=numbers[1])
    lon, lat = house(row, number)
    flat = math.cos(math.radians(way[0][1]))
    away = min(_distance((lon, lat), a, b, flat) for a, b in pairwise(way))
    assert away * 111_195 < 16.5


def _distance(p: tuple[float, float], a: tuple[float, float], b: tuple[float, float], flat: float) -> float:
    """From a point to a piece of a way, in degrees of latitude."""
    dx, dy = (b[0] - a[0]) * flat, b[1] - a[1]
    px, py = (p[0] - a[0]) * flat, p[1] - a[1]
    t = min(max((px * dx + py * dy) / (dx * dx + dy * dy or 1), 0), 1)
    return math.hypot(px - t * dx, py - t * dy)


def test_a_point_in_a_hole_is_outside() -> None:
    ring = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0)]
    hole = [(1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0), (1.0, 1.0)]
    assert (
        inside((0.5, 0.5), [ring, hole]) and not inside((2, 2), [ring, hole]) and not inside((5, 2), [ring])
    )


@pytest.fixture
def mapped(town: Grid) -> Grid:
    take_map(town_map(ADDRESS), name="云溪", actor=PLANNER, at=AT)
    return town


@pytest.mark.django_db
def test_the_one_that_is_meant_is_chosen_and_devices_are_found_by_name(mapped: Grid) -> None:
    found = find_place("学府路88号", mapped)
    assert found.chosen and found.chosen.name == "学府路88号" and "大致" in found.chosen.remark
    area = device(mapped, "area", "D1")
    named = find_place(area.name.lower(), mapped).chosen
    assert named and (named.device_id, named.what) == (area.pk, "配变台区")
    near = find_place("学富路", mapped)
    assert near.is_near and near.chosen is None and near.rows[0].name == "学府路"
    assert find_place("学府路900号", mapped).chosen is None
    assert not find_place("长安街", mapped).rows


@pytest.mark.django_db
def test_a_retired_device_and_an_undone_map_are_not_found(mapped: Grid) -> None:
    assert find_place("学府路", mapped).rows
    take_map(
        {"type": "FeatureCollection", "features": [street("新路", "", (0, 0), (1, 1))]},
        name="新",
        actor=PLANNER,
        at=AT,
    )
    assert not find_place("学府路", mapped).rows and find_place("新路", mapped).rows


@pytest.mark.django_db
def test_the_area_a_place_lies_on_comes_first(mapped: Grid) -> None:
    version = version_now(mapped)
    areas = list(mapped.devices.all())
    here = areas_around(version.pk, (118.0115, 36.7995), areas)
    assert here and [(one.area.code, one.is_here) for one in here] == [("D1", True)]
    assert areas_around(version.pk, (118.9, 36.8), areas) == []
    assert areas_around(version.pk, (118.0115, 36.7995), []) is None, (
        "of nothing with a place nothing is near"
    )


@pytest.mark.django_db
def test_an_area_is_as_far_as_it_stands_and_not_as_the_middle_of_its_land(mapped: Grid) -> None:
    at_it = areas_around(version_now(mapped).pk, (118.01, 36.80), mapped.devices.all())
    assert at_it and at_it[0].metres == 0


@pytest.mark.django_db
def test_the_page_lists_what_was_found_and_says_what_can_be_searched(
    mapped: Grid, client: Client, django_assert_max_num_queries: object
) -> None:
    page = client.get("/places/", {"where": "学府", "to": "grid"}).content.decode()
    assert "学府路" in page and "学府小学" in page and "<html" in page and "/grid/?lon=" in page
    part = client.get("/places/", {"where": "88 Xuefu Road"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "data-sure" in part and "/capacity/?lon=118.0" in part
    none = client.get("/places/", {"where": "<b>长安街", "to": "https://x"}).content.decode()
    assert "没有找到" in none and "在图上点" in none and "<b>长" not in none and "https://x" not in none
    english = client.get(
        "/places/", {"where": "88 Xuefu Road"}, headers={"Accept-Language": "en"}
    ).content.decode()
    assert "88 Xuefu Road" in english and "street" in english.lower()
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        client.get("/places/", {"where": "学府路"}, headers={"HX-Request": "true"})


@pytest.mark.django_db
def test_without_a_base_map_it_says_so(town: Grid, client: Client) -> None:
    assert ground_now().features == ()
    assert "还没有启用街道底图" in client.get("/places/", {"where": "学府路"}).content.decode()


@pytest.fixture
def streets(town: Grid) -> Grid:
    """The town with its base map, whose park is told as a place too."""
    gate = feature("Point", spot(33, 4), kind="place", name="书院公园", name_en="Academy Park", what="park")
    take_map(town_map(gate), name="云溪", actor=PLANNER, at=AT)
    return town


def test_a_park_that_is_land_and_a_place_is_found_and_drawn_once(streets: Grid) -> None:
    found = find_place("书院公园", streets)
    assert [row.name for row in found.rows] == ["书院公园"] == [found.chosen and found.chosen.name]
    assert [row.name for row in backdrop()].count("书院公园") == 1


def test_a_name_is_found_by_its_letters_and_with_another_word_for_its_kind(streets: Grid) -> None:
    assert find_place("chengxi shichang", streets).rows[0].name == "城西市场"
    for text in ("West shop", "城西购物中心", "柳林镇"):
        found = find_place(text, streets)
        assert found.rows and found.is_near and found.chosen is None, text
    assert find_place("长安购物中心", streets).rows == ()


def test_a_river_in_the_middle_of_a_name_is_not_where_one_is_sent(streets: Grid) -> None:
    found = find_place("云溪河软件园", streets)
    assert found.chosen is None and found.is_near
    assert find_place("云溪市人民路", streets).rows[0].name == "人民路", "the town goes before its street"


def test_a_house_stands_in_its_own_district(streets: Grid) -> None:
    """Xuefu Road leaves the Old Town on its way east: its first houses lie there, its last ones in none."""
    near, far = (find_place(f"学府路{number}号", streets).rows[0].what for number in (2, 198))
    assert near.startswith("老城") and not far.startswith("老城")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "学府路与人民路交叉口",
            "学府路人民路路口",
            "学府路/人民路",
            "学府路近人民路",
            "学府路（人民路口）",
        ),
        *("人民路和学府路十字路口", "云溪市学府路靠近人民路", "学府路、人民路交汇处", "学府路 人民路 路口"),
        *("corner of Xuefu Road and Renmin Road", "Xuefu Rd & Renmin Rd", "Renmin Road at Xuefu Road"),
        *("Xuefu Road / Renmin Road", "intersection of Xuefu Rd and Renmin Rd", "学府路×人民路"),
    ],
)
@pytest.mark.django_db
def test_a_crossing_is_found_however_it_is_written(streets: Grid, text: str) -> None:
    found = find_place(text, streets)
    assert found.chosen and set(found.chosen.name[:-2].split("与")) == {"学府路", "人民路"}
    lon, lat = spot(20, 20)
    assert abs(found.chosen.lon - lon) < 1e-6 and abs(found.chosen.lat - lat) < 1e-6


@pytest.mark.django_db
def test_two_streets_that_do_not_meet_are_both_offered_and_it_is_said(streets: Grid, client: Client) -> None:
    found = find_place("柳巷与人民路交叉口", streets)
    assert "不相交" in found.note and found.chosen is None
    assert [row.name for row in found.rows] == ["柳巷", "人民路"]
    page = client.get("/places/", {"where": "柳巷与人民路交叉口"}).content.decode()
    assert "不相交" in page and "请选一处" not in page


@pytest.mark.parametrize(
    ("text", "name", "word"),
    [
        ("学府小学对面", "学府小学", "对面"),
        ("城西市场旁边", "城西市场", "旁边"),
        ("学府路88号斜对面", "学府路88号", "斜对面"),
        ("柳林村附近", "柳林村", "附近"),
        ("opposite Xuefu School", "学府小学", "opposite"),
        ("书院公园东侧", "书院公园", "东侧"),
    ],
)
@pytest.mark.django_db
def test_what_stands_around_a_name_is_said_to_be_left_out(
    streets: Grid, text: str, name: str, word: str
) -> None:
    found = find_place(text, streets)
    assert found.rows[0].name == name and found.chosen is None and f"“{word}”没有算进去" in found.note


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("学府路近城西市场", ["学府路", "城西市场"]),
        ("柳巷12号近学府路", ["柳巷12号", "学府路"]),
        ("学府路与人民路东南角", ["学府路与人民路路口"]),
        ("学府路东段", ["学府路"]),
    ],
)
@pytest.mark.django_db
def test_a_street_and_what_stands_near_it_are_both_offered(
    streets: Grid, text: str, names: list[str]
) -> None:
    """The street was dropped, and the market gone to as though nothing else had been typed."""
    found = find_place(text, streets)
    assert [row.name for row in found.rows] == names
    assert len(names) == 1 or (found.chosen is None and "分开找的" in found.note)


@pytest.mark.parametrize("text", ["城西市场往东200米", "城西市场以东200m", "200 m east of West Market"])
@pytest.mark.django_db
def test_metres_by_the_compass_are_measured_and_shown_to_be_checked(streets: Grid, text: str) -> None:
    found = find_place(text, streets)
    lon, lat = spot(22, 9)
    metres = (found.rows[0].lon - lon) * 111_195 * math.cos(math.radians(lat))
    assert abs(metres - 200) < 1 and abs(found.rows[0].lat - lat) < 1e-6
    assert found.chosen is None and "直线" in found.note and "城西市场" in found.rows[0].name


@pytest.mark.parametrize(
    "text", ["学府路", "学府路88号", "学府小学", "云溪河", "人民路与", "与", "A与B", "对面", "往东200米"]
)
@pytest.mark.django_db
def test_a_plain_name_is_read_as_one(streets: Grid, text: str) -> None:
    assert find_place(text, streets).note == ""
