"""Names of steps on staff and customer pages."""

from django import template
from django.utils.translation import get_language

from jiedian.process.templatetags.process_tags import step_name
from jiedian.shell.templatetags.label_tags import fact_name

from ..calc.promises import Limit
from ..queries import ClockView, pause_reasons

register = template.Library()


@register.filter
def limit_name(limit: Limit) -> str:
    """What a limit is a promise of: a step, or between departments what ends it."""
    is_said = limit.kind in ("COORD", "CONCERN")
    return fact_name(limit.stops_when) if is_said else step_name(limit.step)


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
