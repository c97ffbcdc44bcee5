"""Workbooks opened with care: XLSX, the old XLS, and the web page that calls itself XLS."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from typing import Any

from jiedian.core.findings import Refused, refuse

from .encodings import decode
from .moments import EPOCH_1900, EPOCH_1904

LARGEST_OPENED_BYTES = 300 * 1024 * 1024
MOST_CELLS = 20_000_000
"""A workbook larger than this when unpacked is none that a person made."""
LONGEST_CELL = 40_000
"""A spreadsheet keeps 32,767 letters in a cell."""
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Numbered = tuple[int, list[Any]]


@dataclass
class RawSheet:
    """A sheet as it lies in the file: rows with their numbers, merged areas, and what is hidden.

    A merged area is (first row, last row, first column, last column), rows from 1, columns from 0.
    """

    name: str
    rows: list[Numbered]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()
    is_hidden: bool = False


@dataclass(frozen=True)
class Book:
    """A workbook: its kind, its sheets, and the first day of its day numbers."""

    kind: str
    sheets: tuple[RawSheet, ...]
    epoch: date = EPOCH_1900


def kind_of(data: bytes, name: str = "") -> str:
    """``xlsx``, ``xls``, ``html`` or ``text``, by what the file begins with; its name decides only for a broken one."""
    if data.startswith(ZIP):
        return "xlsx"
    if data.startswith(OLE):
        return "xls"
    head = data[:2048].lstrip(b"\xef\xbb\xbf\r\n\t ").lower()
    if re.match(rb"<(!doctype html|html|table|meta|head|body)", head) or b"<table" in head:
        return "html"
    return "xlsx" if name.lower().endswith(".xlsx") else "text"


def open_book(data: bytes, *, name: str = "") -> Book:
    """The sheets of a workbook. Raises Refused for what is none, is locked, or swells beyond measure."""
    kind = kind_of(data, name)
    try:
        return {"xlsx": _xlsx, "xls": _xls, "html": _html}[kind](data)
    except Refused:
        raise
    except Exception as error:  # the readers raise whatever their parts raise
        raise refuse("table.xlsx", name, error=error) from error


def _xlsx(data: bytes) -> Book:
    import openpyxl

    with zipfile.ZipFile(io.BytesIO(data)) as package:
        if sum(item.file_size for item in package.infolist()) > LARGEST_OPENED_BYTES:
            raise swollen()
        if "xl/workbook.bin" in package.namelist():
            raise refuse("table.kind")
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    sheets, left = [], MOST_CELLS
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a sheet says of its size may be anything
        rows, left = _counted(sheet.iter_rows(values_only=True), left)
        merged, hidden = _layout(sheet)
        sheets.append(RawSheet(sheet.title, rows, merged, hidden, sheet.sheet_state != "visible"))
    return Book("xlsx", tuple(sheets), EPOCH_1904 if book.epoch.year == 1904 else EPOCH_1900)


def _counted(rows: Iterable[Sequence[Any]], left: int) -> tuple[list[Numbered], int]:
    """The rows that hold something, each as wide as it is; a few bytes can name a cell in the last row and column."""
    kept: list[Numbered] = []
    for line, row in enumerate(rows, start=1):
        left -= len(row)
        if left < 0:
            raise swollen()
        if any(cell is not None and cell != "" for cell in row):
            kept.append((line, [_cell(cell) for cell in row]))
    return kept, left


def _cell(cell: Any) -> Any:
    return cell[:LONGEST_CELL] if isinstance(cell, str) and len(cell) > LONGEST_CELL else cell


def swollen() -> Refused:
    return refuse("table.bomb")


_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*ref="([A-Z]{1,3}\d{1,7}):([A-Z]{1,3}\d{1,7})"')


def _layout(sheet: Any) -> tuple[list[tuple[int, int, int, int]], frozenset[int]]:
    """Merged areas and hidden rows, which the streaming reader passes over; read from the sheet's own text."""
    with sheet._get_source() as source:
        text = source.read(LARGEST_OPENED_BYTES)
    merged = []
    for told in list(_MERGE.finditer(text))[:100_000]:
        (top, left), (bottom, right) = _corner(told[1].decode()), _corner(told[2].decode())
        merged.append((top, bottom, left, right))
    hidden = []
    if b'hidden="' in text:
        for told in _ROW.finditer(text):
            number = re.search(rb'\br="(\d{1,7})"', told[0])
            if number and re.search(rb'\bhidden="(1|true)"', told[0]):
                hidden.append(int(number[1]))
    return merged, frozenset(hidden)


def _corner(reference: str) -> tuple[int, int]:
    letters, digits = re.match(r"([A-Z]+)(\d+)", reference).groups()  # type: ignore[union-attr]
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(digits), column - 1


def _xls(data: bytes) -> Book:
    import xlrd

    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
        )
    except (
        NotImplementedError
    ):  # xlrd reads no formatting from some old books: their merged cells stay unknown
        book = xlrd.open_workbook(file_contents=data, ragged_rows=True, logfile=io.StringIO())
    sheets, left = [], MOST_CELLS
    for sheet in book.sheets():
        rows, left = _counted(_xls_rows(sheet, book.datemode), left)
        merged = [(top + 1, bottom, first, last - 1) for top, bottom, first, last in sheet.merged_cells]
        hidden = frozenset(at + 1 for at, row in sheet.rowinfo_map.items() if row.hidden)
        sheets.append(RawSheet(sheet.name, rows, merged, hidden, sheet.visibility != 0))
    return Book("xls", tuple(sheets), EPOCH_1904 if book.datemode else EPOCH_1900)


def _xls_rows(sheet: Any, datemode: int) -> Iterator[list[Any]]:
    import xlrd

    kinds = {xlrd.XL_CELL_EMPTY: None, xlrd.XL_CELL_BLANK: None}
    for row in sheet.get_rows():
        cells: list[Any] = []
        for cell in row:
            value = cell.value
            if cell.ctype in kinds:
                value = None
            elif cell.ctype == xlrd.XL_CELL_DATE:
                try:
                    value = xlrd.xldate.xldate_as_datetime(value, datemode)
                except (ValueError, OverflowError):
                    value = cell.value
            elif cell.ctype == xlrd.XL_CELL_ERROR:
                value = xlrd.error_text_from_code.get(value, "#ERROR")
            elif cell.ctype == xlrd.XL_CELL_NUMBER and value == int(value):
                value = int(value)
            elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                value = bool(value)
            cells.append(value)
        yield cells


class _Tables(HTMLParser):
    """The tables of a web page, cell by cell; cells that span are merged areas."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[RawSheet] = []
        self._row: list[Any] | None = None
        self._text: list[str] | None = None
        self._span = (1, 1)
        self._cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._end_row()
            self.tables.append(RawSheet(str(len(self.tables) + 1), []))
        elif tag == "tr":
            self._end_row()
            self._row = []
        elif tag in ("td", "th"):
            self._end_cell()
            self._row = [] if self._row is None else self._row
            told = {key: value or "" for key, value in attrs}
            self._span = (_span(told.get("rowspan", "")), _span(told.get("colspan", "")))
            self._text = []
        elif tag == "br" and self._text is not None:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _end_cell(self) -> None:
        if self._text is None or self._row is None:
            return
        sheet = self._sheet()
        line = len(sheet.rows) + 1
        while any(
            top < line <= bottom and a <= len(self._row) <= b for top, bottom, a, b in sheet.merged[-200:]
        ):
            self._row.append(None)
        column, (down, across) = len(self._row), self._span
        self._cells += across
        if self._cells > MOST_CELLS:
            raise swollen()
        self._row += ["".join(self._text).strip()[:LONGEST_CELL], *[None] * (across - 1)]
        if down > 1 or across > 1:
            sheet.merged.append((line, line + down - 1, column, column + across - 1))
        self._text = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is not None:
            sheet = self._sheet()
            sheet.rows.append((len(sheet.rows) + 1, self._row))
            self._row = None

    def _sheet(self) -> RawSheet:
        if not self.tables:
            self.tables.append(RawSheet("1", []))
        return self.tables[-1]


def _span(text: str) -> int:
    return min(int(text), 1000) if text.isdecimal() and int(text[:6]) > 0 else 1


def _html(data: bytes) -> Book:
    told = re.search(rb"charset\s*=\s*[\"']?([\w-]+)", data[:4096])
    name = told[1].decode("ascii").lower() if told else ""
    encoding = {"gb2312": "gb18030", "gbk": "gb18030"}.get(name, name)
    try:
        text = data.decode(encoding) if encoding else decode(data)
    except (UnicodeDecodeError, LookupError):
        text = decode(data)
    tables = _Tables()
    tables.feed(text)
    tables.close()
    tables._end_row()
    for sheet in tables.tables:
        sheet.rows = [(n, row) for n, row in sheet.rows if any(cell not in (None, "") for cell in row)]
    return Book("html", tuple(sheet for sheet in tables.tables if sheet.rows))
