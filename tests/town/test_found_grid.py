"""Given the generated files, when the demo's city is founded, then its devices, map and measured year stand in the database."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from demo import network
from jiedian.grid.load.models import Measured
from jiedian.grid.network.models import BaseMap, Device, Grid
from jiedian.grid.network.queries.places import locate
from tests.cast import moment
from tools.city_grid import main

pytestmark = pytest.mark.django_db
AT = moment("2026-08-03 09:00")


def test_the_city_is_founded_whole_and_says_that_it_is_made_up(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RUN_DIR = tmp_path
    monkeypatch.setattr(network, "OTHERS", {})
    assert main([str(tmp_path / "grid")]) == 0
    network.found_grid(at=AT, until=AT.date())
    grid = Grid.objects.get(is_city=True)
    assert grid.is_simulated and "虚构" in grid.name and "made-up" in grid.note_en
    assert BaseMap.objects.get().is_made_up
    names = dict(grid.devices.exclude(kind=Device.Kind.NODE).values_list("name", "kind"))
    assert names["110kV 云溪变"] == "station" and names["10kV 机电线 112"] == "feeder"
    assert names["云溪变#1主变"] == "main" and not any(name.startswith("S1") for name in names)
    assert locate(pole="学府路#1环网柜").node is not None
    assert grid.devices.filter(kind=Device.Kind.NODE, lon=None).count() == 0
    last = (AT.date().replace(day=1) - timedelta(days=1)).replace(day=1)
    measured = Measured.objects.filter(device__grid=grid, month_on=last)
    areas = grid.devices.filter(kind=Device.Kind.AREA).count()
    assert 0.85 * areas < measured.filter(device__kind=Device.Kind.AREA).count() < areas
    network.measure_in_time(on=AT.date() + timedelta(days=35), at=AT + timedelta(days=35))
    assert Measured.objects.filter(device__grid=grid, month_on=AT.date().replace(day=1)).exists()
