"""Kill web, worker and database in turn under load, then count: no step, job or message lost, none twice, chain intact."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.durability import stage
from tools.launch import postgres, serve


@dataclass
class Tally:
    """What the run found."""

    kills: int
    acknowledged: int
    by_web: int
    lost: int
    twice: int
    jobs_left: int
    is_chain_intact: bool
    orphans: int
    owed: int
    unsaid: int
    stranded: int

    @property
    def is_clean(self) -> bool:
        return (
            self.acknowledged > self.by_web > 0
            and self.owed > 0
            and self.is_chain_intact
            and not (self.lost or self.twice or self.jobs_left or self.orphans)
            and not (self.unsaid or self.stranded)
        )


TELLING = ["notice.issued", "case.scheme_replied", "case.energised", "paper.asked"]
"""Facts of a case that owe the customer a message."""


def messages(db: "psycopg.Connection[tuple[int, ...]]") -> tuple[int, int, int]:
    """How many messages facts owe; for how many of them there is not exactly one; how many wait for a job that is gone."""
    told = db.execute(
        """SELECT count(*), count(*) FILTER (WHERE said <> 1) FROM (
             SELECT (SELECT count(*) FROM links_outbox WHERE idempotency_key = f.uid || ':sms') said
             FROM journal_fact f WHERE f.kind = ANY(%s)) owed""",
        [TELLING],
    ).fetchone()
    gone = db.execute(
        """SELECT count(*) FROM links_outbox o WHERE o.state IN ('queued', 'sending') AND NOT EXISTS (
             SELECT FROM procrastinate_jobs j WHERE j.task_name = 'links.deliver' AND j.status IN ('todo', 'doing')
             AND j.args->>'outbox_id' = o.id::text)"""
    ).fetchone()
    return (*(told or (0, 0)), *(gone or (0,)))


class Stack:
    """A whole system of its own in a folder, with writers that work all the time."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.book = folder, folder / "book.txt"
        self.server = postgres.start(folder)
        self.env = self._env()
        stage.populate(self.env, self.server.owner_url)
        self.port = serve.free_port(0)
        self.children: dict[str, serve.Child] = {}
        self._children()

    def _env(self) -> dict[str, str]:
        env = serve.environment(self.folder, self.server, is_demo=True)
        return env | {"JIEDIAN_SMS_URL": "", "JIEDIAN_MAIL_URL": ""}

    def _children(self) -> None:
        words = {"web": serve.web(self.port, self.folder), "worker": serve.jiedian("work")}
        writer = [sys.executable, "-m", "tests.durability.load", str(self.book)]
        words |= {"writer0": writer, "writer1": [*writer, str(self.port)]}
        for name, command in words.items():
            self.children[name] = serve.Child(name, command, self.env)

    def keep(self) -> None:
        if self.server.process.poll() is not None:
            self._stop_children()
            self.server = postgres.start(self.folder)
            self.env = self._env()
            self._children()
        for child in self.children.values():
            child.keep()

    def begin(self) -> None:
        """Wait until the web has finished a first step: kills before that prove nothing."""
        until = time.monotonic() + 120
        while time.monotonic() < until and not (self.book.exists() and " web" in self.book.read_text()):
            self.keep()
            time.sleep(0.1)

    def kill(self, name: str) -> None:
        process = self.server.process if name == "database" else self.children[name].process
        if process and process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

    def _stop_children(self) -> None:
        for child in self.children.values():
            if child.process and child.process.poll() is None:
                child.process.kill()
                child.process.wait()

    def ask(self) -> None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1).close()

    def drain(self) -> int:
        """Stop writing, let the worker finish, and count the jobs that are left."""
        for name in [n for n in self.children if n.startswith("writer")]:
            child = self.children.pop(name)
            if child.process:
                child.process.kill()
                child.process.wait()
        waiting = -1
        for _ in range(240):
            self.keep()
            with psycopg.connect(self.server.owner_url) as db:
                row = db.execute(
                    "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'reactions' AND status IN ('todo', 'doing')"
                ).fetchone()
            waiting = row[0] if row else -1
            if waiting == 0:
                break
            time.sleep(0.5)
        return waiting

    def count(self, kills: int) -> Tally:
        """Hold the book against the database."""
        jobs_left = self.drain()
        lines = [line.split() for line in self.book.read_text().splitlines()]
        done = [int(words[2]) for words in lines if words[0] == "step"]
        by_web = sum(words[-1] == "web" for words in lines)
        with psycopg.connect(self.server.owner_url) as db:
            states = dict(db.execute("SELECT id, state FROM process_step").fetchall())
            facts = Counter(
                row[0]
                for row in db.execute(
                    "SELECT (data->>'step_id')::bigint FROM journal_fact WHERE data->>'event' LIKE 'done:%'"
                )
            )
            owed, unsaid, stranded = messages(db)
        lost = sum(states.get(step) != "done" or facts[step] < 1 for step in done)
        twice = sum(n > 1 for n in facts.values())
        verified = subprocess.run(
            serve.jiedian("verify-journal"), env=self.env, cwd=stage.ROOT, capture_output=True, text=True
        )
        if verified.returncode:
            print(verified.stdout, verified.stderr, file=sys.stderr)
        self.close()
        orphans = subprocess.run(
            ["pgrep", "-f", str(self.folder)], capture_output=True, text=True
        ).stdout.split()
        return Tally(
            kills=kills,
            acknowledged=len(done),
            by_web=by_web,
            lost=lost,
            twice=twice,
            jobs_left=jobs_left,
            is_chain_intact=verified.returncode == 0,
            orphans=len(orphans),
            owed=owed,
            unsaid=unsaid,
            stranded=stranded,
        )

    def close(self) -> None:
        self._stop_children()
        self.server.stop()
        time.sleep(0.5)


def soak(kills: int, seed: int, folder: Path) -> Tally:
    """So many kills at random moments, web, worker and database in turn."""
    dice, stack = random.Random(seed), Stack(folder)
    try:
        stack.begin()
        for n in range(kills):
            until = time.monotonic() + dice.uniform(0.6, 2.4)
            while time.monotonic() < until:
                stack.keep()
                stack.ask()
                time.sleep(0.05)
            stack.kill(("web", "worker", "database")[n % 3])
            stage.said(n, kills)
        stack.keep()
        return stack.count(kills)
    finally:
        stack.close()


if __name__ == "__main__":
    sys.exit(stage.run(soak, name="run.py soak", about=__doc__, kills=200))
