"""Office pages: today, my desk, my department."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.models.case import Case
from jiedian.cases.coordination.models import Errand, Urging
from jiedian.cases.screen.queries.cases import desk_of
from jiedian.cases.screen.queries.coming import coming_to
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
from jiedian.clocks.queries import doubtful_pauses
from jiedian.core.workdays import local_day
from jiedian.people.models import User
from jiedian.people.queries import person
from jiedian.process.models import Step
from jiedian.process.templatetags.process_tags import step_name
from jiedian.shell.shell import business_now, page, share_of
from jiedian.shell.tables import kept_query, table_response, wanted_file
from jiedian.voice.inbox.queries.concerns import waiting_for

LOOKS = {"due": "due", "late": "late", "soon": "soon", "waiting": "customer"}
"""How a number of the day looks when it is not nothing."""
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
        "orders": list(Urging.objects.filter(kind="supervised", verified_at=None).select_related("case")[:6]),
    }
    return render(request, "office/today.html", context)


@page("desk.view")
def desk(request: HttpRequest) -> HttpResponse:
    """Page of the reader's own desk."""
    me = person(request.user.pk)
    held = desk_of(me, at=business_now())
    if kind := wanted_file(request):
        heads = [_("环节"), _("轮次"), _("工单"), _("项目"), _("自")]
        cells = [
            (step_name(step.code), step.round, case.number, case.title, local_day(step.opened_at))
            for step, case in ((row.step, row.case) for row in held.steps)
        ]
        return table_response("desk", heads, cells, kind=kind)
    told = waiting_for(me.pk)
    return render(request, "office/desk.html", {"desk": held, "me": me, "concerns": told})


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
        "loads": list(held.values("owner_name").annotate(n=Count("id")).order_by("-n")),
        "coming": coming_to(code, at=business_now(), without=numbers)[:20],
    }
    return render(request, "office/department.html", context)
