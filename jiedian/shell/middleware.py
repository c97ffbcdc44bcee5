"""Middleware: gives every request a reference, and turns a refusal raised below a view into a page that says why."""

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.utils.translation import get_language

from jiedian.core.findings import Finding, Refused
from jiedian.core.reference import begin, end, reference

from .shell import refused
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
            is_bad = any(_CONTROL.search(text) for texts in request.POST.lists() for text in texts[1])
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
