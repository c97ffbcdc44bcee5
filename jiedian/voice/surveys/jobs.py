"""Hourly job that reminds customers of questionnaires they have not answered."""

from procrastinate.contrib.django import app

from jiedian.shell.shell import business_now

from .services.surveys import remind_all


@app.periodic(cron="11 * * * *")
@app.task(name="voice.remind", queue="clocks")
def remind_customers(timestamp: int) -> None:
    """Ask once more whoever has not answered a survey; may run twice."""
    remind_all(at=business_now())
