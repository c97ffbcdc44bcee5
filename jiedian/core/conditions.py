"""Conditions of gateways and checklists: ``name == 'literal'``, joined by ``and``/``or``. Nothing is evaluated."""

import ast
from collections.abc import Mapping


class BadCondition(ValueError):
    """The text is not a condition of the whitelist."""


def parse(text: str) -> ast.expr:
    """The syntax tree of a condition, or BadCondition."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadCondition(text) from error
    _check(tree, text)
    return tree


def _check(node: ast.expr, text: str) -> None:
    if isinstance(node, ast.BoolOp):
        for value in node.values:
            _check(value, text)
        return
    match node:
        case ast.Compare(left=ast.Name(), ops=[ast.Eq()], comparators=[ast.Constant(value=str())]):
            return
    raise BadCondition(text)


def holds(text: str, facts: Mapping[str, str]) -> bool:
    """True if a condition holds for some facts; a fact that is absent equals nothing.

    >>> holds("fee == 'yes' and class == 'HV2'".replace("class", "kind"), {"fee": "yes", "kind": "HV2"})
    True
    """
    return _holds(parse(text), facts)


def _holds(node: ast.expr, facts: Mapping[str, str]) -> bool:
    if isinstance(node, ast.BoolOp):
        join = all if isinstance(node.op, ast.And) else any
        return join(_holds(value, facts) for value in node.values)
    assert isinstance(node, ast.Compare)
    name, literal = node.left, node.comparators[0]
    assert isinstance(name, ast.Name) and isinstance(literal, ast.Constant)
    return facts.get(name.id) == literal.value


def names_and_values(text: str) -> list[tuple[str, str]]:
    """Every fact that a condition asks for, with the value it compares; BadCondition where it is none.

    >>> names_and_values("level == 'lv' or level == 'mv'")
    [('level', 'lv'), ('level', 'mv')]
    """
    found = []
    for node in ast.walk(parse(text)):
        if isinstance(node, ast.Compare):
            name, literal = node.left, node.comparators[0]
            assert isinstance(name, ast.Name) and isinstance(literal, ast.Constant)
            found.append((name.id, str(literal.value)))
    return found
