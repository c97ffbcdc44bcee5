"""Files of answers on their way through the one life of imports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jiedian.core.findings import Finding
from jiedian.core.sheets import Column
from jiedian.core.workdays import local_day
from jiedian.ground.files.importers import Kept, Told, Work
from jiedian.ground.files.models import FileImport
from jiedian.ground.files.services import became_of, remember
from jiedian.ground.journal.services import Actor

from ..models import SurveyFile
from . import imports, surveys

SHOWN = 200


@dataclass(frozen=True)
class _Answers:
    rows: list[dict[str, Any]]
    findings: list[Finding]
    table: imports.AnswerRows


def columns_for(options: dict[str, Any]) -> list[Column]:
    return imports.columns_of(str(options.get("instrument", "")))


def _read(work: Work) -> _Answers:
    key = str(work.row.options.get("instrument", ""))
    table = imports.read_answers(work.content, key, work.row.name, work.asked)
    return _Answers(*imports.kept_of(table, key, on=local_day(work.at)), table)


def read_file(work: Work) -> Told:
    """File of answers as the worker reads it: what cannot be understood is left empty and named."""
    found = _read(work)
    n = len(found.table.rows)
    good = len(found.rows)
    return Told(n, good, n - good, found.findings, found.table.sheet, found.table.report)


def take_file(work: Work) -> Kept:
    """Keep the answers of a file; the same file is taken in once."""
    found = _read(work)
    sheet = surveys.AnswerSheet(
        str(work.row.options.get("instrument", "")),
        work.row.name,
        work.content,
        found.rows,
        found.findings[:SHOWN],
    )
    file = surveys.take_in(sheet, actor=work.actor, at=work.at)
    remember(work.row, file.pk)
    return Kept(file.answers)


def undo_file(row: FileImport, *, actor: Actor, at: datetime) -> int:
    """Take the answers of a file out again."""
    return surveys.undo(SurveyFile.objects.get(pk=became_of(row)), actor=actor, at=at)
