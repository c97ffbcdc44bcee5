"""The page on which staff lodge a new application."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from jiedian.core.findings import Refused
from jiedian.people.queries import actor, person
from jiedian.shell.shell import business_now, page

from .forms.lodging import ApplicationForm, SolarApplicationForm
from .services.intake import apply


@page("case.apply")
def lodge(request: HttpRequest) -> HttpResponse:
    """Take in an application at the counter: for power, or for PV (``kind=pv``)."""
    is_solar = request.GET.get("kind") == "pv"
    form = (SolarApplicationForm if is_solar else ApplicationForm)(request.POST or None)
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
    context = {"form": form, "is_solar": is_solar, "findings": findings}
    return render(request, "intake/lodge.html", context, status=status)
