"""A decision has a number of its own, a date, a standing, and what holds it; what changed is said by version."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORDS = sorted((ROOT / "docs/decisions").glob("*.md"))
STANDING = re.compile(r"\d{4}-\d{2}-\d{2} · (in force|replaced by \d{4})\b.* · held by (?P<held>.+)")


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in RECORDS]
    assert len(set(numbers)) == len(numbers) and all(number.isdecimal() for number in numbers)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_decision_says_when_whether_and_what_holds_it(path: Path) -> None:
    title, standing = path.read_text("utf-8").splitlines()[:2]
    found = STANDING.fullmatch(standing)
    assert title.startswith("# ") and found, standing
    for name in re.findall(r"`((?:tests|pyproject)[\w./]*)`", found["held"]):
        assert (ROOT / name).is_file(), f"{path.name}: {name} is gone"
    for number in re.findall(r"replaced by (\d{4})", standing):
        assert list((ROOT / "docs/decisions").glob(f"{number}-*.md")), number


def test_the_changelog_goes_by_versions() -> None:
    heads = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert heads and all(
        re.fullmatch(r"\d+\.\d+\.\d+ · (\d{4}-\d{2}-\d{2}|in the making)", head) for head in heads
    )
