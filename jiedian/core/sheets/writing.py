"""Tables out: CSV and XLSX that a spreadsheet opens and runs nothing of."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

BYTE_ORDER_MARK = "\ufeff"
"""Tells a spreadsheet that a CSV is UTF-8."""


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
    return b"".join(csv_parts(header, rows))


def csv_parts(header: Sequence[str], rows: Iterable[Sequence[Any]], *, at_once: int = 500) -> Iterator[bytes]:
    """The same in parts of so many rows, for tables that are not held in memory."""
    out = io.StringIO()
    writer = csv.writer(out)
    out.write(BYTE_ORDER_MARK)
    writer.writerow([harmless(cell) for cell in header])
    for at, row in enumerate(rows, start=1):
        writer.writerow([harmless(cell) for cell in row])
        if at % at_once == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def xlsx_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "") -> bytes:
    """One sheet with a fixed heading, called by what it holds. Instants lose their zone: a spreadsheet knows none."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", title)[:31] or None)
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
