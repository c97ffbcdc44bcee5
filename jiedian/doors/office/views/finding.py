"""Help through the day: search, news, help, the tour of a role."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from jiedian.people.queries import person, roles
from jiedian.shell.services import look
from jiedian.shell.shell import business_now, page

from ..queries.help import glossary, tour_of
from ..queries.news import last_look, news_of
from ..queries.search import search as found_by


@page("signed_in")
def search(request: HttpRequest) -> HttpResponse:
    """Search of everything the reader may see."""
    asked = request.GET.get("q", "")
    groups = found_by(person(request.user.pk), asked)
    return render(request, "office/search.html", {"q": asked, "groups": groups})


@page("signed_in")
def news(request: HttpRequest) -> HttpResponse:
    """News since the reader last looked; only their number where a page's bell asks for it."""
    me = person(request.user.pk)
    since = last_look(me, at=business_now())
    rows = news_of(me, since=since)
    if "count" in request.GET:
        return HttpResponse(str(len(rows)), content_type="text/plain")
    return render(request, "office/news.html", {"rows": rows, "since": since})


@require_POST
@page("signed_in")
def news_seen(request: HttpRequest) -> HttpResponse:
    """Mark everything up to now as seen."""
    look(user_id=request.user.pk or 0, at=business_now())
    return redirect("news")


@page("public")
def help_page(request: HttpRequest) -> HttpResponse:
    """Help: keys, words, tours for the staff; where what is found for everybody else."""
    is_staff = request.user.is_authenticated
    mine = list(getattr(request.user, "roles", ()))
    context = {"terms": glossary() if is_staff else (), "is_staff": is_staff, "mine": mine}
    return render(request, "office/help.html", context)


@page("public")
def tour(request: HttpRequest) -> HttpResponse:
    """A tour of three minutes: what one role does here, page by page."""
    known = [row.id for row in roles()]
    role = request.GET.get("role", "")
    role = role if role in known else known[0]
    context = {"role": role, "stops": tour_of(role), "roles": known}
    return render(request, "office/tour.html", context)
