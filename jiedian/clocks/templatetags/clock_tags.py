"""Limits in words: what is promised, within how long, why a clock stands still."""

from typing import Any

from django import template
from django.utils.translation import get_language, gettext

from jiedian.ground.rulebook.queries import SHORT, is_zh, place_of
from jiedian.process.rows import classes
from jiedian.process.templatetags.process_tags import step_name
from jiedian.shell.templatetags.label_tags import fact_name, unit_name

from ..calc.promises import Limit, Unit
from ..queries import ClockView, pause_reasons
from ..rows import AsideRow

register = template.Library()


@register.filter
def limit_name(limit: Limit) -> str:
    """Name of a limit: the step it is a promise of, or between departments what ends it."""
    is_said = limit.kind in ("COORD", "CONCERN")
    return fact_name(limit.stops_when) if is_said else _step(limit)


def _step(limit: Limit) -> str:
    """Step of a limit, as the process of its class calls it."""
    row = classes().get(limit.customer_class)
    return step_name(limit.step, row.process if row else "")


@register.filter
def time_allowed(limit: Limit) -> str:
    """Time that a limit allows: the same day, or within so many working days, days, hours or months."""
    if limit.value == 0:
        return gettext("当天")
    if limit.value == 1 and limit.unit == Unit.WORKING_DAY:
        return gettext("1 个工作日内")
    return gettext("%(n)s %(unit)s内") % {"n": limit.value, "unit": unit_name(limit.unit)}


@register.filter
def document_and_clause(rule: Any) -> str:
    """Document and clause of a limit, in the reader's language."""
    return place_of(rule)


@register.filter
def doubt(limit: Limit) -> str:
    """Word beside a limit that only advises: copied, quoted, recalled, our own; nothing beside law and promise."""
    return str(SHORT.get(limit.grade, ""))


@register.filter
def reason(row: AsideRow) -> str:
    """Reason why a limit that is known of is not counted."""
    return row.reason_zh if is_zh() else row.reason_en


@register.filter
def uncounted_class(row: AsideRow) -> str:
    """Class of customers that an uncounted limit speaks of, as its document words it."""
    return row.whom_zh if is_zh() else row.whom_en


@register.filter
def uncounted_figure(row: AsideRow) -> str:
    """Figure of an uncounted limit; of several classes or conditions, each."""
    return row.value_zh if is_zh() else row.value_en


@register.filter
def promised_words(limit: Limit) -> str:
    """Promise of a limit, as a customer would say it."""
    return {
        "E2E": gettext("从受理到通电"),
        "UTIL": gettext("公司办理用时"),
        "STEP": _step(limit),
    }.get(limit.kind, fact_name(limit.stops_when))


@register.filter
def promised_of(view: ClockView) -> str:
    """Promise of a clock: a step, or an errand by its kind."""
    if not view.clock.ref:
        return _step(view.limit)
    return fact_name(view.clock.stops_when)


@register.filter
def pause_name(code: str) -> str:
    """Name of the reason why a clock stands still."""
    row = pause_reasons().get(code)
    if row is None:
        return code
    return row.name_zh if (get_language() or "zh").startswith("zh") else row.name_en
