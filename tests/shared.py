"""Real tables that are not shipped: looked for beside the repository or where JIEDIAN_DATA says; else skipped and counted."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def real_file(name: str) -> Path:
    """The path of a shared data file, or the test is skipped."""
    places = [Path(os.environ["JIEDIAN_DATA"])] if "JIEDIAN_DATA" in os.environ else []
    for place in [*places, *(parent / "shared/data" for parent in ROOT.parents)]:
        if (place / name).is_file():
            return place / name
    pytest.skip(f"{name} is not shipped and not at hand")
