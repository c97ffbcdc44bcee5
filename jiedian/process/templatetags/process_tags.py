"""Template tag: the name of a step."""

from django import template
from django.utils.translation import get_language

from jiedian.shell.templatetags.label_tags import _facts

from ..rows import steps

register = template.Library()


@register.filter
def step_name(code: str) -> str:
    """The name of a step in the reader's language."""
    row = steps().get(code) or _facts().get(f"event.{code}")
    if row is None:
        return code
    return row.name_zh if (get_language() or "zh").startswith("zh") else row.name_en
