"""Typed rows of voice/thresholds.csv: the thresholds of the customer's voice."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import load


@dataclass(frozen=True)
class ThresholdRow(Sourced):
    """A number that a person may change, with its meaning."""

    id: Literal["trusted_accuracy", "replace_p", "hotspot_weeks", "hotspot_fdr", "hotspot_least"]
    value: Decimal
    name_zh: str
    name_en: str


@cache
def threshold(name: str) -> float:
    """One of the numbers of the customer's voice."""
    rows = {row.id: row for row in load("voice/thresholds.csv", ThresholdRow)}
    return float(rows[name].value)
