"""Read the journal, and check its chain."""

import json

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from jiedian.ground.rulebook.queries import LabelRow
from jiedian.ground.rulebook.services import load
from jiedian.shell.kit.names import name_of
from jiedian.shell.shell import page
from jiedian.shell.tables import kept_query, ordered, table_response, wanted_file
from jiedian.shell.templatetags.label_tags import fact_name

from .models import Fact
from .queries import latest_root, verify
from .rows import line_of

SORTS = {
    "occurred": "occurred_at",
    "recorded": "recorded_at",
    "stream": "stream",
    "kind": "kind",
    "actor": "actor_name",
}
FILE_ROWS = 50_000
NO_FACT = ("scope", "process", "event", "class", "kind", "unit", "yours")
"""First parts of labels that name something else than a fact."""


@page("journal.view")
def journal(request: HttpRequest) -> HttpResponse:
    """The newest facts first; by stream, kind or actor. ``?verify=1`` walks the whole chain."""
    asked = {name: request.GET.get(name, "").strip() for name in ("stream", "kind", "actor")}
    rows = Fact.objects.order_by("-id")
    if asked["stream"]:
        rows = rows.filter(stream__icontains=asked["stream"])
    if asked["kind"]:
        rows = rows.filter(kind__startswith=asked["kind"])
    if asked["actor"]:
        rows = rows.filter(actor_name__icontains=asked["actor"])
    rows = ordered(rows, request.GET.get("sort", ""), SORTS)
    if kind := wanted_file(request):
        return _file(rows[:FILE_ROWS], kind)
    is_checked = request.GET.get("verify") == "1"
    shown = Paginator(rows, 50).get_page(request.GET.get("page"))
    context = {
        "page": shown,
        "facts": [line_of(fact) for fact in shown.object_list],
        "filters": asked,
        "kinds": _kinds(),
        "query": kept_query(request.GET),
        "sorts": SORTS,
        "is_checked": is_checked,
        "fault": verify() if is_checked else None,
        "root": latest_root(),
    }
    return render(request, "journal/journal.html", context)


def _kinds() -> list[tuple[str, str]]:
    """The kinds of facts there can be, each in words, for the filter."""
    rows = load("labels/facts.csv", LabelRow)
    return [(row.id, name_of(row)) for row in rows if row.id.partition(".")[0] not in NO_FACT]


def _file(rows: QuerySet[Fact], kind: str) -> HttpResponse:
    """Facts as a file, with the hashes by which they can be checked."""
    heads = [
        _("工单"),
        _("序号"),
        _("事实"),
        _("代码"),
        _("发生"),
        _("记录"),
        _("人员"),
        _("内容"),
        _("哈希"),
    ]
    cells = (
        (
            fact.stream,
            fact.seq,
            fact_name(fact.kind),
            fact.kind,
            localtime(fact.occurred_at),
            localtime(fact.recorded_at),
            fact.actor_name,
            json.dumps(fact.data, ensure_ascii=False),
            fact.hash,
        )
        for fact in rows
    )
    return table_response("journal", heads, cells, kind=kind, title=_("业务日志"))
