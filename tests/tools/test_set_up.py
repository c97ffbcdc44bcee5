"""Given a checkout, when it is set up, then the kernel is compiled anew after a change, and no compiler is no reason to stop."""

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

REAL = Path(__file__).parents[2] / "run.py"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """run.py over a checkout in which both modules were compiled at 100, and the closed form changed at 200."""
    spec = importlib.util.spec_from_file_location("run", REAL)
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    monkeypatch.setattr(made, "ROOT", tmp_path)
    folder = tmp_path / "jiedian/grid/kernel/calc"
    (folder / "__pycache__").mkdir(parents=True)
    modules = [(name, 200 if name == "closedform.py" else 50) for name in made.KERNEL]
    for name, at in (*modules, (compiled(0), 100), (compiled(1), 100)):
        (folder / name).touch()
        os.utime(folder / name, (at, at))
    return made


def compiled(k: int) -> str:
    return f"__pycache__/{('kernel', 'closedform')[k]}.sweep-1.py311.nbi"


def test_what_was_compiled_before_a_change_of_either_module_goes(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[object] = []

    def compiler(command: list[str], **_more: object) -> None:
        called.append(command)
        assert not list(tmp_path.rglob("*.nbi"))
        (tmp_path / "jiedian/grid/kernel/calc" / compiled(0)).touch()

    monkeypatch.setattr(run.subprocess, "run", compiler)
    run.compile_kernel()
    run.compile_kernel()
    assert len(called) == 1


def test_a_compiler_that_fails_or_is_missing_stops_no_set_up(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for python in ("/bin/false", tmp_path / "none"):
        monkeypatch.setattr(run, "PYTHON", python)
        run.compile_kernel()
        assert "its first use will take longer" in capsys.readouterr().err


def test_requirements_that_cannot_be_installed_say_why(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "requirements.txt").write_text("there-is-no-such-package==1")
    pip = tmp_path / "python"
    pip.write_text("#!/bin/sh\necho no network >&2\nexit 1\n")
    pip.chmod(0o755)
    for name, value in (("VENV", tmp_path), ("PYTHON", pip)):
        monkeypatch.setattr(run, name, value)
    with pytest.raises(SystemExit, match="no network\n.*could not be installed"):
        run.setup()
