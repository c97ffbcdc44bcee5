"""Reservations and publications, for the staff."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from jiedian.grid.capacity.models import Reservation
from jiedian.grid.network.queries.network import parameter_rows
from jiedian.shell.shell import page
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


def _table(rows: list[Reservation], kind: str) -> HttpResponse:
    heads = [_("次序"), _("对象"), _("节点"), "kW", _("状态"), _("提出"), _("至（含）")]
    cells = [
        [
            row.pk,
            row.subject,
            row.node.name,
            row.kw,
            row.get_state_display(),
            row.asked_at.isoformat(),
            row.until_on,
        ]
        for row in rows
    ]
    return table_response("reservations", heads, cells, kind=kind)


@page("grid.view")
def publications(request: HttpRequest) -> HttpResponse:
    """Every issue, when it was due and when it came."""
    context = {"publications": issues(), "due": parameter_rows()["PUBLISH_DAY"]}
    return render(request, "publication/publications.html", context)
