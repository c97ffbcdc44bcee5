"""Text cut into rows of cells: the separator is found, and a quote that was never closed does not swallow the rest."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from jiedian.core.findings import Finding, refuse

SEPARATORS = ",;\t|"
LONGEST_CELL = 1_000_000
MOST_LINES_A_CELL = 400
"""A cell that spans more lines than this was never closed."""
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def rows_of(text: str, *, where: str = "") -> Iterator[list[str]]:
    """The rows of a text, blank ones too."""
    return (cells for _line, cells in numbered(text, where=where))


def numbered(
    text: str, *, separator: str = "", where: str = "", notes: list[Finding] | None = None
) -> Iterator[tuple[int, list[str]]]:
    """The rows of a text with the number of their last line; a line ends where a file's line ends, not at every
    Unicode break.

    Without ``separator`` it is the one of , ; tab | that cuts most of the first lines alike, or the one that the
    spreadsheet's own first line ``sep=;`` names. A quote that is not closed ends with its line, and ``notes`` says so.
    Raises Refused for a cell that no person typed.
    """
    text, told, skipped = _told(text.lstrip("\ufeff").replace("\x00", ""))
    separator = separator or told or separator_of(_first_lines(text))
    lines = [match[0] for match in _LINES.finditer(text)]
    width = _usual_width(lines, separator)
    at = 0
    while at < len(lines):
        line = lines[at]
        if len(line) > LONGEST_CELL and max(map(len, line.split(separator))) > LONGEST_CELL:
            raise refuse("file.cell", str(at + 1 + skipped), longest_cell=LONGEST_CELL)
        if '"' not in line:
            yield at + 1 + skipped, line.rstrip("\r\n").split(separator)
            at += 1
            continue
        cells, n = _quoted(lines, at, separator, width)
        if n == 0:
            cells, n = _unquoted(line, separator, width), 1
            if notes is not None:
                notes.append(_unclosed(at + 1 + skipped, where))
        at += n
        yield at + skipped, cells


def separator_told(text: str) -> str:
    """The separator a text is cut at when nobody says which."""
    text, told, _skipped = _told(text.lstrip("\ufeff"))
    return told or separator_of(_first_lines(text))


def _told(text: str) -> tuple[str, str, int]:
    told = re.match(r"\"?sep=([^\r\n\"])\"?\r?\n", text)
    return (text[told.end() :], told[1], 1) if told else (text, "", 0)


def _first_lines(text: str) -> list[str]:
    lines = (match[0].rstrip("\r\n") for match in _LINES.finditer(text[:20_000]))
    return [line for line in lines if line.strip()][:8]


def _usual_width(lines: Sequence[str], separator: str) -> int:
    """How many cells most of the first lines have; a quote that is never closed must not change it."""
    widths = Counter(line.count(separator) + 1 for line in lines[:200] if line.strip() and '"' not in line)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _quoted(lines: Sequence[str], at: int, separator: str, width: int) -> tuple[list[str], int]:
    """The cells of a record that begins in a line, and how many lines it takes; 0 when its quotes do not close."""
    if (cells := _strict(lines[at], separator)) is not None:
        return cells, 1
    text, quotes = "", 0
    for n, line in enumerate(lines[at : at + MOST_LINES_A_CELL], start=1):
        text += line
        quotes += line.count('"')
        if len(text) > LONGEST_CELL:
            break
        if quotes % 2 == 0:
            cells = _strict(text, separator)
            return (cells, n) if cells is not None and not _swallows(text, n, separator, width) else ([], 0)
    return [], 0


def _strict(text: str, separator: str) -> list[str] | None:
    """The cells of one whole record; None for a part of one, for several, and for quotes that do not pair."""
    csv.field_size_limit(LONGEST_CELL + 1)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _swallows(text: str, n: int, separator: str, width: int) -> bool:
    """Whether the lines inside a cell are rows of the table themselves."""
    inner = [line for line in re.split(r"\r\n|\r|\n", text)[1 : n - 1] if line]
    return width > 1 and len(inner) > 1 and all(line.count(separator) + 1 == width for line in inner)


def _unquoted(line: str, separator: str, width: int) -> list[str]:
    """A line whose quotes do not pair: quotes inside a cell are letters, separators inside a closed pair do not cut."""
    line = line.rstrip("\r\n")
    try:
        lenient = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        lenient = []
    if len(lenient) == width:
        return lenient
    return [cell.removeprefix('"') if cell.count('"') == 1 else cell for cell in line.split(separator)]


def _unclosed(line: int, where: str) -> Finding:
    return Finding("file.quote", f"{where}:{line}" if where else str(line))


def separator_of(lines: Sequence[str]) -> str:
    """The mark that cuts most of some lines into equally many cells.

    >>> separator_of(["E_1;P_1", "4,5;3,5", "7;2,5"]), separator_of(["no table"])
    (';', ',')
    """
    return max(SEPARATORS, key=lambda mark: _evenness(lines, mark))


def _evenness(lines: Sequence[str], mark: str) -> tuple[int, int]:
    """How many of the lines a mark cuts into equally many cells, and into how many."""
    try:
        lengths = Counter(len(row) for row in csv.reader(lines, delimiter=mark) if len(row) > 1)
    except csv.Error:
        return 0, 0
    return max(((n, length) for length, n in lengths.items()), default=(0, 0))
