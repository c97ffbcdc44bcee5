"""Announces orders to the payment port and leads the customer to its page."""

import urllib.request
from collections.abc import Mapping
from decimal import Decimal

from django.conf import settings

from .mapping import pay_link, signature

DROPS_COPIES = True
"""The port drops a second announcement of the same order."""


def is_configured() -> bool:
    """True if there is a port to pay at."""
    return settings.PAYMENT_URL.startswith(("http://", "https://")) and bool(settings.PAYMENT_SECRET)


def link(*, order: str, amount_cny: Decimal, back: str) -> str:
    """Page of the port on which an order is paid."""
    secret = settings.PAYMENT_SECRET
    return pay_link(settings.PAYMENT_URL, order=order, amount_cny=amount_cny, back=back, secret=secret)


def send(*, to: str, text: str, key: str, meta: Mapping[str, str] | None = None) -> None:
    """Announce one order, ``to`` being its number. Raises OSError when the port does not take it."""
    if not is_configured():
        raise ConnectionRefusedError("no payment port is configured")
    content = text.encode()
    headers = {
        "Content-Type": "application/json",
        "X-Idempotency-Key": key,
        "X-Signature": signature(content, settings.PAYMENT_SECRET),
    }
    url = f"{settings.PAYMENT_URL.rstrip('/')}/orders"
    request = urllib.request.Request(url, data=content, headers=headers)  # noqa: S310 - the scheme is checked above
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        if answer.status != 202:
            raise ConnectionRefusedError(f"the payment port answered {answer.status}")
