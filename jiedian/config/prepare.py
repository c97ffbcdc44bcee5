"""``jiedian prepare``: make the database ready before the system starts."""

from django.utils import timezone

from jiedian.clocks.services import load_calendar
from jiedian.core.workdays import local_day
from jiedian.people.services import load_departments
from jiedian.process.services import publish_all


def prepare(argv: list[str]) -> int:
    """Load calendar, departments and processes; safe to run again.

    A corrected day of the past moves no due day, unless ``--moves-past`` says so.
    """
    load_calendar(on=local_day(timezone.now()), moves_past="--moves-past" in argv)
    load_departments()
    publish_all(at=timezone.now())
    return 0
