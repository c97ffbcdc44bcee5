"""Pages of the classifier: how far it can be trusted, what it is unsure of, and which version is in use."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from procrastinate.contrib.django import app

from jiedian.people.queries import actor, person
from jiedian.shell.draw.concerns import coverage_svg
from jiedian.shell.kit.names import name_of
from jiedian.shell.shell import business_now, page, verdict_on
from jiedian.voice.inbox.queries.channels import channel_of
from jiedian.voice.inbox.queries.leaves import leaf_of, leaves, phase_of, phases
from jiedian.voice.inbox.rows import threshold

from . import queries
from .models import Label, Version
from .services import classification, versions

AUTHORS = {"one": gettext_lazy("作者一"), "two": gettext_lazy("作者二"), "three": gettext_lazy("作者三")}
"""The authors of the training corpus."""


@page("classifier.view")
def classifier(request: HttpRequest) -> HttpResponse:
    """The version in use with its figures, the one that waits, earlier ones, and what a person should look at."""
    rows = list(queries.versions())
    current = next((row for row in rows if row.state == Version.State.IN_USE), None)
    shown = next((row for row in rows if str(row.number) == request.GET.get("version")), current)
    examined = queries.examined(shown) if shown else None
    context = {
        "versions": rows,
        "examination": examined,
        "current": current,
        "candidate": next((row for row in rows if row.state == Version.State.CANDIDATE), None),
        "curve": _curve(shown.figures) if shown else "",
        "compared": _compared(shown.figures) if shown else [],
        "authors": [(AUTHORS.get(row["author"], row["author"]), row) for row in shown.figures["authors"]]
        if shown
        else [],
        "to_look_at": queries.to_look_at(),
        "n_labels": Label.objects.values("telling").distinct().count(),
        "wanted": threshold("trusted_accuracy"),
        "replace_p": threshold("replace_p"),
        "may_replace": verdict_on(request.user, "classifier.replace").may,
    }
    return render(request, "classify/classifier.html", context)


def _curve(figures: dict[str, Any]) -> str:
    points = [(point["coverage"], point["accuracy"]) for point in figures["curve"]]
    base, trusted = figures["baselines"], figures["trusted"]
    marks = [
        (_("采信"), trusted["coverage"], trusted["accuracy"]),
        (_("只数关键词"), 1.0, base["keywords"]),
        (_("总猜最多的一类"), 1.0, base["majority"]),
    ]
    return coverage_svg(points, marks, title=_("覆盖率与准确率"), axes=(_("覆盖率"), _("准确率")))


def _compared(figures: dict[str, Any]) -> list[tuple[str, float, dict[str, Any] | None]]:
    """This version beside simpler ways: what it is, the share that was right, and more where more was measured."""
    base = figures["baselines"]
    return [
        (_("本版本，十类"), figures["accuracy"], figures),
        (_("三大类"), figures["group_accuracy"], None),
        (_("环节，九类"), figures["step"]["accuracy"], figures["step"]),
        (_("只数关键词"), base["keywords"], None),
        (_("总猜最多的一类"), base["majority"], None),
    ]


@require_POST
@page("classifier.replace")
def train(request: HttpRequest) -> HttpResponse:
    """Ask for a candidate; a worker trains it."""
    who = actor(person(request.user.pk))
    app.configure_task("voice.train").defer(actor_id=who.id, actor_name=who.name, actor_role=who.role)
    messages.success(request, _("已安排训练，约半分钟后刷新；语料、更正与关键词都没有变化时不会产生新版本。"))
    return redirect("classifier")


@require_POST
@page("classifier.replace")
def decide(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Let a candidate into use, or keep the one there is."""
    who, at, version = actor(person(request.user.pk)), business_now(), queries.version_for(number)
    if verb == "accept":
        versions.accept(version, actor=who, at=at)
        messages.success(request, _("已启用，未经人工确认的诉求将重新分类。"))
    elif verb == "refuse":
        versions.turn_down(version, actor=who, at=at)
    else:
        raise Http404
    return redirect("classifier")


@page("voice.view")
def label(request: HttpRequest, telling_id: int) -> HttpResponse:
    """Label page: why the classifier thinks so, and what it really is; on POST a person's word is kept."""
    telling = queries.telling_for(telling_id)
    may_work = verdict_on(request.user, "voice.work")
    if request.method == "POST" and may_work.may:
        given, who = request.POST, actor(person(request.user.pk))
        classification.label(
            telling, leaf=given.get("leaf", ""), step=given.get("step", ""), actor=who, at=business_now()
        )
        messages.success(request, _("已记下，下一个版本会学到。"))
        return redirect("concern", telling.concern.number)
    version = queries.in_use()
    context = {
        "telling": telling,
        "channel": channel_of(telling.channel),
        "leaf": leaf_of(telling.leaf),
        "step": phase_of(telling.step),
        "reasons": queries.spoke_for(queries.text_of(telling), version) if version else [],
        "may_work": may_work.may,
        "leaves": [(row.id, name_of(row)) for row in leaves().values()],
        "phases": [(row.id, name_of(row)) for row in phases().values()],
        "labels": queries.labels_of(telling),
    }
    return render(request, "classify/label.html", context)
