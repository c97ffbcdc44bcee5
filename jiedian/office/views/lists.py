"""Today, my desk, my department, and the list of cases."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.cases.models import Breach, Case, Errand, Urging
from jiedian.cases.queries.cases import Line, desk_of, lines
from jiedian.cases.queries.coming import coming_to
from jiedian.cases.services.intake import apply
from jiedian.clocks.models import Clock
from jiedian.clocks.queries import aside, cutoffs, doubtful_pauses, limits, local_day, pause_reasons
from jiedian.core.findings import Refused
from jiedian.core.promises import Limit
from jiedian.people.models import User
from jiedian.people.queries import actor, person
from jiedian.people.templatetags.people_tags import area_name
from jiedian.process.models import Step
from jiedian.voice.queries.concerns import waiting_for
from jiedian.web.draw import mini_gantt
from jiedian.web.shell import business_now, page
from jiedian.web.tables import kept_query, table_response, wanted_file
from jiedian.web.templatetags.web_tags import note

from ..forms import ApplicationForm
from ..templatetags.office_tags import class_name, kind_name, limit_name, scope_name, step_name, unit_name

SOON_WD = 5
SHOWN = 60
"""Rows of the day that are drawn at once; search, filter and file reach all of them."""


@page("today.view")
def today(request: HttpRequest) -> HttpResponse:
    """What moves today, what is late, what will be late, and who must act."""
    at, me = business_now(), person(request.user.pk)
    chosen = mine(me, at=at)
    rows = narrowed(chosen, request)
    if kind := wanted_file(request):
        return lines_file(rows, kind)
    since = at - timedelta(days=30)
    kept = Clock.objects.filter(stopped_at__gte=since).aggregate(
        kept=Count("id", filter=Q(state="kept")), all=Count("id", filter=Q(state__in=["kept", "broken"]))
    )
    context = {
        "rows": drawn(rows[:SHOWN]),
        "found": len(rows),
        "shown": SHOWN,
        "counts": {name: len(held) for name, held in chosen.items()},
        "is_manager": is_manager(me),
        "show": request.GET.get("show", ""),
        "q": request.GET.get("q", ""),
        "sorts": LINE_SORTS,
        "kept_query": kept_query(request.GET),
        "kept_percent": f"{100 * kept['kept'] / kept['all']:.1f}" if kept["all"] else "—",
        "doubtful": doubtful_pauses(at=at)[:5],
        "breaches": Breach.objects.filter(found_at__gte=since).count(),
        "since": since,
        "refresh_seconds": settings.REFRESH_SECONDS,
        "orders": Urging.objects.filter(kind="supervised", verified_at=None).select_related("case")[:6],
    }
    return render(request, "office/today.html", context)


def is_manager(me: User) -> bool:
    """Whether a person's day is his own cases; other roles see everybody's."""
    return "account_manager" in me.roles


def mine(me: User, *, at: datetime) -> dict[str, list[Line]]:
    """The running cases of a person's day, all of them and by what presses."""
    cases = Case.objects.filter(state=Case.State.RUNNING).select_related("customer")
    rows = lines(cases.filter(account_manager_id=me.pk) if is_manager(me) else cases, at=at)
    return {
        "all": rows,
        "late": [row for row in rows if row.is_late],
        "due": [row for row in rows if row.left_wd == 0],
        "soon": [row for row in rows if 0 < row.left_wd <= SOON_WD and not row.is_late],
        "waiting": [row for row in rows if row.is_waiting],
    }


LINE_SORTS: dict[str, Callable[[Line], Any]] = {
    "due": lambda row: row.pressing.due_on if row.pressing else date.max,
    "title": lambda row: row.case.title.encode("gb18030", "replace"),
    "capacity": lambda row: row.case.capacity_kva,
    "applied": lambda row: row.case.applied_at,
    "progress": lambda row: row.done_share,
}


def narrowed(chosen: dict[str, list[Line]], request: HttpRequest) -> list[Line]:
    """What of a day is shown, searched and sorted as asked."""
    text, sort = request.GET.get("q", "").strip().lower(), request.GET.get("sort", "")
    rows = [row for row in chosen.get(request.GET.get("show", ""), chosen["all"]) if text in row.words()]
    by = LINE_SORTS.get(sort.removeprefix("-"))
    return sorted(rows, key=by, reverse=sort.startswith("-")) if by else rows


def lines_file(rows: Iterable[Line], kind: str) -> HttpResponse:
    """Cases as a file: what a list shows, a column a value."""
    heads = [
        _("工单"),
        _("项目"),
        _("户名"),
        _("类别"),
        _("容量（kVA）"),
        _("区域"),
        _("状态"),
        _("办理中"),
        _("承接人"),
    ]
    heads += [_("客户经理"), _("申请"), _("到期"), _("剩余工作日"), _("已超时")]
    cells = (
        (
            row.case.number,
            row.case.title,
            row.case.customer.name,
            row.case.get_case_class_display(),
            row.case.capacity_kva or "",
            area_name(row.case.area),
            row.case.get_state_display(),
            "、".join(step_name(step.code) for step in row.steps) or row.case.outside_department,
            "、".join(step.owner_name for step in row.steps) or row.case.outside_holder,
            row.case.account_manager_name,
            local_day(row.case.applied_at),
            row.pressing.due_on if row.pressing else None,
            row.left_wd if row.pressing else None,
            _("是") if row.is_late else "",
        )
        for row in rows
    )
    return table_response("cases", heads, cells, kind=kind)


def drawn(rows: list[Line]) -> list[tuple[Line, str]]:
    return [
        (
            row,
            mini_gantt(
                done=row.done_share,
                share=row.pressing.share if row.pressing else 0,
                is_late=row.is_late,
                is_waiting=row.is_waiting,
            ),
        )
        for row in rows
    ]


@page("desk.view")
def desk(request: HttpRequest) -> HttpResponse:
    """What waits for me."""
    me = person(request.user.pk)
    held = desk_of(me, on=local_day(business_now()))
    if kind := wanted_file(request):
        heads = [_("环节"), _("轮次"), _("工单"), _("项目"), _("自")]
        cells = [
            (step_name(step.code), step.round, case.number, case.title, local_day(step.opened_at))
            for step, case in held.steps
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
    rows = lines(Case.objects.filter(number__in=numbers).select_related("customer"), at=business_now())
    if kind := wanted_file(request):
        return lines_file(rows, kind)
    sent = Errand.objects.filter(receiver_department=code).select_related("case")
    context = {
        "me": me,
        "rows": drawn(rows),
        "errands": sent.exclude(state=Errand.State.ANSWERED),
        "answered": sent.filter(state=Errand.State.ANSWERED)[:40],
        "loads": held.values("owner_name").annotate(n=Count("id")).order_by("-n"),
        "coming": coming_to(code, at=business_now(), without=numbers)[:20],
    }
    return render(request, "office/department.html", context)


@page("case.apply")
def lodge(request: HttpRequest) -> HttpResponse:
    """Take in an application at the counter."""
    form = ApplicationForm(request.POST or None)
    language = get_language() or "zh-hans"
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            wanted = form.application(channel="hall", language=language)
            made = apply(wanted, actor=actor(person(request.user.pk)), at=business_now())
            return redirect("case", made.number)
        except Refused as refusal:
            findings = refusal.words(language)
    status = 422 if form.errors or findings else 200
    context = {"form": form, "title": _("登记申请"), "findings": findings}
    return render(request, "web/form.html", context, status=status)


@page("public")
def limits_page(request: HttpRequest) -> HttpResponse:
    """Every time limit with its source, and those known of but not counted."""
    on, show = local_day(business_now()), request.GET.get("show", "")
    text, chosen = request.GET.get("q", "").strip().lower(), request.GET.get("class", "")
    rows = [
        row
        for row in limits().values()
        if (show == "all" or (row.is_adopted and row.is_in_force(on)))
        and chosen in ("", row.customer_class)
        and text in f"{row.id} {row.doc} {limit_name(row)} {row.note_zh} {row.note_en}".lower()
    ]
    if kind := wanted_file(request):
        return _limits_file(rows, kind)
    context = {
        "limits": rows,
        "aside": aside(),
        "cutoffs": cutoffs(),
        "pauses": pause_reasons().values(),
        "q": text,
        "show": show,
        "chosen_class": chosen,
        "classes": sorted({row.customer_class for row in limits().values()}),
    }
    return render(request, "office/limits.html", context)


def _limits_file(rows: Iterable[Limit], kind: str) -> HttpResponse:
    """Limits as a file, each with its source and status."""
    heads = [
        _("编号"),
        _("文件"),
        _("口径"),
        _("适用地"),
        _("类别"),
        _("环节"),
        _("量法"),
        _("数值"),
        _("期限单位"),
        _("自"),
        _("至"),
        _("采用"),
        _("说明"),
        _("来源"),
        _("状态"),
    ]
    cells = (
        (
            row.id,
            row.doc,
            scope_name(row.scope),
            row.jurisdiction,
            class_name(row.customer_class),
            limit_name(row),
            kind_name(row.kind),
            row.value,
            unit_name(row.unit),
            row.effective_from,
            row.effective_to,
            _("是") if row.is_adopted else _("否"),
            note(row),
            row.source,
            row.status,
        )
        for row in rows
    )
    return table_response("limits", heads, cells, kind=kind)
