"""What no form of ours sends is refused in words, never answered with an error."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import staff

pytestmark = pytest.mark.django_db
NO_NUMBERS = ["²", "9" * 5000, "-1", "x"]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_is_no_row(text: str) -> None:
    client = Client()
    client.force_login(staff("clerk"))
    for name in ("like", "page"):
        assert client.get(reverse("inbox"), {name: text}).status_code == 200
    assert client.post(reverse("inbox_bulk"), {"telling": text, "act": "take"}).status_code == 302
    for until in ("0001-01-01", "9999-12-31", text):
        assert client.get(reverse("hotspots"), {"until": until}).status_code == 200
    client.force_login(staff("planner"))
    assert client.get(reverse("grid"), {"feeder": text}).status_code == 200


@pytest.mark.parametrize(
    ("words", "is_refused"),
    [("门头\x00", True), ("门头\x0b", True), ("\x1b[31m", True), ("路径 \\u0000", False), ("两行\n", False)],
)
def test_json_may_hold_no_more_than_a_form(words: str, is_refused: bool) -> None:
    client = Client()
    client.force_login(staff("clerk"))
    for content in (json.dumps({"text": words}), json.dumps({"text": words}, ensure_ascii=False)):
        answer = client.post(reverse("inbox_bulk"), content, content_type="application/json")
        assert answer.status_code == (422 if is_refused else 302), content
