"""The customer's side: apply, track, hand in, accept. Staff never see these pages."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.queries.published import speeds
from jiedian.cases.case.services import steps
from jiedian.cases.case.services.undo import take_back_no
from jiedian.cases.case.services.work import Work
from jiedian.cases.coordination.services import coordination
from jiedian.cases.intake.calc.application import Application
from jiedian.cases.intake.queries import same_roof
from jiedian.cases.intake.services import survey
from jiedian.cases.intake.services.intake import apply as lodge
from jiedian.cases.papers import services as papers
from jiedian.cases.papers.models import Notice, Paper
from jiedian.cases.papers.queries import replaceable
from jiedian.cases.screen.drawings import gantt_svg
from jiedian.cases.screen.queries.screen import screen_of
from jiedian.cases.screen.queries.stages import stage_bars
from jiedian.core.closed import SOLAR
from jiedian.core.findings import Refused, refuse
from jiedian.core.identity import tidy_address
from jiedian.core.workdays import local_day
from jiedian.grid.capacity.queries.reasons import waiting_kw
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.journal.services import CUSTOMER
from jiedian.ground.throttle.queries import asker_of
from jiedian.ground.throttle.services import count_in
from jiedian.ground.vault.queries import response
from jiedian.ground.vault.services import blind_index
from jiedian.process.queries import open_steps
from jiedian.process.steps import codes_of
from jiedian.shell.kit.names import name_of
from jiedian.shell.shell import business_now, page
from jiedian.supply.scheme.models import Reply
from jiedian.supply.scheme.steps import accept, decline
from jiedian.supply.study.services import locate_applicant

from ..forms import PIN, ApplyForm, CodeForm, NumberForm, PhoneForm
from ..queries import TrackedCase, cases_of, demo_code, instant_answer, tracked
from ..services import CODES_OF_ONE, check_code, key_of, send_code, send_code_to
from .places import given_place, half_way, map_to_point_at


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


@page("public")
def home(request: HttpRequest) -> HttpResponse:
    """The doors, and how long it really took."""
    return render(request, "portal/home.html", {"speeds": speeds(at=business_now())})


@page("public")
def apply(request: HttpRequest) -> HttpResponse:
    """Apply for power."""
    if request.method == "POST" and (aside := half_way(request)):
        aside |= {"form": ApplyForm(initial=aside["values"]), **map_to_point_at()}
        return render(request, "portal/apply.html", aside)
    known = given_place(request.GET)
    form = ApplyForm(request.POST or None, initial=known, given=PIN if "lon" in known else known)
    findings: list[str] = []
    language, again = get_language() or "zh-hans", ""
    if request.method == "POST" and form.is_valid():
        wanted, *solar = form.applications(language=language)
        if sent := Case.objects.filter(once=wanted.once).first() if wanted.once else None:
            return _sent_before(request, sent)
        if (twin := _twin(request, wanted)) and request.POST.get("again") != twin:
            again = twin
            findings = refuse("application.twin", number=twin).words(language)
        else:
            try:
                with transaction.atomic():
                    made = [lodge(each, actor=CUSTOMER, at=business_now()) for each in (wanted, *solar)]
                return _taken_in(request, form, made)
            except Refused as refusal:
                findings = refusal.words(language)
    context = {"form": form, "findings": findings, "again": again, **map_to_point_at()}
    return render(request, "portal/apply.html", context, status=422 if form.errors or findings else 200)


def _taken_in(request: HttpRequest, form: ApplyForm, made: Sequence[Case]) -> HttpResponse:
    """Open the new cases for their customer, and hand him the receipts; PV beside a connection is a second one."""
    for case in reversed(made):
        _let_in(request, case.number)
        _place(request, case, form)
        _receipt_of(request, case)
    return redirect("tracker", case.number)


def _receipt_of(request: HttpRequest, case: Case) -> None:
    words = _("已收到您的申请，编号 %(number)s。")
    if case.case_class in SOLAR:
        words = _("已收到您的光伏并网申请，编号 %(number)s；它单独办理，单独计时。")
    said = format_html(
        '{} <a href="{}">{}</a>',
        words % {"number": case.number},
        reverse("receipt", args=[case.number]),
        _("申请回执（可打印）"),
    )
    messages.success(request, said)


def _sent_before(request: HttpRequest, case: Case) -> HttpResponse:
    """The same form once more: no second case, and what was changed in it is not taken over without a word."""
    _let_in(request, case.number)
    said = _("这份申请已经交过（%(number)s），没有再交一次，后来改的没有记下；要改，请在下面留言。")
    messages.warning(request, said % {"number": case.number})
    return redirect("tracker", case.number)


def _twin(request: HttpRequest, wanted: Application) -> str:
    """The number of a case this visitor has just applied for at the same address or telephone; nothing when there is none."""
    mine = Case.objects.filter(
        number__in=request.session.get("tracked", []),
        declared_class=wanted.declared_class,
        state=Case.State.RUNNING,
    ).select_related("customer")
    place, phone = (
        tidy_address(wanted.address),
        blind_index(wanted.phone),
    )  # addresses are encrypted: compared one by one
    alike = (
        c for c in mine.order_by("-id") if c.customer.phone_index == phone or tidy_address(c.address) == place
    )
    return next((case.number for case in alike), "")


@page("public")
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Receipt of an application: what was applied for, when, and the hash under which it stands in the journal."""
    case = own(request, number)
    fact = facts_of(case.stream).filter(kind="case.applied").first()
    return render(request, "portal/receipt.html", {"case": case, "fact": fact})


def _place(request: HttpRequest, case: Case, form: ApplyForm) -> None:
    """Put the applicant beside what he named or where he clicked; what nobody knows is left to the survey."""
    beside = form.cleaned_data["beside"]
    if beside or form.pin:
        try:
            spot = form.spot_words
            locate_applicant(case, beside, form.pin, spot=spot, actor=CUSTOMER, at=business_now())
        except Refused:
            messages.warning(request, _("没有查到您填的户号、杆号或台区，地点由勘查确定。"))


def _let_in(request: HttpRequest, number: str) -> None:
    opened = request.session.get("tracked", [])
    request.session["tracked"] = [*opened[-9:], number]


def own(request: HttpRequest, number: str) -> Case:
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
        count_in(CODES_OF_ONE, asker_of(request), at=timezone.now())
        send_code(number, at=timezone.now())
        return redirect("code", number)
    return render(request, "portal/track.html", {"form": form}, status=422 if form.errors else 200)


@page("public")
def find_number(request: HttpRequest) -> HttpResponse:
    """Find a lost number again: a code to the phone it was applied with, then the applications of that phone."""
    asked = request.session.get("asked_phone", "") if "again" not in request.GET else ""
    form: forms.Form = CodeForm(request.POST or None) if asked else PhoneForm(request.POST or None)
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            if not asked:
                count_in(CODES_OF_ONE, asker_of(request), at=timezone.now())
                index = send_code_to(form.cleaned_data["phone"], at=timezone.now())
                request.session["asked_phone"] = index
                return redirect("find_number")
            check_code(key_of(asked), form.cleaned_data["code"], at=timezone.now())
            for number in reversed(cases_of(asked)):
                _let_in(request, number)
            del request.session["asked_phone"]
            return redirect("mine")
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
    stand_in = settings.SMS_URL if settings.DEMO else ""
    context = {"form": form, "findings": findings, "asked": asked, "stand_in": stand_in}
    return render(request, "portal/find_number.html", context, status=422 if form.errors or findings else 200)


@page("public")
def mine(request: HttpRequest) -> HttpResponse:
    """The applications this visit holds the keys of."""
    opened = request.session.get("tracked", [])
    cases = Case.objects.filter(number__in=opened).order_by("-id")
    return render(request, "portal/mine.html", {"cases": cases})


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
    shown = demo_code(number) if settings.DEMO else ""
    context = {"form": form, "findings": findings, "number": number, "shown": shown, "is_demo": settings.DEMO}
    return render(request, "portal/code.html", context, status=422 if form.errors or findings else 200)


@page("public")
def tracker(request: HttpRequest, number: str) -> HttpResponse:
    """Tracker of a case for its customer: who acts now, the promise, the picture, what he can do."""
    if number not in request.session.get("tracked", []):
        return redirect("track")
    return _tracker(request, own(request, number))


def back_to_tracker(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of a case that answers a refusal with the tracker itself: why, and what was typed."""

    @wraps(view)
    def answered(request: HttpRequest, number: str, **kwargs: Any) -> HttpResponse:
        case = own(request, number)
        try:
            with transaction.atomic():
                return view(request, number, **kwargs)
        except Refused as refusal:
            case.refresh_from_db()
            return _tracker(request, case, findings=refusal.words(get_language() or "zh-hans"))

    return answered


def _tracker(request: HttpRequest, case: Case, *, findings: Sequence[str] = ()) -> HttpResponse:
    """Page of the tracker; with findings it says why something was refused, and keeps the words that were sent."""
    at = business_now()
    screen = screen_of(case, at=at, is_zh=_is_zh())
    may_accept = open_steps(case.number).filter(code__in=codes_of(accept)).exists()
    told = tracked(screen, at=at, is_zh=_is_zh(), may_accept=may_accept)
    context = {
        "case": case,
        "screen": screen,
        "t": told,
        "svg": _drawn(told, promised_on=told.owed.due_on if told.owed else None, at=at),
        **instant_answer(case, at=at),
        "has_twin": bool(same_roof(case)),
        "waiting_kw": waiting_kw(case.number) if case.is_open else 0.0,
        "findings": findings,
        "typed": request.POST,
    }
    return render(request, "portal/tracker.html", context, status=422 if findings else 200)


def _drawn(told: TrackedCase, *, promised_on: date | None, at: datetime) -> str:
    """The stages of a case as a drawing; nothing where none is known."""
    if not told.stages:
        return ""
    words = {
        "today": _("今天"),
        "promised": _("承诺"),
        "needed": _("您希望"),
        "latest": _("倒排最晚"),
        "title": _("办电进度甘特图"),
    }
    return gantt_svg(
        stage_bars(told.stages, [name_of(stage.row) for stage in told.stages]),
        today=local_day(at),
        promised_on=promised_on if told.case.is_open else None,
        needed_on=told.case.needed_on if told.case.is_open else None,
        words=words,
    )


@page("public")
def scheme_form(request: HttpRequest, number: str, reply_id: int) -> HttpResponseBase:
    """The reply form of the scheme, as it was frozen."""
    case = own(request, number)
    found = Reply.objects.filter(scheme__case=case, pk=reply_id).select_related("upload").first()
    if found is None:
        raise Http404
    return response(found.upload)


@require_POST
@page("public")
@back_to_tracker
def hand_in(request: HttpRequest, number: str, paper_id: int) -> HttpResponse:
    """Hand in a paper that is owed."""
    case = own(request, number)
    paper = Paper.objects.filter(case=case, pk=paper_id).first()
    file = request.FILES.get("file")
    if not case.is_open:
        raise refuse("case.closed")
    if paper is None or (paper.state == Paper.State.HELD and paper.pk not in replaceable(case)):
        raise refuse("missing.owed_paper")
    if file is None:
        raise refuse("upload.none")
    papers.hand_in(paper, file, name=file.name or "", actor=CUSTOMER, at=business_now())
    messages.success(request, _("资料已收到，谢谢。"))
    return redirect("tracker", number)


@require_POST
@page("public")
@back_to_tracker
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Accept the scheme, write a message, take the application back, or start it again."""
    case, at = own(request, number), business_now()
    if verb in ("accept", "another"):
        _answer_scheme(request, case, verb)
    elif verb == "unsay":
        take_back_no(case, actor=CUSTOMER, at=at)
        messages.success(request, _("已收回，请重新答复。"))
    elif verb == "message":
        coordination.hear_customer(case, text=request.POST.get("text", ""), actor=CUSTOMER, at=at)
        messages.success(request, _("已转给您的客户经理。"))
    elif verb == "withdraw" and case.state == Case.State.WITHDRAWN:
        messages.info(request, _("这件事已经办好，不用再办。"))
    elif verb == "withdraw":
        steps.withdraw(case, reason=request.POST.get("reason", ""), actor=CUSTOMER, at=at)
        messages.success(request, _("申请已撤回。想再办，在本页重新申请，资料不用再交。"))
    elif verb == "restart":
        case = survey.restart(case, actor=CUSTOMER, at=at)
        _let_in(request, case.number)
        messages.success(request, _("已重新申请，资料和地点都带过来了。"))
    else:
        raise Http404
    return redirect("tracker", case.number)


def _answer_scheme(request: HttpRequest, case: Case, verb: str) -> None:
    """Accept the scheme that waits for its customer, or ask for another one. Raises Refused where none waits."""
    step = open_steps(case.number).filter(code__in=codes_of(accept)).first()
    if step is None and verb == "accept" and case.schemes.filter(state="accepted").exists():
        messages.info(request, _("这件事已经办好，不用再办。"))
        return
    if step is None:
        raise refuse("scheme.none")
    work = Work(case, step, CUSTOMER, business_now(), {"words": request.POST.get("words", "")})
    if verb == "accept":
        accept(work)
        if waiting_kw(case.number):
            messages.warning(request, _("您已确认方案，但容量刚被别人先确认，您在排队；客户经理会与您联系。"))
        else:
            messages.success(request, _("您已确认方案，容量已为您预留。"))
    else:
        decline(work)
        messages.success(request, _("已请客户经理另拟方案。"))


@page("public")
def notice(request: HttpRequest, number: str, notice_id: int) -> HttpResponseBase:
    """The one-time notice or the receipt, as it was frozen."""
    found = Notice.objects.filter(case=own(request, number), pk=notice_id).select_related("upload").first()
    if found is None:
        raise Http404
    return response(found.upload)
