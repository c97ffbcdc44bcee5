"""``jiedian prepare``: make the database ready before the system starts."""

from django.utils import timezone

from jiedian.clocks.services import load_calendar
from jiedian.people.services import load_departments
from jiedian.process.services import publish_all


def prepare(argv: list[str]) -> int:
    """Load calendar, departments and processes; safe to run again."""

    load_calendar()
    load_departments()
    publish_all(at=timezone.now())
    return 0
