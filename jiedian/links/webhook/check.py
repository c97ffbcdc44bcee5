"""Looks at the platforms behind the signed webhook without sending anything."""

import urllib.request

from django.conf import settings

from jiedian.core.findings import Finding


def check() -> list[Finding]:
    """Findings on settings or connection; empty when every platform that is named can be answered."""
    found = []
    for name, url in settings.HOOK_URLS.items():
        if not url.startswith(("http://", "https://")) or not settings.HOOK_SECRETS.get(name):
            found.append(Finding("webhook.settings", name))
            continue
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310
                pass
        except OSError as error:
            found.append(Finding("webhook.connection", name, error=error))
    return found
