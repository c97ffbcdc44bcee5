"""Loads the tables under jiedian/rules/ into typed rows, and refuses a row that has no source."""

import csv
import dataclasses
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from jiedian.core.findings import Finding, Refused

RULES = Path(__file__).resolve().parents[2] / "rules"
Row = TypeVar("Row")


@cache
def load(path: str, kind: type[Row]) -> tuple[Row, ...]:
    """The rows of a table, read once. Raises Refused with every bad row, by line number.

    ``path`` is relative to jiedian/rules; ``kind`` is a frozen dataclass whose fields are the columns.
    """
    return parse((RULES / path).read_text("utf-8"), kind, where=path)


def parse(text: str, kind: type[Row], *, where: str) -> tuple[Row, ...]:
    """Rows from CSV text; the same checks for files and for tests."""
    assert dataclasses.is_dataclass(kind)
    names = [f.name for f in dataclasses.fields(kind)]
    hints = get_type_hints(kind)
    rows: list[Row] = []
    found: list[Finding] = []
    seen: set[str] = set()
    reader = csv.DictReader(text.splitlines())
    missing = [name for name in names if name not in (reader.fieldnames or [])]
    if missing:
        raise Refused(
            _finding(where, 1, f"缺列 {', '.join(missing)}", f"columns missing: {', '.join(missing)}")
        )
    for line, raw in enumerate(reader, start=2):
        problems = _problems(raw, names, seen)
        seen.add(raw.get("id") or "")
        try:
            values = {name: _convert(hints[name], raw[name] or "") for name in names}
        except (ValueError, InvalidOperation) as error:
            problems.append((f"值不能识别：{error}", f"value not understood: {error}"))
        found += [_finding(where, line, zh, en) for zh, en in problems]
        if not problems:
            rows.append(kind(**values))
    if found:
        raise Refused(found)
    return tuple(rows)


def _problems(raw: dict[str, Any], names: list[str], seen: set[str]) -> list[tuple[str, str]]:
    problems = []
    if "source" in names and not (raw.get("source") or "").strip():
        problems.append(("没有来源，不予载入", "no source: the row does not load"))
    if "id" in names and (raw.get("id") or "") in seen | {""}:
        problems.append(("编号缺失或重复", "the id is missing or repeated"))
    if None in raw or None in raw.values():
        problems.append(("列数不对", "wrong number of columns"))
    return problems


def _finding(where: str, line: int, zh: str, en: str) -> Finding:
    return Finding("rules.row", zh, en, f"{where}:{line}")


def _convert(hint: Any, text: str) -> Any:
    return _CONVERT[hint](text.strip())


def _yes_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(f"{text!r} (yes/no)")
    return text == "yes"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_CONVERT: dict[Any, Callable[[str], Any]] = {
    str: str,
    int: int,
    bool: _yes_no,
    Decimal: Decimal,
    tuple[str, ...]: _words,
    date: date.fromisoformat,
    date | None: lambda text: date.fromisoformat(text) if text else None,
}
