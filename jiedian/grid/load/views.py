"""Read networks in, look at the findings, take over, undo; upload measured load and neighbours."""

import io
import zipfile
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.core.findings import Refused
from jiedian.grid.network.forms import ImportForm, SheetForm, TakeForm
from jiedian.grid.network.models import Grid, Import, Progress
from jiedian.grid.network.queries.network import standing_grids
from jiedian.grid.network.queries.versions import Effect, effect_of, versions
from jiedian.grid.network.services.imports import ask, ask_code
from jiedian.grid.network.services.versions import undo
from jiedian.grid.network.services.waiting import hand_over, is_large, take_seen
from jiedian.grid.readers.calc.example import template
from jiedian.ground.files.queries import listed
from jiedian.ground.files.services import hand_in
from jiedian.ground.journal.services import Actor
from jiedian.people.queries import actor, person
from jiedian.shell.shell import business_now, page


@page("grid.import")
def imports(request: HttpRequest) -> HttpResponse:
    """Every file that was read and every version; a form for the next."""
    form = ImportForm(request.POST or None, request.FILES or None)
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("grid_import", _asked(request, form.cleaned_data).pk)
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
    context = {
        "form": form,
        "findings": findings,
        "files": listed("load", "neighbours", "basemap"),
        "imports": list(Import.objects.defer("snapshot")[:60]),
        "versions": versions(),
        "grids": list(standing_grids()),
    }
    return render(request, "load/imports.html", context, status=422 if form.errors or findings else 200)


def _asked(request: HttpRequest, values: dict[str, Any]) -> Import:
    who, at, grid_code = actor(person(request.user.pk)), business_now(), values["grid_code"]
    if values["code"]:
        return ask_code(values["code"], state="peak", grid_code=grid_code, actor=who, at=at)
    return ask(request.FILES.getlist("parts"), grid_code=grid_code, actor=who, at=at)


@page("grid.import")
def one_import(request: HttpRequest, import_id: int) -> HttpResponse:
    """One file with its findings, and what may be done with it; how far it is while it is being read."""
    done = _import(import_id)
    return _shown(request, done, TakeForm(initial={"reason": _("导入")}, effect=_effect(done)))


def _effect(done: Import) -> Effect | None:
    return effect_of(done) if done.state == Import.State.READ else None


def _import(import_id: int) -> Import:
    done = Import.objects.filter(pk=import_id).select_related("progress").first()
    if done is None:
        raise Http404
    return done


def _shown(
    request: HttpRequest, done: Import, form: TakeForm, findings: list[str] | None = None
) -> HttpResponse:
    words = {
        "buses": _("节点"),
        "lines": _("线路"),
        "transformers": _("变压器"),
        "links": _("开关"),
        "loads": _("负荷"),
        "generators": _("发电"),
        "sources": _("电源"),
    }
    counts = [(words.get(name, name), count) for name, count in done.counts.items()]
    is_busy = done.state in (Import.State.WAITING, Import.State.WORKING)
    language = get_language() or "zh-hans"
    refused = [row["zh"] if language.startswith("zh") else row["en"] for row in done.ask.get("refused", [])]
    context = {
        "done": done,
        "form": form,
        "counts": counts,
        "findings": findings or refused,
        "is_busy": is_busy,
        "stages": _stages(done),
        "stage": done.progress.stage if is_busy else "",
        "said": _said(done),
        "effect": form.effect,
        "is_checked": not is_busy or done.state == Import.State.WORKING,
    }
    return render(request, "load/import.html", context, status=422 if findings or form.errors else 200)


def _said(done: Import) -> str:
    """Where an import stands, as a sentence."""
    return {
        Import.State.WAITING: _("已收到，后台正在读入；可以离开本页，读完在此看检查结果。"),
        Import.State.WORKING: _("后台正在处理，一切照旧直到做完；可以离开本页。"),
        Import.State.REFUSED: _("没有读成，什么也没有改动，文件没有留下。"),
        Import.State.READ: _("已读入，尚未启用：请看完检查结果再决定。"),
        Import.State.TAKEN: _("已启用。"),
        Import.State.UNDONE: _("已撤销，前一版本仍在用。")
        if standing_grids().filter(code=done.grid_code).exists()
        else _("已撤销。这个电网没有更早的版本，不再供选用。"),
    }[Import.State(done.state)]


def _stages(done: Import) -> list[tuple[str, str]]:
    """The stages of what is going on: reading, or taking over and undoing."""
    later = (Progress.Stage.NAMING, Progress.Stage.COUNTING)
    is_work = done.state == Import.State.WORKING
    return [(s.value, str(s.label)) for s in Progress.Stage if s == "waiting" or (s in later) == is_work]


@require_POST
@page("grid.import")
def import_verb(request: HttpRequest, import_id: int, name: str) -> HttpResponse:
    """Take an import over, or undo it."""
    done, who, at = _import(import_id), actor(person(request.user.pk)), business_now()
    form = TakeForm(request.POST, effect=_effect(done) if name == "take" else None)
    try:
        if name == "undo":
            _undo(request, done, who, at)
        elif name == "take":
            if not form.is_valid():
                return _shown(request, done, form)
            _take(request, done, form.cleaned_data, who, at)
        else:
            raise Http404
    except Refused as refusal:
        return _shown(request, done, form, refusal.words(get_language() or "zh-hans"))
    return redirect("grid_import", done.pk)


def _undo(request: HttpRequest, done: Import, who: Actor, at: datetime) -> None:
    if is_large(done):
        hand_over(done, "undo", actor=who, at=at)
    else:
        undo(done, actor=who, at=at)
        messages.success(request, _said(_import(done.pk)))


def _take(request: HttpRequest, done: Import, values: dict[str, Any], who: Actor, at: datetime) -> None:
    since = values["effective_at"] or at
    seen = "" if values["seen"] is None else str(values["seen"])
    ask = {"effective_at": since.isoformat(), "reason": values["reason"], "seen": seen}
    if is_large(done):
        hand_over(done, "take", actor=who, at=at, **ask)
    else:
        take_seen(done, ask, actor=who, at=at)
        messages.success(request, _("已启用为新版本。"))


@page("grid.import")
def sheet(request: HttpRequest, grid_id: int) -> HttpResponse:
    """Hand in measured load, or accounts and poles, for a grid; the worker reads it."""
    grid = Grid.objects.filter(pk=grid_id).first()
    if grid is None:
        raise Http404
    form = SheetForm(request.POST or None, request.FILES or None)
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        file, kind = form.cleaned_data["file"], form.cleaned_data["kind"]
        who = actor(person(request.user.pk))
        try:
            row = hand_in(
                kind, file, name=file.name, options={"grid": grid.code}, actor=who, at=business_now()
            )
            return redirect("file_import", row.pk)
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
    status = 422 if form.errors or findings else 200
    context = {"form": form, "title": _("上传数据表"), "findings": findings}
    return render(request, "shell/form.html", context, status=status)


@page("grid.import")
def table_template(request: HttpRequest) -> HttpResponse:
    """An example set of the CSV tables, as an archive."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in template().items():
            archive.writestr(name, "\ufeff" + text)
    answer = HttpResponse(kept.getvalue(), content_type="application/zip")
    answer["Content-Disposition"] = 'attachment; filename="grid-tables.zip"'
    return answer
