"""Jobs of the channels: fetch mail, read scans, fetch pictures. Each may run twice and must not care."""

import logging

from django.conf import settings
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from jiedian.links.mail import client as mail
from jiedian.shell.shell import business_now

from .services.mail import take_mail
from .services.scans import read_again, read_scan
from .services.wechat import fetch_again, fetch_picture

log = logging.getLogger(__name__)


def _take(raw: bytes, size_bytes: int) -> None:
    take_mail(raw, size_bytes=size_bytes, at=business_now())


@app.periodic(cron="* * * * * */10")
@app.task(name="voice.fetch_mail", queue="voice", queueing_lock="voice.fetch_mail", lock="voice.fetch_mail")
def fetch_mail(timestamp: int) -> None:
    """Take in what lies in the mailbox; one worker at a time, and a killed one's mail is taken by the next, once."""
    if not settings.MAILBOX_URL:
        return
    try:
        mail.fetch(_take)
    except OSError as error:
        log.warning("the mailbox fails: %s", error)


@app.task(name="voice.read_scan", queue="voice", retry=3)
def read(scan_id: int) -> None:
    """Read a letter or fax; heavy, so never in the web process."""
    read_scan(scan_id, at=business_now())


@app.task(name="voice.fetch_picture", queue="voice", retry=RetryStrategy(max_attempts=5, exponential_wait=3))
def fetch(telling_id: int) -> None:
    """Fetch the picture a follower sent, while WeChat still has it."""
    fetch_picture(telling_id, at=business_now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="channels.find_orphans", queue="clocks", lock="channels.find_orphans")
def find_orphans(timestamp: int) -> None:
    """Give a job again to scans that nobody read and pictures that nobody fetched."""
    if again := read_again() + fetch_again(at=business_now()):
        log.warning("scans and pictures waited without a job and have one again: %s", again)
