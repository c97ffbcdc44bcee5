"""Published speed of the company: working days from acceptance to power, by class."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from jiedian.clocks.queries import calendar
from jiedian.core.workdays import local_day

from ..models.case import Case

WINDOW_DAYS = 90
FEWEST = 5
"""A median of fewer cases says more about those cases than about the company."""


@dataclass(frozen=True)
class Speed:
    """One class: how many were connected in the window, and the median of working days; None when too few."""

    case_class: str
    name: str
    connected: int
    median_wd: float | None


def speeds(*, at: datetime) -> list[Speed]:
    """Every class that was connected in the last ninety days. Same-day counts as 0 working days."""
    held: dict[str, list[int]] = {}
    rows = Case.objects.filter(energised_at__gte=at - timedelta(days=WINDOW_DAYS), accepted_at__isnull=False)
    for code, accepted_at, energised_at in rows.values_list("case_class", "accepted_at", "energised_at"):
        if accepted_at and energised_at:
            taken = calendar().between(local_day(accepted_at), local_day(energised_at))
            held.setdefault(code, []).append(taken)
    return [
        Speed(code, str(label), len(held[code]), median(held[code]) if len(held[code]) >= FEWEST else None)
        for code, label in Case.Class.choices
        if code in held
    ]
