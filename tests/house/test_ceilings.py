"""Ceilings of files, functions, parameters and rooms, and the closed list of names inside a room."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiedian.config.rooms import FLOORS

ROOT = Path(__file__).resolve().parents[2]
CODE = ROOT / "jiedian"
FILE, FUNCTION, PARAMETERS, ROOM, FILES_IN_A_ROOM = 400, 40, 6, 3500, 25
PYTHON = sorted(
    path
    for folder in ("jiedian", "demo", "tools")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)
ROOMS = [room for floor in FLOORS for room in floor]
IN_A_ROOM = set(
    [
        *(
            "models",
            "services",
            "queries",
            "steps",
            "reactions",
            "views",
            "forms",
            "urls",
            "api",
            "room",
            "rows",
            "imports",
        ),
        *("calc", "templates", "migrations", "templatetags", "drawings", "jobs", "commands", "verbs", "apps"),
        *("__init__", "__pycache__", "static"),
    ]
)
WIRES = {path.parent.name for path in CODE.glob("links/*/client.py")}
"""Folders of one shape under links: client, mapping, check, fake. The company has as many as it has partners."""
EXTRA = {
    "shell": {"shell", "middleware", "draw", "tables", "typeset", "typst", "atlas", "kit", "css", "storage"},
    "process": {"engine"},
    "links": {"fake", *WIRES},
    "voice.channels": {"ocr"},
    "voice.classify": {"shelf"},
    "grid.kernel": {"spark", "spread"},
    "ground.files": {"importers"},
}
"""Names that one room has to itself: a door to a giant, an adapter, what the frame is made of."""
FORBIDDEN = set(["utils", "helpers", "common", "constants", "managers", "signals", "mixins"])
OVER: dict[str, int] = {
    "jiedian/ground/files/services.py:hand_in": 7,
    "jiedian/ground/files/services.py:put": 7,
}
"""Functions that still take more than six. It may only shrink."""


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def is_compiled(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A kernel turned into machine code, where a bundle of arrays costs time: exempt from the ceiling of parameters."""
    return any(
        ast.unparse(decorator).split("(")[0] in ("compiled", "njit") for decorator in node.decorator_list
    )


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    names = [each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def files_of(room: str) -> list[Path]:
    folder = CODE / room.replace(".", "/")
    return [
        path for path in folder.rglob("*.py") if "migrations" not in path.parts and path.name != "__init__.py"
    ]


def count(room: str, files: list[Path]) -> int:
    """How many files a newcomer has to tell apart: a wire's four count as one."""
    wires = [path for path in files if room == "links" and path.parent.name in WIRES]
    return len(files) - len(wires) + len({path.parent for path in wires})


def test_no_file_or_function_passes_its_ceiling() -> None:
    for path in [*PYTHON, ROOT / "run.py"]:
        assert len(path.read_text("utf-8").splitlines()) <= FILE, path
        for node in functions(path):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= FUNCTION, f"{path.name}:{node.name} has {length} lines"


def test_no_function_takes_more_than_six() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{node.name}": parameters(node)
        for path in PYTHON
        for node in functions(path)
        if parameters(node) > PARAMETERS and not is_compiled(node)
    }
    assert found == OVER


def test_seven_parameters_are_seen() -> None:
    (node,) = ast.parse("def made(self, a, b, c, d, *, e, f, g): ...").body
    assert isinstance(node, ast.FunctionDef) and parameters(node) == 7 and not is_compiled(node)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_keeps_its_size(room: str) -> None:
    files = files_of(room)
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in files)
    assert count(room, files) <= FILES_IN_A_ROOM and lines <= ROOM, (
        f"{room}: {len(files)} files, {lines} lines"
    )


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "core"])
def test_a_room_has_only_the_closed_list_of_names(room: str) -> None:
    names = {path.name.removesuffix(".py") for path in (CODE / room.replace(".", "/")).iterdir()}
    assert names <= IN_A_ROOM | EXTRA.get(room, set())


def test_no_file_is_named_after_nothing() -> None:
    assert [path for path in PYTHON if path.stem in FORBIDDEN] == []
