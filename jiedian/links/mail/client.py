"""Speaks SMTP to the company's mail gateway, and IMAP to the mailbox that customers write to."""

import imaplib
import re
import smtplib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from django.conf import settings

from .mapping import key_of, message

__all__ = ["fetch", "key_of", "mailbox", "send"]

TAKEN = "$Jiedian"
"""The keyword on a mail that was taken in; a mail that somebody merely read is still taken."""
LARGEST_BYTES = 25 * 1024 * 1024
"""Of a larger mail only the head and the beginning are read."""
BEGINNING_BYTES = 64 * 1024
IMAP_ERRORS = (imaplib.IMAP4.error, OSError)

DROPS_COPIES = False
"""Whether the other side drops a second message under the same key."""


def send(*, to: str, text: str, key: str, meta: Mapping[str, str] | None = None) -> None:
    """Send one message. Raises ConnectionRefusedError when it surely was not taken, another OSError when nobody knows."""
    parts = urlsplit(settings.MAIL_URL)
    if not parts.hostname:
        raise ConnectionRefusedError("no mail gateway is configured")
    mail = message(to=to, text=text, key=key, meta=meta or {})
    try:
        smtp = smtplib.SMTP(parts.hostname, parts.port or 25, timeout=10)
    except OSError as error:
        raise ConnectionRefusedError(str(error)) from error
    with smtp:
        try:
            smtp.send_message(mail)
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
            raise ConnectionRefusedError(str(error)) from error


@contextmanager
def mailbox() -> Iterator[imaplib.IMAP4]:
    """The mailbox, opened; its address is ``imap[s]://user:password@host:port/folder``. Raises OSError when it cannot be."""
    parts = urlsplit(settings.MAILBOX_URL)
    if not parts.hostname:
        raise ConnectionRefusedError("no mailbox is configured")
    kind = imaplib.IMAP4_SSL if parts.scheme == "imaps" else imaplib.IMAP4
    try:
        box = kind(parts.hostname, parts.port or (993 if parts.scheme == "imaps" else 143), timeout=20)
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        state, _count = box.select(parts.path.strip("/") or "INBOX")
        if state != "OK":
            raise ConnectionRefusedError("the folder cannot be opened")
    except imaplib.IMAP4.error as error:
        raise ConnectionRefusedError(str(error)) from error
    try:
        yield box
    finally:
        try:
            box.logout()
        except IMAP_ERRORS:
            box.shutdown()


def fetch(take: Callable[[bytes, int], None], *, most: int = 200) -> int:
    """Hand each mail not yet taken to ``take(raw, size_bytes)`` and mark it after that returned; returns how many.

    Killed in between, the same mail is handed over again: ``take`` knows it by its digest. One mail that cannot be
    taken does not hold up the others, however many there are; it is handed over again next time. Raises OSError when the mailbox fails.
    """
    count, failed = 0, []
    with mailbox() as box:
        mark = _mark(box)
        try:
            for uid in _waiting(box, mark):
                if count == most:
                    break
                raw, size = _read(box, uid)
                try:
                    take(raw, size)
                except Exception as error:  # noqa: BLE001 - whatever it is, the next mail is read
                    failed.append(error)
                    continue
                box.uid("STORE", uid, "+FLAGS.SILENT", f"({mark})")
                count += 1
        except imaplib.IMAP4.error as error:
            raise ConnectionError(str(error)) from error
    if failed:
        raise failed[0]
    return count


def _mark(box: imaplib.IMAP4) -> str:
    """Our keyword where the server lets us make one, else the ordinary flag for read mail."""
    flags = b" ".join(flag or b"" for flag in box.response("PERMANENTFLAGS")[1])
    return TAKEN if b"\\*" in flags else "\\Seen"


def _waiting(box: imaplib.IMAP4, mark: str) -> list[str]:
    wanted = f"UNKEYWORD {mark}" if mark == TAKEN else "UNSEEN"
    _state, data = box.uid("SEARCH", wanted)
    return [uid.decode() for uid in (data[0] or b"").split()]


def _read(box: imaplib.IMAP4, uid: str) -> tuple[bytes, int]:
    """The mail and its size; of one that is too large, its head and the beginning of its body."""
    _state, told = box.uid("FETCH", uid, "(RFC822.SIZE)")
    found = re.search(rb"RFC822\.SIZE (\d+)", told[0] if isinstance(told[0], bytes) else b"")
    size = int(found[1]) if found else 0
    if size <= LARGEST_BYTES:
        return _literal(box, uid, "(BODY.PEEK[])"), size
    head = _literal(box, uid, "(BODY.PEEK[HEADER])")
    return head + _literal(box, uid, f"(BODY.PEEK[TEXT]<0.{BEGINNING_BYTES}>)"), size


def _literal(box: imaplib.IMAP4, uid: str, what: str) -> bytes:
    _state, data = box.uid("FETCH", uid, what)
    return b"".join(part[1] for part in data if isinstance(part, tuple))
