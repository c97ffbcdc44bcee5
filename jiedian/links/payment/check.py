"""Looks at the payment port without ordering anything."""

import urllib.request

from django.conf import settings

from jiedian.core.findings import Finding

from .client import is_configured


def check() -> list[Finding]:
    """Findings on settings or connection; empty when customers can pay."""
    if not is_configured():
        return [Finding("payment.settings")]
    try:
        with urllib.request.urlopen(settings.PAYMENT_URL, timeout=5):  # noqa: S310
            return []
    except OSError as error:
        return [Finding("payment.connection", error=error)]
