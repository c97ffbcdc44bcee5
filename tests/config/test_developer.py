"""Django's own tools on a bare checkout, and the settings while one writes: never where the public can see."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.launch import developer

ROOT = Path(__file__).resolve().parents[2]
BARE = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}


def run(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=ROOT, env=BARE | env, capture_output=True, text=True)


def test_the_models_have_their_migrations_and_no_system_is_needed_to_see_it(tmp_path: Path) -> None:
    words = ["-m", "tools.commands", "makemigrations", "--check", "--dry-run"]
    done = run(*words, JIEDIAN_RUN_DIR=str(tmp_path))
    assert done.returncode == 0 and "No changes" in done.stdout and not done.stderr, done.stderr


def settings(look: str, **env: str) -> subprocess.CompletedProcess[str]:
    return run(
        "-c", f"from jiedian.config import settings as s; print({look})", **developer.NO_DATABASE, **env
    )


def test_debugging_is_for_the_demo_alone() -> None:
    done = settings("s.DEBUG", JIEDIAN_DEBUG="1")
    assert done.returncode != 0 and "JIEDIAN_DEBUG" in done.stderr
    assert settings("s.DEBUG", JIEDIAN_DEBUG="1", JIEDIAN_DEMO="1").stdout == "True\n"
    for env in ({"JIEDIAN_DEMO": "1"}, {"JIEDIAN_DEBUG": "0"}, {}):
        assert settings("s.DEBUG", **env).stdout == "False\n"


def test_templates_are_read_anew_only_while_one_writes_them() -> None:
    look = "s.TEMPLATES[0]['APP_DIRS'], 'loaders' in s.TEMPLATES[0]['OPTIONS']"
    assert settings(look, JIEDIAN_DEBUG="1", JIEDIAN_DEMO="1").stdout == "False True\n"
    assert settings(look).stdout == "True False\n"


def test_nothing_of_an_ended_system_reaches_the_database_of_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {"JIEDIAN_SECRET_KEY": "old", "JIEDIAN_RUN_DIR": "/x/demo", "PATH": "/bin"}
    monkeypatch.setattr(os, "environ", held)
    developer._forget()
    assert held == {"PATH": "/bin"}
    held["JIEDIAN_RUN_DIR"] = "/mine"
    developer._forget()
    assert held["JIEDIAN_RUN_DIR"] == "/mine", "where runs are kept is the developer's word"
