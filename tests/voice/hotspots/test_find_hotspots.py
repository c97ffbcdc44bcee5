"""Hot spots over living concerns: what rose is called, opens to its texts and causes, and is decided on once."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from demo.risings import rise
from jiedian.cases.case.models.case import Case
from jiedian.core.findings import Refused
from jiedian.grid.network.services.basemap import take_map
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import SYSTEM
from jiedian.people.queries import actor
from jiedian.supply.study.services import locate
from jiedian.voice.hotspots.models import HotSpot
from jiedian.voice.hotspots.queries import hotspots as queries
from jiedian.voice.hotspots.queries.hotspots import Cell
from jiedian.voice.hotspots.queries.marks import concerns_by_grid, marks_on
from jiedian.voice.hotspots.services import Verdict, decide
from jiedian.voice.inbox.models.concerns import Concern
from jiedian.voice.inbox.models.tellings import Telling
from tests.cast import lodge, moment, staff, tell
from tests.core.town import LAT, LON, STEP
from tests.supply.town import found_town

pytestmark = pytest.mark.django_db
UNTIL = date(2025, 9, 18)
U = {"until": "2025-09-18"}
AT = moment("2025-09-17 16:00")


def lay(n: int, *, leaf: str, days_ago: int, place: str = "东城柳泉路", step: str = "operate") -> None:
    """So many concerns of a kind on a day."""
    at = AT - timedelta(days=days_ago)
    for i in range(n):
        telling, _ = tell(
            f"{leaf}{i}", external_id=f"{leaf}{days_ago}{place}{step}{i}", place=place, sender=""
        )
        Concern.objects.filter(pk=telling.concern_id).update(leaf=leaf, step=step, opened_at=at, place=place)


@pytest.fixture
def city() -> None:
    for week in range(1, 9):
        lay(1, leaf="reliability", days_ago=7 * week)
        lay(1, leaf="speed", days_ago=7 * week)
    lay(7, leaf="reliability", days_ago=2)
    lay(1, leaf="speed", days_ago=2)
    lay(1, leaf="voltage", days_ago=1, place="")


def test_what_rose_is_called_and_what_did_not_is_not(city: None) -> None:
    found = queries.rises_until(UNTIL)
    assert {row.key for row in found.hot} == {
        Cell("reliability", "east"),
        Cell("reliability", "east", step="operate"),
    }
    wide = next(row for row in found.hot if row.key == Cell("reliability", "east"))
    assert (wide.new, wide.old) == (7, 8) and wide.ratio == pytest.approx(7.0)
    assert found.n_new == 9 and found.n_old == 16
    assert Cell("voltage", "") not in {row.key for row in found.changes}


def test_unsure_and_merged_concerns_do_not_count(city: None) -> None:
    Concern.objects.filter(leaf="reliability", opened_at__gt=AT - timedelta(days=6)).update(leaf="")
    found = queries.rises_until(UNTIL)
    assert not found.hot and found.n_unsure == 7


def test_a_cell_opens_to_its_concerns_and_weeks(city: None) -> None:
    new, old = queries.concerns_in(Cell("reliability", "east"), queries.spans_until(UNTIL))
    assert len(new) == 7 and len(old) == 8
    weeks = queries.weekly(new, old, queries.spans_until(UNTIL))
    assert [n for _, n in weeks] == [1] * 8 + [7]
    tree = {branch.id: branch for branch in queries.cause_tree(new, old)}
    assert list(tree) == list(queries.BRANCHES)
    assert (tree["step"].leaves[0].value, tree["step"].leaves[0].new, tree["step"].leaves[0].old) == (
        "operate",
        7,
        8,
    )
    assert tree["feeder"].leaves == [] and tree["feeder"].known_new == 0


def test_a_cause_is_confirmed_once_with_its_figures(city: None) -> None:
    change, who = queries.rises_until(UNTIL).hot[0], actor(staff("quality"))
    with pytest.raises(Refused) as refusal:
        decide(change, Verdict("confirmed", "", "", " "), until_on=UNTIL, actor=who, at=AT)
    assert {f.code for f in refusal.value.findings} == {"text.empty", "hotspot.cause"}
    said = Verdict("confirmed", "feeder", "10kV 柳泉线", "树障，已安排清理")
    row = decide(change, said, until_on=UNTIL, actor=who, at=AT)
    assert (row.new, row.old, row.cause_value) == (7, 8, "10kV 柳泉线")
    assert Fact.objects.get(kind="hotspot.confirmed").data["branch"] == "feeder"
    with pytest.raises(Refused):
        decide(change, said, until_on=UNTIL, actor=who, at=AT)
    assert HotSpot.objects.count() == 1


def test_the_pages_show_and_take(city: None) -> None:
    client = Client()
    client.force_login(staff("quality"))
    body = client.get(reverse("hotspots"), {"until": "2025-09-18"}).content.decode()
    assert "2 处明显升高" in body and "7.0×" in body
    for language, place in (("zh-hans", "东"), ("en", "East")):
        asked = client.get(
            reverse("hotspots"),
            {"until": "2025-09-18", "format": "csv"},
            headers={"accept-language": language},
        )
        told = asked.content.decode("utf-8-sig")
        codes = re.findall(r"(?:^|,)(east|reliability|operate|yes|no|HV1|leaf|q)(?=,|$)", told, re.M)
        assert place in told and not codes, codes
    url = f"{reverse('hotspot')}?leaf=reliability&place=east&until=2025-09-18"
    assert client.get(url).content.decode().count("/voice/concerns/") == 7
    given = {"state": "confirmed", "cause": "step:operate", "words": "雷雨后线路故障"}
    assert client.post(url, given).status_code == 302 and HotSpot.objects.get().cause_value == "operate"
    assert "雷雨后线路故障" in client.get(reverse("hotspots"), {"until": "2025-09-18"}).content.decode()
    for bad in ("leaf=x", "leaf=speed&place=%00", "leaf=speed&step=x", "leaf=speed&class=ZZ", ""):
        assert client.get(f"{reverse('hotspot')}?{bad}").status_code in (400, 404, 422)
    client.force_login(staff("clerk"))
    assert client.post(url, given).status_code == 200 and HotSpot.objects.count() == 1


def put(place: tuple[float, float], days_ago: int) -> Case:
    """A customer on the map says that his line failed."""
    case = lodge("LV0")
    Case.objects.filter(pk=case.pk).update(area="east")
    locate(case, {"pin": place}, actor=SYSTEM, at=AT)
    lay(1, leaf="reliability", days_ago=days_ago, place=case.number)
    Concern.objects.filter(place=case.number).update(case=case)
    return case


def test_a_rise_stands_on_the_map_where_its_customers_are_and_on_their_feeder() -> None:
    grid = found_town(moment("2025-09-01 08:00"))
    on_c = [(LON + n * STEP, LAT + 2.05 * STEP) for n in (1, 2, 3, 4)]
    on_b = [(LON + n * STEP, LAT - 1.05 * STEP) for n in (2, 3)]
    cases = [put(place, days_ago=2) for place in [*on_c, *on_b]]
    put(on_c[0], days_ago=20)
    lay(1, leaf="reliability", days_ago=1)
    feeder = grid.devices.get(kind="feeder", at_bus="c1")
    found = queries.rises_until(UNTIL)
    rows = {row.key: row for row in found.changes}
    wide, narrow = rows[Cell("reliability", "east")], rows[Cell("reliability", "east", feeder=feeder.pk)]
    assert (wide.new, wide.old, narrow.new, narrow.old) == (7, 1, 4, 1)
    marks = {mark.change.key: mark for mark in marks_on(found, "town")}
    assert marks[wide.key].level == "hot" and marks[wide.key].located == 6
    at_c = marks[narrow.key].spot
    assert at_c.feeder == feeder.pk and (at_c.lon, at_c.lat) in on_c
    assert concerns_by_grid(found) == {"town": 6} and not marks_on(found, "elsewhere")
    new, old = queries.concerns_in(narrow.key, queries.spans_until(UNTIL))
    assert {line.case for line in new} == {case.number for case in cases[:4]} and len(old) == 1
    tree = {branch.id: branch for branch in queries.cause_tree(*queries.concerns_in(wide.key, found.spans))}
    assert (tree["feeder"].leaves[0].value, tree["feeder"].leaves[0].new) == (feeder.name, 4)
    client = Client()
    client.force_login(staff("quality"))
    way = {"type": "LineString", "coordinates": [[LON, LAT + STEP], [LON + 4 * STEP, LAT + STEP]]}
    row = {"type": "Feature", "geometry": way, "properties": {"kind": "street", "name": "柳泉路"}}
    take_map({"type": "FeatureCollection", "features": [row]}, name="town", actor=SYSTEM, at=AT)
    body = client.get(reverse("hotspots"), {"until": "2025-09-18"}).content.decode()
    assert 'data-name="柳泉路"' in body, "the hot spots stand on the same base map"
    assert body.count('href="#m-hot"') == 2 and body.count('href="#m-node"') == 6
    opened = client.get(reverse("hotspot"), {"leaf": "reliability", "place": "east", "feeder": feeder.pk} | U)
    assert opened.content.decode().count("/voice/concerns/") == 4 and feeder.name in opened.content.decode()


def test_the_demos_rise_is_told_once_and_marked() -> None:
    made = lodge("RES")
    Case.objects.filter(pk=made.pk).update(is_simulated=True, area="east", applied_at=AT - timedelta(days=20))
    assert rise(until=AT) == 1
    rise(until=AT)
    telling = Telling.objects.get()
    assert telling.is_simulated and telling.concern.case == made and telling.received_at < AT
