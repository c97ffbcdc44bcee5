"""The small town of four feeders in the database: in force, measured for a year."""

from datetime import date, datetime

from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.load.models import Measured
from jiedian.grid.network.models import Device, Grid
from jiedian.grid.network.services.imports import Source, keep, of_network
from jiedian.grid.network.services.versions import take_over
from jiedian.ground.journal.services import SYSTEM
from tests.core.town import network


def found_town(at: datetime, *, code: str = "town", net: Network | None = None) -> Grid:
    """The town's grid in force, measured for a year, as the city's own; another network than the town's where one is given."""
    reading = of_network(net or network(), format="arrays")
    done = keep(reading, Source("town", code, "0" * 64, 1), actor=SYSTEM, at=at)
    take_over(done, effective_at=at, reason="test", actor=SYSTEM, at=at, is_city=True)
    grid = Grid.objects.get(code=code)
    kinds = (Device.Kind.AREA, Device.Kind.FEEDER, Device.Kind.MAIN)
    rows = [
        Measured(
            device=device,
            month_on=date(at.year - (month >= at.month), month, 1),
            peak_kva=0.2 * (device.rated_kva or 0),
            points=31 * 96,
            source="test",
            loaded_at=at,
        )
        for device in grid.devices.filter(kind__in=kinds)
        for month in range(1, 13)
    ]
    Measured.objects.bulk_create(rows)
    return grid
