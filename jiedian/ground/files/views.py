"""The page of a file that was handed in: what was read, which column is what, take it over, take it back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.core.findings import Refused
from jiedian.core.sheets import csv_bytes
from jiedian.ground.journal.services import Actor
from jiedian.shell.shell import business_now, page, refused, verdict_on, whole_number

from . import services
from .importers import importer_of
from .models import FileImport
from .queries import findings_of, import_for, notes_of, shown


def _row(import_id: int) -> FileImport:
    row = import_for(import_id)
    if row is None:
        raise Http404
    return row


def _forbidden(request: HttpRequest, action: str) -> HttpResponse | None:
    verdict = verdict_on(request.user, action)
    return None if verdict.may else refused(request, [verdict.reason], status=403)


def _actor(request: HttpRequest) -> Actor:
    user: Any = request.user
    return Actor(user.pk, user.name_zh, user.roles[0] if user.roles else "staff")


@page("files.view")
def file_import(request: HttpRequest, import_id: int) -> HttpResponseBase:
    """One file: what it would bring or brought, every finding, its columns, take over and undo."""
    row = _row(import_id)
    importer = importer_of(row.kind)
    if answer := _forbidden(request, importer.view):
        return answer
    more = import_string(importer.panel)(row, request.user) if importer.panel else []
    context = {
        "shown": shown(row),
        "row": row,
        "title": _(importer.title),
        "more": more,
        "may_import": verdict_on(request.user, importer.permission).may,
    }
    return render(request, "files/file_import.html", context)


@page("files.view")
def file_findings(request: HttpRequest, import_id: int) -> HttpResponseBase:
    """Every finding and note of a file as CSV, in both languages."""
    row = _row(import_id)
    if answer := _forbidden(request, importer_of(row.kind).view):
        return answer
    rows = [(f.where, f.code, f.zh, f.en) for f in (*findings_of(row), *notes_of(row))]
    made = HttpResponse(
        csv_bytes([_("位置"), _("检查代码"), "中文", "English"], rows), content_type="text/csv; charset=utf-8"
    )
    made["Content-Disposition"] = f'attachment; filename="findings-{row.pk}.csv"'
    return made


@require_POST
@page("files.view")
def file_act(request: HttpRequest, import_id: int, act: str) -> HttpResponseBase:
    """Read a file again with other columns, order it to be taken over, or take it back."""
    row, at = _row(import_id), business_now()
    if answer := _forbidden(request, importer_of(row.kind).permission):
        return answer
    who = _actor(request)
    try:
        if act == "read":
            services.read_again(row, _asked(request, row), actor=who, at=at)
        elif act == "import":
            services.order(row, without_bad=request.POST.get("without_bad") == "1", actor=who, at=at)
        elif act == "undo":
            gone = services.undo(row, actor=who, at=at)
            messages.success(
                request, ngettext("已撤销，移除 %(n)s 件。", "已撤销，移除 %(n)s 件。", gone) % {"n": gone}
            )
        else:
            raise Http404
    except Refused as refusal:
        for words in refusal.words(get_language() or "zh-hans")[:5]:
            messages.error(request, words)
    return redirect("file_import", row.pk)


def _permission_of(import_id: int = 0, _act: str = "") -> str:
    """The permission of what is done to a file: that of its importer."""
    row = import_for(import_id) if import_id else None
    return importer_of(row.kind).permission if row else "files.view"


file_act.permission_of = _permission_of  # type: ignore[attr-defined]


def _asked(request: HttpRequest, row: FileImport) -> dict[str, Any]:
    """What somebody chose on the page; a column that stays as it was read is no choice."""
    before = row.options.get("asked", {})
    chosen = dict(before.get("chosen", {}))
    places = row.columns.get("places", {})
    for column in importer_of(row.kind).columns_for(row.options):
        told = request.POST.get(f"column-{column.key}")
        was = f"#{places[column.key] + 1}" if column.key in places else ""
        if told is not None and told != was:
            chosen[column.key] = told
    sheet, heading = request.POST.get("sheet", ""), whole_number(request.POST.get("heading"))
    if sheet != row.columns.get("sheet", "") or (heading and heading != row.columns.get("line")):
        chosen = {}  # the places of another heading are others
    return {
        "sheet": sheet,
        "heading": heading if heading != row.columns.get("line") else before.get("heading", 0),
        "chosen": chosen,
    }
