"""Perceived quality: the quadrant, the five gaps, the steps side by side, and the answers behind every number."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from math import isfinite
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from jiedian.cases.case.models.case import Case
from jiedian.core.findings import refuse
from jiedian.core.sheets import csv_bytes, xlsx_bytes
from jiedian.core.workdays import local_day
from jiedian.people.models import Department
from jiedian.people.queries import areas
from jiedian.process.rows import steps as step_rows
from jiedian.shell.draw import trend_svg
from jiedian.shell.kit.names import name_of
from jiedian.shell.shell import business_now, page
from jiedian.voice.surveys.models import Response
from jiedian.voice.surveys.queries import AnswerFilter, dimensions, instruments, least, responses
from jiedian.voice.surveys.templatetags.gap_tags import survey_channel

from .calc.importance import Place
from .drawings import Quadrant, quadrant
from .queries import quality
from .queries.evidence import Evidence, beside
from .queries.first_look import Figures, FirstLook, conclusions, first_look
from .queries.gaps import Line, Sheet, evidence, five_gaps, lines, sheet
from .queries.visited import beside_visits

PERIOD_DAYS = 365


def _workbook(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The figures as a workbook, its sheet called by what it holds."""
    return xlsx_bytes(heads, rows, _("感知差距"))


FORMATS = {
    "csv": (csv_bytes, "text/csv; charset=utf-8"),
    "xlsx": (
        _workbook,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}
NAMES = ("instrument", "step", "case_class", "area", "department", "channel")


def chosen_of(request: HttpRequest, *, on: date) -> AnswerFilter:
    """Filter of answers as asked for; the last year when no day is given."""
    days = {name: request.GET.get(name, "") for name in ("since", "until")}
    found: dict[str, date | None] = {}
    for name, text in days.items():
        try:
            found[name] = date.fromisoformat(text) if text else None
        except ValueError as error:
            raise refuse("gaps.day") from error
    since = found["since"] or on - timedelta(days=PERIOD_DAYS)
    return AnswerFilter(
        **{name: request.GET.get(name, "")[:32] for name in NAMES}, since=since, until=found["until"]
    )


@page("gaps.view")
def gaps(request: HttpRequest) -> HttpResponse:
    """Page of the gaps: how customers perceive the service, where it falls short, and what matters to them."""
    on = local_day(business_now())
    filters = chosen_of(request, on=on)
    answers = sheet(filters)
    measures = lines(answers)
    if request.GET.get("format") in FORMATS:
        return _table(measures, request.GET["format"])
    level = "item" if request.GET.get("level") == "item" else "dimension"
    by = request.GET.get("by", "")
    by = by if by in quality.GROUPS else "department"
    places, mean_x, mean_y, origin = quality.importance_places(measures, level=level)
    look = first_look(answers, measures, quality.importance_places(measures, level="dimension")[0])
    context = {
        "filters": filters,
        "query": _without(request, "level", "by", "format"),
        "level": level,
        "is_item": level == "item",
        "is_dimension": level == "dimension",
        "n": len(answers.rows),
        "simulated": sum(row.is_simulated for row in answers.rows),
        "overall": next((line for line in measures if line.measure.level == "overall"), None),
        "dimensions": [line for line in measures if line.measure.level == "dimension"],
        "items": [line for line in measures if line.measure.level == "item"],
        "look": look,
        "places": places,
        "origin": origin,
        "by": by,
        "by_asked": "by" in request.GET,
        "groups": quality.groups(answers, by),
        "least": least("SURVEY_MIN_CELL"),
        "enough": least("SURVEY_ENOUGH"),
        **_figures(filters, answers, measures),
        **_filters(),
    }
    context["quadrant"] = _quadrant(places, level, mean_x, mean_y, look)
    return render(request, "gaps/gaps.html", context)


def _without(request: HttpRequest, *names: str) -> str:
    """The question without some of its parts."""
    query = request.GET.copy()
    for name in names:
        query.pop(name, None)
    return query.urlencode()


def _figures(chosen: AnswerFilter, held: Sheet, found: list[Line]) -> dict[str, object]:
    """Every table of figures, and what each comes to."""
    matrix = [(dimensions()[name], row) for name, row in five_gaps(chosen, held).items()]
    at = business_now()
    steps, visited = beside(chosen, held.rows, on=local_day(at)), beside_visits(chosen, found, at=at)
    totals, features = quality.totals(held), quality.features(list(responses(chosen)))
    months, slope = quality.months(held)
    cells = [gap for _row, row in matrix for gap in row]
    return {
        "matrix": matrix,
        "evidence": evidence(),
        "beside": steps,
        "visited": visited,
        "totals": totals,
        "features": features,
        "trend": slope,
        **_trend(months),
        "comes_to": conclusions(found, Figures(cells, steps, totals, features, visited, slope)),
    }


def _filters() -> dict[str, object]:
    """What the answers can be narrowed by, as pairs of value and words."""
    asked_after = set(Response.objects.order_by().values_list("step_code", flat=True).distinct())
    channels = Response.objects.exclude(case_channel="").values_list("case_channel", flat=True)
    return {
        "groupings": [
            ("department", _("部门")),
            ("step", _("环节")),
            ("case_class", _("类别")),
            ("area", _("所在区域")),
            ("channel", _("申请渠道")),
        ],
        "steps": _named((row.id, row) for row in step_rows().values() if row.id in asked_after),
        "classes": Case.Class.choices,
        "areas": areas(),
        "all_departments": _named((row.code, row) for row in Department.objects.order_by("id")),
        "instruments": _named((row.id, row) for row in instruments().values() if row.kind == "pair"),
        "channels": [(code, survey_channel(code)) for code in sorted(set(channels))],
    }


def _named(rows: Iterable[tuple[str, object]]) -> list[tuple[str, str]]:
    return [(key, name_of(row)) for key, row in rows]


def _name(line: Line) -> str:
    return name_of(line.row) or line.measure.id


def _quadrant(
    places: list[tuple[Place, Line]], level: str, mean_x: float, mean_y: float, look: FirstLook
) -> Quadrant | None:
    """The drawing; the questions of a questionnaire are long and stand in it by the numbers of their table."""
    named = [
        (place, str(at) if level == "item" else _name(line), getattr(line.row, "dimension", line.measure.id))
        for at, (place, line) in enumerate(places, start=1)
    ]
    return quadrant(named, mean_x=mean_x, mean_y=mean_y, worst=look.first.measure.id if look.first else "")


def _trend(months: list[quality.Month]) -> dict[str, object]:
    shown = [month for month in months if not month.is_hidden]
    points = [
        (f"{month.first_on:%Y-%m}", month.pair.gap, month.pair.ci_low, month.pair.ci_high) for month in shown
    ]
    svg = trend_svg(points[-6:], title=_("差距逐月变化")) if len(points) > 1 else ""
    return {"months": months[-12:], "trend_svg": svg}


def _table(found: list[Line], kind: str) -> HttpResponse:
    """The lines as a file for people (``jiedian gaps`` writes the same for programs); groups too small have no figures."""
    header = [_("层级"), _("名称"), _("答卷（份）"), _("期望均值"), _("感知均值"), _("差距")]
    header += [
        _("95% 区间下限"),
        _("95% 区间上限"),
        _("t 值"),
        _("p 值"),
        _("校正后 p 值"),
        _("效应量 d"),
        _("信度 α"),
    ]
    levels = {"overall": _("总体"), "dimension": _("维度"), "item": _("题目")}
    rows = []
    for line in found:
        m, pair = line.measure, line.measure.paired
        values = [pair.mean_e, pair.mean_p, pair.gap, pair.ci_low, pair.ci_high, pair.t, pair.p]
        values += [m.p_holm, pair.d, m.alpha.value]
        told = [v if isfinite(v) and not line.is_hidden else None for v in values]
        name = name_of(line.row) if line.row else levels[m.level]
        rows.append([levels[m.level], name, None if line.is_hidden else pair.n, *told])
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
    spoken = [voice for voice in found if voice.row.words]
    is_spoken = request.GET.get("words") == "1"
    context = {
        "page": Paginator(spoken if is_spoken else found, 30).get_page(request.GET.get("page")),
        "n": len(found),
        "n_spoken": len(spoken),
        "is_spoken": is_spoken,
        "is_every": not is_spoken,
        "least": least("SURVEY_MIN_CELL"),
        "dimension": dimensions().get(dimension),
        "query": _without(request, "page", "words"),
        "back": _without(request, "page", "words", "dimension"),
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
    context = {
        "row": row,
        "page": Paginator(sorted(ticked, key=lambda t: (t.left_wd, t.number)), 30).get_page(
            request.GET.get("page")
        ),
        "breaches": breaches,
        "n_cases": len(facts.cases),
        "back": _without(request, "page", "row"),
    }
    return render(request, "gaps/gap_cases.html", context)
