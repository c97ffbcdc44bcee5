"""The public page: the last issue of a grid (``?issue=`` an earlier one, ``?grid=`` another grid's), and what its data are."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import condition

from jiedian.core.findings import Refused
from jiedian.grid.capacity.queries.maps import level_words
from jiedian.grid.network.models import Grid
from jiedian.grid.network.queries.basemap import grid_title, ground_now
from jiedian.grid.network.queries.network import parameter_rows
from jiedian.shell.shell import business_now, page, refused

from ..models import Publication
from ..queries.dataset import kind_words
from ..queries.issues import Wish, is_last, issue_of, issues, published_grids, selected
from ..queries.page import (
    NEAR,
    SHOWN,
    Question,
    card_for,
    counts,
    is_tied,
    lateness,
    lines_for,
    look_at,
    nothing_there,
)
from ..queries.rows import FIELDS, plain_rows
from .asking import STATUS, Selection, checked_each_time, place_in, selection_of, tag_of

NAMES = ("grid", "issue", "kind", "feeder", "level", "q", "device", "at", "lon", "lat")
"""What the page reads of its address; a campaign's own parameters are let pass."""


ASKED = "asked_of_capacity"


def _asked(request: HttpRequest) -> Selection:
    """What is asked, read once: for the tag and for the page."""
    if ASKED not in request.__dict__:
        request.__dict__[ASKED] = selection_of(request, set(request.GET) | set(NAMES))
    found: Selection = request.__dict__[ASKED]
    return found


def _page_tag(request: HttpRequest) -> str | None:
    """The tag of the page for somebody who has not signed in; it tells the day, and in the demo the clock stands on it."""
    if request.user.is_authenticated:
        return None
    try:
        publication = _asked(request).publication
    except Refused:
        return None
    now = business_now()
    day = f"{now:%F%R}" if settings.DEMO else f"{localdate(now)}"
    return tag_of(publication, request, day, str(ground_now().pk), request.headers.get("HX-Request", ""))


@page("public")
@condition(etag_func=_page_tag)
def capacity(request: HttpRequest) -> HttpResponseBase:
    """Public page of what can still be connected: search, map, list, and one device with its sum."""
    try:
        asked = _asked(request)
        question = _question(request, asked)
        context = _context(asked.publication, question, is_chosen="issue" in request.GET)
    except Refused as refusal:
        if refusal.findings[0].code == "published.none":
            return checked_each_time(render(request, "publication/capacity.html", {"publication": None}))
        status = STATUS.get(refusal.findings[0].code, 400)
        return refused(request, list(refusal.findings), status=status)
    part = "publication/_card.html" if request.headers.get("HX-Request") and context["card"] else ""
    answer = render(request, part or "publication/capacity.html", context)
    patch_vary_headers(answer, ["HX-Request"])
    return checked_each_time(answer)


def _question(request: HttpRequest, asked: Selection) -> Question:
    """The place is ``at=lon,lat``, or both by their names."""
    lon, lat = request.GET.get("lon", "").strip(), request.GET.get("lat", "").strip()
    at = request.GET.get("at", "").strip() or (f"{lon},{lat}" if lon or lat else "")
    kept = {
        name: value for name in NAMES if name != "device" and (value := request.GET.get(name, "").strip())
    }
    return Question(
        asked.wish,
        place_in(at) if at else None,
        request.GET.get("device", "").replace("\x00", "")[:140],
        kept,
    )


def _context(publication: Publication, question: Question, *, is_chosen: bool) -> dict[str, Any]:
    issue = issue_of(publication)
    lines, total = lines_for(issue, question)
    card, drawn = card_for(issue, question, lines), issue.map
    grids = published_grids()
    return {
        "publication": issue.publication,
        "question": question,
        "wish": question.wish,
        "kept": _kept(question),
        "is_chosen": is_chosen,
        "earlier": publication.number > 1,
        "lines": lines,
        "total": total,
        "is_short": total > len(lines) and not question.place,
        "is_asked": question.place is not None
        or question.wish != Wish()
        or question.device.startswith(("station:", "feeder:")),
        "is_tied": is_tied(question, lines),
        "empty": nothing_there(question),
        "card": card,
        "look": look_at(question, card),
        "drawing": drawn.svg,
        "ramp": drawn.ramp,
        "ground": ground_now(),
        "next": lateness(
            publication, today=localdate(business_now()), is_last=not is_chosen or is_last(publication)
        ),
        "counts": counts(issue),
        "grids": _choices(grids, publication.grid),
        "kinds": list(kind_words().items()),
        "levels": list(level_words().items()),
        "limits": {"near": NEAR, "shown": SHOWN},
        "basis": parameter_rows()["LOADING_AREA"],
    }


def _choices(grids: list[Grid], shown: Grid) -> list[tuple[str, str]]:
    """Grids to choose among; one that was taken back stands there only while it is shown, and says so."""
    found = [(grid.code, grid_title(grid.name)) for grid in grids]
    if shown not in grids:
        found.append((shown.code, _("%(grid)s（已撤销）") % {"grid": grid_title(shown.name)}))
    return found if len(found) > 1 else []


def _kept(question: Question) -> dict[str, str]:
    """Queries for the links of the page: this issue of this grid, and the same narrowed as the list is."""
    own = {name: value for name, value in question.kept.items() if name in ("grid", "issue")}
    narrowed = {name: value for name, value in question.kept.items() if name not in ("at", "lon", "lat")}
    return {
        "issue": urlencode(own),
        "list": urlencode(narrowed),
        "grid": urlencode({k: v for k, v in own.items() if k == "grid"}),
    }


@page("public")
def dataset(request: HttpRequest) -> HttpResponseBase:
    """Data-set page: fields with their units, every issue, how to ask, on what terms, a sample."""
    grid = request.GET.get("grid", "").strip()
    try:
        publication = selection_of(request, ("grid", "issue")).publication
    except Refused as refusal:
        if refusal.findings[0].code != "published.none":
            return refused(request, list(refusal.findings), status=STATUS.get(refusal.findings[0].code, 400))
        publication = None
    sample = plain_rows(selected(publication, Wish("area"))[:1], publication) if publication else ()
    context = {
        "publication": publication,
        "fields": FIELDS,
        "sample": next(iter(sample), None),
        "issues": issues(120, grid=grid),
    }
    return render(request, "publication/dataset.html", context)
