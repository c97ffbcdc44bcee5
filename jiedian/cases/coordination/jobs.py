"""Periodic job that covers the desks of people who are away."""

from procrastinate.contrib.django import app

from jiedian.shell.shell import business_now

from .services.desks import cover


@app.periodic(cron="*/5 * * * *")
@app.task(name="cases.cover", queue="clocks")
def cover_desks(timestamp: int) -> None:
    """Give what waits for the absent to those who are there; an absence may begin any day."""
    cover(at=business_now())
