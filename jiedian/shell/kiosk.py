"""Kiosk mode of a browser: a screen in the hall that many use one after another and that keeps nothing of the last one.

The first page of a kiosk begins a sitting; every page after it carries the time-out and the button that ends it. Whatever a sitting
opened (a case, a receipt, a questionnaire) is opened for that sitting alone: its address and the button Back show nothing later.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import patch_cache_control

KEY = "kiosk"
SECONDS = 90
"""A sitting nobody touches ends after so long; the page counts, and the server does it for a page that does not."""
GRACE = 30
"""Seconds the server waits longer than the page."""


def begin(request: HttpRequest, start: str) -> None:
    """Begin a sitting at the kiosk whose first page is ``start``: everything the last one opened is forgotten.

    Who is signed in stands at no kiosk.
    """
    if request.user.is_authenticated:
        return
    request.session.flush()
    request.session[KEY] = {"start": start, "seen": _seconds(), "opened": []}


def sitting(request: HttpRequest) -> dict[str, Any] | None:
    """The sitting of a kiosk's browser; None for every other browser."""
    session = getattr(request, "session", None)
    return session.get(KEY) if session is not None else None


def opened(request: HttpRequest, key: str) -> None:
    """Remember what this sitting has opened, so that it alone sees it again."""
    if held := sitting(request):
        held["opened"] = [*held["opened"], key]
        request.session.modified = True


def start_unless_opened(request: HttpRequest, key: str) -> str:
    """The kiosk's first page for a thing that this sitting did not open itself; elsewhere, or for its own, nothing."""
    held = sitting(request)
    return held["start"] if held and key not in held["opened"] else ""


class KioskMiddleware:
    """Ends a kiosk's sitting when asked or after its time, and lets no page of a kiosk be kept by the browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        held = sitting(request)
        if held is None:
            return self._kept_nowhere(request, self.get_response(request))
        if request.user.is_authenticated:
            del request.session[KEY]
            return self.get_response(request)
        is_end = request.path == held["start"] and "end" in request.GET
        if is_end or _seconds() - held["seen"] > SECONDS + GRACE:
            begin(request, held["start"])
            answer: HttpResponse = redirect(held["start"])
            answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
            answer.delete_cookie("messages")
        else:
            held["seen"] = _seconds()
            request.session.modified = True
            answer = self.get_response(request)
        return self._kept_nowhere(request, answer)

    def _kept_nowhere(self, request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        """The answer, marked so that no browser of a kiosk keeps it."""
        if sitting(request) is not None and not request.path.startswith(settings.STATIC_URL):
            patch_cache_control(answer, no_store=True, private=True)
        return answer


def _seconds() -> int:
    """Time by the machine's own clock, never the demo's."""
    return int(timezone.now().timestamp())
