"""Text messages on the wire: JSON, and an HMAC over exactly those bytes."""

import hashlib
import hmac
import json


def body(*, to: str, text: str, key: str) -> bytes:
    """The request body.

    >>> body(to="13800000000", text="hi", key="k")
    b'{"key": "k", "text": "hi", "to": "13800000000"}'
    """
    return json.dumps({"to": to, "text": text, "key": key}, ensure_ascii=False, sort_keys=True).encode()


def signature(content: bytes, secret: str) -> str:
    """HMAC-SHA256 in hex."""
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
