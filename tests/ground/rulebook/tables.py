"""Every rule table and the row it is read as: what ``load`` is called with anywhere in the product."""

import ast
from importlib import import_module

from jiedian.clocks.rows import HolidayRow
from jiedian.core.sourced import SourceRow
from jiedian.ground.rulebook.services import RULES
from jiedian.process.rows import StepRow
from jiedian.voice.visits.queries import DimensionRow, ItemRow

ROOT = RULES.parents[1]
BY_PATTERN: list[tuple[str, type]] = [
    ("sources.csv", SourceRow),
    ("calendar/*.csv", HolidayRow),
    ("process/*/steps.csv", StepRow),
    ("process/legacy/*/steps.csv", StepRow),
    ("visits/dimensions_*.csv", DimensionRow),
    ("visits/checklist_*.csv", ItemRow),
]
"""Tables whose name is put together when they are read."""


def _read() -> dict[str, type]:
    found: dict[str, type] = {}
    for path in sorted((ROOT / "jiedian").rglob("*.py")):
        text = path.read_text("utf-8")
        if "load(" not in text or "migrations" in path.parts:
            continue
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.Call(
                    func=ast.Name(id="load"), args=[ast.Constant(value=str(name)), ast.Name(id=kind)]
                ):
                    found[name] = getattr(import_module(module), kind)
    for pattern, kind in BY_PATTERN:
        found |= {str(file.relative_to(RULES)): kind for file in RULES.glob(pattern)}
    return found


TABLES = _read()
