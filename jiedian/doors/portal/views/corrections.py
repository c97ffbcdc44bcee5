"""更正申请: the customer puts right what he said, and where, until his application is accepted."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.cases.case.models.case import Case
from jiedian.cases.intake.services.corrections import correct as put_right
from jiedian.core.findings import Refused, refuse
from jiedian.ground.journal.services import CUSTOMER
from jiedian.shell.shell import business_now, page
from jiedian.supply.study.services import locate_applicant

from ..forms.corrections import PutRightForm
from .pages import own
from .places import half_way, map_to_point_at, told_here


@page("public")
def correct(request: HttpRequest, number: str) -> HttpResponse:
    """更正申请: the customer puts his own application and its place right, until it is accepted."""
    case = own(request, number)
    if case.accepted_at or not case.is_open:
        raise refuse("correction.accepted")
    aside = half_way(request) if request.method == "POST" else None
    if aside:
        form, told = PutRightForm(case=case, initial=aside["values"]), aside
    else:
        form, told = PutRightForm(request.POST or None, case=case, initial=request.GET.dict()), {}
    findings: list[str] = []
    if form.is_bound and form.is_valid():
        try:
            _put_right(case, form)
            messages.success(request, _("申请已更正。"))
            return redirect("tracker", number)
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
    if not told:
        shown = {name: str(form[name].value() or "") for name in form.fields}
        told = told_here(request, shown)
    told |= {"form": form, "case": case, "findings": findings, **map_to_point_at()}
    return render(request, "portal/correct.html", told, status=422 if form.errors or findings else 200)


@transaction.atomic
def _put_right(case: Case, form: PutRightForm) -> None:
    """Take over what differs; another place alone is a correction too. Raises Refused."""
    at, changed = business_now(), set(form.changed_data) & set(form.values())
    if changed or not form.is_moved:
        put_right(case, form.values(), reason=form.cleaned_data["reason"], actor=CUSTOMER, at=at)
    if form.is_moved:
        beside, spot = form.cleaned_data["beside"], form.spot_words
        locate_applicant(case, beside, form.pin, spot=spot, actor=CUSTOMER, at=at)
