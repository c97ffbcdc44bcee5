"""One-time codes by themselves: how long one lives, how often it may be tried and asked for."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings as SettingsWrapper

from jiedian.core.findings import Refused
from jiedian.doors.portal.models import OneTimeCode
from jiedian.doors.portal.services import check_code, send_code
from jiedian.links.models import Outbox
from tests.cast import lodge, moment

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 09:00")


def sent(number: str) -> str:
    """The code as the customer reads it."""
    send_code(number, at=AT)
    found = re.search(r"\d{6}", Outbox.objects.filter(template="one_time_code").latest("id").text)
    assert found
    return found[0]


def refused(number: str, code: str, at: datetime = AT) -> list[str]:
    with pytest.raises(Refused) as refusal:
        check_code(number, code, at=at)
    return [finding.code for finding in refusal.value.findings]


def test_a_code_is_kept_as_a_hash_and_lives_ten_minutes() -> None:
    case = lodge("RES")
    code = sent(case.number)
    row = OneTimeCode.objects.get(number=case.number)
    assert row.digest != code and row.expires_at == AT + timedelta(minutes=10)
    assert refused(case.number, code, AT + timedelta(minutes=10)) == ["code.wrong"]
    check_code(case.number, f" {code} ", at=AT + timedelta(minutes=9))
    row.refresh_from_db()
    assert row.is_used and refused(case.number, code) == ["code.wrong"], "once"


def test_a_wrong_try_is_counted_and_the_sixth_finds_no_code() -> None:
    case = lodge("RES")
    code = sent(case.number)
    wrong = "111111" if code != "111111" else "222222"
    for tried in range(1, 6):
        assert refused(case.number, wrong) == ["code.wrong"]
        assert OneTimeCode.objects.get(number=case.number).attempts == tried
    assert refused(case.number, code) == ["code.wrong"]


def test_only_the_last_code_sent_opens() -> None:
    case = lodge("RES")
    first, last = sent(case.number), sent(case.number)
    if first != last:
        assert refused(case.number, first) == ["code.wrong"]
    check_code(case.number, last, at=AT)


def test_five_codes_an_hour_and_no_more_also_for_a_number_that_nobody_has() -> None:
    for number in (lodge("RES").number, "C-2025-999999"):
        for _ in range(5):
            send_code(number, at=AT)
        with pytest.raises(Refused) as refusal:
            send_code(number, at=AT + timedelta(minutes=59))
        assert [finding.code for finding in refusal.value.findings] == ["code.many"]
        send_code(number, at=AT + timedelta(minutes=61))
    assert Outbox.objects.filter(template="one_time_code").count() == 6, "nothing goes to nobody"


def test_the_demo_shows_the_code_of_this_case_alone(settings: SettingsWrapper) -> None:
    case, other = lodge("RES"), lodge("RES", name="李四")
    send_code(case.number, at=timezone.now())
    mine = re.search(r"\d{6}", Outbox.objects.latest("id").text)
    send_code(other.number, at=timezone.now())
    assert mine
    settings.DEMO = True
    page = Client().get(reverse("code", args=[case.number])).content.decode()
    assert mine[0] in page and "替身" not in page
    settings.DEMO = False
    assert mine[0] not in Client().get(reverse("code", args=[case.number])).content.decode()
