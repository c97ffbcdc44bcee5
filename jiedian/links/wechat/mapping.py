"""The wire of a WeChat official account: signatures, sealed messages, XML in, XML out.

After the published developer documentation (公众号 消息加解密说明): SHA-1 over the sorted token, timestamp and nonce;
AES-256-CBC with the first half of the key as IV, PKCS#7 to 32 bytes, 16 random bytes and the length before the text.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from lxml import etree

from jiedian.core.findings import refuse

BLOCK = 32
LARGEST_BYTES = 64 * 1024
LONGEST_BYTES = 2048
"""Of one customer-service message; a longer one is refused with 45002 (recalled)."""


@dataclass(frozen=True)
class FollowerMessage:
    """One message of a follower; ``media_id`` names a picture or voice the account can fetch for three days."""

    openid: str
    account: str
    kind: str
    text: str
    message_id: str
    sent_s: int
    media_id: str = ""


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts: token, timestamp, nonce, and the sealed text when there is one.

    >>> signature("token", "1", "2")
    '6d7149e287208afb17c14861c125053fd80c0f86'
    """
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - the wire asks for it


def is_signed(given: str, *parts: str) -> bool:
    """True if a signature is right; without a token nothing is."""
    return bool(parts[0]) and hmac.compare_digest(signature(*parts).encode(), given.encode())


def parse(content: bytes) -> dict[str, str]:
    """The fields of a message. Raises Refused for anything but small, flat XML without a DTD."""
    if len(content) > LARGEST_BYTES:
        raise refuse("wechat.size")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise refuse("wechat.xml") from error
    if root.getroottree().docinfo.doctype:
        raise refuse("wechat.dtd")
    return {str(child.tag): child.text or "" for child in root if isinstance(child.tag, str)}


def follower_message(fields: dict[str, str]) -> FollowerMessage:
    """A message as we take it; events and unknown kinds have no text."""
    kind, sent = fields.get("MsgType", ""), fields.get("CreateTime", "")
    openid = fields.get("FromUserName", "")[:64]
    if not openid or not sent.isascii() or not sent.isdigit() or len(sent) > 12:
        raise refuse("wechat.fields")
    text = fields.get("Content", "") or fields.get("Recognition", "") or fields.get("Label", "")
    return FollowerMessage(
        openid=openid,
        account=fields.get("ToUserName", "")[:64],
        kind=kind,
        text=text if kind in ("text", "voice", "location") else "",
        message_id=fields.get("MsgId", "")[:40] or f"{openid}:{sent}:{kind}",
        sent_s=int(sent),
        media_id=fields.get("MediaId", "")[:200],
    )


def pieces(text: str) -> list[str]:
    """A text in parts that WeChat takes, no letter cut in half; a part ends with a line where one ends in its second half.

    >>> [len(part.encode()) for part in pieces("电" * 700)], pieces("短")
    ([2046, 54], ['短'])
    """
    found, rest = [], text
    while len(rest.encode()) > LONGEST_BYTES:
        part = rest.encode()[:LONGEST_BYTES].decode("utf-8", "ignore")
        line = part.rfind("\n") + 1
        part = part[:line] if line > len(part) // 2 else part
        found.append(part)
        rest = rest[len(part) :]
    return [*found, rest] if rest or not found else found


def answer(message: FollowerMessage, text: str, *, at_s: int) -> bytes:
    """The passive answer to a message, as XML."""
    root = etree.Element("xml")
    for name, value in (
        ("ToUserName", message.openid),
        ("FromUserName", message.account),
        ("CreateTime", str(at_s)),
        ("MsgType", "text"),
        ("Content", text),
    ):
        etree.SubElement(root, name).text = value
    return bytes(etree.tostring(root, encoding="utf-8"))


def seal(content: bytes, *, key: str, app_id: str) -> str:
    """Close a message with the account's key."""
    raw = secrets.token_bytes(16) + struct.pack(">I", len(content)) + content + app_id.encode()
    padding = BLOCK - len(raw) % BLOCK
    held = _key(key)
    closing = Cipher(algorithms.AES(held), modes.CBC(held[:16])).encryptor()
    return base64.b64encode(closing.update(raw + bytes([padding]) * padding) + closing.finalize()).decode()


def unseal(sealed: str, *, key: str, app_id: str) -> bytes:
    """Open a message. Raises Refused when it was not closed with this key for this account."""
    try:
        held, closed = _key(key), base64.b64decode(sealed, validate=True)
        opening = Cipher(algorithms.AES(held), modes.CBC(held[:16])).decryptor()
        raw = opening.update(closed) + opening.finalize()
        raw = raw[: -raw[-1]] if 1 <= raw[-1] <= BLOCK else b""
        (length,) = struct.unpack(">I", raw[16:20])
    except (ValueError, IndexError, struct.error, binascii.Error) as error:
        raise refuse("wechat.sealed") from error
    if raw[20 + length :].decode("utf-8", "replace") != app_id:
        raise refuse("wechat.account")
    return raw[20 : 20 + length]


def _key(text: str) -> bytes:
    return base64.b64decode(f"{text}=")


def sealed_answer(content: bytes, *, key: str, app_id: str, token: str, at_s: int) -> bytes:
    """An answer in the sealed mode, with its own signature."""
    sealed, nonce = seal(content, key=key, app_id=app_id), secrets.token_hex(5)
    root = etree.Element("xml")
    for name, value in (
        ("Encrypt", sealed),
        ("MsgSignature", signature(token, str(at_s), nonce, sealed)),
        ("TimeStamp", str(at_s)),
        ("Nonce", nonce),
    ):
        etree.SubElement(root, name).text = value
    return bytes(etree.tostring(root, encoding="utf-8"))
