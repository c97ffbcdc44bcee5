"""What both soaks stand on: people in a fresh database, a folder of their own, and one command line."""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tools.launch import serve

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = "import django; django.setup(); from datetime import date; from jiedian.people.services import load_demo_people as p; p(on=date(2015, 1, 1))"


class Tally(Protocol):
    """What a soak found."""

    @property
    def is_clean(self) -> bool: ...


def populate(env: dict[str, str], owner_url: str) -> None:
    """Tables, rules and the people of the tests."""
    serve.prepare(env, owner_url, is_demo=False, cases=0)
    subprocess.run([sys.executable, "-c", PEOPLE], env=env, cwd=ROOT, check=True)


def said(n: int, kills: int) -> None:
    """Progress, every twenty kills."""
    if n % 20 == 19:
        print(f"{n + 1}/{kills} kills", file=sys.stderr, flush=True)


def run(soak: Callable[[int, int, Path], Tally], *, name: str, about: str | None, kills: int) -> int:
    """Read the options, soak in a folder that goes afterwards, say what was found; 0 when it is clean."""
    parser = argparse.ArgumentParser(prog=name, description=about)
    parser.add_argument("--kills", type=int, default=kills)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="jiedian-soak-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        tally = soak(options.kills, options.seed, folder)
        print(tally)
        return 0 if tally.is_clean else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
