"""Pages of the day: today, my desk, my department."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.models.case import Case
from jiedian.cases.coordination.models import Errand, Urging
from jiedian.cases.coordination.queries import late_first
from jiedian.cases.screen.queries.cases import DeskRow, case_for, desk_of, ownership
from jiedian.cases.screen.queries.coming import coming_to
from jiedian.cases.screen.queries.day import loads
from jiedian.cases.screen.queries.peek import peek_of
from jiedian.cases.screen.queries.screen import screen_of
from jiedian.cases.screen.queries.standing import day_rows
from jiedian.cases.screen.views.lists import (
    LINE_SORTS,
    by_presses,
    day_lines,
    drawn,
    is_manager,
    lines_file,
    own_lines,
    ranges,
)
from jiedian.cases.screen.views.verbs import offers, verbs
from jiedian.clocks.queries import cutoff_hour, doubtful_pauses
from jiedian.core.workdays import local_day
from jiedian.people.models import User
from jiedian.people.queries import may, person
from jiedian.process.models import Step
from jiedian.process.templatetags.process_tags import step_name
from jiedian.shell.kit.roads import page_about
from jiedian.shell.shell import business_now, page, share_of
from jiedian.shell.tables import kept_query, table_response, wanted_file
from jiedian.supply.scheme.queries.panel import countersign_codes, waiting_words
from jiedian.voice.inbox.queries.concerns import waiting_for

LOOKS = {"due": "due", "late": "late", "soon": "soon", "waiting": "customer"}
"""How a number of the day looks when it is not nothing."""
PEEK_VERBS = ("expedite", "question", "message")
"""What can be done to a case from beside the list: what sets people talking."""
SHOWN = 60
"""Rows of the day that are drawn at once; search, filter and file reach all of them."""


@page("today.view")
def today(request: HttpRequest) -> HttpResponse:
    """Page of today: what moves, what is late, what will be late, and who must act."""
    at, me = business_now(), person(request.user.pk)
    chosen = own_lines(me, at=at)
    rows = day_lines(chosen, request)
    if kind := wanted_file(request):
        return lines_file(rows, kind)
    since = at - timedelta(days=30)
    kept = share_of("promises_kept", since=since, until=at)
    context = {
        "rows": drawn(by_presses(rows)[:SHOWN] if not request.GET.get("sort") else rows[:SHOWN]),
        "grouped": not request.GET.get("sort"),
        "n_found": len(rows),
        "n_shown": SHOWN,
        "counts": {name: len(held) for name, held in chosen.items()} | {"total": len(chosen["all"])},
        "ranges": ranges(chosen),
        "looks": {name: LOOKS[name] for name in LOOKS if chosen[name]},
        "is_manager": is_manager(me),
        "show": request.GET.get("show", ""),
        "q": request.GET.get("q", ""),
        "sorts": LINE_SORTS,
        "kept_query": kept_query(request.GET),
        "kept": kept,
        "kept_percent": "" if kept.percent is None else f"{kept.percent:.1f}",
        "doubtful": doubtful_pauses(at=at)[:5],
        "breaches": Breach.objects.filter(found_at__gte=since, cleared_at=None).count(),
        "since": since,
        "refresh_seconds": settings.REFRESH_SECONDS,
        "peeks": True,
        "orders": list(_orders(local_day(at))[:6]),
    }
    if number := request.GET.get("open", ""):
        context |= _peek(request, number, at=at)
    return render(request, "office/today.html", context)


def _orders(on: date) -> QuerySet[Urging]:
    """Supervised orders that are not closed, those past their day first."""
    return late_first(on).filter(kind="supervised", verified_at=None).select_related("case")


def _peek(request: HttpRequest, number: str, *, at: datetime) -> dict[str, Any]:
    """The case opened beside the list, with the forms by which one asks and presses without leaving it."""
    found = case_for(request.user, number)
    owners = ownership(found, on=local_day(at))
    page_about(request, number, owners)
    me = person(request.user.pk)
    screen = screen_of(found, at=at, is_zh=(get_language() or "zh").startswith("zh"))
    asked = [
        (name, verb.label, verb.form(None, screen=screen, me=me, on=local_day(at), auto_id=f"peek-{name}-%s"))
        for name, verb in verbs().items()
        if name in PEEK_VERBS and offers(found, name) and may(request.user, verb.permission, owners).may
    ]
    return {"peek": peek_of(found, at=at), "peek_forms": asked}


@page("desk.view")
def desk(request: HttpRequest) -> HttpResponse:
    """Page of the reader's own desk."""
    me = person(request.user.pk)
    held = desk_of(me, at=business_now())
    if kind := wanted_file(request):
        heads = [_("环节"), _("轮次"), _("工单"), _("项目"), _("自"), _("到期"), _("剩余工作日")]
        cells = [_desk_cells(row) for row in held.steps]
        return table_response("desk", heads, cells, kind=kind, title=_("我的工作台"))
    today = local_day(business_now())
    told, more = waiting_for(me, on=today)
    context = {"desk": held, "me": me, "concerns": told, "more": more, "cutoff": cutoff_hour(today)}
    codes = countersign_codes()
    context |= {
        "countersigns": codes,
        "drafts": waiting_words(row.case.number for row in held.steps if row.step.code in codes),
    }
    return render(request, "office/desk.html", context)


def _desk_cells(row: DeskRow) -> tuple[object, ...]:
    """A step of the desk as a line of its file."""
    due = (row.clock.due_on, row.clock.left_wd) if row.clock else (None, None)
    step, case = row.step, row.case
    return (
        step_name(step.code, case.process_key),
        step.round,
        case.number,
        case.title,
        local_day(step.opened_at),
        *due,
    )


@page("department.view")
def department(request: HttpRequest) -> HttpResponse:
    """Notices, countersigns, tasks of my department, and the steps its people hold."""
    me = person(request.user.pk)
    people = User.objects.filter(department=me.department, is_active=True)
    ids = list(people.values_list("id", flat=True))
    held = Step.objects.filter(owner_id__in=ids, state=Step.State.OPEN).select_related("run")
    numbers = set(held.values_list("run__subject", flat=True))
    code = me.department.code if me.department else ""
    rows = day_rows(Case.objects.filter(number__in=numbers), at=business_now())
    if kind := wanted_file(request):
        return lines_file(rows, kind)
    sent = Errand.objects.filter(receiver_department=code).select_related("case")
    context = {
        "me": me,
        "rows": drawn(rows[:SHOWN]),
        "n_found": len(rows),
        "n_shown": SHOWN,
        "errands": list(sent.exclude(state=Errand.State.ANSWERED)),
        "answered": list(sent.filter(state=Errand.State.ANSWERED)[:40]),
        "loads": loads(ids, rows),
        "coming": coming_to(code, at=business_now(), without=numbers)[:20],
    }
    return render(request, "office/department.html", context)
