"""Words of the customer on his own pages."""

from django import template

from .. import queries

register = template.Library()


@register.filter
def customers_words(code: str) -> str:
    """A step as the customer would say it."""
    return queries.customers_words(code)
