"""Reservations and publications, for the staff."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.core.findings import Refused
from jiedian.grid.capacity.models import Reservation
from jiedian.grid.capacity.services.reservations import mark
from jiedian.grid.network.queries.basemap import device_name
from jiedian.grid.network.queries.network import parameter_rows
from jiedian.people.queries import actor, person
from jiedian.shell.shell import business_now, page
from jiedian.shell.tables import table_response

from ..queries.issues import issues


@page("grid.view")
def reservations(request: HttpRequest) -> HttpResponse:
    """Reservations: who holds what and who waits, in the order in which they asked."""
    text, state = request.GET.get("q", "").replace("\x00", ""), request.GET.get("state", "")
    rows = Reservation.objects.select_related("node__parent").order_by("-id")
    if text:
        rows = rows.filter(Q(subject__icontains=text) | Q(node__name__icontains=text))
    if state in Reservation.State.values:
        rows = rows.filter(state=state)
    if request.GET.get("format") in ("csv", "xlsx"):
        return _table(list(rows[:5000]), request.GET["format"])
    context = {
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "q": text,
        "state": state,
        "states": Reservation.State.choices,
    }
    return render(request, "publication/reservations.html", context)


@require_POST
@page("grid.import")
def mark_drawn(request: HttpRequest, reservation_id: int, name: str) -> HttpResponse:
    """Say that the network has a customer who runs (``drawn``), or that it does not (``undrawn``)."""
    row = Reservation.objects.filter(pk=reservation_id).first()
    if row is None or name not in ("drawn", "undrawn"):
        raise Http404
    who, is_drawn = actor(person(request.user.pk)), name == "drawn"
    try:
        mark(row, is_drawn=is_drawn, actor=who, at=business_now())
    except Refused as refusal:
        for words in refusal.words(get_language() or "zh-hans"):
            messages.error(request, words)
    return redirect("grid_reservations")


def _table(rows: list[Reservation], kind: str) -> HttpResponse:
    heads = [_("次序"), _("对象"), _("节点"), _("容量（kW）"), _("状态"), _("提出"), _("至（含）")]
    cells = [
        [
            row.pk,
            row.subject,
            device_name(row.node.name),
            row.kw,
            row.get_state_display(),
            f"{localtime(row.asked_at):%Y-%m-%d %H:%M}",
            row.until_on or (_("随供电方案") if row.state in ("held", "queued") else ""),
        ]
        for row in rows
    ]
    return table_response("reservations", heads, cells, kind=kind, title=_("预留与排队"))


@page("grid.view")
def publications(request: HttpRequest) -> HttpResponse:
    """Every issue, when it was due and when it came."""
    context = {"publications": issues(), "due": parameter_rows()["PUBLISH_DAY"]}
    return render(request, "publication/publications.html", context)
