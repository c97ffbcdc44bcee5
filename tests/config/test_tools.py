"""The developer's path: pure tests start alone, those with a database on one that is kept."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.launch import postgres, tools

ROOT = Path(__file__).resolve().parents[2]


def test_pure_tests_run_with_plain_pytest_and_without_django() -> None:
    """No variable of ours, the working folder elsewhere in mind: what a newcomer types."""
    look = "import pytest, sys; rc = pytest.main(sys.argv[1:]); sys.exit(rc or 'django.apps' in sys.modules)"
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    words = ["--collect-only", "-q", "-p", "no:cacheprovider", *tools.PURE]
    done = subprocess.run([sys.executable, "-c", look, *words], cwd=ROOT, env=env, capture_output=True)
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize(
    ("words", "is_pure"),
    [
        (["tests/core/test_agreement.py"], True),
        (["tests/core/test_agreement.py::test_x", "-k", "plan", "jiedian/core"], True),
        (["tests/core", "tests/clocks"], False),
        (["-x"], False),
        ([], False),
        (["tests"], False),
    ],
)
def test_only_what_lies_in_pure_folders_goes_without_a_server(words: list[str], is_pure: bool) -> None:
    assert tools.is_pure(words) == is_pure


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Run folders of our own, with a server that is only said to start."""

    class Running:
        owner_url = app_url = "postgresql://x"

        def stop(self) -> None:
            pass

    def start(run: Path, *, is_durable: bool) -> Running:
        (run / "pgdata").mkdir(exist_ok=True)
        if (run / "pgdata" / "torn").exists():
            raise SystemExit("does not start")
        postgres.secret_values(run)
        return Running()

    monkeypatch.setenv("JIEDIAN_RUN_DIR", str(tmp_path))
    monkeypatch.setattr(postgres, "start", start)
    return tmp_path


def test_two_runs_at_once_hold_a_folder_each(runs: Path) -> None:
    with tools.server("test") as one, tools.server("test") as two:
        assert {one["JIEDIAN_RUN_DIR"], two["JIEDIAN_RUN_DIR"]} == {str(runs / "test"), str(runs / "test-2")}
    with tools.server("test") as again:
        assert again["JIEDIAN_RUN_DIR"] == str(runs / "test") and (runs / "test/pgdata").is_dir(), "kept"


@pytest.mark.parametrize("mark", ["running", "pgdata/torn"])
def test_what_a_power_cut_left_or_what_does_not_start_is_made_anew(runs: Path, mark: str) -> None:
    (runs / "test/pgdata").mkdir(parents=True)
    (runs / "test/pgdata/old").touch()
    (runs / "test" / mark).write_text("another boot")
    with tools.server("test"):
        assert (runs / "test/pgdata").is_dir() and not (runs / "test/pgdata/old").exists()
    assert not (runs / "test/running").exists()


def test_a_killed_run_leaves_its_database_to_recover_by_itself(runs: Path) -> None:
    (runs / "test/pgdata").mkdir(parents=True)
    (runs / "test/pgdata/old").touch()
    boot = Path("/proc/sys/kernel/random/boot_id")
    (runs / "test/running").write_text(boot.read_text() if boot.exists() else "")
    with tools.server("test"):
        assert (runs / "test/pgdata/old").exists()


def test_a_changed_rule_is_another_template(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tests import kept

    monkeypatch.setattr(kept, "RULES", tmp_path)
    one = kept.fingerprint()
    assert one == kept.fingerprint()
    (tmp_path / "limits.csv").write_text("id\n")
    two = kept.fingerprint()
    (tmp_path / "limits.csv").write_text("id,days\n")
    assert len({one, two, kept.fingerprint()}) == 3
    monkeypatch.setattr(kept, "LOADERS", kept.LOADERS[:1])
    assert kept.fingerprint() not in (one, two)


@pytest.mark.django_db
def test_the_copy_is_filled_before_the_first_test() -> None:
    from jiedian.clocks.models import CalendarDay
    from jiedian.people.models import User
    from jiedian.process.models import Definition

    assert CalendarDay.objects.exists() and User.objects.exists() and Definition.objects.exists()
