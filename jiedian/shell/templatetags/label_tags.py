"""Template tags: names of facts, scopes, classes, units and processes in the reader's language."""

from functools import cache

from django import template
from django.utils.translation import get_language

from jiedian.ground.rulebook.queries import LabelRow
from jiedian.ground.rulebook.services import load

register = template.Library()


@register.filter
def fact_name(kind: str, process: str = "") -> str:
    """A fact in words, in those of a process where it has its own; a kind without words shows itself."""
    row = _facts().get(f"{process}.{kind}") or _facts().get(kind)
    if row is None:
        return kind
    return row.name_zh if (get_language() or "zh").startswith("zh") else row.name_en


@register.filter
def scope_name(scope: str) -> str:
    """Scope of a limit: whose promise it is."""
    return fact_name(f"scope.{scope}")


@register.filter
def class_name(code: str) -> str:
    """The name of a class of the limit table."""
    return fact_name(f"class.{code}")


@register.filter
def kind_name(kind: str) -> str:
    """Kind of a limit: what it measures."""
    return fact_name(f"kind.{kind}")


@register.filter
def unit_name(unit: str) -> str:
    """The unit of a limit."""
    return fact_name(f"unit.{unit}")


@register.filter
def process_name(key: str) -> str:
    """The name of a process."""
    return fact_name(f"process.{key}")


@cache
def _facts() -> dict[str, LabelRow]:
    return {row.id: row for row in load("labels/facts.csv", LabelRow)}
