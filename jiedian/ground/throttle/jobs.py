"""Periodic job that drops the counts whose window is over."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from .services import sweep


@app.periodic(cron="23 * * * *")
@app.task(name="throttle.sweep", queue="clocks", lock="throttle.sweep")
def sweep_tallies(timestamp: int) -> None:
    """Drop what no longer counts, every hour of real time."""
    sweep(at=datetime.fromtimestamp(timestamp, UTC))
