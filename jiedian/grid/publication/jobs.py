"""Periodic jobs of the grid: versions into force, open capacity kept current, published and spot-checked."""

from procrastinate.contrib.django import app

from jiedian.core.workdays import local_day
from jiedian.grid.capacity.services.reservations import lapse
from jiedian.grid.capacity.services.sampling import sample_all
from jiedian.grid.capacity.services.standing import settle
from jiedian.grid.network.services.versions import bring_into_force
from jiedian.shell.shell import business_now

from .services import publish_due


@app.periodic(cron="*/5 * * * *")
@app.task(name="grid.keep", queue="clocks")
def keep_grid(timestamp: int) -> None:
    """Let due versions enter, give back what is past its day, publish what is due; may run twice."""
    at = business_now()
    bring_into_force(at=at)
    lapse(on=local_day(at), at=at)
    publish_due(on=local_day(at), at=at)


@app.periodic(cron="* * * * *")
@app.task(name="grid.settle", queue="clocks")
def settle_grid(timestamp: int) -> None:
    """Make the open capacity exact where reservations came."""
    settle(at=business_now())


@app.periodic(cron="43 1 * * *")
@app.task(name="grid.sample", queue="clocks")
def sample_grid(timestamp: int) -> None:
    """Find a few stored answers again by brute force; what differs by more than 1 kW stands on the grid's page."""
    sample_all(at=business_now())
