"""Spans of time as the database counts them."""

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Func, IntegerField, Value
from django.db.models.expressions import Combinable


def instant_of(percent: int) -> Combinable:
    """Instant when a share of the time up to a promised instant is over, in the database."""
    part = ExpressionWrapper((F("due_at") - F("started_at")) * Value(percent / 100), DurationField())
    return ExpressionWrapper(F("started_at") + part, DateTimeField())


def days_between(end: Combinable, begin: Combinable) -> Func:
    """Whole days between two dates in the database, where a date minus a date is a number."""
    return Func(end, begin, template="(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField())
