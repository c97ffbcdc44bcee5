"""Asker of a request."""

from django.conf import settings
from django.http import HttpRequest

from .calc.address import asker


def asker_of(request: HttpRequest) -> str:
    """Asker of a request, by which it is counted: an address, behind the trusted proxies; empty where none is known."""
    meta = request.META
    forwarded = meta.get("HTTP_X_FORWARDED_FOR", "")
    return asker(meta.get("REMOTE_ADDR", ""), forwarded, settings.TRUSTED_PROXIES)
