"""What customers may see: the last publication by area, feeder and main transformer. No customer, no node, no pole."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from jiedian.web.atlas import Dot, Stroke, network_svg
from jiedian.web.shell import page
from jiedian.web.tables import table_response

from ..models import Publication, Published
from ..queries.maps import level, lines_of
from .maps import level_words

SHOWN = 300


def latest() -> Publication | None:
    """The last issue of the city's grid."""
    return (
        Publication.objects.filter(grid__is_city=True)
        .select_related("grid", "version")
        .order_by("-due_on")
        .first()
    )


def level_of(row: Published) -> str:
    """The level of a published figure."""
    return level(row.open_kw, row.device.kv)


def _rows(publication: Publication) -> list[Published]:
    return list(publication.rows.select_related("device").order_by("device__name"))


@page("public")
def capacity(request: HttpRequest) -> HttpResponse:
    """The map for everybody."""
    publication = latest()
    context: dict[str, Any] = {"publication": publication, "q": request.GET.get("q", "")[:60]}
    if publication:
        rows = _rows(publication)
        strokes = [Stroke(line.points, line.is_open) for line in lines_of(publication.version_id)]
        dots = [dot for row in rows if row.device.kind == "area" and (dot := _dot(row))]
        text = context["q"].strip().lower()
        found = [row for row in rows if text in row.device.name.lower()]
        context |= {
            "rows": [(row, level_of(row)) for row in found[:SHOWN]],
            "drawing": network_svg(strokes, dots, label=_("可开放容量图")),
            "legend": [(level, word, None) for level, word in level_words().items()],
        }
    return render(request, "grid/capacity.html", context)


def _dot(row: Published) -> Dot | None:
    device = row.device
    if device.lon is None or device.lat is None:
        return None
    amount = "—" if row.open_kw is None else f"{row.open_kw:,.0f} kW"
    own = level_of(row)
    return Dot(device.lon, device.lat, own, f"{device.name} · {amount} · {level_words()[own]}")


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
def capacity_api(request: HttpRequest) -> HttpResponse:
    """The last issue as JSON; ``?kind=area|feeder|main`` keeps one kind. 404 with problem+json before the first issue."""
    publication = latest()
    if publication is None:
        return JsonResponse(
            {"type": "about:blank", "title": "Nothing published yet", "status": 404},
            status=404,
            content_type="application/problem+json",
        )
    kind = request.GET.get("kind", "")
    rows = [row for row in _rows(publication) if not kind or row.device.kind == kind]
    content = {"publication": _head(publication), "capacity": [_plain(row) for row in rows]}
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False})


@page("public")
def capacity_geojson(request: HttpRequest) -> HttpResponse:
    """The last issue as GeoJSON points (longitude, latitude)."""
    publication = latest()
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row.device.lon, row.device.lat]},
            "properties": _plain(row),
        }
        for row in (_rows(publication) if publication else [])
        if row.device.lon is not None and row.device.lat is not None
    ]
    content: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if publication:
        content["publication"] = _head(publication)
    return HttpResponse(json.dumps(content, ensure_ascii=False), content_type="application/geo+json")


@page("public")
def capacity_csv(request: HttpRequest) -> HttpResponse:
    """The last issue as CSV."""
    publication = latest()
    heads = ["device", "kind", "kv", "open_kw", "level", "by_hand"]
    rows = [list(_plain(row).values()) for row in (_rows(publication) if publication else [])]
    return table_response("capacity", heads, rows, kind="csv")
