"""What a step is stands on its card and at its ``@step``: no step code and no word for a gateway anywhere else in Python."""

import ast
import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiedian.process.calc.bpmn import graph_of
from jiedian.process.calc.flow import variables

ROOT = Path(__file__).resolve().parents[2]
CODE = ROOT / "jiedian"
TABLES = sorted((CODE / "rules" / "process").rglob("steps.csv"))


def known() -> set[str]:
    return {row["id"] for path in TABLES for row in csv.DictReader(path.open(encoding="utf-8"))}


def read_by_choices() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in (CODE / "rules" / "process").rglob("*.bpmn"):
        for name, values in variables(graph_of(path.read_bytes())).items():
            found.setdefault(name, set()).update(values)
    return found


def outside() -> list[Path]:
    """Every file of the package but those in which a room says how its steps are done."""
    return [
        path
        for path in sorted(CODE.rglob("*.py"))
        if "migrations" not in path.parts
        and (path.name != "steps.py" or path.parent.name in ("services", "queries"))
    ]


def codes_in(source: str, codes: set[str]) -> Iterator[str]:
    """Step codes that a file writes as words, alone or behind ``done:`` and ``opened:``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            word = node.value.removeprefix("done:").removeprefix("opened:")
            if word in codes:
                yield f"{node.lineno}: {word}"


def answers_in(source: str, asked: dict[str, set[str]]) -> Iterator[str]:
    """What a file would say to a gateway: a table with a variable and one of its values."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                pair = [each.value for each in (key, value) if isinstance(each, ast.Constant)]
                if len(pair) == 2 and pair[1] in asked.get(str(pair[0]), ()):
                    yield f"{node.lineno}: {pair[0]} = {pair[1]}"


def test_no_step_code_stands_outside_its_card_and_its_verb() -> None:
    codes = known()
    assert len(codes) > 20
    assert {
        str(p.relative_to(CODE)): found for p in outside() if (found := [*codes_in(p.read_text(), codes)])
    } == {}


def test_no_answer_to_a_gateway_stands_outside_the_verb_that_gives_it() -> None:
    asked = read_by_choices()
    assert {"sources", "inspection", "scheme_answer"} <= set(asked)
    found = {
        str(p.relative_to(CODE)): said for p in outside() if (said := [*answers_in(p.read_text(), asked)])
    }
    assert found == {}


@pytest.mark.parametrize("source", ['if step.code == "ENERGISE": pass', 'stops = "done:ENERGISE"'])
def test_a_code_is_seen(source: str) -> None:
    assert list(codes_in(source, {"ENERGISE"})) == ["1: ENERGISE"]


def test_an_answer_is_seen() -> None:
    said = answers_in('finish_step(work, {"inspection": "rectify"})', {"inspection": {"rectify"}})
    assert list(said) == ["1: inspection = rectify"]


def test_no_class_is_told_by_its_first_letters() -> None:
    for path in CODE.rglob("*.py"):
        assert 'startswith("HV' not in path.read_text("utf-8"), path
