"""The page of the gateways names channels and states in words."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.ground.rulebook.services import load
from jiedian.links.models import Outbox
from jiedian.links.queries import MessageRow
from jiedian.links.views import texts_in_force
from jiedian.shell.shell import business_now
from tests.cast import moment, staff

pytestmark = pytest.mark.django_db


def test_channels_and_states_are_words(client: Client) -> None:
    for state in ("queued", "dead"):
        Outbox.objects.create(
            channel="sms",
            to="13812345678",
            text="x",
            template="receipt",
            idempotency_key=state,
            state=state,
            created_at=moment("2025-09-15 10:00"),
        )
    client.force_login(staff("admin"))
    page = client.get(reverse("links")).content.decode()
    listed = page[page.index("发出的消息") :]
    assert "短信" in listed and "待发" in listed and "受理回执" in listed
    assert ">sms<" not in listed and ">queued<" not in listed and "receipt" not in listed


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_texts_in_force_are_listed_with_what_did_not_arrive(client: Client, language: str) -> None:
    said = {"channel": "sms", "to": "13812345678", "text": "x", "template": "receipt"}
    for state in ("sent", "sent", "dead", "queued", "off"):
        count = Outbox.objects.count()
        at = business_now() - timedelta(days=29)
        Outbox.objects.create(**said, idempotency_key=str(count), state=state, created_at=at)
    Outbox.objects.create(
        **said, idempotency_key="old", state="dead", created_at=business_now() - timedelta(days=31)
    )
    texts = {row.about: row for row in texts_in_force(since=business_now() - timedelta(days=30))}
    assert (texts["受理回执"].n, texts["受理回执"].n_missing) == (4, 2)
    assert len(texts) == len(load("labels/messages.csv", MessageRow)), "each is known by a name of its own"
    client.force_login(staff("admin"))
    page = client.get(reverse("message_texts"), headers={"accept-language": language}).content.decode()
    assert "一次性告知书可在查询页下载" in page and "The one-time notice is on the tracking page" in page
