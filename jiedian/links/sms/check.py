"""Looks at the SMS gateway without sending anything."""

import urllib.request

from django.conf import settings

from jiedian.core.findings import Finding


def check() -> list[Finding]:
    """Findings on settings or connection; empty when texts can go out."""
    if not settings.SMS_URL.startswith(("http://", "https://")) or not settings.SMS_SECRET:
        return [Finding("sms.settings")]
    try:
        with urllib.request.urlopen(settings.SMS_URL, timeout=5):  # noqa: S310
            return []
    except OSError as error:
        return [Finding("sms.connection", error=error)]
