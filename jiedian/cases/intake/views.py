"""The page on which staff lodge a new application."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.core.findings import Refused
from jiedian.people.queries import actor, person
from jiedian.shell.shell import business_now, page

from .forms import ApplicationForm
from .services.intake import apply


@page("case.apply")
def lodge(request: HttpRequest) -> HttpResponse:
    """Take in an application at the counter."""
    form = ApplicationForm(request.POST or None)
    language = get_language() or "zh-hans"
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            wanted = form.application(channel="hall", language=language)
            made = apply(wanted, actor=actor(person(request.user.pk)), at=business_now())
            return redirect("case", made.number)
        except Refused as refusal:
            findings = refusal.words(language)
    status = 422 if form.errors or findings else 200
    context = {"form": form, "title": _("登记申请"), "findings": findings}
    return render(request, "shell/form.html", context, status=status)
