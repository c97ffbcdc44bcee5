"""Looks at the mail gateway and the mailbox without sending or taking anything."""

import smtplib
from urllib.parse import urlsplit

from django.conf import settings

from jiedian.core.findings import Finding

from .client import mailbox


def check() -> list[Finding]:
    """Findings on settings or connection; empty when mail can go out and come in."""
    return [*_gateway(), *_mailbox()]


def _gateway() -> list[Finding]:
    parts = urlsplit(settings.MAIL_URL)
    if not parts.hostname:
        return [Finding("mail.settings")]
    try:
        with smtplib.SMTP(parts.hostname, parts.port or 25, timeout=5) as smtp:
            smtp.noop()
    except OSError as error:
        return [Finding("mail.connection", error=error)]
    return []


def _mailbox() -> list[Finding]:
    if not settings.MAILBOX_URL:
        return [Finding("mail.no_mailbox")]
    try:
        with mailbox() as box:
            box.noop()
    except OSError as error:
        return [Finding("mail.mailbox", error=error)]
    return []
