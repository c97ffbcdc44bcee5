"""The attenuation meter: curve, delay, departments, lost points, the blind second coding, the time before."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.cases.case.models.case import Case, Point
from jiedian.cases.case.rows import LayerRow, layers
from jiedian.core.findings import refuse
from jiedian.core.workdays import local_day
from jiedian.ground.files.queries import listed
from jiedian.ground.files.services import hand_in, undo_of
from jiedian.ground.rulebook.services import load
from jiedian.people.models import User
from jiedian.people.queries import DepartmentRow, actor, areas, may, person
from jiedian.process.rows import StepRow, steps
from jiedian.shell.draw import delay_bars, share_curve
from jiedian.shell.kit.names import name_of
from jiedian.shell.shell import business_now, page, whole_number
from jiedian.shell.tables import table_response

from .. import services
from ..calc.attenuation import LAYERS, Result
from ..models import HandoffFile, Recoding
from ..queries import attenuation as queries

DAYS_SHOWN = 120
LOST_SHOWN = 20
CODERS = ("quality_manager", "auditor", "account_manager", "clerk", "specialist")


@page("attenuation.view")
def attenuation(request: HttpRequest) -> HttpResponse:
    """Retention and delay by layer, department and month; every lost point."""
    filters = _asked(request)
    measured = queries.attenuation_of(filters)
    if request.GET.get("format") == "csv":
        return _csv(measured)
    file_before = HandoffFile.objects.filter(
        pk=whole_number(request.GET.get("before")), undone_at=None
    ).first()
    earlier = queries.before(file_before) if file_before else ()
    lost_points = [row for row in measured.lost if _is_wanted(row, request)]
    lost_page = Paginator(lost_points, LOST_SHOWN).get_page(request.GET.get("page"))
    layer = request.GET.get("layer", "")
    context = {
        "attenuation": measured,
        "filters": filters,
        "curve": _curve(measured.layers, earlier),
        "delays": _delays(measured.layers),
        "layers": [
            *((name, row, False) for name, row in zip(_names(), measured.layers, strict=True)),
            *((name, row, True) for name, row in zip(_names(), earlier, strict=False)),
        ],
        "months": [(month, dict(zip(LAYERS, results, strict=True))) for month, results in measured.months],
        "departments": [_place(row, filters) for row in measured.departments],
        "page": lost_page,
        "lost": [_lost_row(row) for row in lost_page],
        "query": _query(request),
        "n_lost": len(lost_points),
        "asked_for": _query_of(filters),
        "every_layer": "" if layer else "true",
        "layer_choices": [
            Choice(key, name, _query_of(filters, layer=key), "true" if key == layer else "")
            for key, name in zip(LAYERS, _names(), strict=True)
        ],
        **_beside(request, file_before),
    }
    return render(request, "attenuation/attenuation.html", context)


def _beside(request: HttpRequest, chosen: HandoffFile | None) -> dict[str, object]:
    """What stands around the figures: what can be chosen, the second coding, files of the time before, the layers."""
    coders = User.objects.filter(is_active=True, roles__overlap=list(CODERS)).order_by("id")
    return {
        "classes": Case.Class.choices,
        "areas": areas(),
        "files": queries.files(),
        "handed": listed("handoffs", n=20),
        "before": chosen,
        "agreement": queries.agreement(),
        "open_codings": Recoding.objects.filter(coder_id=request.user.pk or 0, coded_at=None).count(),
        "rights": {name: may(request.user, f"attenuation.{name}").may for name in ("sample", "import")},
        "coders": [(coder.pk, name_of(coder)) for coder in coders],
        "rules": _rules(),
    }


@dataclass(frozen=True)
class Choice:
    """A layer whose lost points can be looked at alone; ``current`` is "true" for the one that is shown."""

    layer: str
    name: str
    query: str
    current: str


@dataclass(frozen=True)
class Place:
    """A department, its figures, and the question for its lost points."""

    name: str
    result: Result
    query: str


def _place(row: Result, asked: queries.PointFilter) -> Place:
    return Place(_department(row.place), row, _query_of(asked, department=row.place))


def _query_of(asked: queries.PointFilter, **more: str) -> str:
    """The question as an address says it, and more."""
    said = {"from": asked.from_on.isoformat(), "until": asked.until_on.isoformat(), "class": asked.case_class}
    return urlencode(said | {"area": asked.area, "case": asked.number} | more)


def _is_wanted(row: queries.LostPoint, request: HttpRequest) -> bool:
    """Whether a lost point belongs to the layer and the department that were asked for."""
    layer, department = request.GET.get("layer", ""), request.GET.get("department", "")
    had = row.handoff.department if row.handoff else ""
    return layer in ("", row.passage.place) and department in ("", had)


def _query(request: HttpRequest) -> str:
    """The question without its page, for the links of the list."""
    query = request.GET.copy()
    for name in ("page", "format"):
        query.pop(name, None)
    return query.urlencode()


def _asked(request: HttpRequest) -> queries.PointFilter:
    today = local_day(business_now())
    return queries.PointFilter(
        _day(request.GET.get("from")) or today - timedelta(days=DAYS_SHOWN),
        _day(request.GET.get("until")) or today,
        request.GET.get("class", "")[:4],
        request.GET.get("area", "")[:24],
        request.GET.get("case", "")[:32],
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _names() -> list[str]:
    return [_layer(name) for name in LAYERS]


def _layer(name: str) -> str:
    names = {"service": _("内部服务层"), "support": _("内部支撑层"), "core": _("核心业务层")}
    return str(names.get(name, name))


def _department(code: str) -> str:
    is_zh = (get_language() or "zh").startswith("zh")
    rows = {row.id: row for row in load("people/departments.csv", DepartmentRow)}
    row = rows.get(code)
    return code if row is None else row.name_zh if is_zh else row.name_en


def _lost_row(row: queries.LostPoint) -> tuple[queries.LostPoint, str, str, StepRow | None]:
    step = steps().get(row.handoff.step_code) if row.handoff else None
    return row, _layer(row.passage.place), _layer(row.first_lost_in), step


@dataclass(frozen=True)
class PlaceLayer:
    """The layer in which a step stands, and why."""

    layer: str
    source: str
    status: str


def _rules() -> list[tuple[object, str, PlaceLayer | LayerRow]]:
    """Which layer each step and department stands in, with the row's source."""
    departments = {row.id: row for row in load("people/departments.csv", DepartmentRow)}
    placed: list[tuple[object, PlaceLayer | LayerRow]] = [
        *((row, PlaceLayer(row.layer, row.layer_source, row.layer_status)) for row in steps().values()),
        *((departments[code], row) for code, row in layers().items()),
    ]
    return [(named, _layer(row.layer), row) for named, row in placed if row.layer != "none"]


def _curve(now: tuple[Result, ...], earlier: tuple[Result, ...]) -> str:
    def line(name: str, results: tuple[Result, ...], *, weighted: bool) -> Any:
        said = (1.0, None, None)
        shares = [
            (r.weighted_retention, r.weighted_low, r.weighted_high)
            if weighted
            else (r.retention, r.ci_low, r.ci_high)
            for r in results
        ]
        return name, [said, *shares]

    series = [line(_("留存率"), now, weighted=False), line(_("按权重"), now, weighted=True)]
    if earlier:
        series.append(line(_("以前"), earlier, weighted=False))
    return share_curve(series, [_("客户所说"), *_names()], title=_("要点留存曲线"))


def _delays(now: tuple[Result, ...]) -> str:
    rows = [(name, r.median_delay_h, r.p90_delay_h) for name, r in zip(_names(), now, strict=True)]
    return delay_bars(rows, title=_("从客户说出到签认"), unit=_("小时（中位 / 九成）"))


def _csv(found: queries.Attenuation) -> HttpResponse:
    heads = [_("工单"), _("客户要点"), _("权重"), _("层"), _("是否看到"), _("最早丢失于")]
    cells = (
        (
            row.passage.case,
            row.point.words,
            row.passage.weight,
            _layer(row.passage.place),
            _("是") if row.passage.is_shown else _("否"),
            _layer(row.first_lost_in),
        )
        for row in found.lost
    )
    return table_response("lost-points", heads, cells, kind="csv", title=_("丢失的要点"))


@require_POST
@page("attenuation.send")
def attenuation_send(request: HttpRequest) -> HttpResponse:
    """Send a lost point after."""
    point = Point.objects.select_related("case").filter(pk=whole_number(request.POST.get("point"))).first()
    layer = request.POST.get("layer", "")
    if point is None or layer not in LAYERS:
        raise refuse("missing.point")
    services.send_after(point, layer, actor=actor(person(request.user.pk)), at=business_now())
    messages.success(request, _("已补送，并开始计时。"))
    return redirect("attenuation")


@require_POST
@page("attenuation.sample")
def attenuation_sample(request: HttpRequest) -> HttpResponse:
    """Draw a blind sample for a second coder."""
    coder = person(whole_number(request.POST.get("coder")))
    if not set(coder.roles) & set(CODERS):
        raise refuse("attenuation.coder")
    n = whole_number(request.POST.get("n")) or 20
    services.draw_sample(n, coder=coder, actor=actor(person(request.user.pk)), at=business_now())
    messages.success(request, _("样本已抽取并指派。"))
    return redirect("attenuation")


@page("attenuation.recode")
def recoding(request: HttpRequest) -> HttpResponse:
    """Code, blind, the points that were drawn for me."""
    if request.method == "POST":
        row = queries.recoding_for(request.user, whole_number(request.POST.get("item")))
        is_retained = request.POST.get("retained") == "yes"
        services.recode(row, is_retained=is_retained, actor=actor(person(request.user.pk)), at=business_now())
        return redirect("recoding")
    mine = Recoding.objects.filter(coder_id=request.user.pk or 0).aggregate(
        n_done=Count("id", filter=~Q(coded_at=None)), n=Count("id")
    )
    task = next(iter(queries.tasks_of(request.user)), None)
    step = steps().get(task.recoding.handoff.step_code) if task else None
    return render(request, "attenuation/recoding.html", {"task": task, "mine": mine, "step": step})


@require_POST
@page("attenuation.import")
def attenuation_import(request: HttpRequest) -> HttpResponse:
    """Take in a hand-off file of the time before, or undo one."""
    who, at = actor(person(request.user.pk)), business_now()
    if undo := whole_number(request.POST.get("undo")):
        file = HandoffFile.objects.filter(pk=undo).first()
        if file is None:
            raise refuse("missing.file")
        if undo_of("handoffs", file.pk, actor=who, at=at) is None:
            services.undo_import(file, actor=who, at=at)
        messages.success(request, _("导入已撤销。"))
        return redirect("attenuation")
    upload = request.FILES.get("file")
    if upload is None:
        raise refuse("upload.none")
    row = hand_in("handoffs", upload, name=upload.name or "handoffs.csv", options={}, actor=who, at=at)
    return redirect("file_import", row.pk)
