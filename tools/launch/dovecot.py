"""An own mailbox in the run folder, served by Debian's dovecot over IMAP, for the demo and the tests.

Everything runs without privileges (as root: as ``nobody``), in one folder, on a port of 127.0.0.1.
"""

import ctypes
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tools.launch import nobody

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
PATIENCE_S = 10
CONFIG = """\
base_dir = {state}
state_dir = {state}
log_path = {run}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
mail_location = maildir:{run}/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={run}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-urlauth-login {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Mailbox:
    """A running mailbox: how IMAP reaches it, and the maildir a stand-in delivers into."""

    url: str
    maildir: Path
    command: list[str]
    port: int


def program() -> str | None:
    """Path of dovecot; None when the machine has none."""
    return shutil.which("dovecot", path=PATH)


def prepare(run: Path, port: int) -> Mailbox:
    """Write the configuration and the empty maildir of a run folder."""
    import grp
    import pwd

    user = "nobody" if nobody.is_needed() else pwd.getpwuid(os.geteuid()).pw_name
    owner = pwd.getpwnam(user)
    maildir, state = run / "mail", _state(run)
    nobody.make_reachable(run)
    for folder in (state, maildir, *(maildir / name for name in ("cur", "new", "tmp"))):
        folder.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(18)
    config = run / "dovecot.conf"
    words = {
        "run": run,
        "state": state,
        "user": user,
        "group": grp.getgrgid(owner.pw_gid).gr_name,
        "port": port,
    }
    with os.fdopen(os.open(config, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as out:
        out.write(CONFIG.format(**words, password=password))
    if nobody.is_needed():
        for path in (run, *run.rglob("*"), state):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    return Mailbox(f"imap://service:{password}@127.0.0.1:{port}/INBOX", maildir, command(run), port)


def command(run: Path) -> list[str]:
    """Command that starts the mailbox of a run folder."""
    return [program() or "dovecot", "-F", "-c", str(run / "dovecot.conf")]


def _state(run: Path) -> Path:
    """Where its sockets lie; the name of a socket may have a hundred characters and no more."""
    if len(str(run)) <= 60:
        return run / "state"
    place = Path(tempfile.gettempdir())
    if nobody.is_needed() and not nobody.may_enter(place):
        place = Path("/var/tmp")  # noqa: S108
    return place / f"jiedian-{hashlib.sha256(str(run).encode()).hexdigest()[:12]}"


def _end_with_parent() -> None:
    """A clean end, because dovecot's master takes its own children with it."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def start(mailbox: Mailbox) -> "subprocess.Popen[bytes]":
    """Start it and wait until it answers. Ends with its caller."""
    process = subprocess.Popen(
        mailbox.command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_end_with_parent,
        **nobody.child(),
    )
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", mailbox.port)) == 0:
                return process
        time.sleep(0.05)
    process.kill()
    raise SystemExit("jiedian: dovecot does not start")
