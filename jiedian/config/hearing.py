"""Jobs of the channels: fetch mail, read scans, fetch pictures. Each may run twice and must not care."""

import logging

from django.conf import settings
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from jiedian.links.mail import client as mail
from jiedian.voice.services.mail import take_mail
from jiedian.voice.services.scans import read_scan
from jiedian.voice.services.wechat import fetch_picture
from jiedian.web.shell import business_now

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
