"""The reference of a request: what a person reads out when a page failed, and what stands beside the same failure in the log."""

import logging
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"
"""What is not mistaken for something else on the telephone."""
_reference: ContextVar[str] = ContextVar("reference", default="-")


def reference() -> str:
    """The reference of the request that is being answered; ``-`` outside one."""
    return _reference.get()


class ReferenceMiddleware:
    """Gives every request its reference and says it in a header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _reference.set("".join(secrets.choice(LETTERS) for _ in range(8)))
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = reference()
            return response
        finally:
            _reference.reset(token)


class ReferenceFilter(logging.Filter):
    """Puts the reference beside every line of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.reference = reference()
        return True
