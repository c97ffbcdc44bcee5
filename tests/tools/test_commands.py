"""The command finds the system that was last started here, or says that there is none."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import commands
from tools.launch.serve import remember


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A shell that knows nothing but where systems run."""
    monkeypatch.setattr(os, "environ", {"PATH": os.environ["PATH"], "JIEDIAN_RUN_DIR": str(tmp_path)})
    return tmp_path


def test_without_a_system_it_says_so_in_both_languages(
    bare: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["verify-journal"]) == 2
    assert "没有找到" in capsys.readouterr().err


def test_the_last_one_started_is_found_and_its_secrets_are_closed(bare: Path) -> None:
    for age, name in enumerate(("demo", "serve")):
        (bare / name).mkdir()
        env = {"JIEDIAN_SECRET_KEY": name, "DATABASE_URL": "postgresql://x", "PATH": "/no"}
        remember(env, bare / name)
        file = bare / name / "environment.json"
        os.utime(file, (age, age))
        assert file.stat().st_mode & 0o077 == 0 and "PATH" not in json.loads(file.read_text())
    assert commands.environment() and os.environ["JIEDIAN_SECRET_KEY"] == "serve"
    assert os.environ["PATH"] != "/no" and commands.environment(), "known now"


def test_who_interrupts_or_reads_no_further_sees_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(args: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "_run", interrupted)
    assert commands.main(["capacity"]) == 130 and "interrupted" in capsys.readouterr().err
    root = Path(commands.__file__).parents[1]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "tools.commands", "--help"], cwd=root, stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
