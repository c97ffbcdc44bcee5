"""Importer, as a room declares a kind of file: its columns, and the functions that read, take over and undo."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.module_loading import import_string

from jiedian.core.findings import Finding, refuse
from jiedian.core.sheets import Asked, Column, Sheet

CEILING_BYTES = 20 * 1024 * 1024
"""How large a file of people is, unless its kind says more."""

if TYPE_CHECKING:  # room.py names importers before the models are there
    from jiedian.ground.journal.services import Actor

    from .models import FileImport

Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Importer:
    """One kind of file. Functions are dotted names; ``page`` is the URL name of the list the file came from.

    ``columns(options)`` gives the columns with their names, ``read(work)`` a ``Told``, ``take(work)`` a ``Kept``,
    ``undo(row, actor=, at=)`` how many rows went. ``is_whole`` files are taken in without a bad row or not at all,
    unless somebody says that the bad ones are left out; of the others the good rows come in and the bad are named.
    """

    kind: str
    title: str
    page: str
    view: str
    permission: str
    columns: str
    read: str
    take: str
    undo: str
    is_whole: bool = True
    panel: str = ""
    ceiling_bytes: int = CEILING_BYTES
    """How large a file may be; a path in ``settings.UPLOAD_CEILINGS`` must let as much through."""

    def columns_for(self, options: dict[str, Any]) -> list[Column]:
        found: list[Column] = import_string(self.columns)(options)
        return found


@dataclass(frozen=True)
class Work:
    """A file on its way: its row and bytes, how it is to be read, by whom, at which business and real time."""

    row: "FileImport"
    content: bytes
    asked: Asked
    actor: "Actor"
    at: datetime
    now: datetime
    tell: Tell | None = None


@dataclass(frozen=True)
class Told:
    """Content of a file: rows read, what could be taken in, what could not, what is wrong, and the sheet it stands in."""

    rows: int
    good: int
    left_out: int
    findings: Sequence[Finding]
    sheet: Sheet | None = None
    report: Sequence[Finding] = ()
    title: str = ""


@dataclass(frozen=True)
class Kept:
    """Outcome of taking a file in: how many, how many were known already, how many facts, and what is to be said."""

    taken: int
    repeated: int = 0
    facts: int = 0
    findings: Sequence[Finding] = field(default_factory=tuple)


def importers() -> dict[str, Importer]:
    """Every kind of file the house takes in, reached through the wiring."""
    rows: tuple[Importer, ...] = import_string(f"{settings.WIRING}.IMPORTS")
    return {row.kind: row for row in rows}


def importer_of(kind: str) -> Importer:
    """The importer of a kind. Raises Refused for none."""
    found = importers().get(kind)
    if found is None:
        raise refuse("file.importer", kind=kind)
    return found
