"""实测负荷: a CSV of monthly peaks or of single measurements becomes the highest load a month, cleaned and counted."""

import csv
import io
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.sheets import decode
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
SHOWN = 200


@dataclass
class _Peaks:
    """(device, month) → highest load and number of points, with what was wrong."""

    grid: Grid
    known: dict[str, Device]
    peaks: dict[tuple[int, date], tuple[float, int]] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)
    spikes: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def say(self, code: str, where: str, /, **facts: object) -> None:
        if len(self.found) < SHOWN:
            self.found.append(Finding(code, where, **facts))

    def put(self, device: Device, month: date, kva: float, points: int) -> None:
        if device.rated_kva and kva > device.rated_kva * parameter("SPIKE"):
            self.spikes[device.name] += 1
            return
        peak, count = self.peaks.get((device.pk, month), (0.0, 0))
        self.peaks[device.pk, month] = (max(peak, kva), count + points)


def _rows(content: bytes, where: str) -> tuple[list[str], Iterable[tuple[int, dict[str, str]]]]:
    text = decode(content, where=where)
    head = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    columns = [(name or "").strip().lower() for name in reader.fieldnames or []]
    reader.fieldnames = columns
    return columns, ((reader.line_num, {k: (v or "").strip() for k, v in row.items() if k}) for row in reader)


def _column(columns: list[str], what: str) -> str:
    return next((name for name in NAMES[what] if name in columns), "")


@transaction.atomic
def load_measured(
    grid: Grid, content: bytes, *, name: str, actor: Actor, at: datetime
) -> tuple[int, list[Finding]]:
    """Take in a CSV: ``device,month,peak_kva,points`` or ``device,at,kva`` (quarter-hours). Returns rows kept and findings.

    A device is named by its name or its code. Bad rows are named and left out; points above the spike limit are not counted.
    Refused when no column is understood.
    """
    columns, rows = _rows(content, name)
    device, month, moment = (_column(columns, what) for what in ("device", "month", "at"))
    value = _column(columns, "peak" if month else "load") or _column(columns, "peak")
    if not device or not value or not (month or moment):
        raise refuse("measured.columns", name)
    named = [d for d in grid.devices.exclude(kind=Device.Kind.NODE).filter(is_retired=False)]
    held = _Peaks(grid, {d.code: d for d in named} | {d.name: d for d in named})
    points = _column(columns, "points")
    for line, row in rows:
        _take(
            held,
            row.get(device, ""),
            row.get(month or moment, ""),
            row.get(value, ""),
            row.get(points, "") if points else "",
            f"{name}:{line}",
        )
    return _keep(held, name, actor=actor, at=at)


def _take(held: _Peaks, device: str, when: str, value: str, points: str, where: str) -> None:
    if not (device or when or value):
        return
    known = held.known.get(device)
    month = _month(when)
    try:
        kva = float(value)
        count = int(float(points)) if points else 1
    except ValueError:
        kva, count = math.nan, 0
    if known is None:
        held.say("measured.device", where, device=device)
    elif month is None:
        held.say("measured.time", where, when=when[:30])
    elif not math.isfinite(kva) or kva < 0 or count < 0:
        held.say("measured.load", where, value=value[:30])
    else:
        held.put(known, month, kva, count)


def _month(text: str) -> date | None:
    try:
        digits = text.replace("/", "-").replace("年", "-").replace("月", "")
        parts = digits.split("T")[0].split(" ")[0].split("-")
        return date(int(parts[0]), int(parts[1]), 1)
    except (ValueError, IndexError):
        return None


def _keep(held: _Peaks, name: str, *, actor: Actor, at: datetime) -> tuple[int, list[Finding]]:
    for device, count in held.spikes.items():
        held.say("measured.spikes", name, device=device, count=count)
    put_peaks(held.grid, held.peaks, source=name, at=at)
    record(
        "grid.measured",
        stream=f"grid:{held.grid.code}"[:60],
        actor=actor,
        at=at,
        data={"file": name[:120], "rows": len(held.peaks), "findings": len(held.found)},
    )
    return len(held.peaks), held.found


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
    grid: Grid, content: bytes, *, name: str, actor: Actor, at: datetime
) -> tuple[int, list[Finding]]:
    """Take in ``account,node,pole``: which account hangs at which node, and what pole stands there."""
    columns, rows = _rows(content, name)
    account, node, pole = (_column(columns, what) for what in ("account", "node", "pole"))
    if not node or not (account or pole):
        raise Refused(Finding("neighbours.columns", name))
    accounts, poles, found = _neighbours(grid, rows, (account, node, pole), name=name, at=at)
    keep_neighbours(list(accounts.values()), list(poles.values()))
    record(
        "grid.neighbours",
        stream=f"grid:{grid.code}"[:60],
        actor=actor,
        at=at,
        data={"file": name[:120], "accounts": len(accounts), "poles": len(poles), "findings": len(found)},
    )
    return len(accounts) + len(poles), found


def _neighbours(
    grid: Grid,
    rows: Iterable[tuple[int, dict[str, str]]],
    names: tuple[str, str, str],
    *,
    name: str,
    at: datetime,
) -> tuple[dict[str, Account], dict[int, Device], list[Finding]]:
    account, node, pole = names
    known = {d.code: d for d in grid.devices.filter(kind=Device.Kind.NODE, is_retired=False)}
    accounts: dict[str, Account] = {}
    poles: dict[int, Device] = {}
    found: list[Finding] = []
    for line, row in rows:
        at_node = known.get(row.get(node, ""))
        if at_node is None:
            if len(found) < SHOWN and any(row.values()):
                words = row.get(node, "")[:30]
                found.append(Finding("neighbours.row", f"{name}:{line}", words=words))
            continue
        if pole and row.get(pole):
            at_node.pole = row[pole][:60]
            poles[at_node.pk] = at_node
        if account and row.get(account):
            number = row[account][:32]
            accounts[number] = Account(number=number, node=at_node, loaded_at=at)
    return accounts, poles, found


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
