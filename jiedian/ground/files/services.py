"""The one life of an import: handed in, read by the worker, looked at, taken over whole, taken back."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import IO, Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils.module_loading import import_string

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.sheets import Asked, Column, Sheet, read, take_columns, text
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import Actor, record
from jiedian.ground.vault.models import Upload
from jiedian.ground.vault.services import TABLES, Label, forget, path_of, store

from .importers import Importer, Kept, Told, Work, importer_of
from .models import FileImport, Progress, Replaced

KEPT_FINDINGS = 5000
SAMPLE = 3


@transaction.atomic
def hand_in(
    kind: str,
    file: IO[bytes],
    *,
    name: str,
    options: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    is_simulated: bool = False,
) -> FileImport:
    """Keep a file that is to be taken in; the worker reads it. The file, its row and the job commit together."""
    row = put(kind, file, name=name, options=options, actor=actor, at=at, is_simulated=is_simulated)
    record("file.handed", stream=row.stream, actor=actor, at=at, data={"file": row.pk, "kind": kind})
    return row


def put(
    kind: str,
    file: IO[bytes],
    *,
    name: str,
    options: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    is_simulated: bool = False,
) -> FileImport:
    """The row of a file and its bytes in the vault, without a job: for who reads it at once."""
    row = FileImport.objects.create(
        kind=importer_of(kind).kind,
        name=name[-120:],
        options=dict(options),
        checked_at=at,
        asked_by_id=actor.id,
        asked_by_name=actor.name,
        is_simulated=is_simulated,
    )
    label = Label(name, row.stream, kind[:12], actor.id)
    ceiling_bytes = importer_of(kind).ceiling_bytes
    row.upload = store(file, label, at=at, kinds=TABLES, ceiling_bytes=ceiling_bytes)
    row.save(update_fields=["upload"])
    return row


@transaction.atomic
def read_again(row: FileImport, asked: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """Read a file once more, with other columns, another sheet or heading; what was found before is forgotten."""
    moved = FileImport.objects.filter(
        pk=row.pk, state__in=[FileImport.State.CHECKED, FileImport.State.REFUSED], upload__isnull=False
    ).update(
        state=FileImport.State.READING, options=row.options | {"asked": dict(asked)}, findings=[], report=[]
    )
    if not moved:
        raise refuse("file.state")
    record("file.handed", stream=row.stream, actor=actor, at=at, data={"file": row.pk, "kind": row.kind})


@transaction.atomic
def read_in(fact: Fact) -> None:
    """Read the file a fact hands in; run twice it does nothing more. A file that cannot be read says why."""
    row = (
        FileImport.objects.select_for_update(of=("self",)).select_related("upload").get(pk=fact.data["file"])
    )
    if row.state != FileImport.State.READING or row.upload is None:
        return
    work = _work(row, fact)
    try:
        with transaction.atomic():
            told: Told = import_string(importer_of(row.kind).read)(work)
    except Refused as refusal:
        row.state = FileImport.State.REFUSED
        row.findings = kept(finding for finding in refusal.findings if not _is_note(finding))
        row.report = kept(filter(_is_note, refusal.findings))
        row.columns = _seen(work, importer_of(row.kind)) or {}
        row.save()
        return
    keep_told(row, told)


def _is_note(finding: Finding) -> bool:
    """Whether a finding only says what the reader did."""
    return finding.code.startswith("read.")


def keep_told(row: FileImport, told: Told) -> None:
    """Write down what was read in a file."""
    row.state = FileImport.State.CHECKED
    row.rows, row.good, row.left_out = told.rows, told.good, told.left_out
    row.findings, row.report = kept(told.findings), kept(told.report)
    row.name = (told.title or row.name)[:120]
    if told.sheet:
        row.columns = _columns(told.sheet, importer_of(row.kind).columns_for(row.options))
    row.save()


def kept(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [finding.row() for finding in list(findings)[:KEPT_FINDINGS]]


def asked_of(row: FileImport) -> Asked:
    """Wishes of somebody for reading a file."""
    told = row.options.get("asked", {})
    return Asked(
        sheet=told.get("sheet", ""), heading=int(told.get("heading") or 0), chosen=told.get("chosen", {})
    )


def _work(row: FileImport, fact: Fact, tell: Callable[[int, int], None] | None = None) -> Work:
    actor = Actor(fact.actor_id, fact.actor_name, fact.actor_role)
    content = content_of(row)
    return Work(row, content, asked_of(row), actor, fact.occurred_at, fact.recorded_at, tell)


def content_of(row: FileImport) -> bytes:
    """The bytes of a file. Raises Refused when they were given up."""
    upload: Upload | None = row.upload
    if upload is None:
        raise refuse("file.gone")
    return path_of(upload.sha256).read_bytes()


def _seen(work: Work, importer: Importer) -> dict[str, Any] | None:
    """The heading of a file that could not be read, so that somebody can say which column is what."""
    columns = importer.columns_for(work.row.options)
    try:
        return _columns(read(work.content, name=work.row.name, columns=columns, asked=work.asked), columns)
    except Refused:
        return None


def _columns(sheet: Sheet, columns: list[Column]) -> dict[str, Any]:
    places = dict(sheet.taken.places) or dict(take_columns(sheet.labels, columns).places)
    return {
        "heading": [label[:60] for label in sheet.heading[:200]],
        "sample": [[text(cell)[:40] for cell in row.cells[:200]] for row in sheet.rows[:SAMPLE]],
        "places": places,
        "sheets": list(sheet.sheets),
        "sheet": sheet.name,
        "line": sheet.heading_line,
    }


@transaction.atomic
def order(row: FileImport, *, without_bad: bool, actor: Actor, at: datetime) -> Fact:
    """Order the taking over of a file that was read; the worker does it.

    Refused while rows are bad unless they are left out, where the importer takes all or nothing.
    """
    importer = importer_of(row.kind)
    if row.left_out and not without_bad and importer.is_whole:
        raise refuse("file.bad", left_out=row.left_out)
    if not row.good:
        raise refuse("file.nothing")
    moved = FileImport.objects.filter(pk=row.pk, state=FileImport.State.CHECKED).update(
        state=FileImport.State.ASKED, is_partial=bool(row.left_out)
    )
    if not moved:
        raise refuse("file.state")
    Progress.objects.get_or_create(batch=row)
    data = {"file": row.pk, "kind": row.kind, "good": row.good, "left_out": row.left_out}
    return record("file.ordered", stream=row.stream, actor=actor, at=at, data=data)


@transaction.atomic
def take_in(fact: Fact) -> None:
    """Take over the file a fact orders, in the transaction it is read in; run twice it does nothing more.

    A refusal takes nothing in: the file goes back with its reasons.
    """
    row = (
        FileImport.objects.select_for_update(of=("self",)).select_related("upload").get(pk=fact.data["file"])
    )
    if row.state != FileImport.State.ASKED or row.upload is None:
        return
    try:
        with transaction.atomic():
            take_now(row, _work(row, fact, _say(row.pk)))
    except Refused as refusal:
        FileImport.objects.filter(pk=row.pk).update(
            state=FileImport.State.REFUSED, findings=kept(refusal.findings)
        )


def take_now(row: FileImport, work: Work) -> Kept:
    """Take a file over in the caller's transaction, and write down what came of it."""
    done: Kept = import_string(importer_of(row.kind).take)(work)
    FileImport.objects.filter(pk=row.pk).update(
        state=FileImport.State.IMPORTED,
        good=done.taken,
        repeated=done.repeated,
        facts=done.facts,
        imported_at=work.at,
        findings=row.findings + kept(done.findings),
    )
    return done


def remember(row: FileImport, made: int) -> None:
    """Keep which row of the room a file became."""
    row.options = row.options | {"became": made}
    FileImport.objects.filter(pk=row.pk).update(options=row.options)


def became_of(row: FileImport) -> int:
    """Number of the room's row that a file became; 0 for none."""
    return int(row.options.get("became", 0))


def keep_replaced(row: FileImport, rows: Iterable[Any]) -> None:
    """Keep what stood where a file wrote, for an importer whose rows replace others."""
    Replaced.objects.update_or_create(batch=row, defaults={"rows": list(rows)})


def take_replaced(row: FileImport) -> list[Any]:
    """Rows that stood where a file wrote; they are given out once, to be put back."""
    held = Replaced.objects.select_for_update().filter(batch=row).first()
    if held is None:
        raise refuse("file.not_imported")
    rows: list[Any] = held.rows
    held.delete()
    return rows


def undo_of(kind: str, made: int, *, actor: Actor, at: datetime) -> int | None:
    """Take back the file that became a row of a room; None when no file did (the row is older than its life)."""
    row = FileImport.objects.filter(kind=kind, options__became=made, state=FileImport.State.IMPORTED).first()
    return undo(row, actor=actor, at=at) if row else None


def _say(import_id: int) -> Callable[[int, int], None]:
    """Tell how far it is from outside the transaction, so that the page can show it."""

    def say(done: int, total: int) -> None:
        outside = connections.create_connection(DEFAULT_DB_ALIAS)
        try:
            with outside.cursor() as cursor:
                cursor.execute("UPDATE files_progress SET done = %s WHERE batch_id = %s", [done, import_id])
        finally:
            outside.close()

    return say


@transaction.atomic
def undo(row: FileImport, *, actor: Actor, at: datetime) -> int:
    """Take a file back: what came of it and the file itself go, the line stays. Returns how many rows went.

    Refused while somebody has worked on what came of it.
    """
    moved = FileImport.objects.filter(pk=row.pk, state=FileImport.State.IMPORTED).update(
        state=FileImport.State.UNDONE, undone_at=at
    )
    if not moved:
        raise refuse("file.not_imported")
    gone: int = import_string(importer_of(row.kind).undo)(row, actor=actor, at=at)
    if upload := row.upload:
        FileImport.objects.filter(pk=row.pk).update(upload=None)
        forget(upload)
    return gone
