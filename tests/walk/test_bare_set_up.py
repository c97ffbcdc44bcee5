"""Given nothing but the files of a clone, when setup and demo are run, then a city lives with a grid, automatic schemes and a map.

The clone lies in a home that only its owner may enter, as root's home does on Debian.
"""

import json
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

import psycopg
import pytest

from tools.launch.postgres import die_with_parent, run_folder
from tools.launch.serve import free_port

ROOT = Path(__file__).resolve().parents[2]
PYTHON = str(Path(sys.base_prefix) / "bin" / "python3")
OURS = ("JIEDIAN_", "DJANGO_", "DATABASE_URL", "PYTHON", "VIRTUAL_ENV", "PYTEST_")
COUNTS = {
    "grids": "SELECT count(*) FROM network_grid",
    "grids of the city": "SELECT count(*) FROM network_grid WHERE is_city",
    "accounts at a node": "SELECT count(*) FROM network_account WHERE node_id IS NOT NULL",
    "automatic schemes": "SELECT count(*) FROM scheme_scheme WHERE is_automatic",
    "schemes composed by people": "SELECT count(*) FROM scheme_scheme WHERE NOT is_automatic",
    "published limits": "SELECT count(*) FROM publication_published",
}


@dataclass(frozen=True)
class City:
    """A demo that was set up from nothing: where its pages are, its folders, and what was said while it came up."""

    url: str
    checkout: Path
    run: Path
    said: str


def bare_environment() -> dict[str, str]:
    """What a shell knows before anything of jiedian is there."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
    kept = [part for part in env["PATH"].split(os.pathsep) if not part.startswith(sys.prefix)]
    return env | {"PATH": os.pathsep.join(kept)}


def clone(target: Path) -> None:
    """The files that git knows or would know, as they are now."""
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


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


@pytest.fixture(scope="module")
def city() -> Iterator[City]:
    """Set up and started in a folder of its own; minutes, so once for all that is asked of it."""
    folder = Path(tempfile.mkdtemp(prefix="jiedian-walk-", dir="/var/tmp"))
    folder.chmod(0o755)
    (folder / "home").mkdir(mode=0o700)
    checkout = folder / "home" / "jiedian"
    checkout.mkdir()
    with pytest.MonkeyPatch.context() as shell:
        shell.delenv("JIEDIAN_RUN_DIR", raising=False)  # that of these tests
        run = run_folder(checkout, "demo")
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


def ask(city: City, path: str) -> str:
    with urllib.request.urlopen(f"{city.url}{path}", timeout=60) as answer:
        return str(answer.read().decode())


def test_nothing_of_the_tests_is_installed(city: City) -> None:
    python = city.checkout / ".venv/bin/python"
    listed = subprocess.run([python, "-m", "pip", "list", "--format", "json"], capture_output=True, text=True)
    names = {package["name"].lower() for package in json.loads(listed.stdout)}
    assert "simbench" in names and not names & {"pytest", "mypy", "pyspark"}


def test_the_city_has_a_grid_neighbours_and_automatic_schemes(city: City) -> None:
    assert "not installed" not in city.said and "Traceback" not in city.said
    env = json.loads((city.run / "environment.json").read_text())
    with psycopg.connect(env["DATABASE_URL"]) as database:
        counts = {name: database.execute(query).fetchone()[0] for name, query in COUNTS.items()}  # type: ignore[index]
    assert counts["grids"] == 3 and counts["grids of the city"] == 1, counts
    assert all(counts.values()), counts


def test_the_public_map_has_points(city: City) -> None:
    features = json.loads(ask(city, "capacity.geojson"))["features"]
    assert len(features) > 100 and {f["geometry"]["type"] for f in features if f["geometry"]}
    assert "<svg" in ask(city, "capacity/")


def test_the_command_finds_the_city_and_its_journal_is_whole(city: City) -> None:
    command = [city.checkout / ".venv/bin/jiedian", "verify-journal"]
    done = subprocess.run(command, cwd=city.checkout, env=bare_environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
