"""Texts of messages worded by an administrator: sent from the next message on, never so that one cannot be sent."""

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from jiedian.core.findings import Refused
from jiedian.ground.journal.models import Fact
from jiedian.links.models import Wording
from jiedian.links.queries import message_row, worded
from jiedian.links.services import LONGEST, Message, braces, word
from jiedian.people.queries import actor
from tests.cast import moment, staff

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 09:00")
ZH, EN = (
    "【接电】{number} 的方案好了，{manager} 等您确认。",
    "[jiedian] {number}: the scheme is ready, {manager} waits for you.",
)


def said(template: str = "scheme_ready") -> str:
    return Message("sms", "13812345678", template, {"number": "C-1", "manager": "李静"}).text()


@pytest.mark.parametrize(
    ("zh", "en", "codes"),
    [
        ("", EN, {"message.length", "message.lost"}),
        ("【接电】" + "长" * LONGEST + "{number}{manager}", EN, {"message.length"}),
        (ZH.replace("{manager}", ""), EN, {"message.lost"}),
        (ZH + "{phone}", EN, {"message.unknown"}),
        (ZH + "{", EN, {"message.braces"}),
        (ZH.replace("{number}", "{number.__class__}"), EN, {"message.braces"}),
        (ZH, EN.replace("{number}", "{number!r:>999999}"), {"message.braces"}),
        (ZH, EN.replace("{number}", "{0}"), {"message.braces"}),
    ],
)
def test_what_could_not_be_sent_is_refused_and_the_text_stays(zh: str, en: str, codes: set[str]) -> None:
    before = said()
    with pytest.raises(Refused) as refusal:
        word("scheme_ready", (zh, en), reason="更短", actor=actor(staff("admin")), at=AT)
    assert {finding.code for finding in refusal.value.findings} == codes
    assert said() == before and not Wording.objects.exists()


def test_the_newest_words_go_out_and_the_original_comes_back() -> None:
    who, original = actor(staff("admin")), said()
    word("scheme_ready", (ZH, EN), reason="更短", actor=who, at=AT)
    word("scheme_ready", (ZH, EN), reason="更短", actor=who, at=AT)
    assert said() == "【接电】C-1 的方案好了，李静 等您确认。" and Wording.objects.count() == 1
    assert Fact.objects.get(kind="message.worded").data["reason"] == "更短"
    row = message_row("scheme_ready")
    word("scheme_ready", (row.zh, row.en), reason="恢复", actor=who, at=AT)
    assert said() == original and worded(row) == (row.zh, row.en)
    with pytest.raises(Refused):
        word("nothing", (ZH, EN), reason="x", actor=who, at=AT)


@given(st.text("{}ab!:.0 []", max_size=12))
def test_every_text_that_is_let_through_can_be_filled(text: str) -> None:
    try:
        names = braces(text)
    except ValueError:
        return
    assert isinstance(text.format(**dict.fromkeys(names, "x")), str)


def test_an_administrator_words_a_text_on_its_page_and_nobody_else(client: Client) -> None:
    url = reverse("message_wording", args=["scheme_ready"])
    client.force_login(staff("auditor"))
    assert client.get(url).status_code == 403
    assert url not in client.get(reverse("message_texts")).content.decode()
    client.force_login(staff("admin"))
    assert url in client.get(reverse("message_texts")).content.decode()
    page = client.post(url, {"zh": "好了", "en": EN, "reason": "更短"})
    assert (
        page.status_code == 422 and "好了" in page.content.decode() and "{manager}" in page.content.decode()
    )
    assert client.post(url, {"zh": ZH, "en": EN, "reason": "更短"}).status_code == 302
    assert "更短" in client.get(url).content.decode()
    assert "一次性" not in client.get(url + "?original=1").content.decode()
    assert client.get(reverse("message_wording", args=["nothing"])).status_code == 422
