"""Voice of the customer as pages write it: texts with their phone numbers covered, how many times as often."""

from math import isfinite

from django import template

from ..calc.contacts import without_phones

register = template.Library()


@register.filter
def covered(text: str) -> str:
    """A text with the middle of its phone numbers covered."""
    return without_phones(text)


@register.filter
def times(value: float | None) -> str:
    """Ratio in words: how many times as often; endless when there was none before."""
    return "∞" if value is None or not isfinite(value) else f"{value:.1f}×"
