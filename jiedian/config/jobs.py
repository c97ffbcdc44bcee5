"""Work that nobody waits for, and the commands that look after it."""

import argparse
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone
from django.utils.translation import get_language
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app, connector_params
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from jiedian.cases.models import Case
from jiedian.cases.queries.replay import differences
from jiedian.cases.services.desks import cover
from jiedian.clocks.queries import local_day
from jiedian.clocks.services import load_calendar, sweep
from jiedian.grid.services.publishing import publish_due
from jiedian.grid.services.reservations import lapse
from jiedian.grid.services.sampling import sample_all
from jiedian.grid.services.standing import settle
from jiedian.grid.services.versions import bring_into_force
from jiedian.journal.queries import unsealed_days, verify
from jiedian.journal.services import react_again, seal
from jiedian.links.mail import check as mail
from jiedian.links.services import deliver_again
from jiedian.links.sms import check as sms
from jiedian.links.webhook import check as webhook
from jiedian.links.wechat import check as wechat
from jiedian.people.services import load_departments
from jiedian.plans.services import validity
from jiedian.process.services import publish_all
from jiedian.voice.services.scans import read_again
from jiedian.voice.services.surveys import remind_all
from jiedian.voice.services.wechat import fetch_again
from jiedian.web.shell import business_now

log = logging.getLogger(__name__)

STALLED_S = 12
"""A worker that has not said for so long that it lives is taken for dead; living ones say so every two seconds."""


@app.periodic(cron="*/5 * * * *")
@app.task(name="clocks.sweep", queue="clocks")
def sweep_clocks(timestamp: int) -> None:
    """Warn and mark overdue; several workers may run it at once."""
    while sweep(at=business_now()):
        pass


@app.periodic(cron="*/5 * * * *")
@app.task(name="cases.cover", queue="clocks")
def cover_desks(timestamp: int) -> None:
    """Give what waits for the absent to those who are there; an absence may begin any day."""
    cover(at=business_now())


@app.periodic(cron="7 0 * * *")
@app.task(name="journal.seal", queue="clocks")
def seal_days(timestamp: int) -> None:
    """Put every finished day under its root."""
    for day in unsealed_days(before=timezone.localdate()):
        seal(day)


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


@app.periodic(cron="17 0 * * *")
@app.task(name="plans.lapse", queue="clocks")
def lapse_schemes(timestamp: int) -> None:
    """Let schemes lapse whose validity is over; what they kept is free again."""
    validity.lapse(at=business_now())


@app.periodic(cron="11 * * * *")
@app.task(name="voice.remind", queue="clocks")
def remind_customers(timestamp: int) -> None:
    """Ask once more whoever has not answered a survey; may run twice."""
    remind_all(at=business_now())


@app.periodic(cron="* * * * * */15")
@app.task(name="jobs.rescue", queue="clocks", pass_context=True)
async def rescue_jobs(context: JobContext, timestamp: int) -> None:
    """Give the jobs of a worker that was killed to the living; a job may run twice and must not care."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # another of the same queueing lock waits already and does the same
            await manager.finish_job(job, Status.FAILED, delete_job=False)


@app.periodic(cron="*/5 * * * *")
@app.task(name="jobs.find_orphans", queue="clocks", lock="jobs.find_orphans")
def find_orphans(timestamp: int) -> None:
    """Give a job again to whatever waits for one that is gone: reactions (imports are asked by them), messages, scans, pictures."""
    found = {
        "reactions": react_again(),
        "messages": deliver_again(),
        "scans": read_again(),
        "pictures": fetch_again(at=business_now()),
    }
    if any(found.values()):
        log.warning("waited without a job and have one again: %s", found)


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


def prepare(argv: list[str]) -> int:
    """Load calendar, departments and processes; safe to run again."""

    load_calendar()
    load_departments()
    publish_all(at=timezone.now())
    return 0


def verify_journal(argv: list[str]) -> int:
    """Walk every chain and every daily root. Example: ``jiedian verify-journal --seal``."""

    parser = argparse.ArgumentParser(prog="jiedian verify-journal", description=verify_journal.__doc__)
    parser.add_argument("--seal", action="store_true", help="first seal the finished days")
    if parser.parse_args(argv).seal:
        for day in unsealed_days(before=timezone.localdate()):
            seal(day)
    fault = verify()
    if fault is None:
        print("完整 / intact")
        return 0
    print(f"不完整 / broken: {fault.what} {fault.stream} #{fault.seq} (id {fault.fact_id})")
    return 1


def replay_clocks(argv: list[str]) -> int:
    """Compute every clock of a case anew from its facts. Example: ``jiedian replay-clocks C-2026-000001``."""

    numbers = argv or Case.objects.values_list("number", flat=True)
    found = [line for number in numbers for line in differences(number)]
    print("\n".join(found) or "一致 / the same")
    return 1 if found else 0


def check_links(argv: list[str]) -> int:
    """Let each gateway examine settings and connection without changing anything."""

    found = [finding for check in (mail.check, sms.check, wechat.check, webhook.check) for finding in check()]
    for finding in found:
        print(finding.words(get_language() or "zh-hans"), file=sys.stderr)
    return 1 if found else 0
