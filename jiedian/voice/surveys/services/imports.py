"""Files of answers, in and out: CSV, XLSX and JSON with the columns of ``Response.answers`` and its groups."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from jiedian.cases.case.models.case import Case
from jiedian.core import sheets
from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.masking import PERSONAL
from jiedian.core.tables import csv_bytes, read_table, xlsx_bytes
from jiedian.people.models import Department
from jiedian.people.queries import areas
from jiedian.process.rows import steps as step_rows

from ..calc.marks import mark_of
from ..models import Response
from ..queries import columns, instrument, items
from ..rows import word_scales
from .surveys import SEGMENTS, bounds, by_item

HEAD = ("answered_on", *SEGMENTS, "channel", "is_simulated")
MOST_ROWS = 200_000
MOST_FINDINGS, SHOWN = 5_000, 50
"""A file with more than so many troubles is another kind of file."""
SPREADSHEET = b"PK\x03\x04"


def rows_of(content: bytes) -> Iterator[Sequence[str]]:
    """The rows of a file as text, whichever of the three it is. Raises Refused when it is none."""
    if content.startswith(SPREADSHEET):
        return iter([_text(cell) for cell in row] for row in read_table(content, ".xlsx"))
    text = sheets.decode(content)
    if text.lstrip().startswith(("[", "{")):
        return _objects(text)
    return sheets.rows_of(text)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).removesuffix(" 00:00:00")


def _objects(text: str) -> Iterator[Sequence[str]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refuse("survey.not_json") from error
    rows = found.get("responses", []) if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise refuse("survey.json")
    flat = [row | row["answers"] if isinstance(row.get("answers"), dict) else row for row in rows]
    header = list(dict.fromkeys(key for row in flat for key in row if key != "answers"))
    yield header
    for row in flat:
        yield ["" if row.get(key) is None else str(row.get(key)) for key in header]


def imported(content: bytes, key: str, *, on: date) -> tuple[list[dict[str, Any]], list[Finding]]:
    """The answers of a file for an instrument, ready to be kept, and what was left out and why.

    ``on`` is the day taken where the file has none. Raises Refused when no column belongs to the instrument.
    """
    rows = iter(rows_of(content))
    header = [cell.strip() for cell in next(rows, [])]
    scale = instrument(key)
    limits = {
        column: bounds(row, scale)
        for row in items(key)
        for column in [*columns(row), *([f"W_{row.item}"] if row.kind == "pair" else [])]
    }
    limits |= {column: (0, 1000) for column in limits if column.startswith("W_")}
    if not set(header) & set(limits):
        wanted = "、".join(list(limits)[:4])
        raise refuse("survey.columns", wanted=wanted)
    findings = [
        Finding("survey.column", name)
        for name in dict.fromkeys(header)
        if name and name not in limits and name not in (*HEAD, "words")
    ]
    known = _segments()
    kept = []
    for line, row in enumerate(rows, start=2):
        if line > MOST_ROWS:
            raise refuse("table.rows", most=MOST_ROWS)
        if len(findings) > MOST_FINDINGS:
            raise Refused([*findings[:SHOWN], Finding("survey.findings", str(line))])
        cells = dict(zip(header, row, strict=False))
        answers = _answers(cells, limits, line, findings)
        if answers:
            kept.append(_groups(cells, known, line, on, findings) | {"answers": by_item(key, answers)})
    if not kept:
        raise Refused([*findings, Finding("survey.no_rows")])
    return kept, findings


def _answers(
    cells: Mapping[str, str], bounds: Mapping[str, tuple[int, int]], line: int, findings: list[Finding]
) -> dict[str, float]:
    found: dict[str, float] = {}
    for column, (low, high) in bounds.items():
        value = mark_of(cells.get(column) or "", word_scales(), points=high - low + 1)
        if value is None or (value == value and not low <= value <= high):
            findings.append(
                Finding("survey.value", f"{line}:{column}", value=cells[column][:20], low=low, high=high)
            )
        elif value == value:
            found[column] = int(value) if value == int(value) else value
    return found


def _segments() -> dict[str, set[str]]:
    return {
        "step_code": set(step_rows()),
        "case_class": set(Case.Class.values),
        "area": {code for code, _name in areas()},
        "department": set(Department.objects.values_list("code", flat=True)),
        "case_channel": set(),
    }


def _groups(
    cells: Mapping[str, str], known: Mapping[str, set[str]], line: int, on: date, findings: list[Finding]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in SEGMENTS:
        value = (cells.get(name) or "").strip()
        if value and known[name] and value not in known[name]:
            findings.append(Finding("survey.group", f"{line}:{name}", value=value[:20]))
            value = ""
        found[name] = value[:16] if name == "case_channel" else value
    text = (cells.get("answered_on") or "").strip()[:10]
    try:
        found["answered_on"] = date.fromisoformat(text) if text else on
    except ValueError:
        findings.append(Finding("survey.date", f"{line}:answered_on"))
        found["answered_on"] = on
    found["words"] = PERSONAL.sub("***", (cells.get("words") or "").strip())[:400]
    found["is_simulated"] = (cells.get("is_simulated") or "").strip().lower() in ("1", "yes", "true")
    return found


def exported(rows: Iterable[Response], kind: str) -> bytes:
    """Answers as CSV, XLSX or JSON; what ``imported`` and ``jiedian gaps`` read. Words and case numbers stay here."""
    held = list(rows)
    names = list(dict.fromkeys(name for row in held for name in row.answers))
    if kind == "json":
        told = [{name: _cell(row, name) for name in HEAD} | {"answers": row.answers} for row in held]
        return json.dumps(told, ensure_ascii=False, indent=1).encode()
    table = [
        [*(_cell(row, name) for name in HEAD), *(row.answers.get(name) for name in names)] for row in held
    ]
    write = csv_bytes if kind == "csv" else xlsx_bytes
    return write([*HEAD, *names], table)


def _cell(row: Response, name: str) -> str:
    value = getattr(row, name)
    return str(int(value)) if isinstance(value, bool) else str(value)
