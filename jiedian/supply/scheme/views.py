"""The scheme of a case: map, points, options, composition; the list of schemes; extensions and measured values."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.work import Work
from jiedian.cases.screen.queries.cases import case_for, step_for
from jiedian.core.findings import Refused, refuse
from jiedian.core.workdays import local_day
from jiedian.grid.network.models import Grid
from jiedian.ground.vault.queries import response
from jiedian.people.queries import actor, may, person
from jiedian.process.steps import doing
from jiedian.shell.shell import business_now, page
from jiedian.shell.tables import table_response
from jiedian.supply.study.calc.scheme import Option
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.maps import map_of, pin_map, state_of
from jiedian.supply.study.queries.studies import Study, composed, placed, study_of
from jiedian.supply.study.services import locate

from .forms import ChoiceForm, ExtensionForm, MeasuredForm, SiteForm
from .models import Reply, Scheme
from .queries import ITEMS, blocks_of, counts_of, listed, rows_of
from .services.outcomes import measure, read_measured
from .services.validity import extend
from .steps import answering, draft, reply


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


def _words(refusal: Refused) -> list[str]:
    return refusal.words(get_language() or "zh-hans")


@page("plans.view")
def scheme(request: HttpRequest, number: str) -> HttpResponse:
    """Where the customer is, what could supply him, the options, and one of them composed as the menu says."""
    return _scheme_page(request, case_for(request.user, number), asked=request.GET)


def _scheme_page(
    request: HttpRequest, case: Case, *, asked: QueryDict, findings: Sequence[str] = ()
) -> HttpResponse:
    """The page of a scheme with what was asked of the menu and said to the points; refused, with why."""
    status = 422 if findings else 200
    study: Study | None = None
    try:
        study = study_of(case, on=local_day(business_now()))
    except Refused as refusal:
        findings = [*findings, *_words(refusal)]
    step = answering(case.number)
    context: dict[str, Any] = {
        "case": case,
        "study": study,
        "findings": findings,
        "may_locate": may(request.user, "plans.locate").may,
        "step": step,
        "is_mine": bool(step and step.owner_id == request.user.pk),
        "answers": [(point, asked.get(f"answer-{point.pk}", "")) for point in case.points.all()],
        "exception_reason": asked.get("exception_reason", ""),
    }
    context |= _locating(request, case, None)
    if study:
        context |= _studied(asked, study)
    return render(request, "scheme/scheme.html", context, status=status)


def _locating(request: HttpRequest, case: Case, form: SiteForm | None) -> dict[str, Any]:
    """The form that puts a case on a map, the map of the grid asked for, and the other grids."""
    site = Site.objects.filter(case=case).first()
    grids = list(Grid.objects.order_by("-is_city", "name"))
    asked = request.POST.get("grid") or request.GET.get("grid") or (site.grid_code if site else "")
    grid = next((row for row in grids if row.code == asked), grids[0] if grids else None)
    said: dict[str, Any] = {"grid": grid.code if grid else ""}
    if site:
        said |= {name: getattr(site, name) for name in SiteForm.base_fields if hasattr(site, name)}
        said |= {"lon": round(site.lon, 6), "lat": round(site.lat, 6)}
        if grid and site.grid_code != grid.code:
            said |= {"lon": None, "lat": None}
    return {
        "site_form": form or SiteForm(initial=said),
        "pin_map": pin_map(grid) if grid else "",
        "pin_grid": grid,
        "pin_grids": grids,
        "is_moving": bool(request.GET.get("grid")),
    }


def _studied(asked: QueryDict, study: Study) -> dict[str, Any]:
    """What the page shows of a study: the chosen option is the one asked for, else the first."""
    form = ChoiceForm(asked or {"line": study.options[0].choices.line if study.options else "overhead"})
    buses = [bus for bus in asked.getlist("bus") if bus]
    option: Option | None = study.options[0] if study.options else None
    if buses:
        option = placed(study, composed(study, buses, form.choices()))
    chosen = frozenset(leg.bus for leg in option.legs) if option else frozenset[str]()
    load_kw = study.wish.load_kw
    return {
        "option": option,
        "blocks": blocks_of(option, study) if option else [],
        "legs": [leg.bus for leg in option.legs] if option else [],
        "leg_numbers": range(max(len(option.legs) if option else 1, 1)),
        "choice_form": form,
        "map": map_of(study, chosen, is_zh=_is_zh()),
        "points": [
            {"n": n, "p": p, "state": state_of(p, load_kw), "is_chosen": p.bus in chosen}
            for n, p in enumerate(study.around.points, start=1)
        ],
        "reasons": [reason.words(get_language() or "zh-hans") for reason in study.reasons],
    }


@require_POST
@page("plans.locate")
def site(request: HttpRequest, number: str) -> HttpResponse:
    """Put the customer on the map."""
    case = case_for(request.user, number, to="plans.locate")
    form = SiteForm(request.POST)
    if form.is_valid():
        locate(case, form.cleaned_data, actor=actor(person(request.user.pk)), at=business_now())
        messages.success(request, _("用电地点已确定。"))
        return redirect("scheme", number)
    context = {"case": case, "may_locate": True, "findings": []} | _locating(request, case, form)
    return render(request, "scheme/scheme.html", context, status=422)


@require_POST
@page("case.work")
def choose(request: HttpRequest, number: str, step_id: int) -> HttpResponse:
    """Take the composed option: it fills the scheme step and ends it. Refused, the page keeps what was said."""
    case, step = step_for(request.user, number, step_id)
    verb = doing(step.code).verb
    if verb not in (draft, reply):
        raise refuse("scheme.step")
    form = ChoiceForm(request.POST)
    if not form.is_valid():
        raise refuse("scheme.choice")
    ticked = {
        key.removeprefix("answer-"): str(text)
        for key, text in request.POST.items()
        if key.startswith("answer-") and str(text).strip()
    }
    values = {
        "buses": request.POST.getlist("bus"),
        "choices": form.choices(),
        "exception_reason": request.POST.get("exception_reason", ""),
        "ticked": ticked,
    }
    who = actor(person(request.user.pk))
    try:
        verb(Work(case, step, who, business_now(), values, ticked))
    except Refused as refusal:
        return _scheme_page(request, case, asked=request.POST, findings=_words(refusal))
    messages.success(request, _("已采用此方案，环节已办结。"))
    return redirect("case", number)


@page("plans.view")
def schemes(request: HttpRequest) -> HttpResponse:
    """Every scheme: state, depth, accuracy, whether the system answered alone; sortable, and as CSV."""
    asked = {name: request.GET.get(name, "")[:12] for name in ("state", "order", "automatic")}
    found = listed(request.GET.get("q", "")[:60], **asked)
    if request.GET.get("format") == "csv" and may(request.user, "export.table").may:
        head, *rows = rows_of(found[:20000])
        return table_response("schemes", head, rows, kind="csv")
    shown = Paginator(found, 50).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    for name in ("page", "format"):
        kept.pop(name, None)
    context = {
        "page": shown,
        "counts": counts_of(),
        "states": Scheme.State.choices,
        "query": kept.urlencode(),
    }
    return render(request, "scheme/schemes.html", context)


@page("plans.view")
def reply_file(request: HttpRequest, number: str, reply_id: int) -> HttpResponseBase:
    """The reply form as it was frozen."""
    case = case_for(request.user, number)
    found = Reply.objects.filter(scheme__case=case, pk=reply_id).select_related("upload").first()
    if found is None:
        raise Http404
    return response(found.upload)


def _scheme(request: HttpRequest, number: str, scheme_id: int, *, to: str) -> Scheme:
    case = case_for(request.user, number, to=to)
    found = Scheme.objects.filter(case=case, pk=scheme_id).select_related("case").first()
    if found is None:
        raise Http404
    return found


@page("plans.extend")
def extension(request: HttpRequest, number: str, scheme_id: int) -> HttpResponse:
    """Prolong the validity of a scheme."""
    held = _scheme(request, number, scheme_id, to="plans.extend")
    form = ExtensionForm(request.POST or None)
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            who = actor(person(request.user.pk))
            extend(held, until_on=form.cleaned_data["until_on"], actor=who, at=business_now())
            return redirect("case", number)
        except Refused as refusal:
            findings = _words(refusal)
    context = {"form": form, "title": _("方案延期"), "findings": findings}
    return render(request, "shell/form.html", context, status=422 if form.errors or findings else 200)


@page("plans.measure")
def measure_one(request: HttpRequest, number: str, scheme_id: int) -> HttpResponse:
    """Enter what was measured after energising."""
    held = _scheme(request, number, scheme_id, to="plans.measure")
    items = {item: str(label) for item, label in ITEMS.items() if item in held.predicted}
    form = MeasuredForm(request.POST or None, items=items)
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            who = actor(person(request.user.pk))
            on = form.cleaned_data["measured_on"]
            measure(held, form.values(), measured_on=on, actor=who, at=business_now())
            return redirect("case", number)
        except Refused as refusal:
            findings = _words(refusal)
    context = {"form": form, "title": _("录入实测值"), "findings": findings}
    return render(request, "shell/form.html", context, status=422 if form.errors or findings else 200)


@page("plans.measure")
def measured(request: HttpRequest) -> HttpResponse:
    """Take in measured values of many cases from a CSV; a bad file changes nothing and is answered line by line."""
    findings: list[str] = []
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            content = file.read() if file else b""
            who = actor(person(request.user.pk))
            count = read_measured(content, actor=who, at=business_now())
            messages.success(request, _("已录入 %(n)s 项实测值。") % {"n": count})
            return redirect("schemes")
        except Refused as refusal:
            findings = _words(refusal)
    context = {"findings": findings, "items": ITEMS}
    return render(request, "scheme/measured.html", context, status=422 if findings else 200)
