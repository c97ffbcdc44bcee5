"""Nobody ends on a bare page: an address that only takes forms, and the switch of language after a refused form."""

import re

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from tests.cast import staff

pytestmark = pytest.mark.django_db


def plain_routes() -> list[str]:
    """Names of all addresses without a part that varies."""
    found: list[str] = []
    waiting = list(get_resolver().url_patterns)
    while waiting:
        pattern = waiting.pop()
        if isinstance(pattern, URLResolver):
            waiting += pattern.url_patterns
        elif pattern.name and not re.search(r"[<(]", str(pattern.pattern)):
            found.append(pattern.name)
    return sorted(found)


def test_an_address_that_takes_forms_says_so_when_it_is_opened() -> None:
    client, bare, names = Client(), [], plain_routes()
    assert len(names) > 40
    client.force_login(staff("admin"))
    for name in names:
        answer = client.get(reverse(name))
        if answer.status_code == 405 and "编号" not in answer.content.decode():
            bare.append(name)
    assert not bare
    assert client.get(reverse("history_new")).status_code == 405


def test_the_language_is_changed_on_the_page_the_form_stood_on() -> None:
    client = Client()
    client.force_login(staff("admin"))
    refused = client.post(reverse("history_new"), {}, headers={"referer": "http://testserver/history/"})
    assert 'name="next" value="http://testserver/history/"' in refused.content.decode()
    sent = {"language": "en", "next": "http://testserver/history/"}
    assert client.post(reverse("set_language"), sent).url == "http://testserver/history/"
    assert 'name="next" value="/people/?x=1"' in client.get("/people/?x=1").content.decode()
