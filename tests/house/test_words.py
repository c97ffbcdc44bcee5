"""Words of the code: a docstring opens with the name of the thing, a name says what the thing is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RIDDLE = re.compile(r"(What|Who|Whom|Whose|Whether|How|Where|When|Which|Why)\b")
"""Opens a riddle that only the rest of the sentence solves: a yes or no is ``True if …``, the rest has a name."""
COME_BY = set(
    [
        "asked",
        "chosen",
        "done",
        "found",
        "given",
        "heard",
        "held",
        "kept",
        "known",
        "lost",
        "made",
        "named",
        "owed",
        "said",
        "seen",
        "sent",
        "shown",
        "taken",
        "these",
        "told",
        "waiting",
        "written",
    ]
)
"""Say how one came by a thing; alone they say nothing of what it is."""
NOT_YET = {
    "jiedian/core/sheets/reading.py:Asked",
    "jiedian/ground/files/importers.py:Told",
    "jiedian/ground/files/importers.py:Kept",
    "jiedian/ground/files/queries.py:Shown",
    "jiedian/ground/files/queries.py:shown",
    "jiedian/ground/files/services.py:kept",
}
"""May only shrink."""
Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def trees() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("jiedian", "demo", "tools"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def documented(node: ast.Module | Named, name: str) -> Iterator[tuple[str, str]]:
    """Docstrings of a module and all that is public in it, functions inside functions left out."""
    yield name, ast.get_docstring(node) or ""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        for inner in node.body:
            if isinstance(inner, Named) and not inner.name.startswith("_"):
                yield from documented(inner, f"{name}:{inner.name}")


def riddles(tree: ast.Module, path: str) -> list[str]:
    return [f"{name}: {text.splitlines()[0]}" for name, text in documented(tree, path) if RIDDLE.match(text)]


def test_a_docstring_opens_with_the_name_of_the_thing() -> None:
    assert [riddle for path, tree in trees() for riddle in riddles(tree, path)] == []


@pytest.mark.parametrize(
    "code",
    [
        '"""What is open."""',
        'class Limit:\n    """Who answers."""',
        'class Limit:\n    def is_late(self):\n        """Whether it is late."""',
    ],
)
def test_a_riddle_is_seen(code: str) -> None:
    assert riddles(ast.parse(code), "x.py")


def test_what_is_private_may_be_told_shortly() -> None:
    assert not riddles(ast.parse('def _left():\n    """What is left."""'), "x.py")


def named_by_how_one_came_by_it(tree: ast.Module, path: str) -> set[str]:
    """Public functions, classes and methods whose whole name is one such word."""
    names = (name for name, _ in documented(tree, path) if ":" in name)
    return {name for name in names if name.rsplit(":", 1)[1].lower() in COME_BY}


def test_a_name_says_what_the_thing_is() -> None:
    names = {name for path, tree in trees() for name in named_by_how_one_came_by_it(tree, path)}
    assert names == NOT_YET


@pytest.mark.parametrize(
    "code", ["class Told: ...", "def found(): ...", "class Case:\n    def held(self): ..."]
)
def test_a_name_that_says_how_one_came_by_it_is_seen(code: str) -> None:
    assert named_by_how_one_came_by_it(ast.parse(code), "x.py")
    assert not named_by_how_one_came_by_it(ast.parse("def _found(): ...\nclass Pause: ..."), "x.py")
