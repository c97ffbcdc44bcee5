"""The customer's own steps from his page: pay, sign, hand in, report, put right; choose a time; papers before acceptance."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.cases.case.models.case import Case
from jiedian.cases.papers.models import Paper
from jiedian.cases.papers.queries import not_yet
from jiedian.cases.papers.services import hand_in_by_code
from jiedian.core.findings import Refused, refuse
from jiedian.ground.journal.services import CUSTOMER
from jiedian.ground.vault.models import Upload
from jiedian.ground.vault.queries import response
from jiedian.links.payment import client as port
from jiedian.process.models import Step
from jiedian.process.queries import steps_of
from jiedian.process.rows import cards
from jiedian.process.steps import doing
from jiedian.shell.shell import business_now, page
from jiedian.works.forms import ObjectionForm
from jiedian.works.models import ContractText, Payment
from jiedian.works.queries import REFUSED, dues_of, may_object
from jiedian.works.services.appointments import choose
from jiedian.works.services.contracts import contract_of
from jiedian.works.services.payments import write_bill

from ..forms import AppointmentForm
from ..queries import customers_words
from ..services import check_code, do_step, draft_of, keep_draft, send_code
from .pages import back_to_tracker, own

SIGN = "sign"
"""Purpose of a code that signs."""


def _step(case: Case, step_id: int) -> Step:
    """A step of this case that is the customer's to do."""
    step = steps_of(case.number).filter(pk=step_id).first()
    if step is None or cards(case.process_key)[step.code].performer != "customer":
        raise Http404
    return step


@page("public")
def customer_step(request: HttpRequest, number: str, step_id: int) -> HttpResponse:
    """Page of one step of the customer: what is asked, what was found, one button. Sent twice it is done once."""
    case = own(request, number)
    step = _step(case, step_id)
    way = doing(step.code).online
    if step.state != Step.State.OPEN:
        is_no = case.objections.filter(step_id=step.pk).exists()
        messages.info(request, _("您的意见已经收到。") if is_no else _("这件事已经办好，不用再办。"))
        return redirect("tracker", number)
    if way == "scheme" or way is None:
        return redirect(reverse("tracker", args=[number]) + "#scheme")
    no = No(case, step, request.POST if {"object", "keep"} & set(request.POST) else None)
    if no.is_said and (moved := no.take(request)):
        return moved
    return _pay(request, case, step, no) if isinstance(way, str) else _fill_in(request, case, step, way, no)


class No:
    """The customer's no to what one of his steps asks: its form, what is wrong with it, and what became of it."""

    def __init__(self, case: Case, step: Step, posted: QueryDict | None) -> None:
        self.case, self.step, self.is_said = case, step, posted is not None
        self.may = may_object(case, step)
        self.form = ObjectionForm(posted, initial=draft_of(step)) if self.may else None
        self.findings: list[str] = []

    @property
    def is_open(self) -> bool:
        """True where something was written: the fold stands open."""
        return self.is_said or bool(self.form and self.form.initial.get("words"))

    @property
    def status(self) -> int:
        """422 where the page stands again because the no was not right yet."""
        return 422 if self.is_said else 200

    def take(self, request: HttpRequest) -> HttpResponse | None:
        """Act on it; None where something is missing, and the page stands again with what was written."""
        if self.form is not None and "keep" in request.POST:
            written = {"words": request.POST.get("words", "")}
            keep_draft(self.step, draft_of(self.step) | written, at=business_now())
            messages.success(request, _("已存好，随时可以回来接着填。"))
            return redirect("customer_step", self.case.number, self.step.pk)
        if self.form is None or not self.form.is_valid():
            return None
        values = {"answer": REFUSED, "words": self.form.cleaned_data["words"]}
        try:
            do_step(self.case, self.step, values, {}, at=business_now())
        except Refused as refusal:
            self.findings = refusal.words(get_language() or "zh-hans")
            self.step.refresh_from_db()
            if self.step.state == Step.State.OPEN:
                return None
            return redirect("customer_step", self.case.number, self.step.pk)  # the other of two clicks
        messages.success(request, _("您的意见已收到，会有人答复；改好后再请您看。"))
        return redirect("tracker", self.case.number)


def _pay(request: HttpRequest, case: Case, step: Step, no: No) -> HttpResponse:
    if request.method == "POST" and not no.is_said:
        write_bill(case, actor=CUSTOMER, at=business_now())
        return redirect("customer_step", case.number, step.pk)
    dues = dues_of(case)
    link = ""
    if dues.order and port.is_configured():
        back = request.build_absolute_uri(reverse("tracker", args=[case.number]))
        link = port.link(order=dues.order.number, amount_cny=dues.order.amount_cny, back=back)
    context = {
        "case": case,
        "step": step,
        "title": customers_words(step.code, case.process_key),
        "dues": dues,
        "link": link,
    }
    return render(request, "portal/pay.html", context | {"no": no}, status=no.status)


def _fill_in(request: HttpRequest, case: Case, step: Step, way: type[Any], no: No) -> HttpResponse:
    posted = request.POST if request.method == "POST" and not no.is_said else None
    initial = draft_of(step)
    form = way(posted, request.FILES if posted is not None else None, case=case, initial=initial)
    owed = list(case.papers.exclude(state=Paper.State.HELD).order_by("id"))
    late = not_yet(case, owed)
    owed = [paper for paper in owed if paper.pk not in late]
    findings: list[str] = []
    if posted is not None:
        try:
            if moved := _sent(request, case, step, form, owed):
                return moved
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
            step.refresh_from_db()
            if step.state != Step.State.OPEN:  # the other of two clicks was quicker
                return redirect("customer_step", case.number, step.pk)
    context = {
        "case": case,
        "step": step,
        "title": customers_words(step.code, case.process_key),
        "form": form,
        "findings": findings,
        "dues": dues_of(case),
        "owed": [(paper, paper.due_step == step.code) for paper in owed],
        "signs": "code" in form.fields,
        "no": no,
        "has_draft": bool(initial),
        "stand_in": settings.SMS_URL if settings.DEMO and "code" in form.fields else "",
    }
    is_refused = bool(findings) or (posted is not None and bool(form.errors))
    return render(request, "portal/step.html", context, status=422 if is_refused else no.status)


def _sent(request: HttpRequest, case: Case, step: Step, form: Any, owed: list[Paper]) -> HttpResponse | None:
    """Act on what was sent: keep it, send a code, or do the step; None where the form is not right yet."""
    at, here = business_now(), redirect("customer_step", case.number, step.pk)
    typed = {name: request.POST.get(name, "") for name in form.fields if name in request.POST}
    if "save" in request.POST or "send" in request.POST:
        keep_draft(step, draft_of(step) | typed, at=at)
        if "send" in request.POST:
            contract_of(case, at=at)
            send_code(case.number, at=timezone.now(), purpose=SIGN)
            messages.success(request, _("验证码已发往登记的手机。"))
        else:
            messages.success(request, _("已存好，随时可以回来接着填。"))
        return here
    if not form.is_valid():
        return None
    papers = {
        paper: request.FILES[f"paper-{paper.pk}"] for paper in owed if f"paper-{paper.pk}" in request.FILES
    }
    if "code" in form.fields:
        check_code(case.number, form.cleaned_data["code"], at=timezone.now(), purpose=SIGN)
    do_step(case, step, form.cleaned_data, papers, at=at)
    messages.success(request, _("已办好，谢谢。"))
    return redirect("tracker", case.number)


@require_POST
@page("public")
@back_to_tracker
def choose_time(request: HttpRequest, number: str, step_id: int) -> HttpResponse:
    """Choose the half-day on which we come."""
    case = own(request, number)
    step = steps_of(number).filter(pk=step_id).first()
    form = AppointmentForm(request.POST)
    if step is None:
        raise Http404
    if not form.is_valid():
        raise refuse("appointment.day")
    choose(case, step, form.half_day, actor=CUSTOMER, at=business_now())
    messages.success(request, _("时间已定，上门的人会看到。"))
    return redirect("tracker", number)


@require_POST
@page("public")
@back_to_tracker
def hand_in_early(request: HttpRequest, number: str, paper: str) -> HttpResponse:
    """Hand in a paper before the application is accepted."""
    case = own(request, number)
    file = request.FILES.get("file")
    if file is None:
        raise refuse("upload.none")
    hand_in_by_code(case, paper, file, name=file.name or "", actor=CUSTOMER, at=business_now())
    messages.success(request, _("资料已收到，谢谢。"))
    return redirect("tracker", number)


@page("public")
def own_file(request: HttpRequest, number: str, kind: str, file_id: int) -> HttpResponseBase:
    """A file of the customer's case: the text of his contract, the receipt of a payment."""
    case = own(request, number)
    found: Upload | None = None
    if kind == "contract":
        text = ContractText.objects.filter(contract__case=case, pk=file_id).select_related("upload").first()
        found = text.upload if text else None
    elif kind == "payment":
        payment = Payment.objects.filter(order__case=case, pk=file_id).select_related("receipt").first()
        found = payment.receipt if payment else None
    if found is None:
        raise Http404
    return response(found)
