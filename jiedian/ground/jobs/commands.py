"""The worker that runs jobs from the queue: ``jiedian work``."""

from collections.abc import Iterator
from contextlib import contextmanager

from procrastinate import App, PsycopgConnector
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app, connector_params
from procrastinate.contrib.django.django_connector import DjangoConnector

from .jobs import STALLED_S


class WorkerConnector(PsycopgConnector):
    """Connections of the worker's own to fetch jobs; what a task defers is written by Django, in the task's transaction.

    On a connection of its own the job would be committed, run and be gone before the row it needs is there.
    """

    def get_sync_connector(self) -> BaseConnector:
        return DjangoConnector()


@contextmanager
def worker_app() -> Iterator[App]:
    """The app as a worker needs it."""
    with app.replace_connector(WorkerConnector(kwargs=connector_params())) as living:
        yield living


def work(argv: list[str]) -> int:
    """Run the worker until it is stopped."""
    with worker_app() as living:
        living.run_worker(
            concurrency=2,
            delete_jobs="successful",
            update_heartbeat_interval=2,
            stalled_worker_timeout=STALLED_S,
        )
    return 0
