"""An issue for programs and spreadsheets: API, CSV, XLSX and GeoJSON of the same rows, and the description of all of them.

No customer, no pole, and at a node neither reservation nor queue. An issue never changes, so a reader who has it is told so
(304). Files are written as they are read, so that an issue of fifty thousand nodes needs no memory.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import condition

from jiedian.core.findings import Finding, refuse
from jiedian.core.sheets import csv_parts
from jiedian.shell.shell import page
from jiedian.shell.tables import MEDIA, table_response

from ..models import Publication
from ..queries.dataset import FILTERS, PARAMETERS, openapi
from ..queries.issues import Issue, IssueRow, issue_asked, issue_of, issues, next_due, selected
from ..queries.places import geometry_of, nearest_first
from ..queries.rows import FIELDS, KEYS, KINDS, plain_rows
from .asking import Selection, checked_each_time, data, data_tag, selection_of

CHUNK = 2000
MOST_XLSX = 5_000
"""A workbook of more rows takes a spreadsheet longer to open than anybody waits."""


def head_of(publication: Publication) -> dict[str, Any]:
    """Head of an issue, for all its rows: when it was due and came, how it was computed, in which unit, and that nothing adds up."""
    note = Finding("published.not_additive")
    return {
        "grid": publication.grid.code,
        "grid_name": publication.grid.name,
        "number": publication.number,
        "due_on": publication.due_on.isoformat(),
        "published_at": localtime(publication.published_at).isoformat(),
        "late_days": publication.late_days,
        "next_due_on": next_due(publication).isoformat(),
        "measured_to": publication.measured_on and f"{publication.measured_on:%Y-%m}",
        "formula": publication.formula,
        "version": publication.version.number,
        "edition": publication.edition,
        "parameters": publication.parameters,
        "unit": "kW",
        "crs": "WGS 84",
        "is_additive": False,
        "note_zh": note.zh,
        "note_en": note.en,
        "is_simulated": publication.grid.is_simulated,
        "grid_note_zh": publication.grid.note_zh,
        "grid_note_en": publication.grid.note_en,
    }


def rows_of(asked: Selection) -> Iterator[dict[str, Any]]:
    """The rows that are asked for, as they are read."""
    found = selected(asked.publication, asked.wish)
    return plain_rows(found.iterator(chunk_size=CHUNK), asked.publication)


@page("public")
@condition(etag_func=data_tag)
@data
def capacity_api(request: HttpRequest) -> HttpResponseBase:
    """The rows of an issue as JSON, in pages; ``near`` gives the nearest first. A refusal is problem+json."""
    asked = selection_of(request, tuple(PARAMETERS))
    if asked.near:
        rows, count, after = _near(asked, issue_of(asked.publication))
    else:
        rows, count, after = _part(asked)
    query = request.GET.copy()
    query["after"] = str(after)
    query["issue"] = str(asked.publication.number)
    content = {
        "publication": head_of(asked.publication),
        "count": count,
        "next": f"{request.path}?{query.urlencode()}" if after else None,
        "capacity": rows,
    }
    return checked_each_time(JsonResponse(content, json_dumps_params={"ensure_ascii": False}))


def _part(asked: Selection) -> tuple[list[dict[str, Any]], int, int]:
    """A page of rows, how many there are in all, and the last of the page when more follow."""
    wanted = selected(asked.publication, asked.wish)
    found = list(wanted.filter(pk__gt=asked.after)[: asked.limit + 1])
    shown = found[: asked.limit]
    after = shown[-1].pk if len(found) > asked.limit else 0
    return list(plain_rows(shown, asked.publication)), wanted.count(), after


def _near(asked: Selection, issue: Issue) -> tuple[list[dict[str, Any]], int, int]:
    assert asked.near is not None
    kept = {row.pk for row in selected(asked.publication, asked.wish).only("pk")}
    rows = tuple(row for pk, row in zip(issue.keys, issue.rows, strict=True) if pk in kept)
    found = nearest_first(rows, asked.near, KINDS)
    shown = [row | {"distance_m": round(metres, 1)} for row, metres in found[: asked.limit]]
    return shown, len(found), 0


@page("public")
@condition(etag_func=data_tag)
@data
def capacity_csv(request: HttpRequest) -> HttpResponseBase:
    """An issue as CSV; the heading is the keys, which carry the units."""
    asked = selection_of(request, FILTERS)
    rows = ([_cell(value) for value in row.values()] for row in rows_of(asked))
    answer = _file(asked, csv_parts(KEYS, rows), MEDIA["csv"])
    answer["Content-Disposition"] = f'attachment; filename="{_name(asked)}.csv"'
    return checked_each_time(answer)


def _file(asked: Selection, parts: Iterator[bytes], media: str) -> HttpResponseBase:
    """A file in one piece; with nodes, of which a city has tens of thousands, as it is written."""
    if asked.wish.kind in ("node", "all"):
        return StreamingHttpResponse(parts, content_type=media)
    return HttpResponse(b"".join(parts), content_type=media)


def _cell(value: Any) -> Any:
    """A value as CSV writes it: true and false as JSON does."""
    return str(value).lower() if isinstance(value, bool) else value


@page("public")
@condition(etag_func=data_tag)
@data
def capacity_xlsx(request: HttpRequest) -> HttpResponseBase:
    """An issue as a workbook, its headings in the reader's language. Refused above ``MOST_XLSX`` rows."""
    asked = selection_of(request, FILTERS)
    count = selected(asked.publication, asked.wish).count()
    if count > MOST_XLSX:
        raise refuse("published.too_long", count=count, most=MOST_XLSX)
    heads = [f"{field.label} {field.unit}".strip() for field in FIELDS]
    rows = [list(row.values()) for row in rows_of(asked)]
    return checked_each_time(table_response(_name(asked), heads, rows, kind="xlsx", title=_("可开放容量")))


def _name(asked: Selection) -> str:
    """A file's name: of which grid and issue it is."""
    code = "".join(
        c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in asked.publication.grid.code
    )
    return f"capacity-{code}-{asked.publication.number}"


@page("public")
@condition(etag_func=data_tag)
@data
def capacity_geojson(request: HttpRequest) -> HttpResponseBase:
    """An issue as GeoJSON (longitude, latitude): feeders as their lines, all else as points; without a place null."""
    asked = selection_of(request, FILTERS)
    return checked_each_time(_file(asked, _features(asked), "application/geo+json"))


def _features(asked: Selection) -> Iterator[bytes]:
    head = json.dumps(head_of(asked.publication), ensure_ascii=False)
    yield f'{{"type": "FeatureCollection", "publication": {head}, "features": ['.encode()
    held: list[str] = []
    begun = ""
    for row in rows_of(asked):
        feature = {
            "type": "Feature",
            "id": f"{row['kind']}:{row['code']}",
            "geometry": geometry_of(row, asked.publication.version_id),
            "properties": row,
        }
        held.append(json.dumps(feature, ensure_ascii=False))
        if len(held) == CHUNK:
            yield (begun + ",\n".join(held)).encode()
            held, begun = [], ",\n"
    yield ((begun if held else "") + ",\n".join(held) + "]}").encode()


@page("public")
@data
def capacity_issues(request: HttpRequest) -> HttpResponseBase:
    """Every issue, the newest first; ``?grid=`` of one grid."""
    if unknown := sorted(set(request.GET) - {"grid"}):
        raise refuse("published.parameter", asked=unknown[0][:40], known="grid")
    found = issues(1000, grid=request.GET.get("grid", ""))
    if request.GET.get("grid") and not found:
        issue_asked(request.GET["grid"], "")
    return JsonResponse({"issues": [_issue(row) for row in found]}, json_dumps_params={"ensure_ascii": False})


def _issue(row: IssueRow) -> dict[str, Any]:
    names = ("grid_name", "number", "late_days", "devices", "by_hand", "formula", "edition")
    found = {name: getattr(row, name) for name in names}
    found |= {
        "grid": row.grid_code,
        "due_on": row.due_on.isoformat(),
        "published_at": localtime(row.published_at).isoformat(),
    }
    return found | {"url": f"{reverse('capacity_api')}?{row.query}"}


@page("public")
def openapi_json(request: HttpRequest) -> HttpResponseBase:
    """OpenAPI 3.1 of what the addresses above take and answer."""
    return JsonResponse(openapi(), json_dumps_params={"ensure_ascii": False})
