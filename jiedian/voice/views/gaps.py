"""Perceived quality: the quadrant, the five gaps, the steps side by side, and the answers behind every number."""

import csv
from datetime import date, timedelta

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.cases.models import Case
from jiedian.clocks.queries import local_day
from jiedian.core.findings import refuse
from jiedian.people.models import Department
from jiedian.people.queries import areas
from jiedian.rulebook.queries import steps as step_rows
from jiedian.web.draw import quadrant_svg, trend_svg
from jiedian.web.shell import business_now, page

from ..models import Response
from ..queries import quality
from ..queries.evidence import beside
from ..queries.gaps import Line, Sheet, evidence, five_gaps, lines, sheet
from ..queries.surveys import Chosen, dimensions, instruments, least, responses

PERIOD_DAYS = 365
NAMES = ("instrument", "step", "case_class", "area", "department", "channel")


def chosen_of(request: HttpRequest, *, on: date) -> Chosen:
    """What the filters ask for; the last year when no day is given."""
    days = {name: request.GET.get(name, "") for name in ("since", "until")}
    found: dict[str, date | None] = {}
    for name, text in days.items():
        try:
            found[name] = date.fromisoformat(text) if text else None
        except ValueError as error:
            raise refuse("gaps.day", "日期应写作 2026-01-31", "A day is written like 2026-01-31") from error
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
    if request.GET.get("format") == "csv":
        return _csv(found)
    level = "item" if request.GET.get("level") == "item" else "dimension"
    months, slope = quality.months(held)
    simulated = sum(row.is_simulated for row in held.rows)
    query = request.GET.copy()
    query.pop("level", None)
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
        "totals": quality.totals(held),
        "departments": quality.departments(held),
        "months": months,
        "trend": slope,
        "trend_svg": _trend(months),
        "features": quality.features(list(responses(chosen))),
        "least": least("SURVEY_MIN_CELL"),
        "enough": least("SURVEY_ENOUGH"),
        **_quadrant(found, level),
        **_filters(),
    }
    return render(request, "voice/gaps.html", context)


def _filters() -> dict[str, object]:
    return {
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


def _trend(months: list[quality.Month]) -> str:
    shown = [month for month in months if not month.is_hidden]
    points = [
        (f"{month.first_on:%Y-%m}", month.pair.gap, month.pair.ci_low, month.pair.ci_high) for month in shown
    ]
    return trend_svg(points, title=_("差距逐月变化")) if len(points) > 1 else ""


def _csv(found: list[Line]) -> HttpResponse:
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="gaps.csv"'
    writer = csv.writer(answer)
    writer.writerow(
        ["level", "id", "n", "mean_e", "mean_p", "gap", "ci_low", "ci_high", "t", "p", "p_holm", "d", "alpha"]
    )
    for line in found:
        m, pair = line.measure, line.measure.paired
        values = [pair.mean_e, pair.mean_p, pair.gap, pair.ci_low, pair.ci_high, pair.t, pair.p]
        told = [
            "" if v != v or line.is_hidden else f"{v:.6g}" for v in [*values, m.p_holm, pair.d, m.alpha.value]
        ]
        writer.writerow([m.level, m.id, pair.n if not line.is_hidden else "", *told])
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
    return render(request, "voice/behind.html", context)
