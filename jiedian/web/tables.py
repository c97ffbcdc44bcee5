"""Tables that leave the house: CSV with a mark for spreadsheets, or XLSX; no cell can run as a formula."""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from django.http import HttpResponse

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def harmless(value: Any) -> str:
    """A cell that a spreadsheet will not run as a formula.

    >>> harmless("=1+1"), harmless("电")
    ("'=1+1", '电')
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


def table_response(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], *, kind: str
) -> HttpResponse:
    """A table as a download; ``kind`` is ``csv`` or ``xlsx``."""
    cells = ([harmless(value) for value in row] for row in rows)
    answer = _xlsx(heads, cells) if kind == "xlsx" else _csv(heads, cells)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{"xlsx" if kind == "xlsx" else "csv"}"'
    return answer


def _csv(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponse:
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    writer = csv.writer(answer)
    writer.writerow(heads)
    writer.writerows(rows)
    return answer


def _xlsx(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponse:
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(heads))
    for row in rows:
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row])
    out = BytesIO()
    book.save(out)
    return HttpResponse(out.getvalue(), content_type=XLSX)
