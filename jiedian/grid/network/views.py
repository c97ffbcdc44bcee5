"""Find a place by its name: a list for the page that asks, or a page of its own."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from jiedian.shell.shell import page

from .models import Grid
from .queries.finding import find_place

LEADS = {"capacity": "#device-card", "grid": "#map-card", "apply": ""}
"""Pages that show a place, and where on them the answer stands: on a phone it lies below the map."""


@page("public")
def places(request: HttpRequest) -> HttpResponse:
    """Places of a name (``where``), each leading to the page named by ``to`` at that place."""
    to = request.GET.get("to", "")
    asked = request.GET.get("grid", "")
    grid = Grid.objects.filter(code=asked).first() if asked else Grid.objects.filter(is_city=True).first()
    text = request.GET.get("where", "")[:80]
    context = {
        "found": find_place(text, grid),
        "lead": reverse(to if to in LEADS else "capacity"),
        "to": to if to in LEADS else "capacity",
        "grid_code": asked,
        "is_own": to not in LEADS or to == "capacity",
        "answer": LEADS.get(to, LEADS["capacity"]),
        "keeps": f"&grid={quote(asked)}" if asked and to != "apply" else "",
    }
    is_part = request.headers.get("HX-Request")
    context["picks"] = is_part and to == "apply"
    return render(request, "network/_found.html" if is_part else "network/places.html", context)
