"""Abouts: what the rooms tell of an open step on the first card: what is owed and how it is paid, what must be put right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from django.conf import settings
from django.utils.module_loading import import_string

from jiedian.cases.case.models.case import Case
from jiedian.process.models import Step


@dataclass(frozen=True)
class About:
    """Word of one room about a step (or of the whole case, without a step): a sum that is owed or was paid, or defects.

    ``how`` are the ways to pay; ``words`` what the sum is for, the defects as they were written, or the receipt.
    """

    kind: Literal["owed", "paid", "defects"]
    words: str
    step: str = ""
    amount_cny: Decimal | None = None
    on: date | None = None
    how: tuple[str, ...] = ()


def abouts_of(case: Case, standing: Sequence[Step]) -> tuple[About, ...]:
    """Words of every room about the open steps of a case."""
    rooms = [import_string(name) for name in import_string(f"{settings.WIRING}.ABOUTS")]
    return tuple(about for told in rooms for about in told(case, standing))
