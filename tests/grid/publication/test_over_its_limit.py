"""What is over its limit already is named as people know it, and "nothing more" is said only where nothing more fits."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from jiedian.core.spelling import CHINESE
from jiedian.grid.capacity.calc.limits import PHYSICS, Limit, sentences_of
from jiedian.grid.capacity.queries.capacity import Figure, capacity_of, ledger
from jiedian.grid.capacity.queries.reasons import reason_of
from jiedian.grid.network.models import Grid
from jiedian.grid.publication.services import publish
from tests.cast import moment
from tests.core.tables import TABLES, reading
from tests.grid.conftest import PLANNER, bring_in, device, measure

pytestmark = pytest.mark.django_db
DUE = date(2025, 6, 5)


def rows_of(client: Client, **changes: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The issue of the town with some of its tables changed, by kind and code."""
    bring_in(reading(**changes))
    grid = Grid.objects.get(code="town")
    measure(grid, kva=20)
    publish(grid, due_on=DUE, on=DUE, actor=PLANNER, at=moment("2025-06-05 09:00"))
    rows = client.get("/api/v1/capacity?kind=all").json()["capacity"]
    return {(row["kind"], row["code"]): row for row in rows}


def live(kind: str, code: str) -> tuple[Figure, str]:
    grid = Grid.objects.get(code="town")
    figure = capacity_of(device(grid, kind, code), on=DUE)
    with translation.override("zh-hans"):
        return figure, reason_of(figure, ledger(grid, on=DUE))


def test_an_overloaded_line_is_named_by_its_feeder(client: Client) -> None:
    thin = TABLES["lines"].replace(
        "LB2,B1,B2,1100,0.161,0.11,406,358,1,1,", "LB2,B1,B2,1100,0.161,0.11,406,50,1,1,"
    )
    node = rows_of(client, lines=thin)["node", "B2"]
    assert (node["open_kw"], node["limit"], node["limit_at"]) == (0, "base", "S1-B1-F02")
    assert "LB2" not in node["limit_zh"] + node["limit_en"] and "先治理" in node["limit_zh"]
    figure, words = live("node", "B2")
    assert (figure.kind, figure.element) == ("line", "LB2")
    said = "S1-B1-F02 的一段线路现在就到额定电流的 144.3 %，超过允许的 100 %，先治理"
    assert words.startswith(said) and node["limit_zh"].startswith(said)
    assert "at 144.3 % of its rated current already, above the 100 % allowed" in node["limit_en"]


def test_an_overloaded_line_that_leads_to_one_area_names_it_and_not_the_whole_feeder(client: Client) -> None:
    """The feeder's own row has room: what is over is the way to this one area."""
    spur = "LA3,A1,A3,400,0.161,0.11,406,1,1,1,\n"
    lines = TABLES["lines"].replace("TIE,A2", spur + "TIE,A2")
    buses = TABLES["buses"].rstrip("\n") + "\n" + _beside(TABLES["buses"], "A1", "A3")
    trafos = TABLES["transformers"].replace("D1,A1,L1", "D1,A3,L1")
    rows = rows_of(client, buses=buses, lines=lines, transformers=trafos)
    area, feeder = rows["area", "D1"], rows["feeder", "LA1"]
    assert feeder["open_kw"] > 0 and area["open_kw"] == 0 and area["limit"] == "base"
    said = "S1-B1-F01 通往 S1-B1-F01-A01 的一段线路现在就到额定电流的"
    assert area["limit_zh"].startswith(said) and live("area", "D1")[1].startswith(said)
    assert area["limit_en"].startswith("A line of S1-B1-F01 to S1-B1-F01-A01 is at ")


def _beside(table: str, code: str, new: str) -> str:
    """A row of a table once more, under another code."""
    row = next(row for row in table.splitlines() if row.startswith(f"{code},"))
    return f"{new},{row.split(',', 1)[1]}\n"


def test_an_overloaded_transformer_is_named_by_its_area(client: Client) -> None:
    small = TABLES["transformers"].replace("D1,A1,L1,630,", "D1,A1,L1,80,")
    area = rows_of(client, transformers=small)["area", "D1"]
    assert (area["open_kw"], area["limit"], area["limit_at"]) == (0, "base", "S1-B1-F01-A01")
    assert "%，超过允许的 80 %，先治理" in area["limit_zh"] and "above the 80 % allowed" in area["limit_en"]
    figure, words = live("area", "D1")
    assert (figure.kind, figure.element) == ("transformer", "S1-B1-F01-A01") and "D1" not in words


def test_where_something_still_fits_beside_what_is_broken_nothing_more_is_not_said(client: Client) -> None:
    """The end of feeder B is below its voltage; feeder A burdens it through the busbar only, up to what is noticeable."""
    lines = TABLES["lines"].replace("406,358,1", "406,1500,1").replace("LB2,B1,B2,1100", "LB2,B1,B2,60000")
    rows = rows_of(client, lines=lines)
    far, near = rows["node", "B2"], rows["feeder", "LA1"]
    assert (
        "低于下限，低了额定电压的" in far["limit_zh"]
        and "below its lower bound already, by" in near["limit_en"]
    )
    assert (far["open_kw"], far["limit"]) == (0, "base") and "先治理" in far["limit_zh"]
    assert near["open_kw"] == near["physical_kw"] > 1000 and near["limit"] == "worse"
    assert (
        near["limit_at"] == "S1-B1-F02"
        and "明显加重" in near["limit_zh"]
        and "nothing" not in near["limit_en"]
    )
    assert "明显加重" in live("feeder", "LA1")[1]


def test_an_old_issue_that_kept_no_kind_says_only_that_it_is_over() -> None:
    assert sentences_of(Limit("base", PHYSICS, "学府线"), {}, "Xuefu Line") == (
        "学府线 有一处现在已经越限，先治理才能再接",
        "One place of Xuefu Line is over its limit already: nothing more until that is mended",
    )


def test_an_english_sentence_names_devices_in_english_in_every_format(town: Grid, client: Client) -> None:
    measure(town)
    town.devices.filter(kind="area", code="D1").update(name="学府路1号台区")
    town.devices.filter(kind="feeder").update(name="学府线")
    publish(town, due_on=DUE, on=DUE, actor=PLANNER, at=moment("2025-06-05 09:00"))
    rows = client.get("/api/v1/capacity?kind=area").json()["capacity"]
    said = [row[name] for row in rows for name in ("limit_en", "reason_en", "feed_in_limit_en") if row[name]]
    assert any("Xuefu" in words for words in said) and not any(CHINESE.search(words) for words in said)
    assert any(CHINESE.search(row["device"]) for row in rows), "a name of its own stays as it is kept"
    csv = client.get("/capacity.csv?kind=area").content.decode("utf-8-sig")
    assert next(words for words in said if "Xuefu" in words) in csv.replace('""', '"')
    page = client.get("/capacity/?device=area:D1", headers={"Accept-Language": "en"}).content.decode()
    assert "Transformer Xuefu Road No. 1 transformer area is" in page


@pytest.mark.parametrize(
    ("kind", "margin", "now"),
    [
        ("transformer", -0.00002, "80.002"),
        ("line", -1429.57, "114,446"),
        ("voltage_low", -0.000004, "0.0004"),
        ("voltage_high", -0.0123, "1.2"),
    ],
)
def test_how_far_it_is_over_never_reads_as_the_limit_itself(kind: str, margin: float, now: str) -> None:
    parameters = {"TRAFO_PHYSICAL": 0.8, "LINE_PHYSICAL": 0.8}
    zh, en = sentences_of(Limit("base", PHYSICS, "F1", kind, margin), parameters)
    assert f" {now} %" in zh and f" {now} %" in en
