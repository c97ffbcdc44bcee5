"""Published speed of the company: working days from acceptance to power, by class, and who still waits longer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import QuerySet

from jiedian.clocks.queries import calendar
from jiedian.core.workdays import local_day

from ..models.case import Case

WINDOW_DAYS = 90
FEWEST = 5
"""A median of fewer cases says more about those cases than about the company."""


@dataclass(frozen=True)
class Speed:
    """One class: how many were connected in the window, and the median of working days; None when too few.

    ``waiting`` are those accepted and without power, ``longer`` those of them who have waited longer than the median:
    a median of who has power says nothing of who has not.
    """

    case_class: str
    name: str
    connected: int
    median_wd: float | None
    waiting: int
    longer: int | None


def speeds(*, at: datetime) -> list[Speed]:
    """Every class that was connected in the last ninety days or waits for power. Same-day counts as 0 working days."""
    accepted = Case.objects.filter(accepted_at__isnull=False)
    took = _days(
        accepted.filter(energised_at__gte=at - timedelta(days=WINDOW_DAYS), energised_at__lte=at), at=at
    )
    waits = _days(accepted.filter(energised_at__isnull=True, state=Case.State.RUNNING), at=at)
    return [
        _speed(code, str(label), took.get(code, []), waits.get(code, []))
        for code, label in Case.Class.choices
        if code in took or code in waits
    ]


def _speed(code: str, name: str, took: list[int], waits: list[int]) -> Speed:
    usual = median(took) if len(took) >= FEWEST else None
    longer = None if usual is None else sum(wd > usual for wd in waits)
    return Speed(code, name, len(took), usual, len(waits), longer)


def _days(cases: QuerySet[Case], *, at: datetime) -> dict[str, list[int]]:
    """Working days of some cases from acceptance to power, or until now, by class.

    An imported case may be older than the calendar; what it waited since the calendar begins is counted, which is at least that.
    """
    found: dict[str, list[int]] = {}
    days = calendar()
    for code, accepted_at, energised_at in cases.values_list("case_class", "accepted_at", "energised_at"):
        assert accepted_at is not None
        since = max(local_day(accepted_at), days.first)
        taken = days.between(since, max(local_day(energised_at or at), since))
        found.setdefault(code, []).append(taken)
    return found
