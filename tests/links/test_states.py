"""The page of the gateways names channels and states in words."""

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.links.models import Outbox
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
