"""Looks at the mail gateway without sending anything."""

import smtplib
from urllib.parse import urlsplit

from django.conf import settings

from jiedian.core.findings import Finding


def check() -> list[Finding]:
    """What is wrong with settings or connection; empty when mail can go out."""
    parts = urlsplit(settings.MAIL_URL)
    if not parts.hostname:
        return [Finding("mail.settings", "未配置邮件网关", "No mail gateway is configured")]
    try:
        with smtplib.SMTP(parts.hostname, parts.port or 25, timeout=5) as smtp:
            smtp.noop()
    except OSError as error:
        return [Finding("mail.connection", f"邮件网关不通：{error}", f"The mail gateway fails: {error}")]
    return []
