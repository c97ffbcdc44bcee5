"""Mail to and from our messages: builds what is sent, reads what arrives; nothing in a mail may break it."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import EmailMessage, Message
from email.utils import make_msgid, parseaddr, parsedate_to_datetime
from html.parser import HTMLParser

from django.conf import settings

DEEPEST, MOST_PARTS = 12, 60
LOOP = "X-Jiedian-Loop"
_KEY = re.compile(r"<([\w.\-]+)@")
_BROKEN = re.compile(r"[\r\n\x00]+")
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+")
_OUR_ID = re.compile(r"<reply\.\d+\.\d+@[\w.\-]+>|<telling\.\d+\.mail@[\w.\-]+>")


def message(*, to: str, text: str, key: str, meta: Mapping[str, str]) -> EmailMessage:
    """An RFC 5322 message whose Message-ID is the idempotency key; line breaks cannot enter a header."""
    own = settings.MAIL_ADDRESS
    mail = EmailMessage()
    mail["From"] = own
    mail["To"] = _BROKEN.sub(" ", to)
    mail["Subject"] = _BROKEN.sub(" ", meta.get("subject") or text.splitlines()[0])[:200]
    mail["Message-ID"] = f"<{key.replace(':', '.')}@{own.partition('@')[2]}>"
    mail[LOOP] = own
    if thread := _BROKEN.sub(" ", meta.get("in_reply_to", "")).strip():
        mail["In-Reply-To"] = mail["References"] = thread
    if meta.get("automatic") or "subject" not in meta:
        mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    return mail


def key_of(message_id: str) -> str:
    """The idempotency key that one of our Message-IDs was made from, empty for another's."""
    found = _KEY.match(message_id.strip())
    words = found[1].split(".") if found else []
    return ":".join(words) if len(words) == 3 else ""


@dataclass(frozen=True)
class Letter:
    """A mail as we take it. ``loop`` says why it is not a customer's; ``returned`` is the Message-ID of ours that bounced;
    ``says_simulated`` is what the mail says of itself, which only the demo may believe."""

    digest: str
    message_id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    thread: tuple[str, ...]
    files: tuple[tuple[str, bytes], ...]
    sent_at: datetime | None
    loop: str = ""
    returned: str = ""
    says_simulated: bool = False


def read(raw: bytes) -> Letter:
    """Take a mail apart, whatever it is: broken charsets are guessed, deep or endless parts are cut off."""
    try:
        mail = message_from_bytes(raw, policy=policy.compat32)
        parts = list(_leaves(mail))
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError, IndexError):
        head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
        mail = message_from_bytes(head + b"\n\n", policy=policy.compat32)
        parts = []
    name, address = parseaddr(_header(mail, "From"))
    references = f"{_header(mail, 'In-Reply-To')} {_header(mail, 'References')}"
    message_id = _header(mail, "Message-ID")[:200]
    return Letter(
        digest=_digest(mail, raw, message_id),
        message_id=message_id or make_msgid(domain="none.invalid"),
        sender=_domain_folded(address) if _ADDRESS.fullmatch(address) else "",
        sender_name=name[:80],
        subject=_header(mail, "Subject")[:200],
        text=_text(parts),
        thread=tuple(re.findall(r"<[^<>\s]{3,200}>", references)[:20]),
        files=tuple(_files(parts)),
        sent_at=_date(_header(mail, "Date")),
        loop=_loop(mail, address),
        returned=_returned(mail, raw),
        says_simulated=bool(_header(mail, "X-Simulated")),
    )


def _domain_folded(address: str) -> str:
    """A domain is the same in any case; what stands before the @ is the receiving server's own (RFC 5321, 2.4)."""
    mailbox, _, domain = address.rpartition("@")
    return f"{mailbox}@{domain.lower()}"


def _digest(mail: "Message[str, str]", raw: bytes, message_id: str) -> str:
    """The same mail delivered twice differs in its trace lines only; another mail with a borrowed id differs in its body."""
    body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    told = "\n".join([message_id, *(_header(mail, name) for name in ("From", "Date", "Subject"))])
    return hashlib.sha256(told.encode() + body.rstrip()).hexdigest()


def _header(mail: "Message[str, str]", name: str) -> str:
    """One header in words, on one line, whatever charset it claims."""
    raw = mail.get(name)
    if raw is None:
        return ""
    return _BROKEN.sub(" ", _worded(str(raw))).strip()


def _worded(text: str) -> str:
    """Encoded words opened; what only looks like one stays as it is."""
    try:
        pieces = decode_header(text)
    except (ValueError, LookupError, HeaderParseError):
        pieces = [(text, None)]
    return "".join(_decode(p, charset) if isinstance(p, bytes) else _storable(p) for p, charset in pieces)


def _decode(content: bytes, charset: str | None) -> str:
    for name in (charset or "", "utf-8", "gb18030"):
        try:
            return _storable(content.decode(name))
        except (LookupError, ValueError):
            continue
    return content.decode("utf-8", "replace")


def _storable(text: str) -> str:
    """Without halves of letters, which some charsets let through and no database takes."""
    return text.encode("utf-8", "replace").decode()


def _leaves(mail: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """The parts that hold something, without recursion."""
    waiting, seen = [(mail, 0)], 0
    while waiting and seen < MOST_PARTS:
        part, depth = waiting.pop(0)
        inner = part.get_payload()
        if isinstance(inner, list):
            if depth < DEEPEST:
                waiting += [(p, depth + 1) for p in inner[:MOST_PARTS] if isinstance(p, Message)]
            continue
        seen += 1
        yield part


def _text(parts: list["Message[str, str]"]) -> str:
    """The plain words; without any, the words of the HTML."""
    for kind in ("text/plain", "text/html"):
        found = [p for p in parts if p.get_content_type() == kind and not p.get_filename()]
        words = "\n".join(_decode(_payload(p), _charset(p)) for p in found).strip()
        if words:
            return _unquoted(_words_of_html(words) if kind == "text/html" else words)
    return ""


def _charset(part: "Message[str, str]") -> str | None:
    try:
        return part.get_content_charset()
    except (LookupError, ValueError, UnicodeError):
        return None


def _payload(part: "Message[str, str]") -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _unquoted(text: str) -> str:
    """Without the lines of the mail that is answered."""
    kept = [line for line in text.replace("\r\n", "\n").split("\n") if not line.startswith(">")]
    return "\n".join(kept).strip() or text


class _Words(HTMLParser):
    """The text of a page, without scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ("script", "style")
        if tag in ("p", "br", "div", "tr", "li"):
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style") and self.hidden > 0

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.found.append(data)


def _words_of_html(text: str) -> str:
    """The words of a page. ``<![`` becomes an ordinary comment: the parser gives up on a marked section it does not know."""
    parser = _Words()
    parser.feed(text[:500_000].replace("<![", "<! ["))
    return re.sub(r"\n\s*\n+", "\n", "".join(parser.found)).strip()


def _files(parts: list["Message[str, str]"]) -> Iterator[tuple[str, bytes]]:
    for number, part in enumerate(parts):
        name = part.get_filename()
        if name or part.get_content_maintype() in ("image", "application"):
            plain = _BROKEN.sub(" ", str(name or f"part-{number}"))
            yield _worded(plain)[-120:], _payload(part)


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _loop(mail: "Message[str, str]", address: str) -> str:
    """Why a mail is no customer's: our own, a machine's answer, a bulk mailing; empty when it is one."""
    own = settings.MAIL_ADDRESS.lower()
    if address.lower() == own or _header(mail, LOOP) or _header(mail, "X-Loop").lower() == own:
        return "own"
    if _header(mail, "Auto-Submitted").lower() not in ("", "no") or mail.get("X-Autoreply"):
        return "automatic"
    if _header(mail, "Precedence").lower() in ("bulk", "junk", "list", "auto_reply") or mail.get("List-Id"):
        return "bulk"
    if _header(mail, "Return-Path") == "<>" or mail.get_content_type() == "multipart/report":
        return "bounce"
    return ""


def _returned(mail: "Message[str, str]", raw: bytes) -> str:
    """The Message-ID of ours that a delivery report speaks of."""
    is_report = mail.get_content_type() == "multipart/report" or _header(mail, "Return-Path") == "<>"
    found = _OUR_ID.search(raw[:200_000].decode("latin-1")) if is_report else None
    return found[0] if found else ""
