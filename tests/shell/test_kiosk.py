"""A kiosk keeps nothing of the last person, on any page, and its mode lasts until it is ended."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jiedian.cases.case.models.case import Case
from jiedian.shell import middleware, shell
from jiedian.shell.models import SimulatedTime
from jiedian.voice.inbox.models.tellings import Telling
from jiedian.voice.surveys.services.surveys import open_kiosk
from tests.cast import CUSTOMER, moment, staff
from tests.doors.test_apply import answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def screen() -> Client:
    """The hall's screen, at its first page."""
    made = Client()
    made.get("/kiosk/")
    return made


def test_the_last_persons_case_opens_for_nobody_after_the_start(screen: Client) -> None:
    applied = screen.post(reverse("apply"), answers())
    number = Case.objects.get().number
    assert applied["Location"] == reverse("tracker", args=[number])
    assert screen.get(applied["Location"]).status_code == 200, "his own, as long as he stands there"
    screen.get("/kiosk/")
    assert screen.get(applied["Location"])["Location"] == reverse("track")
    paper = Case.objects.get().papers.first()
    assert screen.post(reverse("hand_in", args=[number, paper.pk if paper else 1])).status_code == 404


@pytest.mark.parametrize("name", ["apply", "track", "say", "home"])
def test_every_page_of_a_kiosk_counts_down_ends_and_is_kept_by_no_browser(screen: Client, name: str) -> None:
    answer = screen.get(reverse(name))
    page = answer.content.decode()
    assert 'data-start="/kiosk/" data-seconds="90"' in page and "/kiosk/?end" in page
    assert "no-store" in answer["Cache-Control"]
    assert reverse("account_login") not in page, "no way for staff among strangers"
    assert "data-seconds" not in Client().get(reverse(name)).content.decode(), "a browser at home is no kiosk"


def test_the_end_forgets_and_the_next_one_begins_in_chinese(screen: Client) -> None:
    screen.post(reverse("set_language"), {"language": "en"})
    assert 'lang="en"' in screen.get("/kiosk/").content.decode()
    assert screen.get("/kiosk/?end")["Location"] == "/kiosk/"
    assert 'lang="zh-hans"' in screen.get("/kiosk/").content.decode()


def test_the_server_ends_a_sitting_that_no_page_has_ended(
    screen: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = screen.post(reverse("apply"), answers())["Location"]
    later = timezone.now() + timedelta(seconds=middleware.KIOSK_SECONDS + middleware.KIOSK_GRACE + 2)
    for module in (middleware, shell):
        monkeypatch.setattr(module, "whole_seconds", lambda: int(later.timestamp()))
    assert screen.get(where)["Location"] == "/kiosk/"
    assert screen.get(where)["Location"] == reverse("track")


def test_a_receipt_is_read_by_the_sitting_that_got_it(screen: Client) -> None:
    told = screen.post("/kiosk/", {"text": "电压太低", "token": "1"})["Location"]
    assert "电压太低" in screen.get(told).content.decode()
    screen.get("/kiosk/")
    assert screen.get(told)["Location"] == "/kiosk/"
    assert Client().get(told).status_code == 200 and Telling.objects.count() == 1, "at home it is an address"


def test_a_questionnaire_at_the_screen_is_its_sittings_alone() -> None:
    at = moment("2025-09-16 09:00")
    SimulatedTime.objects.create(at=at)
    _made, token = open_kiosk("short", area="", department="", days=90, actor=CUSTOMER, at=at)
    start, screen = f"/s/{token}/", Client()
    screen.get(start)
    mine = screen.post(start)["Location"]
    page = screen.get(mine).content.decode()
    assert f'data-start="{start}"' in page
    screen.post(mine, {"screen": "0", "P_sh1": "6", "next": "1"})
    screen.get(start)
    assert screen.get(mine)["Location"] == start


def test_who_signs_in_stands_at_no_kiosk(screen: Client) -> None:
    screen.force_login(staff("clerk"))
    assert "data-seconds" not in screen.get(reverse("desk")).content.decode()
    screen.get("/kiosk/")
    assert screen.get(reverse("desk")).status_code == 200, "the page of the kiosk signs nobody out"
