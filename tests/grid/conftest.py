"""A small town's grid in the database."""

from datetime import date
from typing import Any

import pytest

from jiedian.grid.load.services import put_peaks
from jiedian.grid.network.models import Device, Grid, Import
from jiedian.grid.network.services.imports import Source, keep
from jiedian.grid.network.services.versions import take_over
from jiedian.grid.readers.calc.files import GridFile
from jiedian.ground.journal.services import Actor
from tests.cast import moment
from tests.core.tables import reading

PLANNER = Actor(None, "规划", "specialist")


def bring_in(found: GridFile, at: str = "2025-01-01 08:00", code: str = "town") -> Import:
    """Keep and take over."""
    done = keep(found, Source("town.zip", code, "0", 1), actor=PLANNER, at=moment(at))
    take_over(done, effective_at=moment(at), reason="首次", actor=PLANNER, at=moment(at), is_city=True)
    return done


@pytest.fixture
def town(db: Any) -> Grid:
    bring_in(reading())
    return Grid.objects.get(code="town")


def device(grid: Grid, kind: str, code: str) -> Device:
    return grid.devices.get(kind=kind, code=code)


def measure(grid: Grid, kinds: tuple[str, ...] = ("area", "feeder", "main"), kva: float = 200.0) -> None:
    """May 2024 to June 2025, measured for the named devices."""
    months = [date(2024 + m // 12, m % 12 + 1, 1) for m in range(4, 18)]
    rows = {(d.pk, month): (kva, 2976) for d in grid.devices.filter(kind__in=kinds) for month in months}
    put_peaks(grid, rows, source="test", at=moment("2025-06-10 09:00"))
