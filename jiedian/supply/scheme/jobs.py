"""Daily job that lets supply schemes lapse whose validity is over."""

from procrastinate.contrib.django import app

from jiedian.shell.shell import business_now

from .services.lapse import lapse


@app.periodic(cron="17 0 * * *")
@app.task(name="plans.lapse", queue="clocks")
def lapse_schemes(timestamp: int) -> None:
    """Let schemes lapse whose validity is over; what they kept is free again."""
    lapse(at=business_now())
