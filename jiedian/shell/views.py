"""The small pages of the shell itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from .kit.specimens import specimens
from .services import drop_filter, keep_filter
from .shell import page


@require_POST
@page("signed_in")
def filter_keep(request: HttpRequest) -> HttpResponse:
    """Keep the search of a list under a name."""
    given = {name: request.POST.get(name, "") for name in ("page", "name", "query")}
    saved = keep_filter(user_id=request.user.pk or 0, **given)
    return redirect(f"{reverse(saved.page)}?{saved.query}")


@require_POST
@page("signed_in")
def filter_drop(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Drop one of one's own filters."""
    return redirect(drop_filter(user_id=request.user.pk or 0, filter_id=filter_id))


@page("process.view")
def ui(request: HttpRequest) -> HttpResponse:
    """The sheet of parts: everything a page is built of, as it looks."""
    return render(request, "shell/ui.html", specimens())
