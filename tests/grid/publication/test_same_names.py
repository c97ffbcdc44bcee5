"""Devices of one name are told apart: imported names need not be unique."""

from datetime import date

import pytest

from jiedian.grid.network.models import Device, Grid
from jiedian.grid.publication.services import publish
from tests.cast import moment
from tests.core.tables import TABLES, reading
from tests.grid.conftest import PLANNER, bring_in, measure

pytestmark = pytest.mark.django_db
DUE = date(2025, 6, 5)


def test_feeders_and_main_transformers_of_one_name_keep_their_own_figures() -> None:
    """A station with one main transformer, one with two; a feeder with one area, one with two."""
    bring_in(
        reading(
            buses=TABLES["buses"]
            + "L3,0.4,118.02,36.80\nL4,0.4,118.0,36.81\nH2,110,118.1,36.8\nM2,10,118.1,36.8\n",
            transformers=TABLES["transformers"]
            + "D2,A2,L3,630,10,0.4,4.5,0.98,0.81,0.6\nD3,B1,L4,630,10,0.4,4.5,0.98,0.81,0.6\n"
            + "T2,H2,M2,20000,110,10,16,0.4,20,0.1\nT3,H2,M2,20000,110,10,16,0.4,20,0.1\n",
            sources=TABLES["sources"] + "H2,1.02,0\n",
        )
    )
    grid = Grid.objects.get(code="town")
    measure(grid, ("area", "feeder"))
    measure(grid, ("main",), kva=9000)
    for kind, name in (("feeder", "一线"), ("main", "1号主变")):
        Device.objects.filter(grid=grid, kind=kind).update(name=name)
    made = publish(grid, due_on=DUE, on=DUE, actor=PLANNER, at=moment("2025-06-05 09:00"))
    rows = {(row.kind, row.facts["code"]): row for row in made.rows.all()}
    assert rows["feeder", "LA1"].facts["areas"][0] == 2 and rows["feeder", "LB1"].facts["areas"][0] == 1
    limits = {code: row.facts["limit"][0] for (kind, code), row in rows.items() if kind == "main"}
    assert limits == {"T1": "main", "T2": "main_twin", "T3": "main_twin"}
