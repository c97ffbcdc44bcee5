"""Heading of a table and where it stands: below title rows, in one row or in two."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from .books import Numbered, RawSheet
from .columns import Column, ColumnMap, take_columns
from .moments import moment_of

SEARCHED = 30
"""A heading stands among so many first rows."""


@dataclass(frozen=True)
class Heading:
    """The heading of a table: the places of its rows, the parts of every label (the whole first), what was taken."""

    first: int
    last: int
    labels: tuple[tuple[str, ...], ...]
    taken: ColumnMap


def text_of(cell: Any) -> str:
    return "" if cell is None else str(cell).strip().lstrip("\ufeff").strip()


Labels = tuple[tuple[str, ...], ...]


def find_heading(
    sheet: RawSheet,
    columns: Sequence[Column],
    chosen: dict[str, str],
    *,
    line: int = 0,
    score: Callable[[Labels], int] | None = None,
) -> Heading | None:
    """The heading of a sheet: the row (or two) in which most of the columns asked for are named, the whole table before
    a part; without columns the first row that looks like one. ``line`` says it; ``score`` counts what is wanted of it.

    None for a sheet without a table.
    """
    rows = sheet.rows
    tried: list[tuple[tuple[bool, int, int], Heading]] = []
    for at in range(min(SEARCHED, len(rows))):
        if line and rows[at][0] != line:
            continue
        for last in (at, at + 1):
            if last >= len(rows) or (last > at and not _are_two(sheet, at)):
                continue
            labels = _labels(sheet, at, last)
            taken = take_columns(labels, columns, chosen)
            n = score(labels) if score else len(taken.places)
            if columns or chosen or score:
                tried.append(((taken.is_whole and n > 0, n, -at), Heading(at, last, labels, taken)))
            elif line or _looks_like_one(rows, at):
                return (
                    Heading(at, last, labels, taken)
                    if last > at or not _are_two(sheet, at)
                    else _two(sheet, at)
                )
    best = max(tried, key=lambda pair: pair[0], default=None)
    if best is None:
        return None
    if best[0][1] or line:
        return best[1]
    return next((h for score, h in tried if _looks_like_one(rows, h.first)), best[1])


def _two(sheet: RawSheet, at: int) -> Heading:
    labels = _labels(sheet, at, at + 1)
    return Heading(at, at + 1, labels, take_columns(labels, ()))


def _looks_like_one(rows: Sequence[Numbered], at: int) -> bool:
    """A row of names: words, as wide as most of what follows, not a title that stands alone."""
    cells = [text_of(cell) for cell in rows[at][1]]
    filled = [cell for cell in cells if cell]
    below = sorted(sum(bool(text_of(cell)) for cell in row) for _line, row in rows[at + 1 : at + 20])
    usual = below[len(below) // 2] if below else len(filled)
    if len(filled) == 1:
        return usual <= 1 and not _is_value(filled[0])
    return len(filled) * 2 >= usual and sum(_is_value(cell) for cell in filled) * 2 <= len(filled)


def _is_value(text: str) -> bool:
    """A number or a date: what a heading seldom is."""
    try:
        float(text.replace(",", ""))
    except ValueError:
        return isinstance(moment_of(text), date)
    return True


def _are_two(sheet: RawSheet, at: int) -> bool:
    """Whether a row and the one below are one heading: names spread over several columns, with names below them."""
    (line, top), below = sheet.rows[at], sheet.rows[at + 1 : at + 2]
    if not below or below[0][0] != line + 1:
        return False
    bottom = below[0][1]
    width = max(len(top), len(bottom))
    spread = [
        (a, b) for first, last, a, b in sheet.merged if first == last == line and b > a and b - a + 1 < width
    ]
    if spread:
        return all(text_of(bottom[i]) if i < len(bottom) else "" for a, b in spread for i in range(a, b + 1))
    if any(isinstance(moment_of(cell), date) for cell in top if text_of(cell)):
        return False  # a day in the upper row: "Last updated on 2025-01-22" is a title
    names = [text_of(cell) for cell in top] + [""] * (width - len(top))
    parts = [text_of(cell) for cell in bottom] + [""] * (width - len(bottom))
    blanks = [i for i in range(1, width) if not names[i] and parts[i]]
    if not blanks or not names[0] or sum(map(bool, names)) < 2:
        return False
    is_hanging = all(
        not parts[i] or not names[i] or (i + 1 in blanks) or _repeats(names, parts) for i in range(width)
    )
    return is_hanging and (not any(_is_value(part) for part in parts) or len(blanks) * 3 >= width)


def _repeats(names: Sequence[str], parts: Sequence[str]) -> bool:
    """A second row of names below every column, some of whose upper names are left blank."""
    filled = [part for part in parts if part]
    return len(filled) == len(parts) and not any(_is_value(part) for part in filled)


def _labels(sheet: RawSheet, first: int, last: int) -> tuple[tuple[str, ...], ...]:
    top = [text_of(cell) for cell in sheet.rows[first][1]]
    if last == first:
        return tuple((name,) for name in top)
    bottom = [text_of(cell) for cell in sheet.rows[last][1]]
    width = max(len(top), len(bottom))
    top, bottom = top + [""] * (width - len(top)), bottom + [""] * (width - len(bottom))
    line = sheet.rows[first][0]
    areas = [(a, b) for t, u, a, b in sheet.merged if t == line]
    labels, held = [], ""
    for at in range(width):
        is_covered = any(a < at <= b for a, b in areas)
        if top[at] or (areas and not is_covered):
            held = top[at]
        over = held if (not areas or is_covered or top[at]) and bottom[at] else top[at]
        parts = [part for part in dict.fromkeys((over, bottom[at])) if part]
        labels.append((" ".join(parts), *reversed(parts)) if len(parts) > 1 else ((parts or [""])[0],))
    return tuple(labels)
