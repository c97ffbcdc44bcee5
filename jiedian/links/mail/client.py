"""Speaks SMTP to the company's mail gateway."""

import smtplib
from urllib.parse import urlsplit

from django.conf import settings

from .mapping import message


def send(*, to: str, text: str, key: str) -> None:
    """Send one message. Raises OSError when the gateway does not take it."""
    parts = urlsplit(settings.MAIL_URL)
    if not parts.hostname:
        raise ConnectionError("no mail gateway is configured")
    with smtplib.SMTP(parts.hostname, parts.port or 25, timeout=10) as smtp:
        smtp.send_message(message(to=to, text=text, key=key))
