"""Speaks to WeChat's interface for official accounts: the customer-service message, and media that followers sent."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from jiedian.core.findings import refuse

from .mapping import pieces

STALE_TOKEN = {40001, 40014, 42001}
GONE = {40007}
"""No such media, or its three days are over (recalled)."""
LARGEST_BYTES = 20 * 1024 * 1024
_token: dict[str, Any] = {"text": "", "until": 0.0}

DROPS_COPIES = False
"""Whether the other side drops a second message under the same key."""


def send(*, to: str, text: str, key: str, meta: Mapping[str, str] | None = None) -> None:
    """Send customer-service messages, as many as the text needs. Raises ConnectionRefusedError when WeChat surely took none
    (among others 45015: the follower has been silent for 48 hours), another OSError when nobody knows, or part is out."""
    for number, piece in enumerate(pieces(text)):
        try:
            _send(to, piece)
        except ConnectionRefusedError as error:
            if number == 0:
                raise
            raise ConnectionAbortedError(f"{number} parts are out, then: {error}") from error


def _send(to: str, text: str) -> None:
    message = {"touser": to, "msgtype": "text", "text": {"content": text}}
    content = json.dumps(message, ensure_ascii=False).encode()
    for is_second in (False, True):
        told = _json("/cgi-bin/message/custom/send", {"access_token": token(fresh=is_second)}, content)
        code = int(told.get("errcode", 0))
        if code == 0:
            return
        if code not in STALE_TOKEN:
            break
    raise ConnectionRefusedError(f"WeChat answered {told.get('errcode')} {told.get('errmsg', '')}"[:180])


def media(media_id: str) -> tuple[str, bytes]:
    """The name and bytes of a picture a follower sent. Raises OSError, and Refused when there will never be one."""
    for is_second in (False, True):
        query = urllib.parse.urlencode({"access_token": token(fresh=is_second), "media_id": media_id})
        with _open(f"/cgi-bin/media/get?{query}", None) as answer:
            kind = answer.headers.get_content_type()
            content = answer.read(LARGEST_BYTES + 1)
        if kind.startswith("image/"):
            break
    if not kind.startswith("image/") and _errcode(content) not in GONE:
        raise ConnectionRefusedError(f"no picture but {kind}, {len(content)} bytes")
    suffix = {"image/jpeg": ".jpg", "image/png": ".png"}.get(kind, "")
    if not suffix or len(content) > LARGEST_BYTES:
        raise refuse("wechat.media")
    return f"wechat{suffix}", content


def _errcode(content: bytes) -> int:
    """What WeChat says instead of a picture; 0 when it is not understood."""
    try:
        return int(json.loads(content)["errcode"])
    except (ValueError, KeyError, TypeError):
        return 0


def token(*, fresh: bool = False) -> str:
    """The access token, kept until a minute before it ends."""
    if fresh or time.monotonic() >= _token["until"]:
        query = {
            "grant_type": "client_credential",
            "appid": settings.WECHAT_APP_ID,
            "secret": settings.WECHAT_SECRET,
        }
        told = _json("/cgi-bin/token", query, None)
        if "access_token" not in told:
            raise ConnectionRefusedError(f"no access token: {told.get('errcode')}")
        _token.update(text=told["access_token"], until=time.monotonic() + int(told["expires_in"]) - 60)
    return str(_token["text"])


def _json(path: str, query: Mapping[str, str], content: bytes | None) -> dict[str, Any]:
    with _open(f"{path}?{urllib.parse.urlencode(query)}", content) as answer:
        told = json.loads(answer.read(100_000))
    return told if isinstance(told, dict) else {}


def _open(path: str, content: bytes | None) -> Any:
    if not settings.WECHAT_URL.startswith(("http://", "https://")):
        raise ConnectionRefusedError("no WeChat account is configured")
    request = urllib.request.Request(settings.WECHAT_URL.rstrip("/") + path, data=content)  # noqa: S310
    try:
        return urllib.request.urlopen(request, timeout=10)  # noqa: S310
    except urllib.error.HTTPError as error:
        raise ConnectionRefusedError(f"WeChat answered {error.code}") from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, ConnectionRefusedError):
            raise ConnectionRefusedError(str(error)) from error
        raise
