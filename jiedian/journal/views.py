"""Read the journal, and check its chain."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jiedian.web.shell import page

from .models import Fact
from .queries import latest_root, verify


@page("journal.view")
def journal(request: HttpRequest) -> HttpResponse:
    """The newest facts first; by stream, kind or actor. ``?verify=1`` walks the whole chain."""
    asked = {name: request.GET.get(name, "").strip() for name in ("stream", "kind", "actor")}
    rows = Fact.objects.order_by("-id")
    if asked["stream"]:
        rows = rows.filter(stream__icontains=asked["stream"])
    if asked["kind"]:
        rows = rows.filter(kind__startswith=asked["kind"])
    if asked["actor"]:
        rows = rows.filter(actor_name__icontains=asked["actor"])
    is_checked = request.GET.get("verify") == "1"
    context = {
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "asked": asked,
        "is_checked": is_checked,
        "fault": verify() if is_checked else None,
        "root": latest_root(),
    }
    return render(request, "journal/journal.html", context)
