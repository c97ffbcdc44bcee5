"""The demo as a bare clone brings it up: the one city that the whole walk goes through."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.shared import clone
from tools.launch.postgres import die_with_parent, run_folder
from tools.launch.serve import free_port

ROOT = Path(__file__).resolve().parents[2]
PYTHON = str(Path(sys.base_prefix) / "bin" / "python3")
OURS = ("JIEDIAN_", "DJANGO_", "DATABASE_URL", "PYTHON", "VIRTUAL_ENV", "PYTEST_")


@dataclass(frozen=True)
class City:
    """A demo: where its pages are, its folders, and what was said while it came up."""

    url: str
    checkout: Path
    run: Path
    said: str


def bare_environment() -> dict[str, str]:
    """What a shell knows before anything of jiedian is there."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
    kept = [part for part in env["PATH"].split(os.pathsep) if not part.startswith(sys.prefix)]
    return env | {"PATH": os.pathsep.join(kept)}


def wait_for(url: str) -> None:
    """The address is said when the web is started; it answers a moment later."""
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=60).close()
            return
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


@contextmanager
def demo(checkout: Path, log: Path) -> Iterator[str]:
    """The demo of a checkout as it lives; its address."""
    command = [PYTHON, "run.py", "demo", "--port", str(free_port(0))]
    with log.open("w") as out:
        process = subprocess.Popen(
            command,
            cwd=checkout,
            env=bare_environment(),
            stdout=subprocess.PIPE,
            stderr=out,
            text=True,
            preexec_fn=die_with_parent,
        )
    try:
        assert process.stdout
        address = next((line for line in process.stdout if line.startswith("jiedian: http")), "")
        assert address, f"the demo ended with {process.wait()}: {log.read_text()[-4000:]}"
        url = address.removeprefix("jiedian: ").strip()
        wait_for(url)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def remembered(checkout: Path, name: str) -> Path:
    """The run folder of a checkout's demo; that of these tests is another."""
    with pytest.MonkeyPatch.context() as shell:
        shell.delenv("JIEDIAN_RUN_DIR", raising=False)
        return run_folder(checkout, name)


@contextmanager
def bare_city() -> Iterator[City]:
    """Set up and started from nothing, in a folder of its own below a home that only its owner may enter. Minutes."""
    folder = Path(tempfile.mkdtemp(prefix="jiedian-walk-", dir="/var/tmp"))
    folder.chmod(0o755)
    (folder / "home").mkdir(mode=0o700)
    checkout = folder / "home" / "jiedian"
    checkout.mkdir()
    run = remembered(checkout, "demo")
    try:
        clone(checkout)
        setup = subprocess.run(
            [PYTHON, "run.py", "setup"], cwd=checkout, env=bare_environment(), capture_output=True, text=True
        )
        assert setup.returncode == 0, setup.stderr
        log = folder / "demo.log"
        with demo(checkout, log) as url:
            yield City(url, checkout, run, log.read_text())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(run.parent, ignore_errors=True)  # as root it is not in the closed home
