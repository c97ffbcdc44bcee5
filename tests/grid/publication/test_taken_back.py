"""A grid whose import was taken back is none to choose; what was published of it stays for who asks by its code."""

from datetime import date

import pytest
from django.test import Client

from jiedian.grid.network.models import Grid, Import
from jiedian.grid.network.queries.network import standing_grids
from jiedian.grid.network.services.versions import undo
from jiedian.grid.publication.queries.issues import published_grids
from jiedian.grid.publication.services import publish
from tests.cast import moment, staff
from tests.core.tables import reading
from tests.grid.conftest import PLANNER, bring_in

pytestmark = pytest.mark.django_db
DUE, AT = date(2025, 6, 5), "2025-06-05 09:00"


def taken_back(code: str) -> Import:
    """An import of the town under a code, published and then undone."""
    done = bring_in(reading(), code=code)
    publish(Grid.objects.get(code=code), due_on=DUE, on=DUE, actor=PLANNER, at=moment(AT))
    undo(done, actor=PLANNER, at=moment(AT))
    return done


def test_a_grid_taken_back_is_not_to_choose_and_its_issue_stays(town: Grid, client: Client) -> None:
    publish(town, due_on=DUE, on=DUE, actor=PLANNER, at=moment(AT))
    taken_back("wrong")
    assert [row.code for row in standing_grids()] == ["town"] == [row.code for row in published_grids()]
    client.force_login(staff("planner"))
    for path in ("/grid/", "/grid/imports/", "/capacity/"):
        assert 'value="wrong"' not in client.get(path).content.decode(), path
    shown = client.get("/capacity/?grid=wrong&issue=1").content.decode()
    assert 'value="wrong" selected' in shown and "（已撤销）" in shown
    listed = client.get("/grid/publications/").content.decode()
    assert 'href="/capacity/?grid=wrong&amp;issue=1"' in listed


def test_a_wrong_first_import_taken_back_does_not_keep_the_place_of_the_citys_grid(client: Client) -> None:
    """The applicant is answered from the city's grid: the right file under another code must become it."""
    taken_back("twon")
    bring_in(reading())
    assert list(Grid.objects.filter(is_city=True).values_list("code", flat=True)) == ["town"]
    bring_in(reading(), code="example")
    assert Grid.objects.get(is_city=True).code == "town", "a city that stands keeps its place"
    here = client.get("/apply/here/", {"lon": "118.0115", "lat": "36.7995"}).content.decode()
    assert "查不到" not in here
    client.force_login(staff("planner"))
    assert 'value="town" selected' in client.get("/grid/").content.decode()


def test_the_right_file_taken_over_before_the_wrong_one_is_taken_back_becomes_the_citys(
    client: Client,
) -> None:
    """The other order: who sees only after the right import that the first was wrong must not be left without a city."""
    wrong = bring_in(reading(), code="twon")
    bring_in(reading())
    assert Grid.objects.get(is_city=True).code == "twon"
    undo(wrong, actor=PLANNER, at=moment(AT))
    assert Grid.objects.get(is_city=True).code == "town"
    again = bring_in(reading(), code="twon")
    assert Grid.objects.get(is_city=True).code == "town", "and who comes back does not take it again"
    undo(again, actor=PLANNER, at=moment(AT))
    here = client.get("/apply/here/", {"lon": "118.0115", "lat": "36.7995"}).content.decode()
    assert "查不到" not in here
