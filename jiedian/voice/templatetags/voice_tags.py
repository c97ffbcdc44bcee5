"""Names of channels, ways and expectations on pages, and texts with their phone numbers covered."""

from django import template
from django.utils.translation import get_language

from jiedian.core.contacts import without_phones

from ..queries.channels import channels
from ..queries.leaves import leaves

register = template.Library()


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


@register.filter
def channel_name(code: str) -> str:
    """The name of a channel; an unknown one shows itself."""
    row = channels().get(code)
    return code if row is None else row.name_zh if _is_zh() else row.name_en


@register.filter
def way_name(code: str) -> str:
    """How a channel is answered."""
    row = channels().get(code)
    return "" if row is None else row.answered_zh if _is_zh() else row.answered_en


@register.filter
def leaf_name(code: str) -> str:
    """The name of an expectation."""
    row = leaves().get(code)
    return code if row is None else row.name_zh if _is_zh() else row.name_en


@register.simple_tag
def leaf_choices() -> list[tuple[str, str]]:
    """The expectations for a select."""
    return [(row.id, row.name_zh if _is_zh() else row.name_en) for row in leaves().values()]


@register.filter
def covered(text: str) -> str:
    """A text with the middle of its phone numbers covered."""
    return without_phones(text)
