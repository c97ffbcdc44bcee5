"""The list of cases: search, sort, file, one action on many; and the day's cases as one Gantt."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services import steps
from jiedian.cases.coordination.services import coordination
from jiedian.core.findings import Refused
from jiedian.core.workdays import local_day
from jiedian.ground.files.models import FileImport
from jiedian.ground.journal.services import Actor
from jiedian.people.models import User
from jiedian.people.queries import actor, areas, may, person, require
from jiedian.process.rows import steps as step_rows
from jiedian.shell.kit.names import name_of
from jiedian.shell.shell import business_now, page
from jiedian.shell.tables import chinese, kept_query, ordered, table_response, wanted_file

from ..calc.gantt import CaseBar
from ..drawings import portfolio_svg
from ..forms import BulkExpediteForm, BulkForm, BulkReassignForm
from ..queries.cases import CaseFilter, Line, by_due, case_for, lines, search
from ..queries.day import day_sheet
from ..queries.gantt import case_bars
from .lists import by_presses, day_lines, drawn, is_manager, lines_file, own_lines, ranges

SORTS: dict[str, Any] = {
    "number": "number",
    "title": chinese("title"),
    "class": "case_class",
    "capacity": "capacity_kva",
    "applied": "applied_at",
    "manager": chinese("account_manager_name"),
    "state": "state",
    "due": by_due(),
}
FILTERS = tuple(field.name for field in fields(CaseFilter))
FILE_ROWS, BULK_ROWS, GANTT_ROWS = 20_000, 200, 1000
SHEET_ROWS = 600
"""Cases of a printed sheet, those first that must move; the file has all of them."""


def found_by(query: QueryDict) -> Any:
    """The cases a query of the list asks for, in its order."""
    asked = CaseFilter(**{name: query.get(name, "") for name in FILTERS})
    return ordered(search(query.get("q", ""), asked), query.get("sort") or "due", SORTS)


def _lines(cases: Iterable[Case], at: datetime) -> list[Line]:
    """List rows in the order of the cases."""
    held = list(cases)
    by = {line.case.pk: line for line in lines(held, at=at)}
    return [by[case.pk] for case in held]


@page("case.view")
def cases(request: HttpRequest) -> HttpResponse:
    """Every case: search, filter, sort, keep a filter, take a file, act on many."""
    found, at = found_by(request.GET), business_now()
    if kind := wanted_file(request):
        return lines_file(_lines(found[:FILE_ROWS], at), kind)
    shown = Paginator(found, 30).get_page(request.GET.get("page"))
    managers = User.objects.filter(is_active=True, roles__contains=["account_manager"])
    context = {
        "page": shown,
        "rows": drawn(_lines(shown.object_list, at)),
        "filters": {name: request.GET.get(name, "") for name in (*FILTERS, "sort")},
        "q": request.GET.get("q", ""),
        "query": kept_query(request.GET),
        "sorts": SORTS,
        "states": Case.State.choices,
        "classes": Case.Class.choices,
        "areas": areas(),
        "managers": [(who.name_zh, name_of(who)) for who in managers.order_by("id")],
        "batches": list(
            FileImport.objects.filter(kind="history", state=FileImport.State.IMPORTED).values_list(
                "pk", "name"
            )
        ),
        "orders": _orders(),
        "steps": [(code, name_of(row)) for code, row in step_rows().items()],
        "bulk": [(name, bulk.label) for name, bulk in BULK.items() if may(request.user, bulk.permission).may],
    }
    return render(request, "screen/cases.html", context)


def _orders() -> list[tuple[str, str]]:
    """The orders that the list offers by name; its headings sort too."""
    return [
        ("-applied", _("新的在前")),
        ("applied", f"{_('申请')} ▲"),
        ("-capacity", f"{_('容量')} ▼"),
        ("title", f"{_('户名')} ▲"),
    ]


@dataclass(frozen=True)
class Bulk:
    """One thing that can be done to many cases: who may, what has to be said, what it calls for each."""

    label: Promise | str
    permission: str
    form: type[BulkForm]
    perform: Callable[[Case, dict[str, Any], Actor, datetime], object]


BULK: dict[str, Bulk] = {
    "expedite": Bulk(
        gettext_lazy("催办"),
        "coordination.send",
        BulkExpediteForm,
        lambda c, v, who, at: coordination.expedite_owners(c, actor=who, at=at, **v),
    ),
    "reassign": Bulk(
        gettext_lazy("改派客户经理"),
        "people.handover",
        BulkReassignForm,
        lambda c, v, who, at: steps.reassign(c, actor=who, at=at, **v),
    ),
}


@require_POST
@page("case.view")
def bulk(request: HttpRequest) -> HttpResponse:
    """Act on the chosen cases: first say what and to which, then do it and show each one's result."""
    act = request.POST.get("act", "")
    chosen = _chosen(request)
    if act in ("csv", "xlsx"):
        return lines_file(_lines(chosen, business_now()), act)
    if act not in BULK:
        raise Http404
    kind, confirmed = BULK[act], "confirm" in request.POST
    require(request.user, kind.permission)
    form = kind.form(request.POST if confirmed else None, me=person(request.user.pk))
    context: dict[str, Any] = {
        "cases": chosen,
        "form": form,
        "act": act,
        "label": kind.label,
        "most": BULK_ROWS,
    }
    if confirmed and form.is_valid():
        context["results"] = [_one(request, case, kind, form.cleaned_data) for case in chosen]
        context["n_done"] = sum(not words for _case, words in context["results"])
    return render(request, "screen/bulk.html", context, status=422 if form.errors else 200)


def _chosen(request: HttpRequest) -> list[Case]:
    """The cases ticked, or with ``all`` every one the list's query finds; as many as one action takes."""
    if request.POST.get("all"):
        found = found_by(QueryDict(request.POST.get("query", "")))
    else:
        found = Case.objects.filter(number__in=request.POST.getlist("number")[:BULK_ROWS])
    return list(found.select_related("customer")[:BULK_ROWS])


def _one(request: HttpRequest, case: Case, kind: Bulk, values: dict[str, Any]) -> tuple[Case, str]:
    """Do it to one case; why not, if it was refused. One refusal does not hold the others back."""
    try:
        with transaction.atomic():
            mine = case_for(request.user, case.number, to=kind.permission)
            kind.perform(mine, values, actor(person(request.user.pk)), business_now())
    except Refused as refusal:
        return case, " ".join(refusal.words(get_language() or "zh-hans"))
    return case, ""


@page("today.view")
def today_gantt(request: HttpRequest) -> HttpResponse:
    """The running cases of the day as one Gantt, a row a case, in blocks that print."""
    at, me = business_now(), person(request.user.pk)
    chosen = own_lines(me, at=at)
    rows = day_lines(chosen, request)
    bars = case_bars(rows[:GANTT_ROWS], at=at)
    if kind := wanted_file(request):
        return _gantt_file(bars, kind)
    words = {
        "today": _("今天"),
        "promised": _("承诺时限"),
        "needed": _("客户希望日期"),
        "title": _("在途工单甘特图"),
    }
    context = {
        "blocks": portfolio_svg(bars, today=local_day(at), words=words),
        "bars": bars,
        "n_found": len(rows),
        "n_shown": GANTT_ROWS,
        "ranges": ranges(chosen),
        "orders": [("", f"{_('到期')} ▲"), ("applied", f"{_('申请')} ▲"), ("title", f"{_('户名')} ▲")],
        "show": request.GET.get("show", ""),
        "q": request.GET.get("q", ""),
        "sort": request.GET.get("sort", ""),
        "is_manager": is_manager(me),
    }
    return render(request, "screen/today_gantt.html", context)


def _gantt_file(bars: list[CaseBar], kind: str) -> HttpResponse:
    """The drawing as a table, a row a step."""
    heads = [_("工单"), _("项目"), _("申请"), _("环节"), _("自"), _("至"), _("承诺"), _("客户希望日期")]
    cells = (
        (
            bar.number,
            bar.title,
            bar.begun_on,
            span.label,
            span.start,
            span.end,
            bar.promised_on,
            bar.needed_on,
        )
        for bar in bars
        for span in bar.spans
    )
    return table_response("gantt", heads, cells, kind=kind, title=_("甘特图"))


@page("today.view")
def today_sheet(request: HttpRequest) -> HttpResponse:
    """The daily sheet to print: a block a person, a line a thing to move, room to write."""
    at, me = business_now(), person(request.user.pk)
    rows = day_lines(own_lines(me, at=at), request)
    if kind := wanted_file(request):
        return lines_file(rows, kind)
    sheet = day_sheet(by_presses(rows)[:SHEET_ROWS], at=at)
    context = {"sheet": sheet, "total": len(rows), "n_shown": SHEET_ROWS, "is_manager": is_manager(me)}
    return render(request, "screen/today_sheet.html", context)
