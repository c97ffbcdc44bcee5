"""Periodic jobs of the journal: seal each day's root, find facts whose reaction lost its job."""

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from .queries import unsealed_days
from .services import react_again, seal

log = logging.getLogger(__name__)


@app.periodic(cron="7 0 * * *")
@app.task(name="journal.seal", queue="clocks")
def seal_days(timestamp: int) -> None:
    """Put every finished day under its root."""
    today = timezone.localdate()
    for day in unsealed_days(before=today):
        seal(day, today=today)


@app.periodic(cron="*/5 * * * *")
@app.task(name="journal.find_orphans", queue="clocks", lock="journal.find_orphans")
def find_orphans(timestamp: int) -> None:
    """Give a job again to reactions whose job is gone; imports are asked by them."""
    if again := react_again():
        log.warning("reactions waited without a job and have one again: %s", again)
