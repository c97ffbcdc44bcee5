"""Template tag: the name of a step, as its process calls it."""

from django import template
from django.utils.translation import get_language

from jiedian.shell.templatetags.label_tags import _facts

from ..rows import naming_card

register = template.Library()


@register.filter
def step_name(code: str, process: str = "") -> str:
    """The name of a step in the reader's language; without a process that of the one with the most steps."""
    row = naming_card(code, process) or _facts().get(f"event.{code}")
    if row is None:
        return code
    return row.name_zh if (get_language() or "zh").startswith("zh") else row.name_en
