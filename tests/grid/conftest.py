"""A small town's grid in the database."""

from typing import Any

import pytest

from jiedian.grid.network.models import Device, Grid, Import
from jiedian.grid.network.services.imports import keep
from jiedian.grid.network.services.versions import take_over
from jiedian.grid.readers.calc.files import GridFile
from jiedian.ground.journal.services import Actor
from tests.cast import moment
from tests.core.tables import reading

PLANNER = Actor(None, "规划", "specialist")


def bring_in(found: GridFile, at: str = "2025-01-01 08:00", code: str = "town") -> Import:
    """Keep and take over."""
    done = keep(found, name="town.zip", grid_code=code, sha256="0", size=1, actor=PLANNER, at=moment(at))
    take_over(done, effective_at=moment(at), reason="首次", actor=PLANNER, at=moment(at), is_city=True)
    return done


@pytest.fixture
def town(db: Any) -> Grid:
    bring_in(reading())
    return Grid.objects.get(code="town")


def device(grid: Grid, kind: str, code: str) -> Device:
    return grid.devices.get(kind=kind, code=code)
