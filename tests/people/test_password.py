"""Somebody without a password, as the demo's people are, is asked to choose one; it is no fault of the page."""

import pytest
from django.test import Client

from tests.cast import staff

pytestmark = pytest.mark.django_db


def test_who_has_no_password_may_choose_one() -> None:
    client, somebody = Client(), staff("clerk")
    somebody.set_unusable_password()
    somebody.save()
    client.force_login(somebody)
    answer = client.get("/account/password/", follow=True)
    assert answer.status_code == 200 and answer.redirect_chain[-1][0] == "/account/password/set/"
