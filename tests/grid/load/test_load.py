"""Measured load and neighbours, each verb by itself: what is replaced, what is moved, what the journal says."""

from datetime import date

import pytest

from jiedian.core.findings import Refused
from jiedian.grid.load.models import Measured
from jiedian.grid.load.services import keep_neighbours, load_measured, load_neighbours, put_peaks
from jiedian.grid.network.models import Account, Grid
from jiedian.ground.journal.models import Fact
from tests.cast import moment
from tests.grid.conftest import PLANNER, device

pytestmark = pytest.mark.django_db
AT, LATER = moment("2025-06-10 09:00"), moment("2025-06-11 09:00")


def test_a_month_that_is_there_already_is_replaced_and_the_others_stay(town: Grid) -> None:
    area = device(town, "area", "D1").pk
    may, april = date(2025, 5, 1), date(2025, 4, 1)
    put_peaks(town, {(area, april): (100.0, 2880), (area, may): (200.0, 10)}, source="a.csv", at=AT)
    put_peaks(town, {(area, may): (150.0, 2976)}, source="b.csv", at=LATER)
    rows = Measured.objects.order_by("month_on").values_list("peak_kva", "points", "source", "loaded_at")
    assert list(rows) == [(100.0, 2880, "a.csv", AT), (150.0, 2976, "b.csv", LATER)]


def test_an_account_that_moved_is_moved_and_a_pole_keeps_its_node(town: Grid) -> None:
    first, second = device(town, "node", "L1"), device(town, "node", "L2")
    keep_neighbours([Account(number="3703001", node=first, loaded_at=AT)], [])
    second.pole = "P-17"
    keep_neighbours([Account(number="3703001", node=second, loaded_at=LATER)], [second])
    account = Account.objects.get(number="3703001")
    assert (account.node, account.loaded_at) == (second, LATER)
    again = device(town, "node", "L2")
    assert (again.pk, again.pole, again.name) == (second.pk, "P-17", second.name)


def test_what_was_read_is_a_fact_with_its_counts(town: Grid) -> None:
    load_measured(
        town,
        b"device,month,peak_kva,points\nD1,2025-05,90,2976\nXX,2025-05,1,1\n",
        name="m.csv",
        actor=PLANNER,
        at=AT,
    )
    load_neighbours(town, b"account,node,pole\n3703001,L2,P-17\n9,ZZ,\n", name="n.csv", actor=PLANNER, at=AT)
    facts = {fact.kind: fact for fact in Fact.objects.filter(stream="grid:town", occurred_at=AT)}
    measured, neighbours = facts["grid.measured"], facts["grid.neighbours"]
    assert measured.data == {"file": "m.csv", "rows": 1, "findings": 1} and measured.actor_name == "规划"
    assert neighbours.data == {"file": "n.csv", "accounts": 1, "poles": 1, "findings": 1}


def test_a_table_without_the_columns_is_refused_and_leaves_nothing(town: Grid) -> None:
    for load in (load_measured, load_neighbours):
        with pytest.raises(Refused):
            load(town, b"a,b\n1,2\n", name="x.csv", actor=PLANNER, at=AT)
    assert not Measured.objects.exists() and not Account.objects.exists()
    assert not Fact.objects.filter(kind__in=["grid.measured", "grid.neighbours"]).exists()
