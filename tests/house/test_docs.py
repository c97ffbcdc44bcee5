"""A path that a page of the documents names is there; the how-tos that make files are followed by a test of their own."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    path
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
    if not path.name.startswith("add-a") and "replaced by" not in path.read_text("utf-8").partition("\n\n")[0]
]
BASES = ("", "jiedian", "jiedian/rules")
"""What a page leaves away before a path."""


def paths_in(text: str) -> Iterator[str]:
    """Paths of files between backticks, ``{a,b}`` written out; what stands for a name (``<key>``) is none."""
    for word in re.findall(r"`([\w{},*./-]+/[\w{},*.-]+\.(?:py|csv|bpmn|html|css|toml|json|md))`", text):
        parts = [part.split(",") for part in re.split(r"[{}]", word)]
        yield from ("".join(chosen) for chosen in product(*parts))


def is_there(path: str) -> bool:
    return any(any((ROOT / base).glob(path)) for base in BASES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_path_on_a_page_is_there(page: Path) -> None:
    named = [*paths_in(page.read_text("utf-8"))]
    assert [path for path in named if path.startswith("/") or not is_there(path)] == []


def test_a_path_that_is_gone_is_seen() -> None:
    named = [*paths_in("Code: `grid/capacity/services/{standing,gone}.py`, `config/rooms.py`.")]
    assert [path for path in named if not is_there(path)] == ["grid/capacity/services/gone.py"]
