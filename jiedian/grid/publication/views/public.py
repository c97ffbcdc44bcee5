"""Publication for customers: the last (``?issue=`` an earlier one) by area, feeder and main transformer. No customer, no node, no pole.

An issue never changes, so a reader who has it is told so (304) and nothing is drawn again.
"""

import json
import time
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import condition

from jiedian.grid.capacity.queries.maps import level_words
from jiedian.shell.shell import business_now, page
from jiedian.shell.tables import table_response

from ..models import Publication, Published
from ..queries import issue_numbered, issue_of, latest, level_of

SHOWN = 300
STARTED = time.time_ns()
"""What was drawn by code that was replaced since is not current."""


def _asked(request: HttpRequest) -> Publication | None:
    """The issue that is asked for by its number, else the last."""
    number = request.GET.get("issue", "")
    return issue_numbered(number) if number else latest()


def _data_tag(request: HttpRequest) -> str | None:
    """Names an issue and what was asked of it; the same for everybody."""
    publication = _asked(request)
    return _tag(publication, request.get_full_path()) if publication else None


def _page_tag(request: HttpRequest) -> str | None:
    """The same for the page of somebody who has not signed in, in his language; the demo's clock stands on every page."""
    publication = _asked(request)
    if publication is None or request.user.is_authenticated:
        return None
    clock = f"{business_now():%F%R}" if settings.DEMO else ""
    return _tag(publication, request.get_full_path(), get_language() or "", clock)


def _tag(publication: Publication, *asked: str) -> str:
    parts = (str(publication.pk), publication.published_at.isoformat(), str(STARTED), *asked)
    return f'"{sha256("|".join(parts).encode()).hexdigest()[:32]}"'


def _checked_each_time(response: HttpResponse) -> HttpResponse:
    """Let a browser keep the answer, and ask each time whether it is still the last issue."""
    response["Cache-Control"] = "no-cache"
    return response


@page("public")
@condition(etag_func=_page_tag)
def capacity(request: HttpRequest) -> HttpResponse:
    """The map for everybody."""
    publication = _asked(request)
    context: dict[str, Any] = {"publication": publication, "q": request.GET.get("q", "")[:60]}
    if publication:
        issue = issue_of(publication)
        text = context["q"].strip().lower()
        found = [row for row in issue.rows if text in row.device.name.lower()]
        context |= {
            "publication": issue.publication,
            "is_chosen": "issue" in request.GET,
            "query": f"issue={issue.publication.number}" if "issue" in request.GET else "",
            "earlier": f"issue={issue.publication.number - 1}" if issue.publication.number > 1 else "",
            "rows": [(row, level_of(row)) for row in found[:SHOWN]],
            "drawing": issue.drawing,
            "legend": [(level, word, None) for level, word in level_words().items()],
        }
    return _checked_each_time(render(request, "publication/capacity.html", context))


def _plain(row: Published) -> dict[str, Any]:
    return {
        "device": row.device.name,
        "kind": row.device.kind,
        "kv": row.device.kv,
        "open_kw": None if row.open_kw is None else round(row.open_kw, 1),
        "level": level_of(row),
        "by_hand": row.open_kw is None,
    }


def _head(publication: Publication) -> dict[str, Any]:
    return {
        "number": publication.number,
        "due_on": publication.due_on.isoformat(),
        "published_at": publication.published_at.isoformat(),
        "late_days": publication.late_days,
        "formula": publication.formula,
        "grid": publication.grid.name,
        "note_zh": publication.grid.note_zh,
        "note_en": publication.grid.note_en,
    }


@page("public")
@condition(etag_func=_data_tag)
def capacity_api(request: HttpRequest) -> HttpResponse:
    """The last issue as JSON; ``?kind=area|feeder|main`` keeps one kind. 404 with problem+json before the first issue."""
    publication = _asked(request)
    if publication is None:
        return JsonResponse(
            {"type": "about:blank", "title": "There is no such issue", "status": 404},
            status=404,
            content_type="application/problem+json",
        )
    kind, issue = request.GET.get("kind", ""), issue_of(publication)
    rows = [row for row in issue.rows if not kind or row.device.kind == kind]
    content = {"publication": _head(issue.publication), "capacity": [_plain(row) for row in rows]}
    return _checked_each_time(JsonResponse(content, json_dumps_params={"ensure_ascii": False}))


@page("public")
@condition(etag_func=_data_tag)
def capacity_geojson(request: HttpRequest) -> HttpResponse:
    """The last issue as GeoJSON points (longitude, latitude)."""
    publication = _asked(request)
    issue = issue_of(publication) if publication else None
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row.device.lon, row.device.lat]},
            "properties": _plain(row),
        }
        for row in (issue.rows if issue else ())
        if row.device.lon is not None and row.device.lat is not None
    ]
    content: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if issue:
        content["publication"] = _head(issue.publication)
    text = json.dumps(content, ensure_ascii=False)
    return _checked_each_time(HttpResponse(text, content_type="application/geo+json"))


@page("public")
@condition(etag_func=_data_tag)
def capacity_csv(request: HttpRequest) -> HttpResponse:
    """The last issue as CSV."""
    publication = _asked(request)
    heads = ["device", "kind", "kv", "open_kw", "level", "by_hand"]
    rows = [list(_plain(row).values()) for row in (issue_of(publication).rows if publication else ())]
    return _checked_each_time(table_response("capacity", heads, rows, kind="csv"))
