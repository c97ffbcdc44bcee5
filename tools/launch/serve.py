"""Bring everything up and keep it up: database, web, worker, and in the demo the stand-ins and the ticker."""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.launch import nobody, outside, postgres

ROOT = Path(__file__).resolve().parents[2]


def environment(run: Path, server: postgres.Server, *, is_demo: bool) -> dict[str, str]:
    """Environment and folders handed to every child process."""
    keys = postgres.secret_values(run)
    return os.environ | {
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "jiedian.config.settings",
        "DATABASE_URL": server.app_url,
        "JIEDIAN_RUN_DIR": str(run),
        "JIEDIAN_SECRET_KEY": os.environ.get("JIEDIAN_SECRET_KEY", keys["secret_key"]),
        "JIEDIAN_VAULT_KEYS": os.environ.get("JIEDIAN_VAULT_KEYS", keys["vault"]),
        "JIEDIAN_SMS_SECRET": os.environ.get("JIEDIAN_SMS_SECRET", keys["sms"]),
        "JIEDIAN_DEMO": "1" if is_demo else "0",
    }


@dataclass
class Child:
    """A process that is started again when it dies, each time a little later."""

    name: str
    command: list[str]
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    next_try: float = field(default=0.0)
    is_nobody: bool = False

    def keep(self) -> None:
        """Start it if it is not there."""
        if self.process and self.process.poll() is None:
            return
        now = time.monotonic()
        if self.process:
            self.process = None
            self.deaths += 1
            self.next_try = now + min(0.3 * self.deaths, 10)
            print(f"jiedian: {self.name} died and comes back", file=sys.stderr)
        if now >= self.next_try:
            try:
                self.process = self._start()
            except OSError as error:
                self.deaths += 1
                self.next_try = now + min(0.3 * self.deaths, 10)
                print(f"jiedian: {self.name} cannot be started: {error}", file=sys.stderr)

    def _start(self) -> "subprocess.Popen[bytes]":
        who: dict[str, Any] = {"cwd": ROOT} | (nobody.child() if self.is_nobody else {})
        return subprocess.Popen(
            self.command,
            env=self.env,
            preexec_fn=postgres.die_with_parent,
            stdin=subprocess.DEVNULL,
            **who,
        )


def jiedian(*words: str) -> list[str]:
    return [sys.executable, "-m", "tools.commands", *words]


def web(port: int, run: Path) -> list[str]:
    """The web server; its worker dies with it."""
    return [
        sys.executable,
        "-m",
        "tools.launch.web",
        "--port",
        str(port),
        "--static",
        str(run / "static"),
    ]


def prepare(env: dict[str, str], owner_url: str, *, is_demo: bool, cases: int) -> None:
    """Bring the database to this version and fill what has to be there; ends the program when a part cannot be made."""
    owner = env | {"DATABASE_URL": owner_url}
    grid = subprocess.Popen(
        jiedian("demo-grid", f"{env['JIEDIAN_RUN_DIR']}/grid") if is_demo else ["true"],
        env=env,
        cwd=ROOT,
        preexec_fn=postgres.die_with_parent,
    )
    migrated = subprocess.run(jiedian("migrate"), env=owner, cwd=ROOT, stdout=subprocess.DEVNULL)
    _succeeded("the database could not be brought to this version", migrated.returncode)
    collect = [sys.executable, "-m", "django", "collectstatic", "--noinput", "-v0"]
    collected = subprocess.run(collect, env=env, cwd=ROOT)
    _succeeded("style sheets and scripts could not be collected", collected.returncode)
    _succeeded("the city's grid could not be made", grid.wait())
    words = jiedian("demo-seed", "--cases", str(cases)) if is_demo else jiedian("prepare")
    filled = subprocess.run(words, env=env, cwd=ROOT)
    unfilled = "the city could not be grown" if is_demo else "calendar and processes could not be loaded"
    _succeeded(unfilled, filled.returncode)


def _succeeded(otherwise: str, code: int) -> None:
    """End the program unless a part has ended well; the part itself has said why."""
    if code:
        raise SystemExit(f"jiedian: {otherwise} (exit status {code}); why is said above")


def children(env: dict[str, str], run: Path, port: int, *, is_demo: bool) -> list[Child]:
    """The processes to supervise: web, worker, and in the demo the stand-ins and the ticker."""
    rest = [Child("web", web(port, run), env), Child("worker", jiedian("work"), env)]
    if not is_demo:
        return rest
    stand_ins = [
        Child(name, words, env, is_nobody=name == "dovecot")
        for name, words in outside.commands(env, run, port).items()
    ]
    return [*stand_ins, *rest, Child("ticker", jiedian("demo-tick"), env)]


def remember(env: dict[str, str], run: Path) -> None:
    """Keep how this system is reached beside its secrets, so that the ``jiedian`` command finds it."""
    kept = {key: env[key] for key in sorted(env) if key == "DATABASE_URL" or key.startswith("JIEDIAN_")}
    path = run / "environment.json"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
        json.dump(kept, out)


def free_port(wanted: int) -> int:
    """The wanted port, or another that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit("jiedian: no free port")


def own_port(asked: int | None, usual: int = 8000) -> int:
    """The port of the pages, known before anything is made, as links in messages carry it.

    A port that was asked for and is taken ends the program at once: who chose it has others look there.
    """
    port = free_port(asked or usual)
    if asked and port != asked:
        raise SystemExit(
            f"jiedian: port {asked} is taken; stop what listens there, or choose another with --port"
        )
    if port != (asked or usual):
        print(f"jiedian: port {usual} is taken, the pages come up at {port}", file=sys.stderr, flush=True)
    return port


def main() -> int:
    parser = argparse.ArgumentParser(prog="run.py demo|serve")
    parser.add_argument("what", choices=["demo", "serve"])
    parser.add_argument(
        "--port", type=int, help="refused when taken; without it 8000, or another that is free"
    )
    parser.add_argument("--cases", type=int, default=152)
    options = parser.parse_args()
    is_demo = options.what == "demo"
    options.port = own_port(options.port)
    run = postgres.run_folder(ROOT, options.what)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    given = os.environ.get("DATABASE_URL")
    server = None if given else postgres.start(run)
    nobody.make_folder(run)
    held = server or postgres.Server(
        os.environ.get("JIEDIAN_OWNER_URL", given or ""), given or "", subprocess.Popen(["true"]), run
    )
    env = environment(run, held, is_demo=is_demo)
    if is_demo:
        env.setdefault("JIEDIAN_PUBLIC_URL", f"http://127.0.0.1:{options.port}")
        env |= outside.environment(run, free_port)
    return supervise(held if server else None, env, held.owner_url, run, options, is_demo=is_demo)


def supervise(
    server: postgres.Server | None,
    env: dict[str, str],
    owner_url: str,
    run: Path,
    options: argparse.Namespace,
    *,
    is_demo: bool,
) -> int:
    """Prepare, start, and keep everything alive until stopped."""
    kept: list[Child] = []
    try:
        prepare(env, owner_url, is_demo=is_demo, cases=options.cases)
        kept = children(env, run, options.port, is_demo=is_demo)
        for child in kept:
            child.keep()
        remember(env, run)
        print(f"jiedian: http://127.0.0.1:{options.port}/", flush=True)
        while server is None or server.process.poll() is None:
            for child in kept:
                child.keep()
            time.sleep(0.5)
        print("jiedian: the database is gone; stopping", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        for child in kept:
            if child.process:
                child.process.terminate()
        for child in kept:  # the database goes last, or they would cry that it is gone
            if child.process:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(5)
        if server:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
