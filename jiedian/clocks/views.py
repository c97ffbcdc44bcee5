"""The time limits: what a citizen may count on in a sentence, and every limit with what it rests on."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from jiedian.core.workdays import local_day
from jiedian.ground.rulebook.queries import STANDINGS, clause_words, document_of, place_of
from jiedian.shell.shell import business_now, page
from jiedian.shell.tables import table_response, wanted_file
from jiedian.shell.templatetags.label_tags import class_name, kind_name, scope_name, unit_name
from jiedian.shell.templatetags.web_tags import remark

from .calc.promises import Limit
from .queries import (
    aside,
    citizens,
    complaint,
    cutoff_hour,
    cutoffs,
    forecast_from,
    limits,
    pause_reasons,
)
from .templatetags.clock_tags import limit_name


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
        and text
        in f"{row.id} {row.source_id} {place_of(row)} {limit_name(row)} {row.note_zh} {row.note_en}".lower()
    ]
    if kind := wanted_file(request):
        return _limits_file(rows, kind)
    context = {
        "citizens": citizens(on),
        "complaint": complaint(on),
        "forecast_from": forecast_from(),
        "cutoff": cutoff_hour(on),
        "limits": rows,
        "is_asked": bool(text or chosen or show or request.GET.get("sort")),
        "aside": aside(),
        "same_day_rule": cutoffs()[-1],
        "pauses": list(pause_reasons().values()),
        "q": text,
        "show": show,
        "chosen_class": chosen,
        "classes": [
            (code, class_name(code)) for code in sorted({row.customer_class for row in limits().values()})
        ],
        "shows": [("all", _("全部（含已被接替、未采用）"))],
    }
    return render(request, "clocks/limits.html", context)


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
        _("条款"),
        _("核对情况"),
    ]
    cells = (
        (
            row.id,
            document_of(row.source_id),
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
            remark(row),
            clause_words(row.clause),
            STANDINGS[row.grade],
        )
        for row in rows
    )
    return table_response("limits", heads, cells, kind=kind, title=_("时限"))
