"""The demo city's grid: taken over through the real services, with a measured year, neighbours and monthly publications."""

from calendar import monthrange
from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib.metadata import distribution
from pathlib import Path
from random import Random

import numpy as np
from django.conf import settings
from django.db import connection

from jiedian.grid.circuit.calc.packing import unpack
from jiedian.grid.load.services import keep_neighbours, put_peaks
from jiedian.grid.network.models import Account, Device, Grid
from jiedian.grid.network.services.imports import Source, keep, of_network
from jiedian.grid.network.services.versions import take_over
from jiedian.grid.publication.services import due_day, publish
from jiedian.grid.readers.calc.files import GridFile, read_file
from jiedian.grid.readers.calc.simbench import NOTE
from jiedian.ground.journal.services import Actor
from tools.city_grid import NETWORK, PEAKS

CITY = "city-10kv"
OTHERS = {
    "oberrhein": ("mv_oberrhein.json", "Oberrhein 20 kV", 0.6),
    "schutterwald": ("lv_schutterwald.json", "Schutterwald 0.4 kV", 0.15),
}
"""Two substations for who needs both, and a low-voltage village; at a share of their nominal load, so that they have room."""
PLANNER = Actor(None, "李规（模拟）", "specialist")
YEAR_AND_LIFE = 17
"""Months measured before today: the city was founded five months ago and already had a measured year then."""
UNMEASURED = 17
"""Every so manyth transformer area has no measured year, so that "by hand" is seen."""


POLES = """
UPDATE network_device AS d SET pole = above.name || '#' || lpad(n.n::text, 3, '0')
FROM (SELECT id, row_number() OVER (PARTITION BY parent_id ORDER BY id) AS n FROM network_device
      WHERE grid_id = %s AND kind = 'node' AND parent_id IS NOT NULL) AS n, network_device AS above
WHERE d.id = n.id AND above.id = d.parent_id
"""


def folder() -> Path:
    """Folder of the converted grid."""
    return Path(settings.RUN_DIR) / "grid"


def found_grid(*, at: datetime, until: date) -> None:
    """Give the city its grid, and others with real line routes beside it. Ends the program when none was converted."""
    if not (folder() / PEAKS).exists():
        raise SystemExit(f"jiedian: the city's grid is missing; first: jiedian demo-grid {folder()}")
    network = unpack((folder() / NETWORK).read_bytes())
    _take(
        of_network(network, format="simbench"), network.name, CITY, "城区 10 kV · City", at=at, is_city=True
    )
    grid = Grid.objects.get(code=CITY)
    _measure(grid, until=until, at=at)
    _neighbours(grid, at=at)
    _others(until=until, at=at)


def _take(reading: GridFile, file: str, code: str, name: str, *, at: datetime, is_city: bool) -> None:
    done = keep(reading, Source(file, code), actor=PLANNER, at=at)
    take_over(done, effective_at=at, reason="首次导入（模拟）", actor=PLANNER, at=at, is_city=is_city)
    Grid.objects.filter(code=code).update(name=name, is_simulated=True)


def _others(*, until: date, at: datetime) -> None:
    """Grids of pandapower with the real routes of their lines."""
    networks = Path(
        str(distribution("pandapower").locate_file("pandapower/networks"))
    )  # no import: it takes seconds
    for code, (file, name, share) in OTHERS.items():
        content = (networks / file).read_bytes()
        reading = read_file(code, [(file, content)])
        assert reading.network is not None
        loads = reading.network.loads
        loads = replace(loads, p_kw=share * loads.p_kw, q_kvar=share * loads.q_kvar)
        reading = replace(reading, network=replace(reading.network, note=NOTE, loads=loads))
        _take(reading, file, code, name, at=at, is_city=False)
        _assume(Grid.objects.get(code=code), until=until, at=at)


def _months(until: date, count: int) -> list[date]:
    """The first days of the months before."""
    months, first = [], until.replace(day=1)
    for _ in range(count):
        first = (first - timedelta(days=1)).replace(day=1)
        months.append(first)
    return months


def measure_in_time(*, on: date, at: datetime) -> None:
    """Take in the peaks of a month that is over."""
    (month,) = _months(on, 1)
    missing = Grid.objects.filter(is_simulated=True).exclude(devices__measured__month_on=month)
    for grid in missing if (folder() / PEAKS).exists() else ():
        (_measure if grid.is_city else _assume)(grid, until=on, at=at, count=1)


def _assume(grid: Grid, *, until: date, at: datetime, count: int = YEAR_AND_LIFE) -> None:
    """A made-up year for a grid that has none of its own: half of every rating."""
    kinds = (Device.Kind.FEEDER, Device.Kind.MAIN, Device.Kind.AREA)
    rows = {
        (device.pk, month): (0.5 * (device.rated_kva or 0.0), monthrange(month.year, month.month)[1] * 96)
        for device in grid.devices.filter(kind__in=kinds, rated_kva__isnull=False)
        for month in _months(until, count)
    }
    put_peaks(grid, rows, source="made up: half of the rating (simulated)", at=at)


def _measure(grid: Grid, *, until: date, at: datetime, count: int = YEAR_AND_LIFE) -> None:
    """The months before, from the profiles of the grid's own year, month by month."""
    with np.load(folder() / PEAKS, allow_pickle=False) as kept:
        kinds, codes, peaks = kept["kind"].tolist(), kept["code"].tolist(), kept["peak_kva"]
    devices = {(d.kind, d.code): d.pk for d in grid.devices.exclude(kind=Device.Kind.NODE)}
    months, rows = _months(until, count), {}
    for i, (kind, code) in enumerate(zip(kinds, codes, strict=True)):
        if (kind, code) not in devices or (kind == "area" and i % UNMEASURED == UNMEASURED - 1):
            continue
        for month in months:
            points = monthrange(month.year, month.month)[1] * 96
            rows[devices[kind, code], month] = (float(peaks[i, month.month - 1]), points)
    put_peaks(grid, rows, source="SimBench profiles (simulated)", at=at)


def _neighbours(grid: Grid, *, at: datetime) -> None:
    """Made-up account numbers at the loads, and pole numbers along feeders and areas."""
    with connection.cursor() as cursor:
        cursor.execute(POLES, [grid.pk])
    rng = Random("accounts")  # noqa: S311 - a simulation
    homes = grid.devices.filter(kind=Device.Kind.NODE, parent__isnull=False, kv__lt=1).order_by("id")
    chosen = [pk for pk in homes.values_list("pk", flat=True) if rng.random() < 0.3]
    accounts = [Account(number=f"37030{10000 + i}", node_id=pk, loaded_at=at) for i, pk in enumerate(chosen)]
    keep_neighbours(accounts, [])


def publish_in_time(*, on: date, at: datetime) -> None:
    """On the due day of a month, and once three days late, as it happens."""
    grid = Grid.objects.filter(is_city=True).first()
    due = due_day(on)
    late = 3 if due.month % 3 == 0 else 0
    if on > due + timedelta(days=10):  # the month in which the grid was founded
        return
    if grid and on >= due + timedelta(days=late) and not grid.publications.filter(due_on=due).exists():
        publish(grid, due_on=due, on=on, actor=Actor(None, "系统", "system"), at=at)
