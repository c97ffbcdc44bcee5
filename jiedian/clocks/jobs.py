"""Periodic job that sweeps the clocks: warnings before a limit, breaches after it."""

from procrastinate.contrib.django import app

from jiedian.shell.shell import business_now

from .services import sweep


@app.periodic(cron="*/5 * * * *")
@app.task(name="clocks.sweep", queue="clocks")
def sweep_clocks(timestamp: int) -> None:
    """Warn and mark overdue; several workers may run it at once."""
    while sweep(at=business_now()):
        pass
