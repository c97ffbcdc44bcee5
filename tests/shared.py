"""What tests take from outside the package: real tables that are not shipped, and a copy of the checkout itself."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def real_file(name: str) -> Path:
    """The path of a data file, beside the repository or where JIEDIAN_DATA says; else the test is skipped and counted."""
    places = [Path(os.environ["JIEDIAN_DATA"])] if "JIEDIAN_DATA" in os.environ else []
    for place in [*places, *(parent / "shared/data" for parent in ROOT.parents)]:
        if (place / name).is_file():
            return place / name
    pytest.skip(f"{name} is not shipped and not at hand")


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
