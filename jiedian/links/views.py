"""Lights of every adapter, queues, dead letters."""

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from jiedian.shell.shell import page

from .models import Outbox
from .queries import examined
from .services import replay


@page("links.view")
def links(request: HttpRequest) -> HttpResponse:
    """Each gateway examines itself; what waits, what is dead."""
    language = get_language() or "zh-hans"
    lights = [
        (name, [finding.words(language) for finding in findings]) for name, findings in examined().items()
    ]
    counts = Outbox.objects.order_by().values("channel", "state").annotate(n=Count("id"))
    dead = Outbox.objects.filter(state__in=["dead", "doubt", "bounced"])[:50]
    return render(request, "links/links.html", {"lights": lights, "counts": counts, "dead": dead})


@require_POST
@page("links.replay")
def replay_letter(request: HttpRequest, outbox_id: int) -> HttpResponse:
    """Try a dead letter again."""
    outbox = Outbox.objects.filter(pk=outbox_id).first()
    if outbox is None:
        raise Http404
    replay(outbox)
    return redirect("links")
