"""Files of answers, in and out: CSV, XLSX and JSON with the columns of ``Response.answers`` and its groups."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from jiedian.cases.case.models.case import Case
from jiedian.core import sheets
from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.masking import PERSONAL
from jiedian.core.sheets import csv_bytes, xlsx_bytes
from jiedian.people.models import Department
from jiedian.people.queries import areas
from jiedian.process.rows import steps as step_rows

from ..calc.marks import mark_of
from ..calc.table import HALVES
from ..models import Response
from ..queries import by_item, columns, instrument, items
from ..rows import word_scales
from .surveys import SEGMENTS, bounds

HEAD = ("answered_on", *SEGMENTS, "channel", "is_simulated")
MOST_ROWS = 200_000
MOST_FINDINGS, SHOWN = 5_000, 50
"""A file with more than so many troubles is another kind of file."""
NAMES = {
    "answered_on": ("作答日期", "填写日期", "填答日期", "提交时间", "提交答卷时间", "答题时间"),
    "step_code": ("环节",),
    "case_class": ("客户类别",),
    "area": ("区域",),
    "department": ("部门",),
    "case_channel": ("报装渠道",),
    "is_simulated": ("模拟",),
    "words": ("意见", "建议", "意见建议", "留言", "还有什么想说的"),
}
"""What the columns beside the answers may be called."""


def columns_of(key: str) -> list[sheets.Column]:
    """The columns of a file of answers to an instrument: its answers, its groups, and the words."""
    limits = _limits(key)
    answers = [sheets.Column(name, name, name, (unified_names(name))) for name in limits]
    return answers + [sheets.Column(name, NAMES[name][0], name, NAMES[name]) for name in NAMES]


def unified_names(name: str) -> tuple[str, ...]:
    half, _, item = name.partition("_")
    return tuple(f"{word}_{item}" for word in HALVES.get(half, ()))


def _limits(key: str) -> dict[str, tuple[int, int]]:
    scale = instrument(key)
    limits = {
        column: bounds(row, scale)
        for row in items(key)
        for column in [*columns(row), *([f"W_{row.item}"] if row.kind == "pair" else [])]
    }
    return limits | {column: (0, 1000) for column in limits if column.startswith("W_")}


@dataclass(frozen=True)
class AnswerRows:
    """A file of answers as a table: its headings by the names of the format, its rows with their lines, and more."""

    header: list[str]
    rows: list[tuple[int, Sequence[str]]]
    report: tuple[Finding, ...] = ()
    unused: tuple[str, ...] = ()
    sheet: sheets.Sheet | None = None


def read_answers(content: bytes, key: str, name: str, asked: sheets.Asked | None) -> AnswerRows:
    """The table in a file, whichever of the kinds it is. Raises Refused when it is none."""
    if content[:64].lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"[", b"{")):
        header, *rows = _objects(sheets.decode(content))
        return AnswerRows(list(header), list(enumerate(rows, start=2)), (), tuple(header))
    sheet = sheets.read(content, name=name, columns=columns_of(key), asked=asked)
    names = {at: column for column, at in sheet.taken.places.items()}
    header = [names.get(at, label) for at, label in enumerate(sheet.heading)]
    cells: list[tuple[int, Sequence[str]]] = [
        (row.line, [sheets.text(cell) for cell in row.cells]) for row in sheet.rows
    ]
    return AnswerRows(header, cells, sheet.report, sheet.taken.unused, sheet)


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


def answers_of_file(
    content: bytes, key: str, *, on: date, name: str = "", asked: sheets.Asked | None = None
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """The answers of a file for an instrument, ready to be kept, and what was left out and why.

    ``on`` is the day taken where the file has none. Raises Refused when no column belongs to the instrument.
    """
    return kept_of(read_answers(content, key, name, asked), key, on=on)


def kept_of(table: AnswerRows, key: str, *, on: date) -> tuple[list[dict[str, Any]], list[Finding]]:
    """The answers of a table that was read, and what was left out and why. Raises Refused as ``answers_of_file`` does."""
    limits = _limits(key)
    if not set(table.header) & set(limits):
        wanted = "、".join(list(limits)[:4])
        there = "、".join(filter(None, table.header))[:120]
        raise refuse("survey.no_columns", wanted=wanted, there=there)
    findings = [
        Finding("survey.column", name)
        for name in dict.fromkeys(table.unused)
        if name and name not in limits and name not in (*HEAD, "words")
    ]
    known = _segments()
    kept: list[dict[str, Any]] = []
    for line, row in table.rows:
        if len(kept) > MOST_ROWS:
            raise refuse("table.rows", most=MOST_ROWS)
        if len(findings) > MOST_FINDINGS:
            raise Refused([*findings[:SHOWN], Finding("survey.findings", str(line))])
        cells = dict(reversed(list(zip(table.header, row, strict=False))))
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
    told = cells.get("answered_on") or ""
    day = on if sheets.is_skipped(told) else sheets.moment_of(told)
    if day is None:
        findings.append(Finding("survey.date", f"{line}:answered_on"))
    found["answered_on"] = day.date() if isinstance(day, datetime) else day or on
    found["words"] = PERSONAL.sub("***", (cells.get("words") or "").strip())[:400]
    found["is_simulated"] = (cells.get("is_simulated") or "").strip().lower() in ("1", "yes", "true")
    return found


def exported(rows: Iterable[Response], kind: str) -> bytes:
    """Answers as CSV, XLSX or JSON; what ``answers_of_file`` and ``jiedian gaps`` read. Words and case numbers stay here."""
    held = list(rows)
    names = list(dict.fromkeys(name for row in held for name in row.answers))
    if kind == "json":
        told = [{name: _cell(row, name) for name in HEAD} | {"answers": row.answers} for row in held]
        return json.dumps(told, ensure_ascii=False, indent=1).encode()
    table = [
        [*(_cell(row, name) for name in HEAD), *(row.answers.get(name) for name in names)] for row in held
    ]
    heads = [*HEAD, *names]
    return csv_bytes(heads, table) if kind == "csv" else xlsx_bytes(heads, table, gettext("答卷"))


def _cell(row: Response, name: str) -> str:
    value = getattr(row, name)
    return str(int(value)) if isinstance(value, bool) else str(value)
