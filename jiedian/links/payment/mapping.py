"""Orders and payments on the wire: JSON and links, with an HMAC over exactly those bytes."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from jiedian.core.findings import refuse


@dataclass(frozen=True)
class Paid:
    """Payment as the port tells it: of which order, its own number of it, how much, and when."""

    order: str
    transaction: str
    amount_cny: Decimal
    paid_at: datetime


def signature(content: bytes, secret: str) -> str:
    """HMAC-SHA256 in hex."""
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def is_signed(content: bytes, given: str, secret: str) -> bool:
    """True if the port signed these bytes. Without a secret nothing is."""
    return bool(secret) and hmac.compare_digest(signature(content, secret).encode(), given.encode())


def pay_link(base: str, *, order: str, amount_cny: Decimal, back: str, secret: str) -> str:
    """Link on which the customer pays an order; the amount is signed, so nobody can change it on the way.

    >>> pay_link("http://p/", order="P1", amount_cny=Decimal("5.00"), back="http://j/", secret="s")[:41]
    'http://p/pay?amount=5.00&back=http%3A%2F%'
    """
    query = urlencode({"amount": f"{amount_cny:.2f}", "back": back, "order": order})
    return f"{base.rstrip('/')}/pay?{query}&sign={signature(query.encode(), secret)}"


def read(content: bytes) -> Paid:
    """Payment that the port pushed. Raises Refused when a field is missing or no number."""
    try:
        told = json.loads(content)
        paid = Paid(
            order=str(told["order"]),
            transaction=str(told["transaction"]),
            amount_cny=Decimal(str(told["amount_cny"])),
            paid_at=datetime.fromisoformat(told["paid_at"]),
        )
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise refuse("payment.unread") from error
    if not paid.amount_cny.is_finite() or paid.amount_cny <= 0 or paid.paid_at.tzinfo is None:
        raise refuse("payment.unread")
    if not paid.transaction or len(paid.transaction) > 40 or paid.amount_cny >= Decimal(10) ** 11:
        raise refuse("payment.unread")
    return paid
