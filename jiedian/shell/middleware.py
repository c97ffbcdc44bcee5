"""Middleware: gives every request a reference, and turns a refusal raised below a view into a page that says why.

It also keeps nothing at a kiosk.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language

from jiedian.core.findings import Finding, Refused
from jiedian.core.reference import begin, end, reference

from .shell import KIOSK, KIOSK_GRACE, KIOSK_SECONDS, begin_sitting, refused, sitting, whole_seconds
from .views import forms_only


class ReferenceMiddleware:
    """Gives every request its reference and says it in a header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = begin()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = reference()
            return response
        finally:
            end(token)


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\(?:[bf]|u00(?:0[0-8bcef]|1[0-9a-f]|7f))", re.IGNORECASE)
"""The same as JSON writes it; a backslash that is itself escaped begins nothing."""


_PASTED = str.maketrans({"\x0b": "\n", "\x0c": "\n", "\x07": "\t", "\x1e": "-", "\x1f": ""})
"""What a word processor leaves in pasted text: its line and page breaks, cell ends and hyphens."""


def _without_breaks(request: HttpRequest) -> Iterator[str]:
    """Every text of a form, once what a word processor left in it is written as people write it."""
    given = request.POST.copy()
    for name, texts in request.POST.lists():
        given.setlist(name, [text.translate(_PASTED) for text in texts])
        yield from given.getlist(name)
    request.POST = given  # type: ignore[assignment]


class RefusalMiddleware:
    """403 for a missing right, 404 for something that is not there, 422 for everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest("NUL")
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not response.content:
            return forms_only(request)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Text with control characters is no text: the database would refuse it, and nobody typed it.

        Machines' doors (without the form's token) check their own wire.
        """
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        if request.content_type == "application/json":
            is_bad = bool(_ESCAPED.search(request.body)) or b"\x00" in request.body
        else:
            is_bad = any(_CONTROL.search(text) for text in _without_breaks(request))
        if not is_bad:
            return None
        finding = Finding("text.control")
        if request.content_type == "application/json":
            return JsonResponse({"findings": [finding.words(get_language() or "zh-hans")]}, status=422)
        return refused(request, [finding], status=422)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refused):
            return None
        first = error.findings[0].code.split(".")[0]
        status = {"permission": 403, "missing": 404}.get(first, 422)
        return refused(request, list(error.findings), status=status)


class KioskMiddleware:
    """Ends a kiosk's sitting when asked or after its time, and lets no page of a kiosk be kept by the browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        held = sitting(request) if KIOSK in request.COOKIES else None
        if held is None:
            return self._kept_nowhere(request, self.get_response(request))
        if request.user.is_authenticated:
            del request.session[KIOSK]
            answer = self.get_response(request)
            answer.delete_cookie(KIOSK)
            return answer
        is_end = request.path == held["start"] and "end" in request.GET
        if is_end or whole_seconds() - held["seen"] > KIOSK_SECONDS + KIOSK_GRACE:
            begin_sitting(request, held["start"])
            answer = redirect(held["start"])
            answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
            answer.delete_cookie("messages")
        else:
            held["seen"] = whole_seconds()
            request.session.modified = True
            answer = self.get_response(request)
        return self._kept_nowhere(request, answer)

    def _kept_nowhere(self, request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        """The answer, marked so that no browser of a kiosk keeps it.

        The mark of a kiosk is a cookie too, so that no other request has to read its session for it.
        """
        if request.session.accessed and sitting(request) is not None:
            patch_cache_control(answer, no_store=True, private=True)
            answer.set_cookie(
                KIOSK, "1", secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
            )
        return answer
