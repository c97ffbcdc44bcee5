"""The world outside as the tests meet it: a real dovecot, and the stand-ins as processes of their own."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jiedian.links.mail.fake import drop
from tools.launch import dovecot
from tools.launch.serve import free_port

SECRETS = {"sms": "hook-sms", "qq": "hook-qq", "weibo": "hook-weibo"}
WECHAT = {
    "WECHAT_APP_ID": "wx0123456789abcdef",
    "WECHAT_SECRET": "app-secret",
    "WECHAT_TOKEN": "callback-token",
    "WECHAT_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}
MAILBOX = "service@jiedian.invalid"


@contextmanager
def mailbox() -> Iterator[dovecot.Mailbox]:
    """A running dovecot with an empty maildir; the test is skipped, and counted, where the machine has none."""
    if dovecot.program() is None:
        pytest.skip("dovecot is not installed and could not be")
    folder = Path(tempfile.mkdtemp(prefix="jiedian-mail-", dir="/var/tmp"))
    folder.chmod(0o755)
    box = dovecot.prepare(folder / "dovecot", free_port(0))
    process = dovecot.start(box)
    try:
        yield box
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def put(box: dovecot.Mailbox, raw: bytes) -> None:
    """Deliver one mail."""
    drop(box.maildir, f"{time.time_ns()}.test", raw)


@contextmanager
def stand_in(name: str, *words: str, **env: str) -> Iterator[str]:
    """A stand-in of a link, listening; its address without a scheme."""
    port = free_port(0)
    command = [sys.executable, "-m", f"jiedian.links.{name}.fake", "--port", str(port), *words]
    process = subprocess.Popen(command, env=os.environ | env, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def ask(url: str, content: dict[str, Any] | None = None) -> Any:
    """GET, or POST as JSON."""
    data = json.dumps(content).encode() if content is not None else None
    with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=20) as answer:
        return json.loads(answer.read())
