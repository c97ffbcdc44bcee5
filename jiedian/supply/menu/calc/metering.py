"""计量装置: current, instrument transformers and accuracy classes of a metering point."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from jiedian.core.closed import Accuracy
from jiedian.core.sourced import Sourced


@dataclass(frozen=True)
class ClassRow(Sourced):
    """Accuracy of the meter, voltage and current transformer by metering voltage. Capacity is a lower bound of 2000's table."""

    id: str
    from_kv: Decimal
    below_kv: Decimal
    name_zh: str
    name_en: str
    active: Accuracy
    reactive: Accuracy
    vt: Accuracy
    ct: Accuracy


@dataclass(frozen=True)
class CurrentTransformer:
    """A ratio ``primary/5``, how much of it the normal load uses, and the rated current behind it (A)."""

    primary_a: int
    rated_a: float
    used_at_normal: float

    @property
    def ratio(self) -> str:
        return f"{self.primary_a}/5"


def rated_current_a(kva: float, kv: float) -> float:
    """Three-phase current of a capacity; single-phase where the voltage is 220 V.

    >>> round(rated_current_a(1260, 10), 1), round(rated_current_a(315, 0.4), 1), round(rated_current_a(8.8, 0.22))
    (72.7, 454.7, 40)
    """
    return kva / kv if kv < 0.3 else kva / (math.sqrt(3) * kv)


def current_transformer(
    rated_a: float, stock_a: Iterable[int], *, normal_share: float
) -> CurrentTransformer | None:
    """The smallest ratio of the stock that carries the rated current; none when the stock ends below it.

    ``normal_share`` is normal load over rated capacity. Source of the 60 % aim and the 30 % floor: domain reference 5.5, F 80.

    >>> current_transformer(72.7, [50, 75, 100], normal_share=0.7).ratio
    '75/5'
    """
    primary = next((size for size in sorted(stock_a) if size >= rated_a), None)
    if primary is None:
        return None
    return CurrentTransformer(primary, rated_a, normal_share * rated_a / primary)


def voltage_ratio(kv: float, wires: str) -> str:
    """Ratio of the voltage transformers: between phases in V/v where three wires are metered below 35 kV, else of each phase.

    >>> voltage_ratio(10, "three"), voltage_ratio(35, "three"), voltage_ratio(110, "four"), voltage_ratio(0.4, "four")
    ('10/0.1', '35/√3 : 0.1/√3', '110/√3 : 0.1/√3', '')
    """
    if kv < 1:
        return ""
    return f"{kv:g}/0.1" if wires == "three" and kv < 30 else f"{kv:g}/√3 : 0.1/√3"


def class_of(rows: Iterable[ClassRow], kv: float) -> ClassRow | None:
    """The device class at a metering voltage."""
    return next((row for row in rows if float(row.from_kv) <= kv < float(row.below_kv)), None)
