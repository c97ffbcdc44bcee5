"""Stand-in for a mail gateway: real SMTP; what is for the mailbox's owner goes into a maildir, where dovecot serves it.

It fails on purpose now and then, and with --keep writes what it took for others, one file a mail.
"""

import argparse
import asyncio
import os
import smtplib
import time
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP


class StandIn:
    """Takes mail; every nth message is turned away with 421."""

    def __init__(self, fail_every: int, maildir: Path | None, mailbox: str, keep: Path | None) -> None:
        self.fail_every, self.count = fail_every, 0
        self.maildir, self.mailbox, self.keep = maildir, mailbox.lower(), keep

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.count += 1
        if self.fail_every and self.count % self.fail_every == 0:
            return "421 stand-in: injected fault"
        name = f"{time.time_ns()}.{os.getpid()}_{self.count}.standin"
        for to in envelope.rcpt_tos:
            if self.maildir and to.lower() == self.mailbox:
                drop(self.maildir, name, envelope.content)
            elif self.keep:
                (self.keep / f"{name}.eml").write_bytes(envelope.content)
        print(f"stand-in mail {self.count}", flush=True)
        return "250 stand-in: taken"


def drop(maildir: Path, name: str, content: bytes) -> None:
    """Put one mail into a maildir, whole or not at all, owned as the maildir is."""
    part = maildir / "tmp" / name
    part.write_bytes(content)
    owner = maildir.stat()
    if os.geteuid() == 0:
        os.chown(part, owner.st_uid, owner.st_gid)
    part.rename(maildir / "new" / name)


def write(port: int, *, sender: str, to: str, subject: str, text: str) -> None:
    """One of the demo's people writes a mail, marked simulated. Raises OSError."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"], mail["X-Simulated"] = make_msgid(domain="example.invalid"), "yes"
    mail.set_content(text)
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as smtp:
        smtp.send_message(mail)


async def serve(port: int, handler: StandIn) -> None:
    """Listen until killed."""
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, ident="jiedian stand-in, not a mail gateway", data_size_limit=80 * 1024 * 1024),
        "127.0.0.1",
        port,
    )
    print(f"stand-in mail gateway on port {port}", flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--fail-every", type=int, default=0)
    parser.add_argument("--maildir", type=Path)
    parser.add_argument("--mailbox", default="")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    handler = StandIn(options.fail_every, options.maildir, options.mailbox, options.keep)
    asyncio.run(serve(options.port, handler))


if __name__ == "__main__":
    main()
