"""Files of measured load, and of accounts and poles, on their way through the one life of imports."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.utils.translation import gettext as _

from jiedian.core.findings import refuse
from jiedian.core.sheets import Column
from jiedian.grid.network.models import Account, Device, Grid
from jiedian.ground.files.importers import Kept, Told, Work
from jiedian.ground.files.models import FileImport
from jiedian.ground.files.services import keep_replaced, take_replaced
from jiedian.ground.journal.services import Actor, record

from .models import Measured
from .services import columns_of, keep_measured, keep_read, read_measured, read_neighbours

OF_NEIGHBOURS = ("account", "node", "pole")


@dataclass(frozen=True)
class Belongs:
    """The grid a file belongs to, beside the numbers of its page."""

    label: str
    n: str
    view: str = ""
    query: str = ""
    state: str = ""


def panel(row: FileImport, user: Any) -> list[Belongs]:
    """The grid a file is for, as a line of its page."""
    return [Belongs(_("电网"), _grid(row).name)]


def _grid(row: FileImport) -> Grid:
    grid = Grid.objects.filter(code=row.options.get("grid", "")).first()
    if grid is None:
        raise refuse("grid.no_version", grid=row.options.get("grid", ""))
    return grid


def load_columns(options: dict[str, Any]) -> list[Column]:
    return [column for column in columns_of() if column.key not in OF_NEIGHBOURS]


def neighbour_columns(options: dict[str, Any]) -> list[Column]:
    return [column for column in columns_of() if column.key in OF_NEIGHBOURS]


def read_load(work: Work) -> Told:
    """Content of a file of measured load: months of devices, from so many rows."""
    held = read_measured(_grid(work.row), work.content, name=work.row.name, asked=work.asked)
    n = len(held.sheet.rows)
    return Told(n, len(held.peaks), held.bad, held.found, held.sheet, held.sheet.report)


def take_load(work: Work) -> Kept:
    """Keep the months of a file; those it replaces are kept beside them for the undo."""
    held = read_measured(_grid(work.row), work.content, name=work.row.name, asked=work.asked)
    before = _standing({device for device, _month in held.peaks})
    keep_replaced(
        work.row,
        [
            [device, month.isoformat(), [peak, points, _instant(work.at)], _told(before.get((device, month)))]
            for (device, month), (peak, points) in held.peaks.items()
        ],
    )
    keep_measured(held, name=work.row.name, actor=work.actor, at=work.at)
    return Kept(len(held.peaks), facts=1)


def _standing(devices: set[int]) -> dict[tuple[int, date], Measured]:
    """The months of devices as they stand."""
    rows = Measured.objects.select_for_update().filter(device__in=devices)
    return {(row.device_id, row.month_on): row for row in rows}


def _told(row: Measured | None) -> list[Any] | None:
    return None if row is None else [row.peak_kva, row.points, row.source, _instant(row.loaded_at)]


def _instant(at: datetime) -> str:
    """When a row was written: a later file that says the same writes it again, and then it is its own."""
    return at.astimezone(UTC).isoformat()


def undo_load(row: FileImport, *, actor: Actor, at: datetime) -> int:
    """Take the months of a file out again and put back what they replaced; refused when one was replaced since."""
    rows = take_replaced(row)
    alive = set(Device.objects.filter(pk__in={told[0] for told in rows}).values_list("pk", flat=True))
    standing = _standing(alive)
    gone: list[int] = []
    back: list[Measured] = []
    for device, month, wrote, before in rows:
        if device not in alive:  # it went with an undone version of the network
            continue
        month_on = date.fromisoformat(month)
        now = standing.get((device, month_on))
        if now is None or [now.peak_kva, now.points, _instant(now.loaded_at)] != wrote:
            raise refuse("file.replaced")
        if before is None:
            gone.append(now.pk)
        else:
            now.peak_kva, now.points, now.source = before[:3]
            now.loaded_at = datetime.fromisoformat(before[3])
            back.append(now)
    Measured.objects.filter(pk__in=gone).delete()
    Measured.objects.bulk_update(back, ["peak_kva", "points", "source", "loaded_at"], batch_size=1000)
    _say("grid.measured_undone", row, len(rows), actor=actor, at=at)
    return len(gone) + len(back)


def read_accounts(work: Work) -> Told:
    """Content of a file of accounts and poles."""
    held = read_neighbours(_grid(work.row), work.content, name=work.row.name, at=work.at, asked=work.asked)
    return Told(len(held.sheet.rows), held.n, held.bad, held.found, held.sheet, held.sheet.report)


def take_accounts(work: Work) -> Kept:
    """Keep the accounts and poles of a file; what stood there is kept for the undo."""
    grid = _grid(work.row)
    held = read_neighbours(grid, work.content, name=work.row.name, at=work.at, asked=work.asked)
    accounts = Account.objects.select_for_update().in_bulk(list(held.accounts), field_name="number")
    poles = dict(Device.objects.filter(pk__in=held.poles).values_list("pk", "pole"))
    replaced: list[list[Any]] = [
        ["account", number, _place(new), _place(accounts.get(number))]
        for number, new in held.accounts.items()
    ]
    replaced += [["pole", pk, device.pole, poles.get(pk, "")] for pk, device in held.poles.items()]
    keep_replaced(work.row, replaced)
    keep_read(grid, held, name=work.row.name, actor=work.actor, at=work.at)
    return Kept(held.n, facts=1)


def _place(account: Account | None) -> list[Any] | None:
    return None if account is None else [account.node_id, _instant(account.loaded_at)]


def undo_accounts(row: FileImport, *, actor: Actor, at: datetime) -> int:
    """Take accounts and poles out again and put back what they replaced; refused when one was moved since."""
    rows = take_replaced(row)
    accounts = Account.objects.select_for_update().in_bulk(
        [key for kind, key, *_rest in rows if kind == "account"], field_name="number"
    )
    poles = Device.objects.in_bulk([key for kind, key, *_rest in rows if kind == "pole"])
    nodes = set(Device.objects.filter(kind=Device.Kind.NODE).values_list("pk", flat=True))
    for kind, key, wrote, before in rows:
        if kind == "account" and wrote[0] in nodes:
            _put_account(accounts.get(key), wrote, before, nodes)
        elif kind == "pole" and key in poles:
            _put_pole(poles[key], wrote, before)
    _say("grid.neighbours_undone", row, len(rows), actor=actor, at=at)
    return len(rows)


def _put_account(
    account: Account | None, wrote: list[Any], before: list[Any] | None, nodes: set[int]
) -> None:
    """An account as it was; one whose earlier node is gone goes too."""
    if account is None or _place(account) != wrote:
        raise refuse("file.replaced")
    if before is None or before[0] not in nodes:
        account.delete()
        return
    account.node_id, account.loaded_at = before[0], datetime.fromisoformat(before[1])
    account.save(update_fields=["node", "loaded_at"])


def _put_pole(device: Device, wrote: str, before: str) -> None:
    if device.pole != wrote:
        raise refuse("file.replaced")
    Device.objects.filter(pk=device.pk).update(pole=before)


def _say(kind: str, row: FileImport, n: int, *, actor: Actor, at: datetime) -> None:
    stream = f"grid:{row.options.get('grid', '')}"[:60]
    record(kind, stream=stream, actor=actor, at=at, data={"file": row.pk, "rows": n})
