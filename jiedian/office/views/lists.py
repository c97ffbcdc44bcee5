"""Today, my desk, my department, and the list of cases."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.cases.models import Breach, Case, Errand, Urging
from jiedian.cases.queries.cases import Line, desk_of, lines, search
from jiedian.cases.queries.coming import coming_to
from jiedian.cases.services.intake import apply
from jiedian.clocks.models import Clock
from jiedian.clocks.queries import aside, doubtful_pauses, limits, local_day
from jiedian.core.findings import Refused
from jiedian.people.models import User
from jiedian.people.queries import actor, areas, person
from jiedian.process.models import Step
from jiedian.web.draw import mini_gantt
from jiedian.web.shell import business_now, page
from jiedian.web.tables import table_response

from ..forms import ApplicationForm
from ..templatetags.office_tags import step_name

SOON_WD = 5


@page("today.view")
def today(request: HttpRequest) -> HttpResponse:
    """What moves today, what is late, what will be late, and who must act."""
    at, me = business_now(), person(request.user.pk)
    cases = Case.objects.filter(state=Case.State.RUNNING).select_related("customer")
    is_manager = "account_manager" in me.roles
    if is_manager:
        cases = cases.filter(account_manager_id=me.pk)
    rows = lines(cases, at=at)
    chosen = {
        "late": [row for row in rows if row.is_late],
        "due": [row for row in rows if row.left_wd == 0],
        "soon": [row for row in rows if 0 < row.left_wd <= SOON_WD and not row.is_late],
        "waiting": [row for row in rows if row.is_waiting],
    }
    show = request.GET.get("show", "")
    kept = Clock.objects.filter(stopped_at__gte=at - timedelta(days=30)).aggregate(
        kept=Count("id", filter=Q(state="kept")), all=Count("id", filter=Q(state__in=["kept", "broken"]))
    )
    context = {
        "rows": _drawn(chosen.get(show, rows)[:60]),
        "counts": {name: len(held) for name, held in chosen.items()},
        "total": len(rows),
        "is_manager": is_manager,
        "show": show,
        "kept_percent": f"{100 * kept['kept'] / kept['all']:.1f}" if kept["all"] else "—",
        "doubtful": doubtful_pauses(at=at)[:5],
        "breaches": Breach.objects.filter(found_at__gte=at - timedelta(days=30)).count(),
        "orders": Urging.objects.filter(kind="supervised", verified_at=None).select_related("case")[:6],
    }
    return render(request, "office/today.html", context)


def _drawn(rows: list[Line]) -> list[tuple[Line, str]]:
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
    return render(request, "office/desk.html", {"desk": desk_of(me), "me": me})


@page("department.view")
def department(request: HttpRequest) -> HttpResponse:
    """Notices, countersigns, tasks of my department, and the steps its people hold."""
    me = person(request.user.pk)
    people = User.objects.filter(department=me.department, is_active=True)
    ids = list(people.values_list("id", flat=True))
    held = Step.objects.filter(owner_id__in=ids, state=Step.State.OPEN).select_related("run")
    numbers = set(held.values_list("run__subject", flat=True))
    code = me.department.code if me.department else ""
    sent = Errand.objects.filter(receiver_department=code).select_related("case")
    context = {
        "me": me,
        "rows": _drawn(lines(Case.objects.filter(number__in=numbers), at=business_now())),
        "errands": sent.exclude(state=Errand.State.ANSWERED),
        "answered": sent.filter(state=Errand.State.ANSWERED)[:40],
        "loads": held.values("owner_name").annotate(n=Count("id")).order_by("-n"),
        "coming": coming_to(code, at=business_now(), without=numbers)[:20],
    }
    return render(request, "office/department.html", context)


@page("case.view")
def cases(request: HttpRequest) -> HttpResponse:
    """Every case: search, filter, export."""
    names = ("state", "case_class", "area", "batch", "late")
    asked = {name: request.GET.get(name, "") for name in names}
    text = request.GET.get("q", "")
    found = search(text, **asked)
    if request.GET.get("format") in ("csv", "xlsx"):
        return _table(lines(found[:5000], at=business_now()), request.GET["format"])
    shown = Paginator(found, 30).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": shown,
        "rows": _drawn(lines(shown.object_list, at=business_now())),
        "asked": asked,
        "q": text,
        "query": query.urlencode(),
        "states": Case.State.choices,
        "classes": Case.Class.choices,
        "areas": areas(),
    }
    return render(request, "office/cases.html", context)


def _table(rows: list[Line], kind: str) -> HttpResponse:
    heads = [_("工单"), _("户名"), _("类别"), _("容量"), _("状态"), _("办理中"), _("客户经理"), _("到期")]
    cells = [
        (
            row.case.number,
            row.case.title,
            row.case.case_class,
            row.case.capacity_kva,
            row.case.state,
            " ".join(step.code for step in row.steps),
            row.case.account_manager_name,
            row.pressing.due_on if row.pressing else "",
        )
        for row in rows
    ]
    return table_response("cases", heads, cells, kind=kind)


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
        and text in f"{row.id} {row.doc} {step_name(row.step)} {row.note_zh} {row.note_en}".lower()
    ]
    context = {
        "limits": rows,
        "aside": aside(),
        "q": text,
        "show": show,
        "chosen_class": chosen,
        "classes": sorted({row.customer_class for row in limits().values()}),
    }
    return render(request, "office/limits.html", context)
