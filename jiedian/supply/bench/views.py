"""扩大查找: the planner looks farther for supply points, adds one or lets it go; the bench shows what came of it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from jiedian.cases.screen.queries.cases import case_for
from jiedian.core.findings import Refused
from jiedian.people.queries import actor, person
from jiedian.shell.shell import business_now, page
from jiedian.supply.study.services import search

from .forms import SearchForm


@require_POST
@page("plans.locate")
def search_wider(request: HttpRequest, number: str) -> HttpResponse:
    """Keep what the planner asked of the search with the site, and go back to the bench; refused, it says why."""
    case = case_for(request.user, number, to="plans.locate")
    form, query = SearchForm(request.POST), ""
    if form.is_valid():
        try:
            search(case, _asked(request, form), actor=actor(person(request.user.pk)), at=business_now())
            query = f"?{urlencode({'bus': form.cleaned_data['add']})}" if form.cleaned_data["add"] else ""
        except Refused as refusal:
            for words in refusal.words(get_language() or "zh-hans"):
                messages.error(request, words)
    for errors in form.errors.values():
        messages.error(request, " ".join(errors))
    return redirect(f"{reverse('scheme', args=[number])}{query}#bench")


def _asked(request: HttpRequest, form: SearchForm) -> dict[str, Any]:
    """What was asked; a radius left empty where it was asked for is that of the rule again."""
    is_by_rule = "radius_m" in request.POST and form.cleaned_data["radius_m"] is None
    return form.cleaned_data | ({"radius_m": 0.0} if is_by_rule else {})
