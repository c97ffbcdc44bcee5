"""Pages of an administrator: add a person, his account with duties and their history."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.core.findings import Refused
from jiedian.core.workdays import local_day
from jiedian.shell.shell import business_now, page

from ..forms import AccountForm, DutyForm, NewPersonForm
from ..models import Absence, Duty, User
from ..queries import actor, person
from ..queries.deputies import alone_in
from ..services import accounts


@page("people.manage")
def person_new(request: HttpRequest) -> HttpResponse:
    """Add a person; the page that follows shows the first password, once."""
    form = NewPersonForm(request.POST or None)
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        who = actor(person(request.user.pk))
        try:
            made, password = accounts.add_person(form.account(), form.duties(), actor=who, at=business_now())
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
        else:
            return _account_page(request, made, password=password)
    context = {"form": form, "title": _("添加人员"), "findings": findings}
    return render(request, "shell/form.html", context, status=422 if form.errors or findings else 200)


@page("people.manage")
def account(request: HttpRequest, user_id: int) -> HttpResponse:
    """The account of one person: what an administrator may change, his duties now and before, his absences."""
    user = _user(user_id)
    form = AccountForm(request.POST or None, user=user)
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        who, is_sure = actor(person(request.user.pk)), bool(request.POST.get("is_sure"))
        try:
            accounts.change_person(user, form.account(), is_sure=is_sure, actor=who, at=business_now())
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
        else:
            messages.success(request, _("已保存。职责随角色和部门变更，历史保留。"))
            return redirect("account", user.pk)
    return _account_page(request, user, form=form, findings=findings)


@require_POST
@page("people.manage")
def account_act(request: HttpRequest, user_id: int, act: str) -> HttpResponse:
    """Close or open an account, give a password, begin or end a duty; a refusal comes back on the same page."""
    user, at = _user(user_id), business_now()
    who, is_sure = actor(person(request.user.pk)), bool(request.POST.get("is_sure"))
    try:
        if act == "close":
            accounts.close_account(user, is_sure=is_sure, actor=who, at=at)
        elif act == "open":
            accounts.open_account(user, actor=who, at=at)
        elif act == "password":
            return _account_page(request, user, password=accounts.give_password(user, actor=who, at=at))
        elif act == "duty":
            form = DutyForm(request.POST, user=user)
            if not form.is_valid():
                return _account_page(request, user, duty_form=form)
            accounts.begin_duty(user, form.draft(), actor=who, at=at)
        elif act.startswith("end-") and act[4:].isdecimal():
            duty = Duty.objects.filter(pk=act[4:], user=user).first()
            if duty is None:
                raise Http404
            accounts.end_duty(duty, is_sure=is_sure, actor=who, at=at)
        else:
            raise Http404
    except Refused as refusal:
        words = refusal.words(get_language() or "zh-hans")
        return _account_page(request, user, findings=words, again=act)
    messages.success(request, _("已办理。"))
    return redirect("account", user.pk)


def _user(user_id: int) -> User:
    user = User.objects.filter(pk=user_id).select_related("department").first()
    if user is None:
        raise Http404
    return user


def _account_page(request: HttpRequest, user: User, **more: Any) -> HttpResponse:
    """The page; ``again`` names the act that was refused once and may be confirmed."""
    today = local_day(business_now())
    duties = list(Duty.objects.filter(user=user).order_by("-effective_from", "-pk"))
    in_force_now = [row for row in duties if row.effective_to is None or row.effective_to > today]
    context: dict[str, Any] = {
        "who": user,
        "form": AccountForm(user=user),
        "duty_form": DutyForm(user=user),
        "duties": in_force_now,
        "duties_over": [row for row in duties if row not in in_force_now],
        "absences": list(Absence.objects.filter(user=user, is_called_off=False).order_by("-from_on")[:20]),
        "alone": alone_in(user, on=today) if user.is_active else [],
        "findings": [],
        "again": "",
        "password": "",
    } | more
    bad = context["findings"] or context["form"].errors or context["duty_form"].errors
    answer = render(request, "people/account.html", context, status=422 if bad else 200)
    answer["Cache-Control"] = "no-store"
    return answer
