"""Names of steps on staff and customer pages."""

from functools import cache

from django import template
from django.utils.translation import get_language

from jiedian.cases.models import Paper
from jiedian.clocks.queries import ClockView, pause_reasons
from jiedian.core.promises import Limit
from jiedian.rulebook.queries import LabelRow, papers, steps
from jiedian.rulebook.services import load

register = template.Library()


@register.filter
def step_name(code: str) -> str:
    """The name of a step in the reader's language."""
    row = steps().get(code) or _facts().get(f"event.{code}")
    if row is None:
        return code
    return row.name_zh if (get_language() or "zh").startswith("zh") else row.name_en


@register.filter
def paper_name(paper: Paper) -> str:
    """The name of a paper from the row it was asked by."""
    rows = papers(paper.case.process_key, on=None)
    row = next((row for row in rows if row.id == paper.rule_id), None)
    if row is None:
        return paper.code
    return row.name_zh if (get_language() or "zh").startswith("zh") else row.name_en


@register.filter
def fact_name(kind: str) -> str:
    """A fact in words; a kind without words shows itself."""
    row = _facts().get(kind)
    if row is None:
        return kind
    return row.name_zh if (get_language() or "zh").startswith("zh") else row.name_en


@register.filter
def limit_name(limit: Limit) -> str:
    """What a limit is a promise of: a step, or between departments what ends it."""
    is_said = limit.kind in ("COORD", "CONCERN")
    return fact_name(limit.stops_when) if is_said else step_name(limit.step)


@register.filter
def scope_name(scope: str) -> str:
    """Whose promise a limit is."""
    return fact_name(f"scope.{scope}")


@register.filter
def class_name(code: str) -> str:
    """The name of a class of the limit table."""
    return fact_name(f"class.{code}")


@register.filter
def kind_name(kind: str) -> str:
    """What a limit measures."""
    return fact_name(f"kind.{kind}")


@register.filter
def unit_name(unit: str) -> str:
    """The unit of a limit."""
    return fact_name(f"unit.{unit}")


@register.filter
def promised_of(view: ClockView) -> str:
    """What a clock is a promise of: a step, or an errand by its kind."""
    if not view.clock.ref:
        return step_name(view.limit.step)
    return fact_name(view.clock.stops_when)


@register.filter
def pause_name(code: str) -> str:
    """Why a clock stands still."""
    row = pause_reasons().get(code)
    if row is None:
        return code
    return row.name_zh if (get_language() or "zh").startswith("zh") else row.name_en


@register.filter
def process_name(key: str) -> str:
    """The name of a process."""
    return fact_name(f"process.{key}")


@cache
def _facts() -> dict[str, LabelRow]:
    return {row.id: row for row in load("labels/facts.csv", LabelRow)}
