"""Sayings of the demo's made-up people, by every channel: in the past by the services, live over the real wires.

The words are of the project's own corpus; everything is marked simulated.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from random import Random
from urllib.parse import urlsplit

from django.conf import settings

from jiedian.cases.case.models.case import Case
from jiedian.core.workdays import local_day
from jiedian.ground.journal.services import Actor
from jiedian.ground.rulebook.services import load
from jiedian.links.fake import write
from jiedian.links.mail import fake as mail
from jiedian.people.queries import actor, person
from jiedian.voice.inbox.models.concerns import Concern, Proposal
from jiedian.voice.inbox.models.tellings import Contact
from jiedian.voice.inbox.queries.channels import channels
from jiedian.voice.inbox.services.channels import Incoming, hear
from jiedian.voice.inbox.services.proposals import accept
from jiedian.voice.inbox.services.replies import reply

SEED = 95598
DAYS_BACK = 45
TELLINGS = 90
A_DAY = 14
CUSTOMER = Actor(None, "客户（模拟）", "customer")
NAMES = {"email": "mail", "12345": "city_hotline"}
WIRED = ("mail", "sms", "wechat", "qq", "weibo")
ANSWERS = (
    "您好，已安排人员两个工作日内与您联系并上门。（模拟）",
    "您反映的情况已核实，本周内处理完毕，处理后电话告知您。（模拟）",
    "收费依据和明细已整理，随本答复发给您，如有疑问可直接回复。（模拟）",
    "进度可在网上凭编号查看，每到一步我们也会主动告诉您。（模拟）",
)


@dataclass(frozen=True)
class SayingRow:
    """A text of the corpus and the channel it was written for."""

    id: str
    text: str
    channel: str
    source: str


@cache
def sayings() -> tuple[SayingRow, ...]:
    """The corpus as words to say; channels of its own names are ours."""
    return load("voice/corpus.csv", SayingRow)


@dataclass(frozen=True)
class Saying:
    """One thing to be said: when, by which channel, by whom."""

    key: str
    channel: str
    text: str
    phone: str
    at: datetime


def plan(*, until: datetime) -> Iterator[Saying]:
    """Sayings of the days before, oldest first; some say it a second time by another channel."""
    dice = Random(SEED)
    phones = [case.customer.phone for case in Case.objects.select_related("customer").order_by("-id")[:60]]
    rows = dice.sample(sayings(), TELLINGS)
    made: list[Saying] = []
    for n, row in enumerate(rows):
        at = until - timedelta(days=DAYS_BACK * (1 - (n + 0.5) / TELLINGS), hours=dice.uniform(0, 6))
        phone = (
            dice.choice(phones) if phones and dice.random() < 0.7 else f"137{dice.randint(0, 99_999_999):08d}"
        )
        channel = _channel(row)
        made.append(Saying(f"seed-{n}", channel, row.text, phone, at))
        if dice.random() < 0.18:
            other = dice.choice([name for name in ("hotline", "web", "sms", "visit") if name != channel])
            words = f"{row.text} 上次说过了，还没有回音。"
            made.append(Saying(f"seed-{n}-again", other, words, phone, at + timedelta(hours=30)))
    return iter(sorted((saying for saying in made if saying.at <= until), key=lambda saying: saying.at))


def _channel(row: SayingRow) -> str:
    name = NAMES.get(row.channel, row.channel)
    return name if name in channels() else "web"


def live_through(*, until: datetime) -> int:
    """Hear the days before, answer most of it, leave some proposals for whoever looks. Returns how many were heard."""
    dice, count = Random(SEED + 1), 0
    for saying in plan(until=until):
        telling, _is_new = hear(_heard(saying), actor=CUSTOMER, at=saying.at)
        count += 1
        proposal = Proposal.objects.filter(concern=telling.concern, kind="merge", state="open").first()
        concern = telling.concern
        if proposal and dice.random() < 0.5:
            concern = accept(proposal, actor=_who(concern), at=saying.at)
        if dice.random() < 0.75 and concern.state == Concern.State.OPEN:
            _answer(concern, dice, at=min(saying.at + timedelta(hours=dice.expovariate(1 / 50)), until))
    return count


def _heard(saying: Saying) -> Incoming:
    is_account = saying.channel in ("wechat", "qq", "weibo")
    address = f"customer{saying.phone[-4:]}@example.invalid" if saying.channel == "mail" else saying.phone
    return Incoming(
        channel=saying.channel,
        external_id=saying.key,
        text=saying.text,
        received_at=saying.at,
        sender=f"o-{saying.phone[-6:]}" if is_account else address,
        sender_kind=Contact.Kind.ACCOUNT
        if is_account
        else Contact.Kind.MAIL
        if saying.channel == "mail"
        else Contact.Kind.PHONE,
        is_simulated=True,
    )


def _who(concern: Concern) -> Actor:
    return actor(person(concern.owner_id))


def _answer(concern: Concern, dice: Random, *, at: datetime) -> None:
    if not concern.replies.exists():
        reply(concern, text=dice.choice(ANSWERS), actor=_who(concern), at=at)


def speak(*, at: datetime, minutes: float) -> None:
    """Now and then somebody writes, over the wire of his channel; now and then somebody of the staff answers."""
    dice = Random(f"{SEED}:{at}")
    if dice.random() < A_DAY * minutes / 480:
        row = dice.choice(sayings())
        case = Case.objects.filter(is_simulated=True).select_related("customer").order_by("?").first()
        phone = (
            case.customer.phone if case and dice.random() < 0.6 else f"136{dice.randint(0, 99_999_999):08d}"
        )
        saying = Saying(f"live-{at:%Y%m%d%H%M%S}", _channel(row), row.text, phone, at)
        try:
            _over_the_wire(saying) if saying.channel in WIRED else hear(_heard(saying), actor=CUSTOMER, at=at)
        except OSError:
            return  # the stand-in is just starting again; people try later too
    if dice.random() < A_DAY * minutes / 600:
        waiting = Concern.objects.filter(
            is_simulated=True, state="open", opened_at__lt=at - timedelta(hours=20)
        )
        if concern := waiting.order_by("opened_at").first():
            _answer(concern, dice, at=at)


def _over_the_wire(saying: Saying) -> None:
    if saying.channel == "mail":
        port = urlsplit(settings.MAIL_URL).port or 25
        sender = f"customer{saying.phone[-4:]}@example.invalid"
        to, subject = settings.MAIL_ADDRESS, f"{local_day(saying.at):%m-%d} 诉求"
        mail.write(port, sender=sender, to=to, subject=subject, text=saying.text)
    elif saying.channel == "wechat":
        write(settings.WECHAT_URL, {"openid": f"o-{saying.phone[-6:]}", "text": saying.text})
    else:
        sender = saying.phone if saying.channel == "sms" else f"o-{saying.phone[-6:]}"
        said = {
            "channel": saying.channel,
            "from": sender,
            "text": saying.text,
            "name": "客户（模拟）",
            "id": saying.key,
        }
        write(os.environ["JIEDIAN_WEBHOOK_URL"], said)
