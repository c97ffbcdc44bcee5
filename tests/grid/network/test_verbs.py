"""What makes a version stand: a new revision of the grid, and a row for everything that has a name."""

import pytest

from jiedian.grid.network.models import Device, Grid
from jiedian.grid.network.queries.network import version_now
from jiedian.grid.network.services.naming import name_devices
from jiedian.grid.network.services.versions import revise
from tests.grid.conftest import device

pytestmark = pytest.mark.django_db


def test_a_grid_gets_a_new_revision_and_the_one_before_is_said(town: Grid) -> None:
    before = town.revision
    assert revise(town) == before
    assert town.revision != before and Grid.objects.get(pk=town.pk).revision == town.revision


def test_what_a_version_names_keeps_its_row_and_comes_back_when_it_was_retired(town: Grid) -> None:
    version = version_now(town)
    rows = dict(town.devices.values_list("pk", "name"))
    area = device(town, "area", "D1")
    Device.objects.filter(pk=area.pk).update(is_retired=True, rated_kva=1)
    name_devices(version)
    assert dict(town.devices.values_list("pk", "name")) == rows, "no second row, no second name"
    area.refresh_from_db()
    assert not area.is_retired and area.rated_kva == 630


def test_what_a_version_lacks_is_retired_and_a_lost_row_gets_the_next_name(town: Grid) -> None:
    version = version_now(town)
    gone = Device.objects.create(grid=town, kind="area", code="OLD", name="S1-B1-F01-A99")
    lost = device(town, "area", "D1")
    town.devices.filter(parent=lost).update(parent=None)
    Device.objects.filter(pk=lost.pk).delete()
    name_devices(version)
    gone.refresh_from_db()
    found = device(town, "area", "D1")
    assert gone.is_retired and found.pk != lost.pk
    assert found.parent == device(town, "feeder", "LA1") and found.name.startswith("S1-B1-F")
