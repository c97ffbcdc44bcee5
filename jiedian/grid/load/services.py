"""实测负荷: a table of monthly peaks or of single measurements becomes the highest load a month, cleaned and counted."""

import math
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.sheets import Asked, Column, Sheet, amount_of, is_skipped, month_of, read, text
from jiedian.grid.network.models import Account, Device, Grid
from jiedian.grid.network.queries.network import parameter
from jiedian.ground.journal.services import Actor, record

from .models import Measured

NAMES = {
    "device": ("device", "设备", "编号"),
    "month": ("month", "月份"),
    "at": ("at", "time", "时间"),
    "peak": ("peak_kva", "最大负荷kva", "最大负荷"),
    "points": ("points", "点数"),
    "load": ("kva", "load_kva", "负荷kva", "负荷"),
    "account": ("account", "户号"),
    "node": ("node", "节点"),
    "pole": ("pole", "杆号"),
}
UNITS = {"": 1.0, "kva": 1.0, "mva": 1000.0}
"""How many kVA one unit is that may stand beside a load."""
SHOWN = 2000
"""So many findings are kept of a file; its bad rows are all counted."""


@dataclass
class Peaks:
    """A file of measured load that was read: (device, month) → highest load and number of points, and what was wrong."""

    grid: Grid
    known: dict[str, Device]
    sheet: Sheet
    peaks: dict[tuple[int, date], tuple[float, int]] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)
    spikes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    bad: int = 0

    def say(self, code: str, where: str, /, **facts: object) -> None:
        self.bad += 1
        if len(self.found) < SHOWN:
            self.found.append(Finding(code, where, **facts))

    def put(self, device: Device, month: date, kva: float, points: int) -> None:
        if device.rated_kva and kva > device.rated_kva * parameter("SPIKE"):
            self.spikes[device.name] += 1
            return
        peak, count = self.peaks.get((device.pk, month), (0.0, 0))
        self.peaks[device.pk, month] = (max(peak, kva), count + points)


@dataclass
class Neighbours:
    """A file of accounts and poles that was read: number → account, node → the node with its pole, and what was wrong."""

    sheet: Sheet
    accounts: dict[str, Account] = field(default_factory=dict)
    poles: dict[int, Device] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)
    bad: int = 0

    @property
    def n(self) -> int:
        return len(self.accounts) + len(self.poles)


def _rows(sheet: Sheet) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Headings and rows of a sheet; what was chosen for a column stands under its first name."""
    names = {at: NAMES[key][0] for key, at in sheet.taken.places.items()}
    header = [names.get(at, label.lower()) for at, label in enumerate(sheet.heading)]
    rows = []
    for row in sheet.rows:
        cells = ["" if is_skipped(cell) else text(cell) for cell in row.cells]
        rows.append((row.line, {k: v for k, v in zip(header, cells, strict=False) if k}))
    return header, rows


def columns_of() -> list[Column]:
    """The columns of measured load and of accounts, by the names they go by."""
    return [Column(key, names[1], names[0], names) for key, names in NAMES.items()]


def _column(columns: list[str], what: str) -> str:
    return next((name for name in NAMES[what] if name in columns), "")


@transaction.atomic
def load_measured(
    grid: Grid, content: bytes, *, name: str, actor: Actor, at: datetime, asked: Asked | None = None
) -> tuple[int, list[Finding]]:
    """Read a file of measured load and take it in at once. Returns months kept and findings."""
    held = read_measured(grid, content, name=name, asked=asked)
    keep_measured(held, name=name, actor=actor, at=at)
    return len(held.peaks), held.found


def read_measured(grid: Grid, content: bytes, *, name: str, asked: Asked | None = None) -> Peaks:
    """Read a table: ``device,month,peak_kva,points`` or ``device,at,kva`` (quarter-hours).

    A device is named by its name or its code. Bad rows are named and left out; points above the spike limit are not counted.
    Refused when no column is understood.
    """
    sheet = read(content, name=name, columns=columns_of(), asked=asked)
    columns, rows = _rows(sheet)
    device, month, moment = (_column(columns, what) for what in ("device", "month", "at"))
    value = _column(columns, "peak" if month else "load") or _column(columns, "peak")
    if not device or not value or not (month or moment):
        raise refuse("measured.columns", name)
    named = [d for d in grid.devices.exclude(kind=Device.Kind.NODE).filter(is_retired=False)]
    held = Peaks(grid, {d.code: d for d in named} | {d.name: d for d in named}, sheet)
    points = _column(columns, "points")
    for line, row in rows:
        _take(
            held,
            row.get(device, ""),
            row.get(month or moment, ""),
            row.get(value, ""),
            row.get(points, "") if points else "",
            str(line),
        )
    bad = held.bad
    for code, count in held.spikes.items():
        held.say("measured.spikes", "", device=code, count=count)
    held.bad = bad + sum(held.spikes.values())
    return held


def _take(held: Peaks, device: str, when: str, value: str, points: str, where: str) -> None:
    if not (device or when or value):
        return
    known = held.known.get(device)
    month = month_of(when)
    kva, n = amount_of(value), amount_of(points or 1)
    load = float(kva.value) * UNITS.get(kva.unit, math.nan) if kva else math.nan
    count = int(n.value) if n else 0
    if known is None:
        held.say("measured.device", where, device=device)
    elif month is None:
        held.say("measured.time", where, when=when[:30])
    elif not math.isfinite(load) or load < 0 or count < 0:
        held.say("measured.load", where, value=value[:30])
    else:
        held.put(known, month, load, count)


def keep_measured(held: Peaks, *, name: str, actor: Actor, at: datetime) -> None:
    """Keep the months of a file that was read; a month that is there already is replaced."""
    put_peaks(held.grid, held.peaks, source=name, at=at)
    data = {"file": name[:120], "rows": len(held.peaks), "findings": len(held.found)}
    record("grid.measured", stream=_stream(held.grid), actor=actor, at=at, data=data)


def _stream(grid: Grid) -> str:
    return f"grid:{grid.code}"[:60]


def put_peaks(
    grid: Grid, peaks: dict[tuple[int, date], tuple[float, int]], *, source: str, at: datetime
) -> None:
    """Write monthly peaks; a month that is there already is replaced."""
    rows = [
        Measured(
            device_id=device, month_on=month, peak_kva=peak, points=count, source=source[:120], loaded_at=at
        )
        for (device, month), (peak, count) in peaks.items()
    ]
    Measured.objects.bulk_create(
        rows,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["device", "month_on"],
        update_fields=["peak_kva", "points", "source", "loaded_at"],
    )


@transaction.atomic
def load_neighbours(
    grid: Grid, content: bytes, *, name: str, actor: Actor, at: datetime, asked: Asked | None = None
) -> tuple[int, list[Finding]]:
    """Read a file of accounts and poles and take it in at once. Returns how many were kept, and findings."""
    held = read_neighbours(grid, content, name=name, at=at, asked=asked)
    keep_read(grid, held, name=name, actor=actor, at=at)
    return held.n, held.found


def read_neighbours(
    grid: Grid, content: bytes, *, name: str, at: datetime, asked: Asked | None = None
) -> Neighbours:
    """Read a table ``account,node,pole``: which account hangs at which node, and what pole stands there."""
    sheet = read(content, name=name, columns=columns_of(), asked=asked)
    columns, rows = _rows(sheet)
    account, node, pole = (_column(columns, what) for what in ("account", "node", "pole"))
    if not node or not (account or pole):
        raise Refused(Finding("neighbours.columns", name))
    known = {d.code: d for d in grid.devices.filter(kind=Device.Kind.NODE, is_retired=False)}
    held = Neighbours(sheet)
    for line, row in rows:
        at_node = known.get(row.get(node, ""))
        if at_node is None:
            if any(row.values()):
                held.bad += 1
                words = row.get(node, "")[:30]
                held.found += [Finding("neighbours.row", str(line), words=words)][: SHOWN - len(held.found)]
            continue
        if pole and row.get(pole):
            at_node.pole = row[pole][:60]
            held.poles[at_node.pk] = at_node
        if account and row.get(account):
            number = row[account][:32]
            held.accounts[number] = Account(number=number, node=at_node, loaded_at=at)
    return held


def keep_read(grid: Grid, held: Neighbours, *, name: str, actor: Actor, at: datetime) -> None:
    """Keep the accounts and poles of a file that was read."""
    keep_neighbours(list(held.accounts.values()), list(held.poles.values()))
    data = {
        "file": name[:120],
        "accounts": len(held.accounts),
        "poles": len(held.poles),
        "findings": held.bad,
    }
    record("grid.neighbours", stream=_stream(grid), actor=actor, at=at, data=data)


def keep_neighbours(accounts: list[Account], poles: list[Device]) -> None:
    """Write accounts and poles; an account that moved is moved."""
    Account.objects.bulk_create(
        accounts,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=["node", "loaded_at"],
    )
    Device.objects.bulk_create(
        poles,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["grid", "kind", "code"],
        update_fields=["pole"],
    )
