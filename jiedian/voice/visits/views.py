"""明察暗访: plans and results for those who may see them, the review, and the visitor's phone page."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.core.findings import Refused, refuse
from jiedian.core.workdays import local_day
from jiedian.ground.vault.queries import response
from jiedian.people.models import User
from jiedian.people.queries import actor, may, person
from jiedian.shell.shell import business_now, page

from . import queries, services
from .forms import PlanForm
from .models import Visit, VisitPlan

CODE = Path(__file__).resolve().parents[2] / "shell/static/shell/visits-worker.js"
BODY_CEILING = 1_000_000


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


@page("visits.results")
def visits(request: HttpRequest) -> HttpResponse:
    """Every plan with its seal and how far it is; never who or when."""
    at = business_now()
    may_plan = may(request.user, "visits.plan").may
    return render(request, "visits/visits.html", {"plans": queries.plans_shown(may_plan=may_plan, at=at)})


@page("visits.plan")
def visit_plan_new(request: HttpRequest) -> HttpResponse:
    """Seal a new plan."""
    today = local_day(business_now())
    form = PlanForm(request.POST or None, initial={"from_on": today, "until_on": today + timedelta(days=60)})
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data | {"visitors": list(form.cleaned_data["visitors"])}
        try:
            plan = services.seal_plan(
                services.Period(**values), actor=actor(person(request.user.pk)), at=business_now()
            )
            messages.success(request, _("计划已封存，走访任务已下达给访员。"))
            return redirect("visit_plan", plan.pk)
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
    status = 422 if form.errors or findings else 200
    context = {"form": form, "title": _("新的走访计划"), "findings": findings}
    return render(request, "shell/form.html", context, status=status)


@page("visits.results")
def visit_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """One plan: while it runs, the planner's list; when it is over, results and proof for all who may see them."""
    plan, at = queries.plan_of(plan_id), business_now()
    may_plan, is_over = may(request.user, "visits.plan").may, queries.is_over(plan, at=at)
    shown = queries.visits_of_plan(request.user, plan, at=at) if may_plan else Visit.objects.none()
    names = {user.pk: user for user in User.objects.filter(pk__in=[visit.visitor_id for visit in shown])}
    offices = queries.offices()
    found = queries.results(plan) if is_over else None
    context = {
        "plan": plan,
        "checklist": queries.checklists().get(plan.checklist),
        "is_over": is_over,
        "may_plan": may_plan,
        "rows": [(visit, offices.get(visit.office), names.get(visit.visitor_id)) for visit in shown],
        "results": found,
        "offices": [offices[key] for key in plan.design["offices"] if key in offices],
        "table": _table(plan, found) if found else [],
        "vetoes": [(offices.get(visit.office), row) for visit, row in found.vetoes] if found else [],
        "hidden": plan.visits.count() - len(shown) if may_plan else 0,
    }
    return render(request, "visits/visit_plan.html", context)


def _table(plan: VisitPlan, found: queries.Results) -> list[tuple[Any, dict[str, Any]]]:
    """A line a dimension: its row (None for all together), and the figures by office."""
    rows = queries.dimensions(plan.checklist)
    return [(rows.get(name), groups) for name, groups in found.table.items()]


@require_POST
@page("visits.plan")
def visit_reveal(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Put the seed into the journal after the period."""
    plan = queries.plan_of(plan_id)
    services.reveal(plan, actor=actor(person(request.user.pk)), at=business_now())
    messages.success(request, _("种子已写入业务日志，任何人都可复算。"))
    return redirect("visit_plan", plan.pk)


@page("visits.plan")
def visit_review(request: HttpRequest, plan_id: int, uid: UUID) -> HttpResponse:
    """Look at what a visitor handed in and decide."""
    plan, at = queries.plan_of(plan_id), business_now()
    visit = queries.visit_to_review(request.user, plan, uid, at=at)
    if request.method == "POST":
        services.review(
            visit,
            is_accepted=request.POST.get("act") == "accept",
            note=request.POST.get("note", ""),
            actor=actor(person(request.user.pk)),
            at=at,
        )
        messages.success(request, _("已复核。"))
        return redirect("visit_plan", plan.pk)
    names = queries.dimensions(plan.checklist)
    context = {
        "plan": plan,
        "visit": visit,
        "office": queries.offices().get(visit.office),
        "score": _points(queries.scores_of(visit).get("all")),
        "photos": [(photo, names.get(photo.item)) for photo in visit.photos.all()],
        "rows": [
            (dimension, row, visit.ratings.get(row.id))
            for key, dimension in names.items()
            for row in queries.items(plan.checklist, visit.kind)
            if row.dimension == key
        ],
        "notes": [(names.get(key), text) for key, text in visit.notes.items()],
        "doubts": [finding.words(get_language() or "zh-hans") for finding in queries.doubts_of(visit)],
    }
    return render(request, "visits/visit_review.html", context)


def _points(score: float | None) -> str:
    return "" if score is None else _("%(n)s 分（百分制）") % {"n": round(score)}


@page("visits.plan")
def visit_photo(request: HttpRequest, plan_id: int, uid: UUID, photo_id: int) -> HttpResponseBase:
    """A photo as it was taken."""
    plan = queries.plan_of(plan_id)
    visit = queries.visit_to_review(request.user, plan, uid, at=business_now())
    photo = visit.photos.filter(pk=photo_id).first()
    if photo is None:
        raise refuse("missing.photo")
    return response(photo.upload)


@page("visits.mine")
def visits_mine(request: HttpRequest) -> HttpResponse:
    """The visitor's page: it works without a network and hands in later."""
    sheet = queries.sheet_for(queries.visits_of(request.user), is_zh=_is_zh())
    words = {
        "rate": [_("不符合"), _("部分符合"), _("符合")],
        "na": _("看不到"),
        "veto": _("否决项"),
        "note": _("说明"),
        "photo": _("拍照"),
        "finish": _("完成走访"),
        "missing": _("还有未评的项目"),
        "todo": _("待走访"),
        "draft": _("已存本机"),
        "queued": _("已完成，联网后自动上传"),
        "sent": _("已提交"),
        "sign_in": _("请重新登录后上传"),
        "refused": _("未收下"),
        "done": _("这次走访已填完，不能再改。"),
        "none": _("没有走访任务。计划下达后会出现在这里。"),
    }
    data = sheet | {"words": words, "user": request.user.pk}
    return render(request, "visits/visits_mine.html", {"data": data})


@page("public")
def visits_worker(request: HttpRequest) -> HttpResponse:
    """The service worker; it must live above the pages it serves without a network."""
    return HttpResponse(CODE.read_text("utf-8"), content_type="text/javascript; charset=utf-8")


@require_POST
@page("visits.mine")
def visit_submit(request: HttpRequest, uid: UUID) -> JsonResponse:
    """Take in what was seen; the same submission again gives the same answer."""
    try:
        body = _body(request)
        seen = services.VisitSheet(
            submission=UUID(str(body["submission"])),
            ratings=dict(body["ratings"]),
            notes=dict(body.get("notes") or {}),
            photos=[str(sha) for sha in body.get("photos") or []],
            place=dict(body.get("place") or {}),
            seen_at=_instant(body["seen_at"]),
        )
        visit = services.submit(queries.visit_for(request.user, uid), seen, at=business_now())
    except Refused as refusal:
        return _refused(refusal)
    except (KeyError, ValueError, TypeError) as error:
        return JsonResponse({"findings": [f"{_('内容不完整')}: {error}"]}, status=422)
    doubts = [finding.words(get_language() or "zh-hans") for finding in queries.doubts_of(visit)]
    return JsonResponse({"state": visit.state, "sha256": visit.content_sha256, "doubts": doubts})


@require_POST
@page("visits.mine")
def visit_photo_new(request: HttpRequest, uid: UUID) -> JsonResponse:
    """Take in one photo with its hash, time and place; the same photo again gives the same answer."""
    upload = request.FILES.get("photo")
    try:
        if upload is None:
            raise refuse("upload.none")
        visit = queries.visit_for(request.user, uid)
        sent = services.Photo(
            upload.read(),
            item=request.POST.get("item", ""),
            sha256=request.POST.get("sha256", ""),
            taken_at=_instant(request.POST.get("taken_at", "")),
            place=json.loads(request.POST.get("place") or "{}"),
        )
        photo = services.keep_photo(visit, sent, at=business_now())
    except Refused as refusal:
        return _refused(refusal)
    except (ValueError, TypeError, AttributeError) as error:
        return JsonResponse({"findings": [f"{_('内容不完整')}: {error}"]}, status=422)
    return JsonResponse({"sha256": photo.sha256})


def _body(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > BODY_CEILING:
        raise refuse("upload.too_large")
    found = json.loads(request.body)
    if not isinstance(found, dict):
        raise ValueError("object")
    return found


def _instant(text: object) -> datetime:
    at = datetime.fromisoformat(str(text))
    if at.tzinfo is None or at.date() < date(2000, 1, 1):
        raise ValueError(str(text)[:40])
    return at


def _refused(refusal: Refused) -> JsonResponse:
    return JsonResponse({"findings": refusal.words(get_language() or "zh-hans")}, status=422)
