"""A room shows its matter on the screen of a case by a query and a template, and asks nothing in the template."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.screen.queries.panels import panels_of
from jiedian.config import rooms
from tests.cast import lodge, moment, staff

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Said:
    """What a made-up room has to say about a case."""

    words: str


def said_of(case: Case, *, at: datetime) -> Said | None:
    return Said(f"{case.number} {at:%H:%M}") if case.customer_id else None


def silent(case: Case, *, at: datetime) -> Said | None:
    return None


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    pairs = (("said_of", "a/_panel.html"), ("silent", "b/_panel.html"))
    monkeypatch.setattr(
        rooms, "PANELS", tuple((f"{__name__}.{query}", template) for query, template in pairs)
    )
    yield


@pytest.mark.usefixtures("wired")
def test_a_panel_is_what_the_query_of_its_room_answers() -> None:
    case = lodge("RES", "2025-09-15 09:00")
    panels = panels_of(case, at=moment("2025-09-15 10:30"))
    assert [panel.template for panel in panels] == ["a/_panel.html"], (
        "a room with nothing to say is not shown"
    )
    assert isinstance(panels[0].content, Said) and case.number in panels[0].content.words


def test_the_panels_of_the_rooms_are_on_the_screen() -> None:
    case = lodge("RES", "2025-09-15 09:00")
    client = Client()
    client.force_login(staff("manager3"))
    answer = client.get(reverse("case", args=[case.number]))
    used = {template.name for template in answer.templates}
    panels = panels_of(case, at=moment("2025-09-15 10:30"))
    assert panels and {panel.template for panel in panels} <= used
