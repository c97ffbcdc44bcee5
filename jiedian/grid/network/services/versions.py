"""Versions: a network enters at its time, its devices get their names, an import can be undone."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Max
from django.utils.module_loading import import_string

from jiedian.core.findings import refuse
from jiedian.grid.circuit.calc.changes import differences
from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.circuit.calc.packing import pack, unpack
from jiedian.grid.readers.calc.files import BLOCKING
from jiedian.grid.readers.calc.simbench import NOTE
from jiedian.ground.journal.services import Actor, record

from ..models import Device, Grid, Import, Progress, Version
from ..queries.network import due_versions, network_of
from .naming import name_devices

GERMAN_ZH = "此为德国的示例电网，不在本市；用来演示计算"
GERMAN_EN = "This is a German example grid, not in this city; it shows the calculation"


@transaction.atomic
def take_over(
    done: Import, *, effective_at: datetime, reason: str, actor: Actor, at: datetime, is_city: bool = False
) -> Version:
    """Make what was read a version of its grid, from ``effective_at`` on. Refused when it was refused or is in use."""
    ready = (Import.State.READ, Import.State.WORKING)
    moved = Import.objects.filter(pk=done.pk, state__in=ready, counts__has_key="buses").update(
        state=Import.State.TAKEN
    )
    if not moved or done.snapshot is None:
        raise refuse("grid.not_usable")
    network = unpack(bytes(done.snapshot))
    grid, is_new = Grid.objects.get_or_create(code=done.grid_code, defaults={"name": _title(network, done)})
    if is_new:
        Grid.objects.filter(pk=grid.pk).update(**_note(network))
    if is_city:
        _make_city(grid)
    return _new_version(grid, network, _Entry(effective_at, reason, done), actor=actor, at=at)


def _make_city(grid: Grid) -> None:
    """Make a grid the city's where no other one is with a version that was not taken back: a wrong first file shall not keep the place."""
    city = Grid.objects.select_for_update().filter(is_city=True).exclude(pk=grid.pk)
    if not city.filter(versions__undone_at=None, versions__isnull=False).exists():
        city.update(is_city=False)
        Grid.objects.filter(pk=grid.pk).update(is_city=True)


def _hand_city_on(grid: Grid) -> None:
    """Make the oldest grid that stands the city's, where the city's own has nothing left; an example grid never becomes it."""
    standing = Grid.objects.filter(versions__undone_at=None, versions__isnull=False).exclude(
        note_zh=GERMAN_ZH
    )
    heir = standing.order_by("pk").first()
    if heir is not None and Grid.objects.filter(pk=grid.pk, is_city=True).exists():
        _make_city(heir)


def _title(network: Network, done: Import) -> str:
    """What a grid is called at first: as its file has it, else by its code."""
    return done.grid_code if network.name in ("", "tables", "CIM", "pandapower") else network.name[:120]


def _note(network: Network) -> dict[str, str]:
    if network.note == NOTE:
        return {"note_zh": GERMAN_ZH, "note_en": GERMAN_EN}
    return {"note_zh": network.note, "note_en": network.note}


@transaction.atomic
def change(
    grid: Grid, network: Network, *, effective_at: datetime, reason: str, actor: Actor, at: datetime
) -> Version:
    """设备异动: the network as it will stand after a change of equipment, as a version with its effective time."""
    return _new_version(grid, network, _Entry(effective_at, reason), actor=actor, at=at)


@dataclass(frozen=True)
class _Entry:
    """How a network comes to stand: from when on and why, and the import that brought it."""

    effective_at: datetime
    reason: str
    source: Import | None = None


def _new_version(grid: Grid, network: Network, entry: _Entry, *, actor: Actor, at: datetime) -> Version:
    source, effective_at = entry.source, entry.effective_at
    Grid.objects.select_for_update().get(pk=grid.pk)
    before = grid.versions.filter(undone_at=None).order_by("-effective_at", "-number").first()
    last = grid.versions.aggregate(last=Max("number"))["last"] or 0
    version = Version.objects.create(
        grid=grid,
        number=last + 1,
        effective_at=effective_at,
        snapshot=pack(network),
        changes=differences(network_of(before.pk) if before else None, network),
        reason=entry.reason,
        source=source,
        refusals=[row for row in (source.findings if source else []) if row["code"] in BLOCKING],
        made_by=actor.name,
        made_at=at,
    )
    _record(grid, "grid.version_made", actor, at, version=version.number, effective=effective_at.isoformat())
    if effective_at <= at:
        _enter(version, at=at)
    return version


@transaction.atomic
def bring_into_force(*, at: datetime) -> list[Version]:
    """Let the versions enter whose time has come; may run twice."""
    entered = []
    for due in due_versions(at).defer("snapshot").select_related("grid"):
        Grid.objects.select_for_update().get(pk=due.grid_id)
        if due_versions(at).filter(pk=due.pk).exists():
            _enter(due, at=at)
            entered.append(due)
    return entered


def _enter(version: Version, *, at: datetime) -> None:
    before = (
        Version.objects.filter(grid_id=version.grid_id, entered_at__isnull=False, undone_at=None)
        .order_by("-effective_at", "-number")
        .first()
    )
    Version.objects.filter(pk=version.pk).update(entered_at=at)
    _stand(version, at=at, before=before)
    _record(version.grid, "grid.version_entered", Actor(None, "系统", "system"), at, version=version.number)


def _stand(version: Version, *, at: datetime, before: Version | None = None) -> None:
    revise(version.grid)
    _say(version, Progress.Stage.NAMING)
    name_devices(version)
    _say(version, Progress.Stage.COUNTING)
    for entered in import_string(f"{settings.WIRING}.ENTERED"):
        import_string(entered)(version, at=at, before=before)


def _say(version: Version, stage: str) -> None:
    """Tell the stage where somebody waits for it."""
    if version.source_id and Import.objects.filter(pk=version.source_id, ask__has_key="verb").exists():
        say(version.source_id, stage)


@transaction.atomic
def undo(done: Import, *, actor: Actor, at: datetime) -> Version | None:
    """Take an import back: its versions end and the one before stands again, with its devices. Returns that one.

    Refused when capacity is reserved at nodes that only the undone version has.
    """
    standing = (Import.State.TAKEN, Import.State.WORKING)
    moved = Import.objects.filter(pk=done.pk, state__in=standing).update(
        state=Import.State.UNDONE, undone_at=at
    )
    if not moved:
        raise refuse("grid.not_taken")
    grid = Grid.objects.select_for_update().get(code=done.grid_code)
    grid.versions.filter(source=done, undone_at=None).update(undone_at=at)
    before = (
        grid.versions.filter(entered_at__isnull=False, undone_at=None)
        .order_by("-effective_at", "-number")
        .first()
    )
    orphans = _orphans(grid, before)
    if orphans:
        raise refuse("grid.reserved", orphans=orphans)
    if before is None:
        Device.objects.filter(grid=grid).update(is_retired=True)
        revise(grid)
        _hand_city_on(grid)
    else:
        _stand(before, at=at)
    _record(grid, "grid.import_undone", actor, at, file=done.name, back_to=before.number if before else 0)
    return before


def revise(grid: Grid) -> int:
    """Give a grid a new revision; returns the one before."""
    before = grid.revision
    grid.revision = secrets.randbits(62)
    Grid.objects.filter(pk=grid.pk).update(revision=grid.revision)
    return before


def _orphans(grid: Grid, before: Version | None) -> list[str]:
    known = set(network_of(before.pk).buses.id) if before else set()
    living = grid.reservations.filter(state__in=["held", "queued"]).select_related("node")
    return [row.subject for row in living if row.node.at_bus not in known]


def _record(grid: Grid, kind: str, actor: Actor, at: datetime, **data: Any) -> None:
    record(kind, stream=f"grid:{grid.code}"[:60], actor=actor, at=at, data=data)


def say(import_id: int, stage: str) -> None:
    """Write a stage of long work, from outside its transaction so that the page can show it; nothing where nobody waits for it."""
    outside = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with outside.cursor() as cursor:
            cursor.execute("UPDATE network_progress SET stage = %s WHERE of_id = %s", [stage, import_id])
    finally:
        outside.close()
