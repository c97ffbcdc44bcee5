"""Once a month the open capacity is published, with its inputs; an issue stays open, and being late is a fact."""

from datetime import date
from typing import Any

import pytest

from jiedian.core.findings import Finding, Refused
from jiedian.grid.capacity.services.reservations import Wish, reserve
from jiedian.grid.load.services import load_neighbours
from jiedian.grid.network.models import Grid
from jiedian.grid.publication.models import Publication
from jiedian.grid.publication.services import due_day, publish, publish_due
from jiedian.grid.readers.calc.files import GridFile
from jiedian.ground.journal.models import Fact
from tests.cast import moment, staff
from tests.core.tables import reading
from tests.grid.conftest import PLANNER, bring_in, device, measure

pytestmark = pytest.mark.django_db
AT = moment("2025-06-10 09:00")


def test_the_due_day_of_a_month_is_the_row_of_the_table(town: Grid) -> None:
    assert due_day(date(2025, 6, 30)) == date(2025, 6, 5)


def test_publication_keeps_inputs_formula_and_operator_and_its_lateness_is_a_fact(town: Grid) -> None:
    measure(town, kinds=("feeder", "main"))
    made = publish(town, due_on=date(2025, 6, 5), on=date(2025, 6, 10), actor=PLANNER, at=AT)
    rows = {
        row.device.code: row
        for row in made.rows.exclude(kind__in=("station", "node")).select_related("device")
    }
    assert set(rows) == {"T1", "LA1", "LB1", "D1"} and made.late_days == 5 and made.operator == "规划"
    assert rows["D1"].open_kw is None and rows["D1"].physical_kw is not None
    assert rows["LA1"].open_kw and rows["LA1"].inputs["path"][0]["peak_kva"] == 200
    late = Fact.objects.get(kind="grid.publication_late")
    assert late.data == {"due": "2025-06-05", "days": 5}
    with pytest.raises(Refused):
        publish(town, due_on=date(2025, 6, 5), on=date(2025, 6, 11), actor=PLANNER, at=AT)


def test_the_daily_job_publishes_once_when_the_day_has_come(town: Grid) -> None:
    assert publish_due(on=date(2025, 6, 4), at=AT) == []
    assert len(publish_due(on=date(2025, 6, 5), at=AT)) == 1
    assert publish_due(on=date(2025, 6, 20), at=AT) == []
    assert Publication.objects.get().late_days == 0


def test_after_a_pause_the_last_due_day_comes_late_and_the_missed_ones_are_facts(town: Grid) -> None:
    publish_due(on=date(2025, 2, 6), at=AT)
    assert [p.due_on for p in publish_due(on=date(2025, 6, 2), at=AT)] == [date(2025, 5, 5)]
    assert Publication.objects.get(due_on=date(2025, 5, 5)).late_days == 28
    missed = Fact.objects.filter(kind="grid.publication_missed").order_by("id")
    assert [fact.data["due"] for fact in missed] == ["2025-03-05", "2025-04-05"]
    assert publish_due(on=date(2025, 6, 4), at=AT) == []
    assert len(publish_due(on=date(2025, 6, 5), at=AT)) == 1 and missed.count() == 2


def test_the_public_pages_show_the_last_issue_and_no_customer(town: Grid, client: Any) -> None:
    assert client.get("/api/v1/capacity").status_code == 404
    measure(town)
    load_neighbours(town, b"account,node,pole\n3703001,L2,P-17\n", name="n.csv", actor=PLANNER, at=AT)
    reserve("C-2025-000077", device(town, "node", "L1"), Wish(50), actor=PLANNER, at=AT)
    publish(town, due_on=date(2025, 6, 5), on=date(2025, 6, 5), actor=PLANNER, at=AT)
    answer = client.get("/api/v1/capacity?kind=area").json()
    assert answer["publication"]["number"] == 1 and [r["kind"] for r in answer["capacity"]] == ["area"]
    geo = client.get("/capacity.geojson").json()
    assert {f["geometry"]["type"] for f in geo["features"]} == {"Point", "LineString"}, (
        "put together as on the map"
    )
    for url in ("/capacity/", "/capacity.csv", "/capacity.geojson", "/api/v1/capacity"):
        body = client.get(url).content.decode()
        assert "C-2025-000077" not in body and "3703001" not in body and "P-17" not in body, url


def test_a_year_measured_long_ago_is_published_as_by_hand(town: Grid) -> None:
    measure(town)
    fresh = publish(town, due_on=date(2025, 6, 5), on=date(2025, 6, 5), actor=PLANNER, at=AT)
    stale = publish(town, due_on=date(2026, 9, 5), on=date(2026, 9, 5), actor=PLANNER, at=AT)
    assert [row.kind for row in fresh.rows.filter(open_kw=None)] == ["station"]
    counted = stale.rows.exclude(kind="station")
    assert counted.filter(open_kw=None).count() == counted.count() > 0
    assert all(row.inputs["why"] for row in counted)


def test_an_earlier_issue_stays_open_to_everybody(town: Grid, client: Any) -> None:
    measure(town)
    publish(town, due_on=date(2025, 5, 5), on=date(2025, 5, 5), actor=PLANNER, at=AT)
    reserve("C-2025-000078", device(town, "node", "L1"), Wish(95), actor=PLANNER, at=AT)
    publish(town, due_on=date(2025, 6, 5), on=date(2025, 6, 5), actor=PLANNER, at=AT)

    def of_area(query: str) -> float:
        rows = client.get(f"/api/v1/capacity?kind=area{query}").json()["capacity"]
        return float(rows[0]["open_kw"])

    assert of_area("&issue=1") > of_area("") == of_area("&issue=2")
    assert client.get("/capacity/?issue=1").context["publication"].number == 1
    assert client.get("/capacity.csv?issue=1").content != client.get("/capacity.csv").content
    for wrong in ("9", "x", "-1", "٣", "9" * 40):
        assert client.get(f"/api/v1/capacity?issue={wrong}").status_code == 404


def test_a_reader_who_has_the_last_issue_is_told_so_until_the_next_comes(town: Grid, client: Any) -> None:
    measure(town)
    publish(town, due_on=date(2025, 6, 5), on=date(2025, 6, 5), actor=PLANNER, at=AT)
    urls = ("/capacity/", "/capacity.csv", "/capacity.geojson", "/api/v1/capacity?kind=area")
    tags = {url: client.get(url)["ETag"] for url in urls}
    assert len(set(tags.values())) == len(urls)
    for url, tag in tags.items():
        again = client.get(url, headers={"if-none-match": tag})
        assert again.status_code == 304 and not again.content
    english = client.get("/capacity/", headers={"if-none-match": tags["/capacity/"], "accept-language": "en"})
    assert english.status_code == 200 and "Ample" in english.content.decode()
    publish(town, due_on=date(2025, 7, 5), on=date(2025, 7, 5), actor=PLANNER, at=AT)
    for url, tag in tags.items():
        assert client.get(url, headers={"if-none-match": tag}).status_code == 200
    client.force_login(staff("planner"))
    assert "ETag" not in client.get("/capacity/").headers


def test_a_refused_grid_is_published_as_by_hand(db: Any) -> None:
    bring_in(GridFile(reading().network, "cim", (Finding("grid.unbalanced", listed="ACLineSegmentPhase"),)))
    grid = Grid.objects.get(code="town")
    measure(grid)
    made = publish(grid, due_on=date(2025, 6, 5), on=date(2025, 6, 5), actor=PLANNER, at=AT)
    assert made.rows.filter(open_kw=None).count() == made.rows.count() > 0
