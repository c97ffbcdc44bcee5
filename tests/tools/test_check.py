"""Given a checkout, when its contracts are held, then every file that one of them names is there."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_contract_names_what_is_gone() -> None:
    spec = importlib.util.spec_from_file_location("run", ROOT / "run.py")
    assert spec and spec.loader
    run = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(run)
    commands = run.contracts()
    assert {"ruff", "format", "types", "migrations", "imports", "pages", "house"} <= set(commands)
    named = [word for words in commands.values() for word in words if str(word).endswith((".py", ".html"))]
    assert len(named) > 100
    assert [str(word) for word in named if not (ROOT / word).is_file()] == []
