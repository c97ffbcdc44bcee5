"""Hostile words in every box: NUL, overlong, foreign digits, wildcards, a last code point. A page may refuse them, never break."""

from typing import Any

import pytest
from django.test import Client

from jiedian.cases.case.models.case import Case
from jiedian.people.models import User
from jiedian.process.queries import open_steps
from tests.cast import do, lodge, staff

pytestmark = pytest.mark.django_db
BAD = ["\x00ab", "a" * 3000, "９９９９", "𝟙𝟚𝟛𝟜", "٣٤٥٦", "-1", "1e9", "9" * 20, "'\"<>", "\ud7ff", "%", "_"]
ASKED = {
    "/search/": ["q"],
    "/today/": ["open", "q", "show", "sort"],
    "/cases/": ["q", "sort"],
    "/department/": ["open"],
    "/people/": ["q"],
    "/people/absence/": ["user"],
    "/people/handover/": ["user", "from"],
    "/news/": ["since"],
    "/help/": ["q"],
    "/tour/": ["role"],
}


@pytest.fixture
def case() -> Case:
    made = lodge("HV1", "2025-09-15 09:00")
    do(made, "ACCEPT", "2025-09-15 10:00")
    return made


def holding(case: Case) -> Client:
    """A browser of the customer whose case this is."""
    client = Client(raise_request_exception=False)
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    return client


@pytest.mark.parametrize("bad", BAD)
def test_what_staff_search_for(case: Case, bad: str) -> None:
    for who in ("head", "manager", "admin"):
        client = Client(raise_request_exception=False)
        client.force_login(staff(who))
        for path, keys in ASKED.items():
            for key in keys:
                assert client.get(path, {key: bad}).status_code < 500, (who, path, key)


@pytest.mark.parametrize("bad", BAD)
def test_what_a_customer_writes(case: Case, bad: str) -> None:
    client, track = holding(case), f"/track/{case.number}"
    posts: dict[str, dict[str, Any]] = {
        "/track/": {"number": bad},
        "/track/lost/": {"phone": bad},
        f"{track}/correct/": dict.fromkeys(("reason", "phone", "capacity_kva", "needed_on"), bad),
        f"{track}/do/message/": {"text": bad},
        f"{track}/steps/1/time/": {"day": bad, "half": bad},
        f"{track}/papers/x/early/": {"file": bad},
        "/apply/": dict.fromkeys(("capacity_kva", "name", "phone", "declared_class", "n_light", "lon"), bad),
    }
    for step in open_steps(case.number):
        posts[f"{track}/steps/{step.pk}/"] = {"signatory": bad, "code": bad, "save": "1"}
    for path, data in posts.items():
        assert client.post(path, data).status_code < 500, path


@pytest.mark.parametrize("bad", BAD)
def test_what_an_administrator_types(bad: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(staff("admin"))
    person = User.objects.get(username="visitor")
    fields = (
        "username",
        "name_zh",
        "name_en",
        "phone",
        "roles",
        "department",
        "role",
        "area",
        "duty",
        "effective_from",
    )
    for path in (
        "new",
        *(f"{person.pk}/{act}" for act in ("change", "close", "open", "password", "duty", "duty-end")),
    ):
        assert client.post(f"/people/{path}/", dict.fromkeys(fields, bad)).status_code < 500, path
