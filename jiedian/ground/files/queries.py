"""Files that were handed in, and what their page shows."""

from dataclasses import dataclass

from jiedian.core.findings import Finding

from .importers import Importer, importer_of
from .models import FileImport

SHOWN_FINDINGS = 100


SHOWN_OF_KIND = 20
"""So many notes of one kind are read on a page; all of them stand in the CSV."""


@dataclass(frozen=True)
class ColumnChoice:
    """A column of an import on its page: which heading was taken for it, and the cells below that heading."""

    key: str
    name_zh: str
    name_en: str
    is_needed: bool
    place: str
    sample: str


@dataclass(frozen=True)
class Shown:
    """A file with all that its page says: findings and report, columns to choose from, and what may be done."""

    row: FileImport
    importer: Importer
    findings: list[Finding]
    n_findings: int
    report: list[Finding]
    columns: list[ColumnChoice]
    headings: list[tuple[str, str]]
    sheets: list[tuple[str, str]]
    is_busy: bool
    may_read_again: bool
    done: int


def import_for(import_id: int) -> FileImport | None:
    """A file with its upload, if there is one of that id."""
    return FileImport.objects.select_related("upload", "progress").filter(pk=import_id).first()


def listed(*kinds: str, n: int = 100) -> list[FileImport]:
    """The newest files of some kinds."""
    return list(
        FileImport.objects.filter(kind__in=kinds).defer("findings", "report", "columns", "options")[:n]
    )


def findings_of(row: FileImport) -> list[Finding]:
    return [Finding.from_row(told) for told in row.findings]


def notes_of(row: FileImport) -> list[Finding]:
    """Notes on what the reader did, and on what is not known of the records it kept."""
    return [Finding.from_row(told) for told in row.report]


def few_of_each(notes: list[Finding]) -> list[Finding]:
    """The first notes of every kind, and how many more there are: a large table has thousands of the same."""
    groups: dict[str, list[Finding]] = {}
    for note in notes:
        groups.setdefault(note.code, []).append(note)
    told: list[Finding] = []
    for group in groups.values():
        told += group[:SHOWN_OF_KIND]
        if (more := len(group) - SHOWN_OF_KIND) > 0:
            told.append(Finding("file.more", count=more))
    return told


def shown(row: FileImport) -> Shown:
    """File as its page shows it."""
    importer = importer_of(row.kind)
    state, told = FileImport.State, row.columns
    heading, places = told.get("heading", []), told.get("places", {})
    columns = [
        ColumnChoice(
            column.key,
            column.name_zh,
            column.name_en,
            column.is_needed,
            f"#{places[column.key] + 1}" if column.key in places else "",
            _sample(told, places.get(column.key)),
        )
        for column in importer.columns_for(row.options)
    ]
    return Shown(
        row=row,
        importer=importer,
        findings=findings_of(row)[:SHOWN_FINDINGS],
        n_findings=len(row.findings),
        report=few_of_each(notes_of(row)),
        columns=columns if heading else [],
        headings=[(f"#{at}", name or f"#{at}") for at, name in enumerate(heading, start=1)],
        sheets=[(name, name) for name in told.get("sheets", []) if name],
        is_busy=row.state in (state.READING, state.ASKED),
        may_read_again=row.state in (state.CHECKED, state.REFUSED) and row.upload is not None,
        done=row.progress.done if hasattr(row, "progress") else 0,
    )


def _sample(told: dict[str, list[list[str]]], at: int | None) -> str:
    if at is None:
        return ""
    return " · ".join(cells[at] for cells in told.get("sample", []) if at < len(cells) and cells[at])
