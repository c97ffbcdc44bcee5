"""Tables as people keep them: CSV and XLSX in, CSV and XLSX out."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .findings import Refused, refuse
from .sheets import decode, rows_of

BYTE_ORDER_MARK = "\ufeff"
"""Tells a spreadsheet that a CSV is UTF-8."""
LARGEST_OPENED_BYTES = 300 * 1024 * 1024
MOST_CELLS = 20_000_000
"""A workbook larger than this when unpacked is none that a person made."""


def read_table(data: bytes, name: str) -> list[list[Any]]:
    """The rows of a CSV or of the first sheet of an XLSX. Text is UTF-8, UTF-16 or GBK.

    Cells are text, in an XLSX also numbers, dates and None. Raises Refused for what is not a table.
    """
    if name.lower().endswith(".xlsx") or data.startswith(b"PK\x03\x04"):
        return _xlsx_rows(data)
    return list(rows_of(decode(data)))


def _xlsx_rows(data: bytes) -> list[list[Any]]:
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as held:
            if sum(item.file_size for item in held.infolist()) > LARGEST_OPENED_BYTES:
                raise refuse("table.bomb")
        sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        sheet.reset_dimensions()
        return _counted(sheet.iter_rows(values_only=True))
    except Refused:
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise
        raise refuse("table.xlsx", error=error) from error


def _counted(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """The rows as wide as each is; a few bytes can name a cell in the last row and column there is."""
    kept, cells = [], 0
    for row in rows:
        cells += len(row)
        if cells > MOST_CELLS:
            raise refuse("table.bomb")
        kept.append(list(row))
    return kept


def harmless(cell: Any) -> Any:
    """A cell that a spreadsheet will not run as a formula; numbers and dates stay what they are.

    >>> harmless("=1+1"), harmless("柳泉路"), harmless(-3), harmless("\\t@x")
    ("'=1+1", '柳泉路', -3, "'\\t@x")
    """
    if isinstance(cell, int | float | Decimal | date) or cell is None:
        return cell
    text = str(cell)
    return f"'{text}" if text.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV with a byte order mark, so that a spreadsheet reads its Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([harmless(cell) for cell in header])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return (BYTE_ORDER_MARK + out.getvalue()).encode()


def xlsx_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet with a fixed heading. Instants lose their zone: a spreadsheet knows none."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for row in (header, *rows):
        sheet.append([_cell(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(cell: Any) -> Any:
    """What openpyxl may write: no zone, no letter that XML forbids."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None, microsecond=0)
    safe = harmless(cell)
    return "".join(c for c in safe if c >= " " or c in "\t\n") if isinstance(safe, str) else safe
