"""Given stored answers, when the night's sample is found again by brute force, then what differs is a fact and stands on the page."""

from typing import Any

import numpy as np
import pytest

from jiedian.grid.capacity.calc.bruteforce import bisected
from jiedian.grid.capacity.models import Standing
from jiedian.grid.capacity.queries.present import last_sample
from jiedian.grid.capacity.queries.standing import Answers
from jiedian.grid.capacity.services.sampling import sample_all
from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
from jiedian.grid.kernel.calc.prepared import CapacityLimits, Direction
from jiedian.grid.network.models import Grid
from jiedian.grid.readers.calc.pandapower import read
from tests.cast import moment, staff
from tests.grid.grids import town as two_levels

AT = moment("2025-06-10 01:43")


@pytest.mark.parametrize("direction", ["load", "generation"])
def test_brute_force_and_the_secants_agree_within_a_kilowatt(direction: Direction) -> None:
    network, limits = read(two_levels())[0], CapacityLimits()
    answer = open_capacity(prepare(network), limits=limits, direction=direction)
    some = np.flatnonzero(np.isfinite(answer.capacity_kw))[::9]
    again = bisected(prepare(network), answer.bus[some], limits=limits, direction=direction)
    assert len(some) > 30 and np.abs(again - answer.capacity_kw[some]).max() < 1.0


@pytest.mark.django_db
def test_a_good_night_says_how_many_and_a_bad_answer_is_named(town: Grid, client: Any) -> None:
    assert sample_all(at=AT, count=100) == 0
    fact = last_sample(town)
    assert fact and fact.data["checked"] > 8 and fact.data["worst_kw"] < 1.0 and fact.data["apart"] == []
    row = Standing.objects.filter(direction="load").first()
    assert row and row.table
    held = Answers.unpacked(bytes(row.table))
    wrong = Answers(held.bus, held.kw + np.where(np.arange(len(held.kw)) == 2, 40.0, 0.0), *held_rest(held))
    Standing.objects.filter(pk=row.pk).update(table=wrong.packed(), computed_at=AT)
    assert sample_all(at=AT, count=100) == 1
    fact = last_sample(town)
    assert fact and len(fact.data["apart"]) == 1 and fact.data["worst_kw"] == pytest.approx(40, abs=1)
    client.force_login(staff("planner"))
    page = client.get("/grid/").content.decode()
    assert f"{fact.data['apart'][0]['bus']}: {fact.data['apart'][0]['stored_kw']}" in page


@pytest.mark.django_db
def test_a_stored_limit_that_brute_force_does_not_find_is_apart(
    town: Grid, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlimited(_prepared: Any, buses: Any, **_more: Any) -> Any:
        return np.full(len(buses), np.inf)

    monkeypatch.setattr("jiedian.grid.capacity.calc.bruteforce.bisected", unlimited)
    apart, fact = sample_all(at=AT), last_sample(town)
    assert fact and apart == len(fact.data["apart"]) == fact.data["checked"] > 0
    assert {row["again_kw"] for row in fact.data["apart"]} == {None}
    client.force_login(staff("planner"))
    assert "↔ ∞ kW" in client.get("/grid/").content.decode()


def held_rest(held: Answers) -> tuple[Any, Any, Any]:
    return held.margin, held.binding, held.element
