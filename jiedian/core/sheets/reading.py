"""One reader of people's files: bytes in; heading, rows and a report of what was done out."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from itertools import chain
from typing import Any

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.words import Text

from .books import RawSheet, kind_of, open_book
from .closing import closing_word
from .columns import Column, ColumnMap, lacking, place_of
from .cutting import SEPARATORS, numbered, separator_told
from .encodings import decoded
from .heading import Heading, Labels, find_heading, text_of
from .moments import EPOCH_1900

Score = Callable[[Labels], int]
HeadedSheet = tuple[RawSheet, Heading]
MOST_ROWS = 2_000_000
KINDS = {"xlsx": "XLSX", "xls": "XLS", "html": "网页表格（HTML）"}
MARKS = {",": ("逗号", "comma"), ";": ("分号", "semicolon"), "\t": ("制表符", "tab"), "|": ("竖线", "bar")}


@dataclass(frozen=True)
class Asked:
    """Wishes of somebody for reading a file; empty means: find it out. ``heading`` is the line of the heading."""

    sheet: str = ""
    heading: int = 0
    separator: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = ""


@dataclass(frozen=True)
class Row:
    """A record of a table: the number of its line in the file, and its cells."""

    line: int
    cells: Sequence[Any]


@dataclass(frozen=True)
class Sheet:
    """A table that was read: its labels (each with its parts), its records, and what was done to get them."""

    labels: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]
    taken: ColumnMap
    report: tuple[Finding, ...]
    name: str = ""
    sheets: tuple[str, ...] = ()
    epoch: date = EPOCH_1900
    heading_line: int = 0

    @property
    def heading(self) -> tuple[str, ...]:
        return tuple(parts[0] for parts in self.labels)

    def place(self, name: str) -> int | None:
        """Place of the column with a heading."""
        return place_of(name, self.labels)

    def column(self, key: str) -> list[Any]:
        """The cells of one of the columns taken, in the order of the rows."""
        at = self.taken.places.get(key)
        return [] if at is None else [row.cells[at] if at < len(row.cells) else None for row in self.rows]

    def records(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every record as key → cell of the columns taken, with its line."""
        places = self.taken.places
        for row in self.rows:
            yield (
                row.line,
                {key: row.cells[at] if at < len(row.cells) else None for key, at in places.items()},
            )

    def texts(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Every record as key → text."""
        return ((line, {key: text(cell) for key, cell in cells.items()}) for line, cells in self.records())

    def refuse_if_lacking(self) -> None:
        """Raises Refused with every column that is missing, the names it goes by, and what else was done."""
        if found := lacking(self.taken):
            raise Refused([*found, *self.report])


def text(cell: Any) -> str:
    """A cell as text: whole numbers without a point, days without midnight."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ", "seconds")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


def read(
    data: bytes,
    *,
    name: str = "",
    columns: Sequence[Column] = (),
    asked: Asked | None = None,
    score: Score | None = None,
) -> Sheet:
    """The table in a file of any usual kind.

    Title rows above the heading, closing rows and hidden rows are left out and said; merged cells are filled down;
    the sheet is the first whose heading has the columns asked for (or most of what ``score`` counts). Raises Refused when there is no table; a column
    that is missing stands in ``taken.missing``, so that a page can show what is there.
    """
    asked = asked or Asked()
    sheet = _read(data, name, columns, asked, score)
    if sheet.taken.is_whole or asked.separator or kind_of(data, name) != "text":
        return sheet
    for mark in SEPARATORS:  # the mark that cuts most evenly was another than the one the heading is cut by
        other = _read(data, name, columns, replace(asked, separator=mark), score)
        if other.taken.is_whole and other.taken.places:
            return other
    return sheet


def read_rows(
    heading: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    columns: Sequence[Column],
    asked: Asked | None = None,
) -> Sheet:
    """The table that a program has taken apart already: its heading, and rows that may be shorter than it."""
    raw = RawSheet("", [(at, list(cells)) for at, cells in enumerate(chain([heading], rows), start=1)])
    told = _told(([raw], EPOCH_1900), columns, asked or Asked(), None, [], "")
    return replace(told, report=tuple(note for note in told.report if note.code != "read.comma"))


def _read(data: bytes, name: str, columns: Sequence[Column], asked: Asked, score: Score | None) -> Sheet:
    notes: list[Finding] = []
    return _told(_raw(data, name, asked, notes), columns, asked, score, notes, name)


def _told(
    opened: tuple[list[RawSheet], date],
    columns: Sequence[Column],
    asked: Asked,
    score: Score | None,
    notes: list[Finding],
    name: str,
) -> Sheet:
    raw, epoch = opened
    found = [(sheet, heading) for sheet in raw if (heading := _heading(sheet, columns, asked, score))]
    if not found:
        raise refuse("file.empty", name)
    sheet, heading = _chosen(found, asked, notes, name, score)
    told = _filled_down(sheet, heading, notes)
    rows = tuple(_records(told, heading, notes))
    _say_heading(sheet, heading, notes, len(rows))
    return Sheet(
        heading.labels, rows, heading.taken, tuple(notes), sheet.name, tuple(s.name for s in raw), epoch,
        sheet.rows[heading.first][0],
    )  # fmt: skip


def read_all(data: bytes, *, name: str, columns: Callable[[str], Sequence[Column]]) -> list[Sheet]:
    """Every sheet of a file, each read by the columns that ``columns`` gives for its name (empty: a file of text).

    A sheet without a table has no records. Raises Refused when the file cannot be opened.
    """
    sheets = []
    shared: list[Finding] = []
    raw, epoch = _raw(data, name, Asked(), shared)
    for sheet in raw:
        notes = list(shared)
        heading = _heading(sheet, columns(sheet.name), Asked(), None)
        if heading is None:
            sheets.append(Sheet((), (), ColumnMap({}, (), ()), tuple(notes), sheet.name, epoch=epoch))
            continue
        rows = tuple(_records(_filled_down(sheet, heading, notes), heading, notes))
        _say_heading(sheet, heading, notes, len(rows))
        line = sheet.rows[heading.first][0]
        sheets.append(
            Sheet(
                heading.labels,
                rows,
                heading.taken,
                tuple(notes),
                sheet.name,
                epoch=epoch,
                heading_line=line,
            )
        )
    return sheets


def _raw(data: bytes, name: str, asked: Asked, notes: list[Finding]) -> tuple[list[RawSheet], date]:
    kind = kind_of(data, name)
    if kind != "text":
        book = open_book(data, name=name)
        notes.append(Finding("read.kind", kind=Text(KINDS[kind], kind.upper())))
        if book.epoch != EPOCH_1900:
            notes.append(Finding("read.epoch"))
        return list(book.sheets), book.epoch
    words, encoding = decoded(data, where=name, otherwise=asked.otherwise)
    mark = asked.separator or separator_told(words)
    rows: list[tuple[int, list[Any]]] = []
    for line, cells in numbered(words, separator=asked.separator, notes=notes):
        if any(cell.strip() for cell in cells):
            rows.append((line, cells))
        if len(rows) > MOST_ROWS:
            raise refuse("file.rows", name, most=MOST_ROWS)
    zh, en = MARKS.get(mark, (mark, mark))
    notes.insert(0, Finding("read.text", encoding=encoding, separator=Text(zh, en)))
    return [RawSheet("", rows)], EPOCH_1900


def _heading(sheet: RawSheet, columns: Sequence[Column], asked: Asked, score: Score | None) -> Heading | None:
    if not sheet.rows:
        return None
    return find_heading(sheet, columns, dict(asked.chosen), line=asked.heading, score=score)


def _chosen(
    found: list[HeadedSheet], asked: Asked, notes: list[Finding], name: str, score: Score | None
) -> HeadedSheet:
    """The sheet asked for, else the first visible one with all columns, else the one with most of them."""
    if asked.sheet:
        return _named(found, asked.sheet, name)
    seen = [pair for pair in found if not pair[0].is_hidden] or found
    whole = [pair for pair in seen if pair[1].taken.is_whole and len(pair[0].rows) > pair[1].last + 1]
    if not any(pair[1].taken.places for pair in whole):
        whole = [pair for pair in whole if len(pair[1].labels) > 1] or whole

    def worth(pair: HeadedSheet) -> tuple[int, int, int]:
        return len(pair[1].taken.places), score(pair[1].labels) if score else 0, -seen.index(pair)

    best = max(whole or seen, key=worth)
    if len(found) > 1:
        notes.append(Finding("read.sheet", sheet=best[0].name))
    others = [pair[0].name for pair in whole if pair is not best and (not score or score(pair[1].labels))]
    if others:
        notes.append(Finding("read.sheets", sheets="、".join(others)))
    return best


def _named(found: list[HeadedSheet], wanted: str, name: str) -> HeadedSheet:
    for at, (sheet, heading) in enumerate(found, start=1):
        if wanted in (sheet.name, str(at)):
            return sheet, heading
    names = "、".join(sheet.name for sheet, _heading in found)
    raise refuse("file.sheet", name, wanted=wanted, names=names)


def _filled_down(sheet: RawSheet, heading: Heading, notes: list[Finding]) -> RawSheet:
    """The sheet with cells that are merged downwards filled in every row they cover."""
    start = sheet.rows[heading.last][0]
    down = [area for area in sheet.merged if area[0] > start and area[1] > area[0]]
    if not down:
        return sheet
    by_line = {line: list(cells) for line, cells in sheet.rows}
    filled = 0
    for top, bottom, first, last in down:
        for line in range(top + 1, min(bottom, top + 100_000) + 1):
            for at in range(first, last + 1):
                source, cells = by_line.get(top, []), by_line.get(line)
                if cells is not None and at < len(source) and text_of(source[first]):
                    cells += [None] * (at + 1 - len(cells))
                    cells[at] = source[at]
                    filled += 1
    if filled:
        notes.append(Finding("read.merged", count=filled))
    return replace(sheet, rows=[(line, by_line[line]) for line, _cells in sheet.rows])


def _records(sheet: RawSheet, heading: Heading, notes: list[Finding]) -> Iterator[Row]:
    """The rows below the heading without closing and hidden ones, blanks, and the heading said again."""
    body = sheet.rows[heading.last + 1 :]
    last = len(body)
    needed = heading.taken.needed
    while last and closing_word(body[last - 1][1], is_last=True, needed=needed):
        last -= 1
    again = tuple(text_of(cell) for cell in sheet.rows[heading.first][1])
    hidden: list[int] = []
    wide: list[int] = []
    comma: list[int] = []
    width = len(heading.labels)
    for at, (line, cells) in enumerate(body):
        word = closing_word(cells, is_last=at >= last, needed=needed)
        if word:
            notes.append(Finding("read.closing", str(line), word=word))
        elif line in sheet.hidden_rows:
            hidden.append(line)
        elif len(again) > 1 and tuple(text_of(cell) for cell in cells)[: len(again)] == again:
            notes.append(Finding("read.heading_again", str(line)))
        else:
            if len(cells) > width and any(text_of(cell) for cell in cells[width:]):
                wide.append(line)
            elif len(cells) < width and any(isinstance(cell, str) and "，" in cell for cell in cells):
                comma.append(line)
            yield Row(line, cells)
    _say_left_out(hidden, wide, comma, notes)


def _say_left_out(hidden: list[int], wide: list[int], comma: list[int], notes: list[Finding]) -> None:
    """Say which rows were hidden, and which do not fit their heading."""
    for code, lines in (("read.hidden", hidden), ("read.wide", wide), ("read.comma", comma)):
        if lines:
            told = "、".join(map(str, lines[:20])) + ("…" if len(lines) > 20 else "")
            notes.append(Finding(code, count=len(lines), lines=told))


def _say_heading(sheet: RawSheet, heading: Heading, notes: list[Finding], n: int) -> None:
    first, last = sheet.rows[heading.first][0], sheet.rows[heading.last][0]
    where = f"{first}" if first == last else f"{first}–{last}"
    notes.append(Finding("read.heading", line=where, count=n))
    for line, cells in sheet.rows[: heading.first][:10]:
        words = " ".join(filter(None, map(text_of, cells)))[:40]
        notes.append(Finding("read.title", str(line), words=words))
    names = [parts[0] for parts in heading.labels if parts[0]]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        notes.append(Finding("read.repeated", name=name))


def sheet_of(content: bytes, *, where: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Header and records as text with their line numbers, names in lower case; of a name that stands twice the first
    column counts. Raises Refused.

    >>> sheet_of("\\ufeffCase;At\\n\\nA;1\\n".encode(), where="x")
    (['case', 'at'], [(3, {'at': '1', 'case': 'A'})])
    """
    sheet = read(content, name=where)
    return header_of(sheet), named_rows(sheet)


def header_of(sheet: Sheet) -> list[str]:
    return [name.lower() for name in sheet.heading]


def named_rows(sheet: Sheet) -> list[tuple[int, dict[str, str]]]:
    """Every record of a sheet as heading (lower case) → text, with its line."""
    header = header_of(sheet)
    rows = []
    for row in sheet.rows:
        cells = [text(cell) for cell in row.cells]
        padded = [*cells, *[""] * (len(header) - len(cells))]
        named = reversed(list(zip(header, padded, strict=False)))
        rows.append((row.line, {name: cell for name, cell in named if name}))
    return rows
