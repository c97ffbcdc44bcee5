"""Perceived quality: the quadrant, the five gaps, the steps side by side, and the answers behind every number."""

from datetime import date, timedelta
from math import isfinite

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.cases.case.models.case import Case
from jiedian.core.findings import refuse
from jiedian.core.tables import csv_bytes, xlsx_bytes
from jiedian.core.workdays import local_day
from jiedian.people.models import Department
from jiedian.people.queries import areas
from jiedian.process.rows import steps as step_rows
from jiedian.shell.draw import quadrant_svg, trend_svg
from jiedian.shell.shell import business_now, page
from jiedian.voice.surveys.models import Response
from jiedian.voice.surveys.queries import Chosen, dimensions, instruments, least, responses

from .queries import quality
from .queries.evidence import Evidence, beside
from .queries.gaps import Line, Sheet, evidence, five_gaps, lines, sheet
from .queries.visited import beside_visits

PERIOD_DAYS = 365
FORMATS = {
    "csv": (csv_bytes, "text/csv; charset=utf-8"),
    "xlsx": (xlsx_bytes, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
NAMES = ("instrument", "step", "case_class", "area", "department", "channel")


def chosen_of(request: HttpRequest, *, on: date) -> Chosen:
    """What the filters ask for; the last year when no day is given."""
    days = {name: request.GET.get(name, "") for name in ("since", "until")}
    found: dict[str, date | None] = {}
    for name, text in days.items():
        try:
            found[name] = date.fromisoformat(text) if text else None
        except ValueError as error:
            raise refuse("gaps.day") from error
    since = found["since"] or on - timedelta(days=PERIOD_DAYS)
    return Chosen(
        **{name: request.GET.get(name, "")[:32] for name in NAMES}, since=since, until=found["until"]
    )


@page("gaps.view")
def gaps(request: HttpRequest) -> HttpResponse:
    """How customers perceive the service, where it falls short, and what matters to them."""
    on = local_day(business_now())
    chosen = chosen_of(request, on=on)
    held = sheet(chosen)
    found = lines(held)
    if request.GET.get("format") in FORMATS:
        return _table(found, request.GET["format"])
    level = "item" if request.GET.get("level") == "item" else "dimension"
    by = request.GET.get("by", "")
    by = by if by in quality.GROUPS else "department"
    simulated = sum(row.is_simulated for row in held.rows)
    query = request.GET.copy()
    for name in ("level", "by"):
        query.pop(name, None)
    context = {
        "asked": chosen,
        "query": query.urlencode(),
        "level": level,
        "n": len(held.rows),
        "simulated": simulated,
        "overall": next((line for line in found if line.measure.level == "overall"), None),
        "dimensions": [line for line in found if line.measure.level == "dimension"],
        "items": [line for line in found if line.measure.level == "item"],
        "matrix": [(dimensions()[name], row) for name, row in five_gaps(chosen, held).items()],
        "evidence": evidence(),
        "beside": beside(chosen, held.rows, on=on),
        "visited": beside_visits(chosen, found, at=business_now()),
        "totals": quality.totals(held),
        "by": by,
        "groups": quality.groups(held, by),
        **_trend(held),
        "features": quality.features(list(responses(chosen))),
        "least": least("SURVEY_MIN_CELL"),
        "enough": least("SURVEY_ENOUGH"),
        **_quadrant(found, level),
        **_filters(),
    }
    return render(request, "gaps/gaps.html", context)


def _filters() -> dict[str, object]:
    return {
        "groupings": [
            ("department", _("部门")),
            ("step", _("环节")),
            ("case_class", _("类别")),
            ("area", _("所在区域")),
            ("channel", _("申请渠道")),
        ],
        "steps": [
            row for code, row in step_rows().items() if Response.objects.filter(step_code=code).exists()
        ],
        "classes": Case.Class.choices,
        "areas": areas(),
        "all_departments": Department.objects.order_by("id"),
        "instruments": [row for row in instruments().values() if row.kind == "pair"],
        "channels": sorted(
            set(Response.objects.exclude(case_channel="").values_list("case_channel", flat=True))
        ),
    }


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


def _name(line: Line) -> str:
    return str(getattr(line.row, "name_zh" if _is_zh() else "name_en", line.measure.id))


def _quadrant(found: list[Line], level: str) -> dict[str, object]:
    places, x, y, origin = quality.placed(found, level=level)
    words = {
        "title": _("重要性与表现象限图"),
        "x": _("表现（感知均分）"),
        "y": _("重要性"),
        "act": _("优先改进"),
        "keep": _("继续保持"),
        "easy": _("次要"),
        "less": _("可少投入"),
    }
    dots = [
        (
            line.measure.id if level == "item" else _name(line),
            place.performance,
            place.importance,
            place.quadrant,
        )
        for place, line in places
    ]
    svg = quadrant_svg(dots, mean_x=x, mean_y=y, words=words) if len(dots) > 1 else ""
    return {"places": places, "quadrant_svg": svg, "origin": origin, "quadrant_words": words}


def _trend(held: Sheet) -> dict[str, object]:
    months, slope = quality.months(held)
    shown = [month for month in months if not month.is_hidden]
    points = [
        (f"{month.first_on:%Y-%m}", month.pair.gap, month.pair.ci_low, month.pair.ci_high) for month in shown
    ]
    svg = trend_svg(points[-6:], title=_("差距逐月变化")) if len(points) > 1 else ""
    return {"months": months[-12:], "trend": slope, "trend_svg": svg}


def _table(found: list[Line], kind: str) -> HttpResponse:
    """The lines as a file, with the header of ``jiedian gaps``; groups too small have no figures."""
    header = [
        "level",
        "id",
        "n",
        "mean_e",
        "mean_p",
        "gap",
        "ci_low",
        "ci_high",
        "t",
        "p",
        "p_holm",
        "d",
        "alpha",
    ]
    rows = []
    for line in found:
        m, pair = line.measure, line.measure.paired
        values = [pair.mean_e, pair.mean_p, pair.gap, pair.ci_low, pair.ci_high, pair.t, pair.p]
        values += [m.p_holm, pair.d, m.alpha.value]
        told = [v if isfinite(v) and not line.is_hidden else None for v in values]
        rows.append([m.level, m.id, None if line.is_hidden else pair.n, *told])
    write, media_type = FORMATS[kind]
    answer = HttpResponse(write(header, rows), content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="gaps.{kind}"'
    return answer


@page("gaps.view")
def behind(request: HttpRequest) -> HttpResponse:
    """The answers behind a number, the largest shortfall first, with words, and cases where the customer agreed."""
    chosen = chosen_of(request, on=local_day(business_now()))
    held: Sheet = sheet(chosen)
    dimension = request.GET.get("dimension", "")
    found = quality.voices(held, dimension if dimension in dimensions() else "")
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": Paginator(found, 30).get_page(request.GET.get("page")),
        "n": len(held.rows),
        "least": least("SURVEY_MIN_CELL"),
        "dimension": dimensions().get(dimension),
        "query": query.urlencode(),
    }
    return render(request, "gaps/behind.html", context)


@page("gaps.view")
def cases(request: HttpRequest) -> HttpResponse:
    """The cases behind gaps 3 and 4: what was allowed or promised, what was used, which were asked or sent on again."""
    chosen = chosen_of(request, on=local_day(business_now()))
    row = next((row for row in evidence() if row.id == request.GET.get("row")), None)
    kinds = [kind.partition(":")[::2] for kind in row.data.split()] if row else []
    facts = Evidence(chosen)
    ticked = facts.strictest({scope for name, scope in kinds if name == "clock"})
    breaches = [breach for name, kind in kinds if name == "breach" for breach in facts.breaches(kind)]
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "row": row,
        "page": Paginator(sorted(ticked, key=lambda t: (t.left_wd, t.number)), 30).get_page(
            request.GET.get("page")
        ),
        "breaches": breaches,
        "all": len(facts.cases),
        "query": query.urlencode(),
    }
    return render(request, "gaps/gap_cases.html", context)
