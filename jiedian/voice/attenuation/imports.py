"""Hand-off files of the time before on their way through the one life of imports."""

from datetime import datetime
from typing import Any

from jiedian.core.sheets import Column
from jiedian.ground.files.importers import Kept, Told, Work
from jiedian.ground.files.models import FileImport
from jiedian.ground.files.services import became_of, remember
from jiedian.ground.journal.services import Actor

from .calc.handoffs import BACKWARDS, columns_of, read_handoffs
from .models import HandoffFile
from .services import import_file, undo_import


def columns_for(options: dict[str, Any]) -> list[Column]:
    return columns_of()


def read_file(work: Work) -> Told:
    """Hand-off file as the worker reads it: a lost row would look like a lost point, so all or nothing."""
    told = read_handoffs(work.content, name=work.row.name, asked=work.asked)
    bad = sum(finding.code not in BACKWARDS for finding in told.findings)
    good = 0 if bad else told.rows
    return Told(told.rows, good, bad, told.findings, told.sheet, told.report)


def take_file(work: Work) -> Kept:
    """Keep a hand-off file to compare with."""
    file = import_file(work.content, name=work.row.name, actor=work.actor, at=work.at, asked=work.asked)
    remember(work.row, file.pk)
    return Kept(file.rows)


def undo_file(row: FileImport, *, actor: Actor, at: datetime) -> int:
    """Take a hand-off file back."""
    file = HandoffFile.objects.get(pk=became_of(row))
    undo_import(file, actor=actor, at=at)
    return file.rows
