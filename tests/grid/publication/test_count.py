"""What an issue counts: cases only where they are several, feeders where a grid has no transformer areas."""

from datetime import date

import pytest
from django.test import Client

from jiedian.grid.capacity.services.reservations import Wish, reserve
from jiedian.grid.network.models import Grid
from jiedian.grid.publication.services import publish
from tests.cast import moment
from tests.core.tables import TABLES, reading
from tests.grid.conftest import PLANNER, bring_in, device, measure

pytestmark = pytest.mark.django_db
AT, DUE = moment("2025-06-05 09:00"), date(2025, 6, 5)


@pytest.mark.parametrize("cases", [0, 1, 2, 3])
def test_one_or_two_cases_are_not_counted_in_public(town: Grid, client: Client, cases: int) -> None:
    """An area with one customer is that customer."""
    measure(town)
    for number in range(cases):
        reserve(f"C-2025-00008{number}", device(town, "node", "L1"), Wish(20), actor=PLANNER, at=AT)
    publish(town, due_on=DUE, on=DUE, actor=PLANNER, at=AT)
    (area,) = client.get("/api/v1/capacity?kind=area").json()["capacity"]
    assert area["reserved_kw"] == 20 * cases and area["reserved_cases"] == {0: 0, 3: 3}.get(cases)
    page = client.get("/capacity/?device=area:D1").content.decode()
    assert ("3 户" in page) == (cases == 3) and "1 户" not in page and "2 户" not in page
    said = {0: "无", 1: "20 kW，已扣除", 2: "40 kW，已扣除", 3: "60 kW，3 户，已扣除"}
    assert said[cases] in page


def test_a_grid_without_areas_counts_its_feeders(db: None, client: Client) -> None:
    bring_in(
        reading(
            buses=TABLES["buses"].partition("L1,")[0],
            lines=TABLES["lines"].partition("K1,")[0],
            transformers=TABLES["transformers"].partition("D1,")[0],
            loads=TABLES["loads"].replace("W1,L2,90,30\n", ""),
        )
    )
    measure(Grid.objects.get())
    publish(Grid.objects.get(), due_on=DUE, on=DUE, actor=PLANNER, at=AT)
    page = client.get("/capacity/").content.decode()
    assert "共 2 条馈线，其中 0 条人工核定" in page and "个台区，其中" not in page
