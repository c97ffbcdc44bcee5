"""Turns a refusal raised anywhere below a view into a page that says why."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from jiedian.core.findings import Refused

from .shell import refused


class RefusalMiddleware:
    """403 for a missing right, 404 for something that is not there, 422 for everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest("NUL")
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refused):
            return None
        first = error.findings[0].code.split(".")[0]
        status = {"permission": 403, "missing": 404}.get(first, 422)
        return refused(request, list(error.findings), status=status)
