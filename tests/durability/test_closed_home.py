"""Given a home that only its owner may enter, when the servers of a run are started, then they run; or it is said why not."""

import multiprocessing
import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tools.launch import dovecot, nobody, postgres
from tools.launch.serve import Child, free_port

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as nobody")
needs_dovecot = pytest.mark.skipif(
    dovecot.program() is None, reason="dovecot is not installed and could not be"
)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A closed home of a person who closes everything he makes."""
    folder = Path(tempfile.mkdtemp(prefix="jiedian-home-", dir="/var/tmp"))
    folder.chmod(0o755)
    home = folder / "home"
    before = os.umask(0o077)
    (home / "checkout").mkdir(parents=True)
    monkeypatch.delenv("JIEDIAN_RUN_DIR", raising=False)
    yield home
    os.umask(before)
    shutil.rmtree(folder)


@pytest.fixture
def installed(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same home with PostgreSQL in it."""
    (found, *_) = (place for place in postgres._candidates() if (place / "postgres").exists())
    base = found.parents[2]
    libraries = base / f"{found.parents[1].name}.libs"
    nobody.copy([found.parent, *([libraries] if libraries.exists() else [])], base, home / "site")
    monkeypatch.setenv("PG_BINDIR", str(home / "site" / found.relative_to(base)))
    return home


def run_and_stop(run: Path) -> None:
    """Start PostgreSQL twice, the second time on what is there, and ask it something."""
    for _ in range(2):
        server = postgres.start(run, is_durable=False)
        try:
            with psycopg.connect(server.app_url) as database:
                assert database.execute("SELECT 1").fetchone() == (1,)
        finally:
            server.stop()


@only_root
@pytest.mark.usefixtures("installed")
def test_root_starts_a_database_from_a_closed_home(home: Path) -> None:
    run = postgres.run_folder(home / "checkout", "demo")
    assert home not in run.parents
    try:
        run_and_stop(run)
        assert (run / "postgresql").exists() and not (run / ".postgresql").exists()
    finally:
        shutil.rmtree(run.parent)


@pytest.mark.usefixtures("installed")
def test_a_user_starts_a_database_in_his_own_closed_home(home: Path) -> None:
    if os.geteuid() != 0:
        return run_and_stop(postgres.run_folder(home, "demo"))
    who = pwd.getpwnam("nobody")
    for path in [home, *home.rglob("*")]:
        os.chown(path, who.pw_uid, who.pw_gid, follow_symlinks=False)
    child = multiprocessing.get_context("fork").Process(target=_as_user, args=(home, who.pw_uid, who.pw_gid))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    assert (home / ".run" / "demo" / "pgdata").exists()
    return None


def _as_user(home: Path, user: int, group: int) -> None:
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    os.chdir(home)
    run_and_stop(postgres.run_folder(home, "demo"))


@only_root
@pytest.mark.parametrize("start", [postgres.start, lambda run: dovecot.prepare(run, free_port(0))])
def test_a_closed_run_folder_is_refused_by_name(
    start: object, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEDIAN_RUN_DIR", str(home))
    with pytest.raises(SystemExit, match=f"nobody, who cannot enter {home}"):
        start(postgres.run_folder(home, "demo"))  # type: ignore[operator]


@only_root
@needs_dovecot
def test_root_starts_a_mailbox_when_home_and_temporary_folder_are_closed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(home))
    run = postgres.run_folder(home / "checkout", "demo") / ("a longer name" * 4)
    box = dovecot.prepare(run, free_port(0))
    try:
        process = dovecot.start(box)
        with socket.create_connection(("127.0.0.1", box.port)) as talk:
            assert talk.recv(100).startswith(b"* OK")
        process.terminate()
        process.wait(10)
    finally:
        shutil.rmtree(dovecot._state(run), ignore_errors=True)
        shutil.rmtree(run.parents[1])


def test_a_program_that_cannot_be_started_is_said_and_tried_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.launch.serve.time.monotonic", lambda: 100.0)  # a busy machine is no second try
    child = Child("mailbox", [str(tmp_path / "none")], dict(os.environ))
    child.keep()
    child.keep()
    assert child.process is None and child.deaths == 1 and child.next_try
    assert capsys.readouterr().err.count("mailbox cannot be started") == 1


@only_root
def test_a_copy_is_whole_and_readable_by_everybody(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o700)
    (tmp_path / "a" / "program").write_text("#!/bin/sh\n")
    (tmp_path / "a" / "program").chmod(0o700)
    (tmp_path / ".b").mkdir()
    (tmp_path / ".b" / "half").touch()
    nobody.copy([tmp_path / "a"], tmp_path, tmp_path / "b")
    assert [p.name for p in (tmp_path / "b").iterdir()] == ["a"]
    for path in (tmp_path / "b", tmp_path / "b/a", tmp_path / "b/a/program"):
        assert path.stat().st_mode & 0o055 == 0o055
