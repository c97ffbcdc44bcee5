"""Periodic jobs of the outbox."""

import logging

from procrastinate.contrib.django import app

from .services import deliver_again

log = logging.getLogger(__name__)


@app.periodic(cron="*/5 * * * *")
@app.task(name="links.find_orphans", queue="clocks", lock="links.find_orphans")
def find_orphans(timestamp: int) -> None:
    """Give a job again to messages whose job is gone."""
    if again := deliver_again():
        log.warning("messages waited without a job and have one again: %s", again)
