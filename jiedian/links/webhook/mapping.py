"""The signed webhook, in both directions: JSON, an id, a timestamp, and an HMAC over all three (docs/howto/connect-a-platform.md)."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jiedian.core.findings import Finding, Refused

WINDOW_S = 300
"""A request older or newer than this is refused, so a recorded one is of no use later."""
MOST_FILES = 5


@dataclass(frozen=True)
class PlatformMessage:
    """Message a platform brings: who says what, when and where, with files."""

    sender: str
    text: str
    name: str = ""
    place: str = ""
    case_number: str = ""
    at: datetime | None = None
    files: tuple[tuple[str, bytes], ...] = ()


def signature(content: bytes, *, key: str, timestamp: str, secret: str) -> str:
    """HMAC-SHA256 in hex over ``id.timestamp.body``: with another id a recorded request would be another message.

    >>> signature(b"{}", key="k", timestamp="1", secret="s")[:16]
    'fc2903a196c803a3'
    """
    return hmac.new(secret.encode(), f"{key}.{timestamp}.".encode() + content, hashlib.sha256).hexdigest()


def is_signed(content: bytes, *, key: str, timestamp: str, given: str, secret: str, now: float) -> bool:
    """True if a request is the platform's own and fresh. ``now`` is in seconds since 1970."""
    if not secret or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    right = signature(content, key=key, timestamp=timestamp, secret=secret)
    return hmac.compare_digest(right.encode(), given.encode()) and abs(now - int(timestamp)) <= WINDOW_S


def body(*, to: str, text: str, key: str, platform: str) -> bytes:
    """Body of what we send to a platform."""
    words = {"to": to, "text": text, "key": key, "platform": platform}
    return json.dumps(words, ensure_ascii=False, sort_keys=True).encode()


def read(content: bytes) -> PlatformMessage:
    """Take a request apart. Raises Refused with every finding."""
    try:
        data = json.loads(content)
        json.dumps(data, ensure_ascii=False).encode()  # half a surrogate pair is no character
        if b"\\u0000" in content or b"\x00" in content:
            raise ValueError("NUL")
    except (ValueError, RecursionError) as error:
        raise Refused(Finding("hook.not_json")) from error
    if not isinstance(data, dict):
        raise Refused(Finding("hook.json"))
    found = [
        _wrong(name)
        for name in ("from", "text")
        if not isinstance(data.get(name), str) or not data[name].strip()
    ]
    found += [
        _wrong(name) for name in ("name", "place", "case", "at") if not isinstance(data.get(name, ""), str)
    ]
    files, at = _files(data.get("attachments", []), found), _moment(data.get("at", ""), found)
    if found:
        raise Refused(found)
    return PlatformMessage(
        sender=data["from"][:200],
        text=data["text"],
        name=data.get("name", "")[:80],
        place=data.get("place", "")[:120],
        case_number=data.get("case", "")[:32],
        at=at,
        files=files,
    )


def _wrong(name: str) -> Finding:
    return Finding("hook.field", name)


def _moment(text: Any, found: list[Finding]) -> datetime | None:
    if not text or not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        found.append(Finding("hook.at", "at"))
        return None
    return at


def _files(given: Any, found: list[Finding]) -> tuple[tuple[str, bytes], ...]:
    if not isinstance(given, list) or len(given) > MOST_FILES:
        found.append(Finding("hook.files", "attachments", most=MOST_FILES))
        return ()
    made = []
    for number, item in enumerate(given):
        try:
            made.append((str(item["name"]), base64.b64decode(item["content"], validate=True)))
        except (KeyError, TypeError, ValueError, binascii.Error):
            found.append(Finding("hook.file", f"attachments[{number}]"))
    return tuple(made)
