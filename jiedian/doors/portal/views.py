"""The customer's side: apply, track, hand in, accept. Staff never see these pages."""

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.queries.published import speeds
from jiedian.cases.case.services import steps
from jiedian.cases.case.services.work import Work
from jiedian.cases.coordination.services import coordination
from jiedian.cases.intake.forms import CorrectionForm
from jiedian.cases.intake.services.corrections import correct as put_right
from jiedian.cases.intake.services.intake import apply as lodge
from jiedian.cases.papers import services as papers
from jiedian.cases.papers.models import Notice, Paper
from jiedian.cases.screen.drawings import gantt_svg
from jiedian.cases.screen.queries.screen import customers_days, screen_of
from jiedian.core.findings import Refused, refuse
from jiedian.core.workdays import local_day
from jiedian.grid.capacity.queries.maps import level_words
from jiedian.grid.publication.queries import issue_of, latest
from jiedian.ground.journal.services import Actor
from jiedian.ground.vault.queries import response
from jiedian.process.queries import open_steps
from jiedian.process.steps import codes_of
from jiedian.shell.shell import business_now, page
from jiedian.supply.scheme.models import Reply
from jiedian.supply.scheme.steps import accept, decline
from jiedian.supply.study.calc.scheme import Option
from jiedian.supply.study.queries.studies import study_of
from jiedian.supply.study.services import locate_applicant

from .forms import ApplyForm, CodeForm, NumberForm
from .queries import tracked
from .services import check_code, send_code

CUSTOMER = Actor(None, "客户", "customer")
"""The customer acts without an account; his name stays out of the facts."""


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


@page("public")
def home(request: HttpRequest) -> HttpResponse:
    """The doors, and how long it really took."""
    return render(request, "portal/home.html", {"speeds": speeds(at=business_now())})


@page("public")
def apply(request: HttpRequest) -> HttpResponse:
    """Apply for power."""
    form = ApplyForm(request.POST or None)
    findings: list[str] = []
    language = get_language() or "zh-hans"
    if request.method == "POST" and form.is_valid():
        try:
            case = lodge(form.application(language=language), actor=CUSTOMER, at=business_now())
            _let_in(request, case.number)
            _place(request, case, form)
            messages.success(request, _("已收到您的申请。请记下申请编号。"))
            return redirect("tracker", case.number)
        except Refused as refusal:
            findings = refusal.words(language)
    publication = latest()
    drawing = issue_of(publication).drawing if publication else ""
    context = {"form": form, "findings": findings, "drawing": drawing, "legend": level_words()}
    return render(request, "portal/apply.html", context, status=422 if form.errors or findings else 200)


def _place(request: HttpRequest, case: Case, form: ApplyForm) -> None:
    """Put the applicant beside what he named or where he clicked; what nobody knows is left to the survey."""
    beside = form.cleaned_data["beside"]
    if beside or form.pin:
        try:
            locate_applicant(case, beside, form.pin, actor=CUSTOMER, at=business_now())
        except Refused:
            messages.warning(request, _("没有查到您填的户号、杆号或台区，地点由勘查确定。"))


def _let_in(request: HttpRequest, number: str) -> None:
    opened = request.session.get("tracked", [])
    request.session["tracked"] = [*opened[-9:], number]


def _own(request: HttpRequest, number: str) -> Case:
    """The case, if this session holds its key. Somebody else's number is as unknown as none."""
    if number not in request.session.get("tracked", []):
        raise refuse("missing.opened_case")
    return Case.objects.select_related("customer").get(number=number)


@page("public")
def track(request: HttpRequest) -> HttpResponse:
    """Ask for the number and send a code to the phone on record."""
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"]
        send_code(number, at=timezone.now())
        return redirect("code", number)
    context = {"form": form, "title": _("查进度")}
    return render(request, "shell/form.html", context, status=422 if form.errors else 200)


@page("public")
def code(request: HttpRequest, number: str) -> HttpResponse:
    """Take the code."""
    form = CodeForm(request.POST or None)
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            check_code(number, form.cleaned_data["code"], at=timezone.now())
            _let_in(request, number)
            return redirect("tracker", number)
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
    stand_in = settings.SMS_URL if settings.DEMO else ""
    context = {"form": form, "findings": findings, "number": number, "stand_in": stand_in}
    return render(request, "portal/code.html", context, status=422 if form.errors or findings else 200)


@page("public")
def tracker(request: HttpRequest, number: str) -> HttpResponse:
    """Tracker of a case for its customer: who acts now, the promise, the picture, what he can do."""
    if number not in request.session.get("tracked", []):
        return redirect("track")
    case = _own(request, number)
    at = business_now()
    screen = screen_of(case, at=at, is_zh=_is_zh())
    gantt = screen.gantt
    words = {
        "today": _("今天"),
        "promised": _("承诺时限"),
        "needed": _("您希望通电"),
        "latest": _("倒排最晚"),
        "title": _("办电进度甘特图"),
    }
    may_accept = open_steps(number).filter(code__in=codes_of(accept)).exists()
    told = tracked(screen, on=local_day(at), is_zh=_is_zh(), may_accept=may_accept)
    svg = ""
    if gantt:
        svg = gantt_svg(
            told.bars,
            today=local_day(at),
            promised_on=gantt.promised_on,
            needed_on=case.needed_on,
            words=words,
        )
    util = next((v for v in screen.clocks if v.limit.kind == "UTIL"), None)
    context = {
        "case": case,
        "t": told,
        "svg": svg,
        "util": util,
        "customer_wd": customers_days(case, util, at=at) if util else None,
        "answer": _answer(case, on=local_day(at)),
    }
    return render(request, "portal/tracker.html", context)


@page("public")
def correct(request: HttpRequest, number: str) -> HttpResponse:
    """更正申请: the customer puts his own application right, until it is accepted."""
    case = _own(request, number)
    if case.accepted_at or not case.is_open:
        raise refuse("correction.accepted")
    form = CorrectionForm(request.POST or None, case=case)
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            put_right(case, form.said(), reason=reason, actor=CUSTOMER, at=business_now())
            messages.success(request, _("申请已更正。"))
            return redirect("tracker", number)
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
    context = {"form": form, "title": _("更正申请"), "findings": findings}
    return render(request, "shell/form.html", context, status=422 if form.errors or findings else 200)


def _answer(case: Case, *, on: date) -> Option | None:
    """What the grid says now, for a customer who has no formal reply yet; without conflicts or not at all."""
    if not case.is_open or case.schemes.exclude(state="draft").exists():
        return None
    try:
        study = study_of(case, on=on)
    except Refused:
        return None
    return next((option for option in study.options if not option.forbidden), None) if study else None


@page("public")
def scheme_form(request: HttpRequest, number: str, reply_id: int) -> HttpResponseBase:
    """The reply form of the scheme, as it was frozen."""
    case = _own(request, number)
    found = Reply.objects.filter(scheme__case=case, pk=reply_id).select_related("upload").first()
    if found is None:
        raise Http404
    return response(found.upload)


@require_POST
@page("public")
def hand_in(request: HttpRequest, number: str, paper_id: int) -> HttpResponse:
    """Hand in a paper that is owed."""
    case = _own(request, number)
    paper = Paper.objects.filter(case=case, pk=paper_id).exclude(state=Paper.State.HELD).first()
    file = request.FILES.get("file")
    if paper is None:
        raise refuse("missing.owed_paper")
    if file is None:
        raise refuse("upload.none")
    papers.hand_in(paper, file, name=file.name or "", actor=CUSTOMER, at=business_now())
    messages.success(request, _("资料已收到，谢谢。"))
    return redirect("tracker", number)


@require_POST
@page("public")
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Accept the scheme, write a message, or take the application back."""
    case, at = _own(request, number), business_now()
    if verb == "accept":
        step = open_steps(number).filter(code__in=codes_of(accept)).first()
        if step is None:
            raise refuse("scheme.none")
        accept(Work(case, step, CUSTOMER, at))
        messages.success(request, _("您已确认供电方案，容量已为您预留。"))
    elif verb == "another":
        step = open_steps(number).filter(code__in=codes_of(accept)).first()
        if step is None:
            raise refuse("scheme.none")
        decline(Work(case, step, CUSTOMER, at, {"words": request.POST.get("words", "")}))
        messages.success(request, _("已请客户经理另拟方案。"))
    elif verb == "message":
        coordination.hear_customer(case, text=request.POST.get("text", ""), actor=CUSTOMER, at=at)
        messages.success(request, _("已转给您的客户经理。"))
    elif verb == "withdraw":
        steps.withdraw(case, reason=request.POST.get("reason", ""), actor=CUSTOMER, at=at)
        messages.success(request, _("申请已撤回。"))
    else:
        raise Http404
    return redirect("tracker", number)


@page("public")
def notice(request: HttpRequest, number: str, notice_id: int) -> HttpResponseBase:
    """The one-time notice or the receipt, as it was frozen."""
    found = Notice.objects.filter(case=_own(request, number), pk=notice_id).select_related("upload").first()
    if found is None:
        raise Http404
    return response(found.upload)
