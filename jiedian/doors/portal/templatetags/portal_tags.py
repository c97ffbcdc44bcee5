"""Words of the customer on his own pages."""

from django import template

from .. import queries

register = template.Library()


@register.filter
def customers_words(code: str, process: str) -> str:
    """A step of a process as the customer would say it."""
    return queries.customers_words(code, process)
