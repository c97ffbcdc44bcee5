"""Tests, the walk, benches and the long durability run, each with a database of its own.

The database of the tests is kept: made once in the run folder of a checkout, started for a run and stopped after it.
"""

import argparse
import fcntl
import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tools.launch import postgres
from tools.launch.serve import environment

ROOT = Path(__file__).resolve().parents[2]
PURE = ("tests/core", "jiedian/core")
"""Folders whose tests need neither Django nor a database."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="run.py test|walk|bench|soak")
    parser.add_argument("what", choices=["test", "walk", "bench", "soak"])
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped, not killed
    if options.what == "soak":
        return python("-m", "tests.durability.soak", *options.rest, env=dict(os.environ))
    if options.what == "test" and is_pure(options.rest):
        return python("-m", "pytest", *options.rest, env=dict(os.environ))
    with server(options.what) as env:
        return {"test": test, "walk": walk, "bench": bench}[options.what](env, options.rest)


def python(*words: str, env: dict[str, str]) -> int:
    """Run Python on the checkout; it dies with this process."""
    done = subprocess.run([sys.executable, *words], env=env, cwd=ROOT, preexec_fn=postgres.die_with_parent)
    return done.returncode


def is_pure(words: list[str]) -> bool:
    """True if every path among the words lies in a pure folder.

    >>> is_pure(["jiedian/core/sheets.py"]), is_pure(["-x"]), is_pure(["jiedian/core", "jiedian/links"])
    (True, False, False)
    """
    paths = [path for word in words if (path := ROOT / word.partition("::")[0]).exists() and path != ROOT]
    pure = [ROOT / folder for folder in PURE]
    return bool(paths) and all(any(path.is_relative_to(folder) for folder in pure) for path in paths)


@contextmanager
def server(what: str) -> Iterator[dict[str, str]]:
    """A running server nobody else uses, as the environment its users need. Not safe against a power cut, and fast."""
    run, _held = claim(what)
    boot = Path("/proc/sys/kernel/random/boot_id")
    now, mark = boot.read_text() if boot.exists() else "", run / "running"
    if (
        mark.exists() and mark.read_text() != now
    ):  # the machine went down with it: what is on disk may be torn
        shutil.rmtree(run / "pgdata", ignore_errors=True)
    mark.write_text(now)
    try:
        running = postgres.start(run, is_durable=False)
    except SystemExit:  # of another version, or torn: nothing in it is missed
        shutil.rmtree(run / "pgdata", ignore_errors=True)
        running = postgres.start(run, is_durable=False)
    try:
        env = environment(run, running, is_demo=True) | {"DATABASE_URL": running.owner_url}
        env["PATH"] = f"{Path(sys.executable).parent}:{env['PATH']}"
        yield env
    finally:
        running.stop()
        mark.unlink(missing_ok=True)
        if what == "bench":  # what is measured begins empty
            shutil.rmtree(run / "pgdata", ignore_errors=True)


def claim(what: str) -> tuple[Path, TextIO]:
    """The first run folder of a purpose that no other run holds, and the lock that is held as long as it is open."""
    for number in itertools.count(1):
        run = postgres.run_folder(ROOT, what if number == 1 else f"{what}-{number}")
        run.mkdir(parents=True, exist_ok=True)
        lock = (run / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return run, lock
        except BlockingIOError:
            lock.close()
    raise AssertionError("numbers do not end")


def test(env: dict[str, str], rest: list[str]) -> int:
    """The whole suite on every core, or what is asked for; pytest's own closing line is the last."""
    words = rest or ["-n", str(os.cpu_count() or 1), "--dist", "worksteal"]
    return python("-m", "pytest", *words, env=env)


def walk(env: dict[str, str], rest: list[str]) -> int:
    """Slow tests, left out of the suite: a bare set-up up to the living city. What is asked for, else all."""
    words = [*rest, *([] if any(word.startswith("tests") for word in rest) else ["tests/walk"])]
    return python("-m", "pytest", *words, env=env)


def bench(env: dict[str, str], rest: list[str]) -> int:
    """Every bench, or those named: product against peer, one JSON line a figure."""
    command = [sys.executable, "-m", "tools.commands", "migrate"]
    subprocess.run(command, env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    names = rest or sorted(path.stem for path in (ROOT / "bench").glob("[a-z]*.py"))
    return max([python(f"bench/{name}.py", env=env) for name in names], default=0)


if __name__ == "__main__":
    sys.exit(main())
