"""Place of an application: the map to point at, and the answer of the grid there."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jiedian.core.findings import Refused
from jiedian.core.workdays import local_day
from jiedian.grid.capacity.queries.capacity import figures_of, ledger
from jiedian.grid.capacity.queries.reasons import reason_of
from jiedian.grid.network.models import Grid
from jiedian.grid.network.queries.basemap import ground_now
from jiedian.grid.network.queries.finding import areas_around, place_of
from jiedian.grid.publication.queries import issue_of, latest
from jiedian.shell.shell import business_now, page
from jiedian.supply.study.queries.maps import pin_map


def map_to_point_at() -> dict[str, Any]:
    """Map to point at: that of the last issue; before the first one the city's lines; nothing where there is no grid."""
    publication, ground = latest(), ground_now()
    if publication:
        issue = issue_of(publication)
        return {"drawing": issue.drawing, "ramp": issue.map.ramp, "ground": ground}
    grid = Grid.objects.filter(is_city=True).first()
    return {"drawing": pin_map(grid) if grid else "", "ground": ground}


@page("public")
def here(request: HttpRequest) -> HttpResponse:
    """Answer at a place of the map: the area there, what can be opened today, and why not more.

    No area within two kilometres, and no answer at all (no place, no grid, no version in force), are two sentences.
    """
    place, grid = place_of(request.GET), Grid.objects.filter(is_city=True).first()
    context: dict[str, Any] = {}
    if place and grid:
        on = local_day(business_now())
        with suppress(Refused):
            book = ledger(grid, on=on)
            around = areas_around(book.version.pk, place, book.devices.values())
            context = {"is_far": around is not None}
            for near in (around or ())[:1]:
                figure = figures_of([near.area], book)[0]
                context = {"figure": figure, "near": near, "reason": reason_of(figure, book), "on": on}
    return render(request, "portal/_here.html", context)
