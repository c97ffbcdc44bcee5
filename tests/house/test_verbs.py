"""Every room is tested by its own name, and every verb of its services is called by some test."""

import ast
import re
from pathlib import Path

from jiedian.config.rooms import FLOORS

ROOT = Path(__file__).resolve().parents[2]
ROOMS = [room for floor in FLOORS for room in floor if room != "core"]


def verbs(room: str) -> set[str]:
    """The public functions of a room's services."""
    folder = ROOT / "jiedian" / room.replace(".", "/")
    files = [folder / "services.py", *(folder / "services").glob("*.py")]
    return {
        node.name
        for path in files
        if path.exists()
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def own_tests(room: str) -> list[Path]:
    """The tests that stand under the room's name; a wing's tests count for a room that is a wing of its own."""
    folder = ROOT / "tests" / room.replace(".", "/")
    beside = (ROOT / "tests" / room.split(".")[0]).glob("test_*.py") if not folder.exists() else []
    return [*folder.rglob("test_*.py"), *beside]


def test_every_room_with_verbs_has_tests_of_its_own() -> None:
    assert {room for room in ROOMS if verbs(room) and not own_tests(room)} == set()


def test_every_verb_is_called_by_a_test() -> None:
    said = "\n".join(
        path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)
    )
    words = set(re.findall(r"\w+", said))
    assert {f"{room}.{verb}" for room in ROOMS for verb in verbs(room) if verb not in words} == set()
