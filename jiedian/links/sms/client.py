"""Speaks our published JSON wire to the company's SMS gateway, signed."""

import urllib.error
import urllib.request
from collections.abc import Mapping

from django.conf import settings

from .mapping import body, signature

DROPS_COPIES = True
"""Whether the other side drops a second message under the same key."""


def send(*, to: str, text: str, key: str, meta: Mapping[str, str] | None = None) -> None:
    """Send one text. Raises OSError when the gateway does not take it."""
    if not settings.SMS_URL.startswith(("http://", "https://")):
        raise ConnectionRefusedError("no SMS gateway is configured")
    content = body(to=to, text=text, key=key)
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
        settings.SMS_URL,
        data=content,
        headers={
            "Content-Type": "application/json",
            "X-Idempotency-Key": key,
            "X-Signature": signature(content, settings.SMS_SECRET),
        },
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        if answer.status != 202:
            raise ConnectionRefusedError(f"the SMS gateway answered {answer.status}")
