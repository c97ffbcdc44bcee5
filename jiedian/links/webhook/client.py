"""Sends answers to the platforms behind the signed webhook: QQ, Weibo and whatever is connected later."""

import time
import urllib.error
import urllib.request
from collections.abc import Mapping

from django.conf import settings

from .mapping import body, signature

DROPS_COPIES = True
"""Whether the other side drops a second message under the same key."""


def send(*, to: str, text: str, key: str, meta: Mapping[str, str] | None = None) -> None:
    """Send one answer; the platform drops a second copy by its key. Raises OSError when it is not taken."""
    platform = (meta or {}).get("platform", "")
    url, secret = settings.HOOK_URLS.get(platform, ""), settings.HOOK_SECRETS.get(platform, "")
    if not url.startswith(("http://", "https://")) or not secret:
        raise ConnectionRefusedError(f"no webhook is configured for {platform}")
    content, timestamp = body(to=to, text=text, key=key, platform=platform), str(int(time.time()))
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
        url,
        data=content,
        headers={
            "Content-Type": "application/json",
            "X-Jiedian-Id": key,
            "X-Jiedian-Timestamp": timestamp,
            "X-Jiedian-Signature": signature(content, key=key, timestamp=timestamp, secret=secret),
        },
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        if answer.status not in (200, 202):
            raise ConnectionRefusedError(f"the platform answered {answer.status}")
