"""The scheme of a case: map, points, options, composition; the list of schemes; extensions and measured values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.work import Work
from jiedian.cases.papers.queries import due_by
from jiedian.cases.screen.queries.cases import case_for, ownership, step_for
from jiedian.core.findings import Refused, refuse
from jiedian.core.workdays import local_day
from jiedian.grid.network.queries.basemap import grid_title
from jiedian.grid.network.queries.network import standing_grids
from jiedian.ground.files.models import FileImport
from jiedian.ground.files.queries import listed as listed_files
from jiedian.ground.files.services import hand_in
from jiedian.ground.vault.queries import response
from jiedian.people.queries import actor, may, person
from jiedian.process.steps import codes_of, doing
from jiedian.shell.kit.names import name_of
from jiedian.shell.kit.roads import page_about
from jiedian.shell.shell import business_now, page
from jiedian.shell.tables import table_response, wanted_file
from jiedian.supply.bench.queries.bench import Bench, Refusals, bench_of, buses_of, first_choice, way_name
from jiedian.supply.bench.queries.maps import map_of, pin_map
from jiedian.supply.bench.queries.wider import points_meant, wider_radii
from jiedian.supply.study.calc.scheme import Option
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.offers import correction_query
from jiedian.supply.study.queries.studies import Study, composed, placed, study_of
from jiedian.supply.study.queries.uses import use_of
from jiedian.supply.study.services import locate

from .forms import ChoiceForm, ExtensionForm, MeasuredForm, SiteForm
from .models import Reply, Scheme
from .queries.panel import refusals_of, voices_on
from .queries.schemes import ITEMS, counts_of, listed, rows_of
from .services.outcomes import measure
from .services.validity import extend
from .steps import answering, draft, reply


@dataclass(frozen=True)
class AnswerRow:
    """A point of the customer on the workbench, and what has been said to it so far."""

    pk: int
    words: str
    weight: int
    said: str

    @property
    def name(self) -> str:
        """The name of its field."""
        return f"answer-{self.pk}"


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


def _words(refusal: Refused) -> list[str]:
    return refusal.words(get_language() or "zh-hans")


@page("plans.view")
def scheme(request: HttpRequest, number: str) -> HttpResponse:
    """Scheme page: where the customer is, what could supply him, the options, and one of them composed as the menu says."""
    return _scheme_page(request, case_for(request.user, number), asked=request.GET)


def _scheme_page(
    request: HttpRequest, case: Case, *, asked: QueryDict, findings: Sequence[str] = ()
) -> HttpResponse:
    """The page of a scheme with what was asked of the menu and said to the points; refused, with why."""
    status = 422 if findings else 200
    page_about(request, case.number, ownership(case))
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
        "opinions": voices_on(case, at=business_now()),
        "step": step,
        "papers_due": _papers_due(case) if step else [],
        "is_mine": bool(step and step.owner_id == request.user.pk),
        "answers": [
            AnswerRow(p.pk, p.words, p.weight, asked.get(f"answer-{p.pk}", "")) for p in case.points.all()
        ],
        "exception_reason": asked.get("exception_reason", ""),
    }
    context |= _locating(request, case, None)
    if study:
        context |= _studied(asked, study, refusals_of(case))
        context |= _search(request, study)
    context |= _headed(request, context) | _offered(case, study, context.get("option"))
    return render(request, "scheme/scheme.html", context, status=status)


def _offered(case: Case, study: Study | None, option: Option | None) -> dict[str, Any]:
    """The voltage to which the application would have to be corrected: that of the chosen points, else the next that reaches."""
    kv = study.offer.kv if study and study.offer else 0.0
    if option and option.facts["supply_kv"] == "other":
        kv = option.legs[0].kv
    return {"offer_kv": kv, "offer_query": correction_query(case, kv) if kv else ""}


def _papers_due(case: Case) -> list[str]:
    """Papers without which the scheme cannot be replied."""
    return [name for names in due_by(case, codes_of(draft, reply)).values() for name in names]


def _headed(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the page is called, whose turn it is, and whether the place has to be said first."""
    study, option, step = context["study"], context.get("option"), context.get("step")
    title = _("供电方案")
    if option:
        name = way_name(option)
        best = first_choice(study, context["refusals"])
        is_first = best is not None and best.key == option.key and not option.to_explain
        is_first = is_first and buses_of(option) not in context["refusals"]
        title = (_("建议接 %(name)s") if is_first else _("正在看：接 %(name)s")) % {"name": name}
    said = _("方案环节现在没有待办；可先行比选")
    if step:
        said = (
            _("现在请您选定方案")
            if context["is_mine"]
            else _("现在由 %(name)s 拟定方案") % {"name": name_of(step.owner_name)}
        )
    where = _("修改地点与负荷特性")
    if not study:
        where = _("客户在哪里？在图上点出，或给出邻近户号、杆号、台区、经纬度之一")
    is_use_open = bool(option and option.facts["use_told"] == "no" and not study.wish.is_only_feed_in)
    is_locating = not study or is_use_open or bool(context["site_form"].errors)
    is_locating = is_locating or bool(request.GET.get("grid"))
    searched = _searched(study, context["bench"].able) if study else ""
    told = {"title": title, "standing": said, "searched": searched}
    return told | {"site_title": where, "is_locating": is_locating}


def _searched(study: Study, able: int) -> str:
    """How many points were looked at and how long it took."""
    told = "%(r)d m 内 %(n)d 个供电点，%(able)d 个能承担；潮流校核与比选用时 %(ms)d ms。"
    return ngettext(told, told, len(study.around.points)) % {
        "r": study.around.radius_m,
        "n": len(study.around.points),
        "able": able,
        "ms": study.took_ms,
    }


def _locating(request: HttpRequest, case: Case, form: SiteForm | None) -> dict[str, Any]:
    """The form that puts a case on a map, the map of the grid asked for, and the other grids."""
    site = Site.objects.filter(case=case).first()
    grids = list(standing_grids())
    asked = request.POST.get("grid") or request.GET.get("grid") or (site.grid_code if site else "")
    grid = next((row for row in grids if row.code == asked), grids[0] if grids else None)
    said: dict[str, Any] = {"grid": grid.code if grid else "", "use": use_of(case)}
    if site:
        said |= {name: getattr(site, name) for name in SiteForm.base_fields if hasattr(site, name)}
        said |= {"lon": round(site.lon, 6), "lat": round(site.lat, 6)}
        said |= {} if site.is_use_told else {"use": use_of(case)}
        if grid and site.grid_code != grid.code:
            said |= {"lon": None, "lat": None}
    return {
        "site_form": form or SiteForm(initial=said),
        "pin_map": pin_map(grid) if grid else "",
        "pin_grid": grid,
        "pin_grids": [(row.code, grid_title(row.name)) for row in grids if grid and row.pk != grid.pk],
    }


def _search(request: HttpRequest, study: Study) -> dict[str, Any]:
    """What the form that looks farther offers: larger radii, and the points meant by a name or a click."""
    kv = float(study.site.case.voltage_kv)
    found = points_meant(study.site, kv, request.GET) if request.method == "GET" else None
    wider = [(f"{each:g}", f"{each:,.0f} m") for each in wider_radii(kv, study.around.radius_m)]
    return {"wider": wider, "found": found, "is_searching": found is not None}


def _studied(asked: QueryDict, study: Study, refusals: Refusals) -> dict[str, Any]:
    """What the page shows of a study: the chosen option is the one asked for, else the first that nobody has refused."""
    option = first_choice(study, refusals)
    buses = [bus for bus in asked.getlist("bus") if bus]
    is_asked = bool(buses or asked.get("line"))
    form = ChoiceForm(asked if is_asked else {"line": option.choices.line if option else "overhead"})
    if buses:
        option = placed(study, composed(study, buses, form.choices()))
    bench = bench_of(study, option, refusals)
    chosen = frozenset(leg.bus for leg in option.legs) if option else frozenset[str]()
    return {
        "option": option,
        "bench": bench,
        "refusals": refusals,
        "menu": _menu(bench, option),
        "is_composing": bool(asked.get("menu")) or option is None,
        "legs": [leg.bus for leg in option.legs] if option else [],
        "choice_form": form,
        "map": map_of(study, chosen, is_zh=_is_zh()),
        "reasons": [
            reason.words(get_language() or "zh-hans") for reason in (*study.reasons, *study.around.left_out)
        ],
    }


@dataclass(frozen=True)
class LegRow:
    """One list of supply points on the menu: which is chosen, and under what name."""

    id: str
    label: str
    bus: str


def _menu(bench: Bench, option: Option | None) -> dict[str, Any]:
    """The lists of supply points: one a source, and one more to add a source."""
    names = [(row.p.bus, f"{row.n} · {row.p.name_zh if _is_zh() else row.p.name_en}") for row in bench.points]
    buses = [leg.bus for leg in option.legs] if option else [""]
    legs = [LegRow(f"bus-{n}", _("第 %(n)d 路电源") % {"n": n}, bus) for n, bus in enumerate(buses, start=1)]
    return {"points": names, "legs": legs}


@require_POST
@page("plans.locate")
def site(request: HttpRequest, number: str) -> HttpResponse:
    """Put the customer on the map."""
    case = case_for(request.user, number, to="plans.locate")
    form = SiteForm(request.POST)
    if form.is_valid():
        locate(case, form.cleaned_data, actor=actor(person(request.user.pk)), at=business_now())
        messages.success(request, _("地点已确定。"))
        return redirect("scheme", number)
    context: dict[str, Any] = {"case": case, "study": None, "may_locate": True, "findings": []}
    context |= _locating(request, case, form)
    context |= _headed(request, context)
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
        "industry": request.POST.get("industry", ""),
        "contact": request.POST.get("contact", ""),
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
    kind = wanted_file(request)
    if kind and may(request.user, "export.table").may:
        head, *rows = rows_of(found[:20000])
        return table_response("schemes", head, rows, kind=kind, title=_("供电方案"))
    shown = Paginator(found, 50).get_page(request.GET.get("page"))
    context = {
        "page": shown,
        "counts": counts_of(),
        "states": Scheme.State.choices,
        "orders": [("depth", _("深度由低到高")), ("valid", _("有效期由近到远"))],
        "filters": asked | {"q": request.GET.get("q", "")},
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
    """Hand in a file of measured values of many cases; the worker reads it, and nothing is kept before it is looked at."""
    findings: list[str] = []
    if request.method == "POST":
        try:
            return redirect("file_import", _handed(request).pk)
        except Refused as refusal:
            findings = _words(refusal)
    context = {"findings": findings, "items": list(ITEMS.items()), "files": listed_files("outcomes")}
    return render(request, "scheme/measured.html", context, status=422 if findings else 200)


def _handed(request: HttpRequest) -> FileImport:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise refuse("upload.none")
    who = actor(person(request.user.pk))
    name = file.name or "outcomes.csv"
    return hand_in("outcomes", file, name=name, options={}, actor=who, at=business_now())
