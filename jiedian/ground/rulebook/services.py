"""Loads the tables under jiedian/rules/ into typed rows; refuses a row without source and a word no column of that kind knows."""

import csv
import dataclasses
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, assert_never, get_args, get_origin, get_type_hints

from jiedian.core.closed import Closing, Facts, Ids, RuleFile, Shape, ValueOf, Words
from jiedian.core.evidence import Grade
from jiedian.core.findings import Finding, Refused
from jiedian.core.sourced import SOURCES, Sourced, SourceRow

RULES = Path(__file__).resolve().parents[2] / "rules"
Row = TypeVar("Row")
SHOWN = 24
"""How many allowed words a refusal lists."""
RISING = (
    ("effective_from", "effective_to"),
    ("from_kv", "below_kv"),
    ("from_value", "below_value"),
    ("from_kva", "to_kva"),
    ("low", "cny"),
    ("cny", "high"),
    ("low", "high"),
)
"""Columns of which the first must not lie above the second where a row has both."""


@cache
def load(path: str, kind: type[Row]) -> tuple[Row, ...]:
    """The rows of a table, read once. Raises Refused with every bad row, by line number.

    ``path`` is relative to jiedian/rules; ``kind`` is a frozen dataclass whose fields are the columns.
    """
    return parse((RULES / path).read_text("utf-8"), kind, where=path)


@cache
def sources() -> dict[str, SourceRow]:
    """The documents that rule rows rest on, by id."""
    return {row.id: row for row in load(SOURCES, SourceRow)}


def parse(
    text: str, kind: type[Row], *, where: str, known: Mapping[str, SourceRow] | None = None
) -> tuple[Row, ...]:
    """Rows from CSV text; the same checks for files and for tests. ``known`` are the documents, else those that ship.

    A row takes its grade from its document, and ends with it.
    """
    assert dataclasses.is_dataclass(kind)
    is_sourced = issubclass(kind, Sourced)
    known = known or (sources() if is_sourced else {})
    names = [f.name for f in dataclasses.fields(kind) if not (is_sourced and f.name == "grade")]
    hints = get_type_hints(kind, include_extras=True)
    rows: list[Row] = []
    found: list[Finding] = []
    seen: set[str] = set()
    reader = csv.DictReader(text.splitlines())
    missing = [name for name in names if name not in (reader.fieldnames or [])]
    if missing:
        raise Refused(Finding("rules.columns", f"{where}:1", missing=missing))
    for raw in reader:
        at = f"{where}:{reader.line_num}"
        problems = _problems(raw, names, seen, at)
        seen.add(raw.get("id") or "")
        values: dict[str, Any] = {}
        for name in names:
            try:
                values[name] = _convert(hints[name], (raw[name] or "").strip(), raw)
            except ValueError as error:
                problems.append(Finding("rules.value", at, column=name, error=error))
        problems += _not_rising(values, at)
        if is_sourced and not problems:
            problems = _under(values, known[values["source_id"]], at)
        found += problems
        if not problems:
            rows.append(kind(**values))
    if found:
        raise Refused(found)
    return tuple(rows)


def _problems(raw: dict[str, Any], names: list[str], seen: set[str], at: str) -> list[Finding]:
    problems = []
    if "source" in names and not (raw.get("source") or "").strip():
        problems.append(Finding("rules.source", at))
    if "id" in names and (raw.get("id") or "") in seen | {""}:
        problems.append(Finding("rules.id", at))
    if None in raw or None in raw.values():
        problems.append(Finding("rules.cells", at))
    return problems


def _under(values: dict[str, Any], source: SourceRow, at: str) -> list[Finding]:
    """Give a row the grade of its document and end it with it; a document that is not ours has a place to look it up."""
    if not values["clause"] and source.grade != Grade.OURS:
        return [Finding("rules.clause", at, source=source.id)]
    values["grade"] = source.grade
    if "effective_to" in values:
        ends = [day for day in (values["effective_to"], source.in_force_to) if day]
        values["effective_to"] = min(ends, default=None)
    return []


def _not_rising(values: Mapping[str, Any], at: str) -> list[Finding]:
    """Spans that end before they begin."""
    both = [(a, b) for a, b in RISING if values.get(a) is not None and values.get(b) is not None]
    return [
        Finding("rules.span", at, begin=a, end=b, begins=values[a], ends=values[b])
        for a, b in both
        if values[a] > values[b]
    ]


def _convert(hint: Any, text: str, raw: Mapping[str, Any]) -> Any:
    """The value of a cell; ValueError names what is allowed where the column is closed."""
    closings = getattr(hint, "__metadata__", ())
    base = hint.__origin__ if closings else hint
    if get_origin(base) is tuple:
        return tuple(_convert(get_args(base)[0], word, raw) for word in text.split())
    if words := _literal(base):
        allowed = {str(word): word for word in words}
        if text not in allowed:
            raise _not_allowed(text, list(allowed))
        return allowed[text]
    if closings:
        _check(text, closings, raw)
    return _CONVERT[base](text)


def _literal(hint: Any) -> tuple[Any, ...]:
    """The members of a Literal, of a union of Literals, or of an enumeration."""
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return tuple(hint)
    if get_origin(hint) is Literal:
        return get_args(hint)
    if get_origin(hint) in (Union, UnionType):
        return tuple(word for part in get_args(hint) for word in _literal(part))
    return ()


def _check(text: str, closings: tuple[Closing, ...], raw: Mapping[str, Any]) -> None:
    """Pass when one of the closings knows the text."""
    if any(isinstance(closing, Shape) and closing.fits(text) for closing in closings):
        return
    known = [word for closing in closings for word in _known(closing, raw)]
    if text in known:
        return
    for closing in closings:
        if isinstance(closing, Facts) and _speaks_of(closing, text):
            return
    raise _not_allowed(text, known)


def _known(closing: Closing, raw: Mapping[str, Any]) -> Iterable[str]:
    """The words a closing allows; of a shape, what it is."""
    match closing:
        case Words():
            return closing.words
        case Ids():
            return [closing.prefix + word for word in ids(closing.table, closing.column)]
        case ValueOf():
            return _values(closing.table).get(raw[closing.column], ())
        case RuleFile():
            return [str(path.relative_to(RULES)) for path in sorted(RULES.rglob("*.bpmn"))]
        case Shape():
            return [closing.allowed]
        case Facts():
            return []
    assert_never(closing)


def _speaks_of(closing: Facts, text: str) -> bool:
    """True, or ValueError with the fact or the value that the table does not know."""
    known = _values(closing.table)
    for name, value in closing.pairs(text):
        if name not in known:
            raise _not_allowed(name, list(known))
        if value not in known[name]:
            raise _not_allowed(f"{name} = {value}", list(known[name]))
    return True


def _not_allowed(text: str, known: list[str]) -> ValueError:
    """The word, and what is allowed: the most alike first, no more than a reader takes in."""
    alike = get_close_matches(text, known, n=SHOWN)
    allowed = dict.fromkeys([*alike, *known])
    more = " / …" if len(allowed) > SHOWN else ""
    return ValueError(f"{text!r} ({' / '.join(word or '∅' for word in list(allowed)[:SHOWN])}{more})")


@cache
def ids(table: str, column: str = "id") -> tuple[str, ...]:
    """The words of one column of a table, as they stand in its file (or files: ``dimensions_*.csv``)."""
    lines = [path.read_text("utf-8").splitlines() for path in sorted(RULES.glob(table))]
    return tuple(dict.fromkeys(row[column].strip() for text in lines for row in csv.DictReader(text)))


@cache
def tables(pattern: str) -> tuple[str, ...]:
    """The files under jiedian/rules that a pattern names, relative to it: ``tables("process/*/steps.csv")``."""
    return tuple(path.relative_to(RULES).as_posix() for path in sorted(RULES.glob(pattern)))


def content(path: str) -> bytes:
    """A file of the rules that is no table."""
    return (RULES / path).read_bytes()


@cache
def _values(table: str) -> dict[str, tuple[str, ...]]:
    rows = csv.DictReader((RULES / table).read_text("utf-8").splitlines())
    return {row["id"]: tuple(row["values"].split()) for row in rows}


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(repr(text)) from error
    if not value.is_finite():
        raise ValueError(repr(text))
    return value


def _yes_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(f"{text!r} (yes/no)")
    return text == "yes"


_CONVERT: dict[Any, Callable[[str], Any]] = {
    str: str,
    int: int,
    bool: _yes_no,
    Decimal: _number,
    date: date.fromisoformat,
    date | None: lambda text: date.fromisoformat(text) if text else None,
}
