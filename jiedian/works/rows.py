"""Rows of the tables of the works: the ways to pay."""

from dataclasses import dataclass
from functools import cache

from jiedian.core.sourced import Sourced
from jiedian.core.words import Text
from jiedian.ground.rulebook.services import load


@dataclass(frozen=True)
class PaymentRow(Sourced):
    """Way to pay a fee, as a customer is told it."""

    id: str
    words_zh: str
    words_en: str


@cache
def payments() -> tuple[Text, ...]:
    """The ways to pay, in both languages."""
    return tuple(Text(row.words_zh, row.words_en) for row in load("works/payments.csv", PaymentRow))
