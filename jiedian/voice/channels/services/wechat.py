"""Tellings of followers of the official account; a picture is fetched after."""

from datetime import datetime, timedelta
from io import BytesIO

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from jiedian.core.findings import Refused
from jiedian.ground.journal.queries import LIVING, jobless
from jiedian.ground.journal.services import Actor
from jiedian.ground.vault.services import Label, store
from jiedian.links.wechat import client
from jiedian.links.wechat.mapping import FollowerMessage
from jiedian.voice.inbox.models.tellings import Attachment, Contact, Telling
from jiedian.voice.inbox.services.channels import Incoming, hear

CUSTOMER = Actor(None, "客户", "customer")
PICTURE = "（图片）"
FETCH = "voice.fetch_picture"
"""The job that fetches a picture."""
KEPT = timedelta(days=3)
"""How long WeChat keeps a picture (recalled)."""
GREETING = _("请直接写下您的诉求，可附申请编号或手机号，便于我们找到您的工单。")
TAKEN = _("已收到，编号 {number}。答复会发到这里。")


@transaction.atomic
def take_wechat(said: FollowerMessage, *, at: datetime, is_simulated: bool = False) -> str:
    """Take one message in and return the passive answer; WeChat's repeats of it change nothing."""
    if said.kind == "event" or not (said.text or said.media_id):
        return str(GREETING)
    telling, is_new = hear(
        Incoming(
            channel="wechat",
            external_id=said.message_id,
            text=said.text or PICTURE,
            received_at=at,
            sender=said.openid,
            sender_kind=Contact.Kind.ACCOUNT,
            route={"media_id": said.media_id, "kind": said.kind} if said.media_id else {},
            is_simulated=is_simulated,
        ),
        actor=CUSTOMER,
        at=at,
    )
    if is_new and said.kind == "image":
        app.configure_task(FETCH).defer(telling_id=telling.pk)
    return str(TAKEN).format(number=telling.concern.number)


@transaction.atomic
def fetch_again(*, at: datetime) -> int:
    """Give every picture that WeChat still has, and whose fetching is neither due nor failed, a job again. Returns how many."""
    waiting = Telling.objects.filter(
        channel="wechat",
        route__kind="image",
        received_at__gt=at - KEPT,
        attachments__isnull=True,
        refused=[],
    )
    orphans = list(jobless(waiting, task=FETCH, statuses=(*LIVING, "failed"), telling_id="pk"))
    for telling in orphans:
        app.configure_task(FETCH).defer(telling_id=telling.pk)
    return len(orphans)


def fetch_picture(telling_id: int, *, at: datetime) -> None:
    """Fetch the picture of a telling and keep it. Raises OSError when WeChat does not give it; then the job tries again."""
    telling = Telling.objects.get(pk=telling_id)
    if telling.attachments.exists() or telling.refused:
        return
    name = PICTURE
    try:
        name, content = client.media(telling.route["media_id"])
        upload = store(BytesIO(content), Label(name, telling.concern.number, "telling"), at=at)
    except Refused as refusal:
        telling.refused = [refusal.findings[0].at(name).row()]
        telling.save(update_fields=["refused"])
    else:
        Attachment.objects.create(telling=telling, upload=upload)
