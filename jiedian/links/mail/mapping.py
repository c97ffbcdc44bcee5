"""Our message as the wire wants it."""

from email.message import EmailMessage


def message(*, to: str, text: str, key: str) -> EmailMessage:
    """An RFC 5322 message whose Message-ID is the idempotency key."""
    mail = EmailMessage()
    mail["From"] = "no-reply@jiedian.invalid"
    mail["To"] = to
    mail["Subject"] = text.splitlines()[0][:60]
    mail["Message-ID"] = f"<{key.replace(':', '.')}@jiedian.invalid>"
    mail.set_content(text)
    return mail
