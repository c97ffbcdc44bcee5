"""Surveys as staff run them: instruments, invitations, quotas, results, files in and out."""

from datetime import date, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from jiedian.cases.case.models.case import Case
from jiedian.core.findings import refuse
from jiedian.core.workdays import local_day
from jiedian.ground.files.queries import listed
from jiedian.ground.files.services import hand_in, undo_of
from jiedian.people.queries import actor, areas, may, person
from jiedian.shell.kit.names import name_of
from jiedian.shell.shell import business_now, page

from ..models import Invitation, QuotaUse, Response, SurveyFile
from ..queries import AnswerFilter, instrument, instruments, items, least, quotas, responses, triggers
from ..services import imports, surveys
from ..templatetags.gap_tags import survey_step

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@page("survey.view")
def desk(request: HttpRequest) -> HttpResponse:
    """Desk of questionnaires: what is asked, whom, how many answered, and what came in as files."""
    found = (
        Invitation.objects.filter(is_reusable=False)
        .exclude(channel="staff")
        .select_related("case")
        .order_by("-sent_at", "-id")
    )
    asked = {name: request.GET.get(name, "") for name in ("state", "step_code", "case_class")}
    q = request.GET.get("q", "")
    found = found.filter(**{name: value for name, value in asked.items() if value})
    if q:
        found = found.filter(case__number__icontains=q)
    who = request.user
    context = {
        "rows": _instruments(),
        "page": Paginator(found, 20).get_page(request.GET.get("page")),
        "filters": asked,
        "q": q,
        "states": Invitation.State.choices,
        "asked_after": [(row.id, survey_step(row.id)) for row in triggers().values()],
        "classes": [pair for pair in Case.Class.choices if pair[0] in {row.case_class for row in quotas()}],
        "instruments": [(row.id, name_of(row)) for row in instruments().values()],
        "quotas": _quotas(local_day(business_now())),
        "files": SurveyFile.objects.all()[:20],
        "handed": listed("answers", n=20),
        "may_import": may(who, "survey.import").may,
        "may_kiosk": may(who, "survey.kiosk").may,
        "areas": areas(),
        "kiosk_link": request.session.pop("kiosk_link", ""),
    }
    return render(request, "surveys/surveys.html", context)


def _instruments() -> list[dict[str, object]]:
    sent = {
        row["instrument"]: (row["all"], row["answered"])
        for row in Invitation.objects.filter(is_reusable=False)
        .exclude(channel="staff")
        .order_by()
        .values("instrument")
        .annotate(all=Count("id"), answered=Count("id", filter=Q(state="answered")))
    }
    told = {
        (row["instrument"], row["by"]): row["n"]
        for row in Response.objects.order_by().values("instrument", "by").annotate(n=Count("id"))
    }
    return [
        {
            "row": row,
            "questions": len(items(row.id)),
            "sent": sent.get(row.id, (0, 0))[0],
            "answered": sent.get(row.id, (0, 0))[1],
            "customers": told.get((row.id, "customer"), 0),
            "managers": told.get((row.id, "manager"), 0),
            "trigger": next((t for t in triggers().values() if t.instrument == row.id), None),
        }
        for row in instruments().values()
    ]


def _quotas(day: date) -> list[dict[str, object]]:
    week = day - timedelta(days=day.weekday())
    used = dict(QuotaUse.objects.filter(week=week).values_list("quota", "used"))
    rows = sorted(quotas(), key=lambda row: list(triggers()).index(row.step))
    return [{"row": row, "used": used.get(row.id, 0)} for row in rows]


@page("survey.view")
def questionnaire(request: HttpRequest, key: str) -> HttpResponse:
    """An instrument as it is asked, item by item, with sources."""
    return render(request, "surveys/instrument.html", {"row": instrument(key), "items": items(key)})


@page("survey.export")
def export(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """The answers to an instrument, without words and case numbers, in the columns of ``jiedian gaps``."""
    if kind not in KINDS:
        raise refuse("missing.format")
    rows = responses(AnswerFilter(instrument=instrument(key).id))
    if rows.count() < least("SURVEY_MIN_CELL"):
        raise refuse("missing.answers")
    answer = HttpResponse(imports.exported(rows, kind), content_type=KINDS[kind])
    answer["Content-Disposition"] = f'attachment; filename="{key}.{kind}"'
    return answer


@require_POST
@page("survey.import")
def take_in(request: HttpRequest) -> HttpResponse:
    """Hand in a file of answers; the worker reads it."""
    key, file, at = request.POST.get("instrument", ""), request.FILES.get("file"), business_now()
    if file is None:
        raise refuse("upload.none")
    row = hand_in(
        "answers",
        file,
        name=file.name or "answers.csv",
        options={"instrument": instrument(key).id},
        actor=actor(person(request.user.pk)),
        at=at,
    )
    return redirect("file_import", row.pk)


@require_POST
@page("survey.import")
def undo(request: HttpRequest, file_id: int) -> HttpResponse:
    """Take a file's answers out again."""
    found = SurveyFile.objects.filter(pk=file_id).first()
    if found is None:
        raise refuse("missing.import")
    who, at = actor(person(request.user.pk)), business_now()
    gone = undo_of("answers", found.pk, actor=who, at=at)
    if gone is None:
        gone = surveys.undo(found, actor=who, at=at)
    messages.success(
        request, ngettext("已撤销，移除 %(n)s 份答卷。", "已撤销，移除 %(n)s 份答卷。", gone) % {"n": gone}
    )
    return redirect("surveys")


@require_POST
@page("survey.kiosk")
def kiosk(request: HttpRequest) -> HttpResponse:
    """Make a link for a screen in the hall; it is shown once."""
    user = person(request.user.pk)
    code = user.department.code if user.department else ""
    area = request.POST.get("area", "")
    known = {name for name, _label in areas()}
    _made, token = surveys.open_kiosk(
        request.POST.get("instrument", "short"),
        area=area if area in known else "",
        department=code,
        days=90,
        actor=actor(user),
        at=business_now(),
    )
    request.session["kiosk_link"] = request.build_absolute_uri(reverse("survey_answer", args=[token]))
    return redirect("surveys")
