"""扩大查找: the planner looks farther for supply points, adds one or lets it go; the bench shows what came of it."""

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
            search(case, form.cleaned_data, actor=actor(person(request.user.pk)), at=business_now())
            query = f"?{urlencode({'bus': form.cleaned_data['add']})}" if form.cleaned_data["add"] else ""
        except Refused as refusal:
            for words in refusal.words(get_language() or "zh-hans"):
                messages.error(request, words)
    return redirect(f"{reverse('scheme', args=[number])}{query}#bench")
