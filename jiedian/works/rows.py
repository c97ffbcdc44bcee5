"""Rows of the tables of the works: the ways to pay."""

from dataclasses import dataclass
from functools import cache

from jiedian.core.closed import Status
from jiedian.core.words import Text
from jiedian.ground.rulebook.services import load


@dataclass(frozen=True)
class PaymentRow:
    """Way to pay a fee, as a customer is told it."""

    id: str
    words_zh: str
    words_en: str
    source: str
    status: Status


@cache
def payments() -> tuple[Text, ...]:
    """The ways to pay, in both languages."""
    return tuple(Text(row.words_zh, row.words_en) for row in load("works/payments.csv", PaymentRow))
