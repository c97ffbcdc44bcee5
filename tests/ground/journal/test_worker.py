"""A job and the row it needs commit together, in the worker as in the web; what lost its job gets one again."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction
from procrastinate.contrib.django import app

from jiedian.ground.jobs import commands as jobs
from jiedian.ground.journal.models import Reaction
from jiedian.ground.journal.services import RENEWALS, SYSTEM, react, react_again, reactions_of, record
from jiedian.links.models import Outbox
from jiedian.links.services import ATTEMPTS, Message, deliver, deliver_again, send
from jiedian.links.wechat.mapping import FollowerMessage
from jiedian.voice.channels.services.scans import read_again
from jiedian.voice.channels.services.wechat import fetch_again, take_wechat
from jiedian.voice.inbox.models.tellings import Scan, Telling
from tests.cast import PHONE, lodge, moment
from tests.voice.channels.letters import letter
from tests.voice.channels.test_scan import take

AT = moment("2025-09-15 09:00")


def waiting(task: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo'", [task]
        )
        return int(cursor.fetchone()[0])


def lose_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def queue(key: str, **changes: Any) -> Outbox:
    with transaction.atomic():
        message = Message("sms", PHONE, "receipt", {"number": "C-1", "manager": "A"})
        made = send(message, idempotency_key=key, at=AT)
    assert made
    Outbox.objects.filter(pk=made.pk).update(**({"channel": "sms"} | changes))
    return made


@contextmanager
def worker(*queues: str) -> Iterator[None]:
    """A real worker of two slots in a thread, as ``jiedian work`` makes it."""
    ready, stop = Event(), Event()

    async def main() -> None:
        with jobs.worker_app() as living:
            async with living.open_async():
                running = asyncio.create_task(
                    living.run_worker_async(
                        queues=list(queues),
                        concurrency=2,
                        install_signal_handlers=False,
                        fetch_job_polling_interval=0.05,
                        delete_jobs="successful",
                    )
                )
                ready.set()
                while not stop.is_set():
                    await asyncio.sleep(0.05)
                running.cancel()
                await asyncio.wait([running], timeout=20)
                if not running.cancelled() and (error := running.exception()):
                    raise error

    thread = Thread(target=lambda: asyncio.run(main()))
    thread.start()
    try:
        assert ready.wait(20)
        yield
    finally:
        stop.set()
        thread.join(30)


@contextmanager
def task(function: Any) -> Iterator[Any]:
    """A task that is there for one test."""
    made = app.task(name=f"tests.{function.__name__}", queue="tests")(function)
    try:
        yield made
    finally:
        app.tasks.pop(made.name)


def until(condition: Any, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not condition():
        time.sleep(0.05)


@pytest.mark.usefixtures("company")
@pytest.mark.django_db(transaction=True)
def test_what_a_slow_transaction_of_the_worker_says_is_said(settings: Any) -> None:
    settings.SMS_URL = ""
    lose_jobs()
    case = lodge("LV0")

    def slow() -> None:
        try:
            with transaction.atomic():
                record("paper.asked", stream=case.stream, actor=SYSTEM, at=AT, data={"paper": "lease"})
                message = Message("sms", PHONE, "receipt", {"number": case.number, "manager": "A"})
                send(message, idempotency_key="slow", at=AT)
                time.sleep(1.5)
        finally:
            connections.close_all()

    with task(slow) as made, worker("tests", "links", "reactions"):
        made.defer()
        tried = Outbox.objects.filter(attempts__gt=0)
        until(lambda: tried.filter(idempotency_key="slow").exists())
        until(lambda: tried.filter(template="owed_paper_reminder").exists())
    said = Outbox.objects.filter(idempotency_key="slow")
    assert [row.attempts > 0 for row in said] == [True], "the job ran before its row was there, and is gone"
    assert Outbox.objects.filter(template="owed_paper_reminder", channel="sms", attempts__gt=0).count() == 1
    assert not Reaction.objects.filter(function__endswith="reactions.tell").exists()


@pytest.mark.usefixtures("company")
@pytest.mark.django_db(transaction=True)
def test_a_task_of_the_worker_that_fails_leaves_no_job() -> None:
    lose_jobs()
    ended = Event()

    def failing() -> None:
        try:
            with transaction.atomic():
                deliver.defer(outbox_id=0)
                raise ZeroDivisionError
        finally:
            connections.close_all()
            ended.set()

    with task(failing) as made, worker("tests"):
        made.defer()
        assert ended.wait(20)
    assert waiting(deliver.name) == 0


@pytest.mark.django_db
def test_a_message_without_a_job_gets_one_again_once() -> None:
    lost = queue("lost")
    doubtful = queue("doubtful", state="sending", channel="mail", attempts=1)
    queue("sent", state="sent", attempts=1)
    lose_jobs()
    queue("living")
    assert deliver_again() == 2 and deliver_again() == 0
    assert waiting(deliver.name) == 3
    deliver(doubtful.pk)
    doubtful.refresh_from_db()
    lost.refresh_from_db()
    assert (doubtful.state, lost.state) == ("doubt", "queued")


@pytest.mark.django_db
def test_a_message_whose_attempts_are_spent_is_a_dead_letter_that_can_be_seen() -> None:
    queue("queued", attempts=ATTEMPTS)
    queue("sending", attempts=ATTEMPTS, state="sending")
    lose_jobs()
    assert deliver_again() == 0
    assert set(Outbox.objects.values_list("state", flat=True)) == {"dead"}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["case.energised", "history.asked", "grid.import_asked"])
def test_a_reaction_without_a_job_gets_one_again_once(kind: str) -> None:
    with transaction.atomic():
        record(kind, stream="case:R", actor=SYSTEM, at=AT)
    many = len(reactions_of(kind))
    assert react_again() == 0, "its job is there"
    lose_jobs()
    assert react_again() == many == waiting(react.name) and react_again() == 0


@pytest.mark.django_db
def test_a_reaction_that_has_run_waits_no_more_and_a_failing_one_not_for_ever() -> None:
    case = lodge("LV0")
    Reaction.objects.all().delete()
    with transaction.atomic():
        fact = record("paper.asked", stream=case.stream, actor=SYSTEM, at=AT, data={"paper": "lease"})
        record("paper.asked", stream="case:none", actor=SYSTEM, at=AT, data={"paper": "lease"})
    Reaction.objects.exclude(function__endswith="reactions.tell").delete()
    react(str(fact.uid), reactions_of("paper.asked")[0])
    for _ in range(RENEWALS):
        lose_jobs()
        assert react_again() == 1
    lose_jobs()
    assert react_again() == 0 and Reaction.objects.count() == 1


@pytest.mark.django_db
def test_a_scan_and_a_picture_without_a_job_get_one_again() -> None:
    scan = take(letter("C-2025-000123"))
    picture = FollowerMessage("o-1", "gh_1", "image", "", "m-1", sent_s=1, media_id="media")
    take_wechat(picture, at=AT)
    assert (read_again(), fetch_again(at=AT)) == (0, 0)
    lose_jobs()
    assert (read_again(), fetch_again(at=AT)) == (1, 1) and (read_again(), fetch_again(at=AT)) == (0, 0)
    lose_jobs()
    Scan.objects.filter(pk=scan.pk).update(state="read")
    Telling.objects.update(refused=[{"name": "x", "zh": "", "en": ""}])
    assert (read_again(), fetch_again(at=AT)) == (0, 0)
