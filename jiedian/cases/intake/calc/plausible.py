"""Sense of an application: whether a capacity is usual for its class, and how much a customer's appliances need."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Protocol

POWER_FACTOR = Decimal("0.9")


class UsualRange(Protocol):
    """Row of a class, as far as it says which capacity is usual and which class is meant beyond it."""

    @property
    def from_kva(self) -> Decimal: ...
    @property
    def to_kva(self) -> Decimal: ...
    @property
    def smaller(self) -> str: ...
    @property
    def larger(self) -> str: ...


@dataclass(frozen=True)
class Doubt:
    """Doubt about a capacity: what is usual, and the class that is probably meant (or none)."""

    low: Decimal
    high: Decimal
    other: str


def doubt_about(kva: Decimal, usual: UsualRange) -> Doubt | None:
    """The doubt about a capacity that is not usual for its class; None where it is."""
    if usual.from_kva <= kva <= usual.to_kva:
        return None
    return Doubt(usual.from_kva, usual.to_kva, usual.smaller if kva < usual.from_kva else usual.larger)


def kva_of(loads: Iterable[tuple[Decimal, int]], coincidence: Decimal) -> Decimal:
    """Capacity for appliances of so many kW, so many of each, of which a share runs at once.

    >>> kva_of([(Decimal("1.2"), 3), (Decimal(2), 1)], Decimal("0.6"))
    Decimal('4')
    """
    kw = sum((each * count for each, count in loads), Decimal(0)) * coincidence
    return (kw / POWER_FACTOR).to_integral_value(ROUND_CEILING)
