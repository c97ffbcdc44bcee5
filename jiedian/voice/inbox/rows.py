"""The tables most rooms read, as typed rows."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from jiedian.ground.rulebook.services import load


@dataclass(frozen=True)
class ThresholdRow:
    """A number that a person may change, with its meaning."""

    id: str
    value: Decimal
    name_zh: str
    name_en: str
    source: str
    status: str


@cache
def threshold(name: str) -> float:
    """One of the numbers of the customer's voice."""
    rows = {row.id: row for row in load("voice/thresholds.csv", ThresholdRow)}
    return float(rows[name].value)
