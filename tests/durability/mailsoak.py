"""Kill the worker while it fetches mail, then count: every mail is one telling, none lost, none twice."""

import random
import subprocess
import sys
import time
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psycopg

from jiedian.links.mail.fake import drop
from tests.durability import stage
from tools.launch import dovecot, postgres, serve

FETCH = """
import django, time; django.setup()
from django.db import close_old_connections
from django.utils import timezone
from jiedian.links.mail import client
from jiedian.voice.channels.services.mail import take_mail
def take(raw, size):
    take_mail(raw, size_bytes=size, at=timezone.now())
print("ready", flush=True)
while True:
    try:
        client.fetch(take, most=50)
    except OSError:
        close_old_connections()
    time.sleep(0.02)
"""
"""What the worker's job does, over and over without its ten seconds' wait, so that most kills hit it at work."""


@dataclass
class Tally:
    """What the run found."""

    kills: int
    hits: int
    sent: int
    tellings: int
    concerns: int
    lost: int
    twice: int

    @property
    def is_clean(self) -> bool:
        return self.hits > 0 and self.sent == self.tellings == self.concerns and not (self.lost or self.twice)


def mail(n: int) -> bytes:
    held = EmailMessage()
    held["From"], held["To"] = f"c{n}@example.invalid", "service@jiedian.invalid"
    held["Subject"], held["Message-ID"] = f"第 {n} 封", f"<soak-{n}@example.invalid>"
    held.set_content(f"第 {n} 封：请问什么时候通电？")
    return held.as_bytes()


def soak(kills: int, seed: int, folder: Path, each: int = 12) -> Tally:
    """So many kills, each while some new mails wait; then the rest is fetched and counted."""
    dice = random.Random(seed)
    server = postgres.start(folder)
    box = dovecot.prepare(folder / "dovecot", serve.free_port(0))
    held = dovecot.start(box)
    env = serve.environment(folder, server, is_demo=True) | {"JIEDIAN_MAILBOX_URL": box.url}
    try:
        stage.populate(env, server.owner_url)
        sent = hits = 0
        worker = start(env)
        for n in range(kills):
            for _ in range(each):
                drop(box.maildir, f"{time.time_ns()}.{sent}.soak", mail(sent))
                sent += 1
            reached(server.owner_url, sent - each + dice.randrange(1, each))
            time.sleep(dice.uniform(0.0, 0.03))
            worker.kill()
            worker.wait()
            hits += count(server.owner_url) < sent
            worker = start(env)
            stage.said(n, kills)
        deadline = time.monotonic() + 120
        while count(server.owner_url) < sent and time.monotonic() < deadline:
            time.sleep(0.3)
        time.sleep(1.5)
        worker.kill()
        worker.wait()
        return tally(server.owner_url, kills, hits, sent)
    finally:
        held.terminate()
        held.wait(10)
        server.stop()


def start(env: dict[str, str]) -> "subprocess.Popen[Any]":
    """The fetching worker, once it is at work."""
    worker = subprocess.Popen([sys.executable, "-c", FETCH], env=env, cwd=stage.ROOT, stdout=subprocess.PIPE)
    assert worker.stdout is not None
    worker.stdout.readline()
    return worker


def reached(url: str, wanted: int) -> None:
    """Wait until so many tellings are in: the worker is in the middle of its mails."""
    deadline = time.monotonic() + 60
    with psycopg.connect(url, autocommit=True) as db:
        while time.monotonic() < deadline:
            row = db.execute("SELECT count(*) FROM inbox_telling").fetchone()
            if row and row[0] >= wanted:
                return
            time.sleep(0.002)


def count(url: str) -> int:
    with psycopg.connect(url) as db:
        row = db.execute("SELECT count(*) FROM inbox_telling").fetchone()
    return int(row[0]) if row else 0


def tally(url: str, kills: int, hits: int, sent: int) -> Tally:
    """Hold what was sent against what was heard."""
    with psycopg.connect(url) as db:
        subjects = [row[0] for row in db.execute("SELECT subject FROM inbox_telling")]
        concerns = db.execute("SELECT count(*) FROM inbox_concern").fetchone()
        facts = db.execute("SELECT count(*) FROM journal_fact WHERE kind = 'concern.told'").fetchone()
    wanted = {f"第 {n} 封" for n in range(sent)}
    twice = len(subjects) - len(set(subjects)) + abs((facts or (0,))[0] - sent)
    return Tally(kills, hits, sent, len(subjects), (concerns or (0,))[0], len(wanted - set(subjects)), twice)


if __name__ == "__main__":
    sys.exit(stage.run(soak, name="python -m tests.durability.mailsoak", about=__doc__, kills=100))
