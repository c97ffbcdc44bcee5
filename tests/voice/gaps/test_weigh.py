"""A customer shares out a hundred points among the dimensions; the gaps weigh by them."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.core.findings import Refused
from jiedian.voice.gaps.queries import quality
from jiedian.voice.gaps.queries.gaps import lines, sheet
from jiedian.voice.surveys.models import Response
from jiedian.voice.surveys.queries import AnswerFilter, columns, items, items_by_dimension
from jiedian.voice.surveys.services import surveys
from jiedian.voice.surveys.services.imports import answers_of_file, exported
from tests.cast import CUSTOMER, moment
from tools.gaps import main

pytestmark = pytest.mark.django_db
AT = moment("2025-11-20 10:00")
POINTS = {
    "WD_tangibles": "5",
    "WD_reliability": "30",
    "WD_responsiveness": "20",
    "WD_assurance": "10",
    "WD_empathy": "10",
    "WD_economy": "15",
    "WD_supply": "10",
}


def answered(key: str, values: dict[str, str]) -> Response:
    kiosk, _token = surveys.open_kiosk(key, area="", department="", days=90, actor=CUSTOMER, at=AT)
    surveys.sit_down(kiosk, at=AT)
    sitting = type(kiosk).objects.filter(is_reusable=False, state="open").latest("pk")
    surveys.take_down(sitting, values)
    return surveys.send_in(sitting, words="", may_link=False, actor=CUSTOMER, at=AT)


def marks(key: str, e: int = 7, p: int = 5) -> dict[str, str]:
    pairs = [row for row in items(key) if row.kind == "pair"]
    return {c: str(e if c.startswith("E") else p) for row in pairs for c in columns(row)}


def test_the_points_make_the_weights_of_the_dimensions() -> None:
    for key in ("short", "power7"):
        Response.objects.all().delete()
        for swing in range(6):
            answered(key, marks(key, p=4 + swing % 2) | POINTS)
        held = sheet(AnswerFilter(instrument=key))
        found = {
            line.measure.id: line.measure.weight for line in lines(held) if line.measure.level == "dimension"
        }
        wanted = {name.removeprefix("WD_"): int(points) / 100 for name, points in POINTS.items()}
        assert found == pytest.approx(wanted, abs=1e-4)
        assert quality.importance_places(lines(held), level="dimension")[3] == "asked"


@pytest.mark.parametrize("points", [{"WD_supply": "99"}, {"WD_supply": "101"}, POINTS | {"WD_supply": "11"}])
def test_a_hundred_points_are_a_hundred(points: dict[str, str]) -> None:
    with pytest.raises(Refused):
        surveys.checked_marks("short", points)
    assert surveys.checked_marks("short", {"WD_supply": "100"}) == {"WD_supply": 100}
    assert surveys.checked_marks("short", dict.fromkeys(POINTS, "")) == {}


def test_the_page_asks_and_says_what_is_wrong() -> None:
    _kiosk, token = surveys.open_kiosk("short", area="", department="", days=90, actor=CUSTOMER, at=AT)
    type(_kiosk).objects.update(expires_at=moment("2099-01-01 00:00"))
    client = Client()
    path = client.post(reverse("survey_answer", args=[token])).url
    page = client.post(path, {"screen": "1", "next": "1"}).content.decode()
    assert all(f'name="{name}"' in page for name in POINTS) and "有形性" in page
    answer = client.post(path, {"screen": "2", "send": "1"} | POINTS | {"WD_supply": "20"})
    assert answer.status_code == 422 and "现为 110" in answer.content.decode()
    assert client.post(path, {"screen": "2", "send": "1"} | POINTS).status_code == 200
    assert Response.objects.get().answers["W_sh2"] == 30


def test_points_that_were_cleared_again_do_not_count() -> None:
    """First shared among two, then all given to one: a hundred, not a hundred and fifty."""
    kiosk, _token = surveys.open_kiosk("short", area="", department="", days=90, actor=CUSTOMER, at=AT)
    surveys.take_down(kiosk, {"WD_supply": "50", "WD_economy": "50"})
    surveys.take_down(kiosk, {"WD_supply": "100", "WD_economy": ""})
    kiosk.refresh_from_db()
    assert kiosk.draft == {"WD_supply": 100}
    with pytest.raises(Refused):
        surveys.checked_marks("short", {"WD_supply": "9" * 5000})


def test_points_go_out_and_come_in_as_weights_of_items(tmp_path: Path) -> None:
    for _n in range(5):
        answered("power7", marks("power7") | POINTS)
    content = exported(Response.objects.all(), "csv")
    rows, findings = answers_of_file(content, "power7", on=AT.date())
    assert not findings and rows[0]["answers"] == Response.objects.all()[0].answers
    (tmp_path / "s.csv").write_bytes(content)
    assert main([str(tmp_path / "s.csv"), "--out", str(tmp_path / "g.csv")]) == 0
    lines_: list[Any] = [row.split(",") for row in (tmp_path / "g.csv").read_text().splitlines()]
    weight = lines_[0].index("weight")
    total = sum(float(row[weight]) for row in lines_[1:] if row[0] == "item")
    assert total == pytest.approx(1)
    assert len(items_by_dimension("power7")) == 7
