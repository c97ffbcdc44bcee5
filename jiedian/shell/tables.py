"""Tables people work with: sorting, saved filters, and the table as a file that cannot run as a formula."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F, Func, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict

from jiedian.core.sheets import csv_bytes, xlsx_bytes

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PASSING = ("page", "format", "open")
"""What a saved filter and a link of sorting do not carry on."""


def table_response(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], *, kind: str, title: str
) -> HttpResponse:
    """A table as a download; ``kind`` is ``csv`` or ``xlsx``, ``title`` what it holds, the name of the sheet."""
    kind = "xlsx" if kind == "xlsx" else "csv"
    made = xlsx_bytes(heads, rows, title) if kind == "xlsx" else csv_bytes(heads, rows)
    answer = HttpResponse(made, content_type=MEDIA[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


def wanted_file(request: HttpRequest) -> str:
    """``csv`` or ``xlsx`` when the page is asked for as a file, else nothing."""
    kind = request.GET.get("format", "")
    return kind if kind in MEDIA else ""


def kept_query(query: QueryDict, **changes: str) -> str:
    """The query of a page without what passes (page, file), with changes; an empty change takes a name away."""
    made = query.copy()
    for name in PASSING:
        made.pop(name, None)
    for name, value in changes.items():
        made.pop(name, None)
        if value:
            made[name] = value
    return made.urlencode()


def chinese(field: str) -> Func:
    """An order of names that people expect: GB 18030 puts common letters by pinyin; the database has no ICU."""
    return Func(F(field), template="convert_to(%(expressions)s, 'GB18030')")


def ordered(rows: QuerySet[Any], sort: str, sorts: Mapping[str, Any]) -> QuerySet[Any]:
    """Rows by a column of the table: ``key`` up, ``-key`` down, empty cells last; an unknown key changes nothing."""
    by = sorts.get(sort.removeprefix("-"))
    if by is None:
        return rows
    term = F(by) if isinstance(by, str) else by
    placed = term.desc(nulls_last=True) if sort.startswith("-") else term.asc(nulls_last=True)
    return rows.order_by(placed, "-pk")
