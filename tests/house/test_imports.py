"""Imports point down: the floors of config/rooms.py, and the contracts of pyproject.toml (calc is plain, one door per giant)."""

import ast
import re
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from jiedian.config.rooms import FLOORS

ROOT = Path(__file__).resolve().parents[2]
HEAD = "[importlinter]\nroot_packages =\n    jiedian\n"


def floors_contract(floors: tuple[tuple[str, ...], ...]) -> str:
    """The floors as one contract: a floor imports those below it, and rooms on one floor do not see each other."""
    layers = [" | ".join(f"jiedian.{room}" for room in floor) for floor in (("config",), *floors)]
    lines = [
        "[importlinter:contract:floors]",
        "name = Imports point down the floors",
        "type = layers",
        "layers =",
    ]
    return "\n".join([HEAD, *lines, *(f"    {layer}" for layer in layers)]) + "\n"


def kept(path: Path, text: str) -> bool:
    path.write_text(text, "utf-8")
    return bool(lint_imports(config_filename=str(path), cache_dir=None) == EXIT_STATUS_SUCCESS)


def test_the_contracts_of_pyproject_are_kept() -> None:
    assert lint_imports() == EXIT_STATUS_SUCCESS


def test_imports_point_down_the_floors(tmp_path: Path) -> None:
    assert kept(tmp_path / "floors.ini", floors_contract(FLOORS))


def test_floors_turned_upside_down_are_not_kept(tmp_path: Path) -> None:
    assert not kept(tmp_path / "floors.ini", floors_contract(tuple(reversed(FLOORS))))


def test_every_room_stands_on_a_floor() -> None:
    rooms = {
        ".".join(path.parent.relative_to(ROOT / "jiedian").parts) for path in ROOT.glob("jiedian/**/apps.py")
    }
    assert rooms - {"config"} == {room for floor in FLOORS for room in floor} - {"core"}


def modules() -> dict[str, Path]:
    """Every module of the house by its dotted name."""
    found = {}
    for folder in ("jiedian", "demo", "tools"):
        for path in (ROOT / folder).rglob("*.py"):
            if "migrations" not in path.parts:
                parts = path.relative_to(ROOT).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """The modules a file imports anywhere in it: at its head, in functions, and for types alone."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            inner = {f"{base}.{alias.name}" for alias in node.names}
            found |= {module for module in inner if module in known}
            if inner - set(known):
                found.add(base)
    return {module for module in found if module in known and module != name}


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The files of one circle, empty when there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_circle_of_files() -> None:
    known = modules()
    assert circle({name: imports_of(name, path, known) for name, path in known.items()}) == []


def test_a_circle_is_seen_wherever_the_import_stands(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def late():\n    from . import b\n    return b\n", "utf-8")
    (tmp_path / "b.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .a import late\n", "utf-8"
    )
    known = {"room.a": tmp_path / "a.py", "room.b": tmp_path / "b.py"}
    graph = {name: imports_of(name, path, known) for name, path in known.items()}
    assert set(circle(graph)) == {"room.a", "room.b"}


RANK = {room: index for index, floor in enumerate(reversed(FLOORS)) for room in floor}


def room_of(dotted: str) -> str:
    """The room a dotted name stands in, without ``jiedian.``; empty when it stands in none."""
    inner = dotted.removeprefix("jiedian.")
    return next(
        (room for room in sorted(RANK, key=len, reverse=True) if f"{inner}.".startswith(f"{room}.")), ""
    )


def upward_strings(text: str, room: str) -> list[str]:
    """Dotted names of modules of higher floors (or of a neighbour) that stand as strings in code."""
    strings = {
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    named = sorted(word for word in strings if re.fullmatch(r"jiedian(\.\w+)+(:\w+)?", word))
    return [
        word
        for word in named
        if (other := room_of(word.split(":")[0])) and other != room and RANK[other] >= RANK[room]
    ]


def test_no_upward_call_by_string_outside_room_files() -> None:
    found = {}
    for name, path in modules().items():
        room = room_of(name) if name.startswith("jiedian.") else ""
        if room and path.name != "room.py" and (words := upward_strings(path.read_text("utf-8"), room)):
            found[str(path.relative_to(ROOT))] = words
    assert not found, found


def test_an_upward_string_is_seen() -> None:
    code = 'import_string("jiedian.doors.office.views.today")\n'
    assert upward_strings(code, "core") == ["jiedian.doors.office.views.today"]
    assert upward_strings(code, "doors.office") == []


def test_a_cellar_that_is_not_plain_is_seen(tmp_path: Path) -> None:
    """The wildcard of the contract reaches the cellars: forbid what one of them does use, and it is not kept."""
    plain = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (contract,) = [row for row in plain if "jiedian.**.calc" in row["source_modules"]]
    lines = [
        "[importlinter:contract:plain]",
        "name = plain",
        "type = forbidden",
        "allow_indirect_imports = true",
    ]
    sources = ["source_modules =", *(f"    {name}" for name in contract["source_modules"])]
    head = HEAD + "include_external_packages = true\n"
    text = "\n".join([head, *lines, *sources, "forbidden_modules =", "    {}\n"])
    assert kept(tmp_path / "turtle.ini", text.format("turtle"))
    assert not kept(tmp_path / "numpy.ini", text.format("numpy"))
