"""The demo city's grid: taken over through the real services, with a measured year, neighbours and monthly publications."""

import importlib.util
from calendar import monthrange
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
from django.conf import settings

from jiedian.core.packing import unpack
from jiedian.core.readers.files import Reading, read_file
from jiedian.grid.models import Account, Device, Grid
from jiedian.grid.services.imports import keep, of_network
from jiedian.grid.services.measuring import keep_neighbours, put_peaks
from jiedian.grid.services.publishing import due_day, publish
from jiedian.grid.services.versions import take_over
from jiedian.journal.services import Actor

from .engineers.city_grid import NETWORK, PEAKS

CITY, OTHER = "city-10kv", "oberrhein"
PLANNER = Actor(None, "李规（模拟）", "specialist")
UNMEASURED = 17
"""Every so manyth transformer area has no measured year, so that "by hand" is seen."""


def folder() -> Path:
    """Where the converted grid lies."""
    return Path(settings.RUN_DIR) / "grid"


def found_grid(*, at: datetime, until: date) -> bool:
    """Give the city its grid, and a second one with real line routes beside it. False when none was converted."""
    if not (folder() / PEAKS).exists() or Grid.objects.exists():
        return False
    network = unpack((folder() / NETWORK).read_bytes())
    _take(of_network(network, format="simbench"), network.name, CITY, "城区 10 千伏电网", at=at, is_city=True)
    grid = Grid.objects.get(code=CITY)
    _measure(grid, until=until, at=at)
    _neighbours(grid, at=at)
    _other(at=at)
    return True


def _take(reading: Reading, file: str, code: str, name: str, *, at: datetime, is_city: bool) -> None:
    done = keep(reading, name=file, grid_code=code, sha256="", size=0, actor=PLANNER, at=at)
    take_over(done, effective_at=at, reason="首次导入（模拟）", actor=PLANNER, at=at, is_city=is_city)
    Grid.objects.filter(code=code).update(name=name, is_simulated=True)


def _other(*, at: datetime) -> None:
    """mv_oberrhein: 20 kV, with the real routes of its lines."""
    spec = importlib.util.find_spec("pandapower")
    places = list(spec.submodule_search_locations or ()) if spec else []
    file = Path(places[0]) / "networks" / "mv_oberrhein.json" if places else None
    if file and file.exists():
        from dataclasses import replace

        from jiedian.core.readers.simbench import NOTE

        reading = read_file("mv_oberrhein", [("mv_oberrhein.json", file.read_bytes())])
        if reading.network:
            reading = replace(reading, network=replace(reading.network, note=NOTE))
            _take(reading, "mv_oberrhein.json", OTHER, "Oberrhein 20 kV", at=at, is_city=False)


def _measure(grid: Grid, *, until: date, at: datetime) -> None:
    """The twelve months before, from the profiles of the grid's own year, month by month."""
    with np.load(folder() / PEAKS, allow_pickle=False) as kept:
        kinds, codes, peaks = kept["kind"].tolist(), kept["code"].tolist(), kept["peak_kva"]
    devices = {(d.kind, d.code): d.pk for d in grid.devices.exclude(kind=Device.Kind.NODE)}
    months = []
    first = until.replace(day=1)
    for _ in range(12):
        first = (first - timedelta(days=1)).replace(day=1)
        months.append(first)
    rows = {}
    for i, (kind, code) in enumerate(zip(kinds, codes, strict=True)):
        if (kind, code) not in devices or (kind == "area" and i % UNMEASURED == UNMEASURED - 1):
            continue
        for month in months:
            points = monthrange(month.year, month.month)[1] * 96
            rows[devices[kind, code], month] = (float(peaks[i, month.month - 1]), points)
    put_peaks(grid, rows, source="SimBench profiles (simulated)", at=at)


def _neighbours(grid: Grid, *, at: datetime) -> None:
    """Made-up account numbers at the loads, and pole numbers along feeders and areas."""
    nodes = list(
        grid.devices.filter(kind=Device.Kind.NODE, parent__isnull=False)
        .select_related("parent")
        .order_by("id")
    )
    count: dict[int, int] = {}
    rng = Random("accounts")  # noqa: S311 - a simulation
    accounts: list[Account] = []
    for node in nodes:
        number = count[node.parent_id or 0] = count.get(node.parent_id or 0, 0) + 1
        node.pole = f"{node.parent.name if node.parent else ''}#{number:03d}"
        if node.kv < 1 and rng.random() < 0.5:
            accounts.append(Account(number=f"37030{len(accounts) + 10000}", node=node, loaded_at=at))
    keep_neighbours(accounts, nodes)


def publish_in_time(*, on: date, at: datetime) -> None:
    """On the due day of a month, and once three days late, as it happens."""
    grid = Grid.objects.filter(is_city=True).first()
    due = due_day(on)
    late = 3 if due.month % 3 == 0 else 0
    if grid and on >= due + timedelta(days=late) and not grid.publications.filter(due_on=due).exists():
        publish(grid, due_on=due, on=on, actor=Actor(None, "系统", "system"), at=at)
