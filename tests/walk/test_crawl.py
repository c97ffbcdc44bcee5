"""The seeded city gone through by every role in both languages: no page fails, no link or button leads to a refusal."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser

from jiedian.people.models import User
from jiedian.people.queries import may

from .crawler import Crawl, Form, kind, permission
from .people import EVERYBODY, LANGUAGES, PEOPLE

Crawled = Callable[[str, str], Crawl]
LEAVES = {"account_logout", "demo_sign_in", "set_language"}
"""Forms that change who is asking or how."""
TAKES_BACK = {"batch_undo", "survey_undo", "filter_drop", "handover", "history_act", "grid_import_verb"}
"""Forms that take from the city what others still look at: only whether they may be sent is looked at."""
WORDS = {"undo", "withdraw", "terminate", "drop", "discard"}
KINDS_OF_PAGES = 45
"""At least so many kinds are reached by links, all roles together."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", EVERYBODY)
def test_no_link_leads_to_a_refusal(crawled: Crawled, who: str, language: str) -> None:
    found = crawled(who, language)
    shown = [page for page in found.pages.values() if page.tree is not None]
    print(f"{who} {language}: {len(found.pages)} addresses, {len(found.examples())} kinds of pages")
    assert shown
    assert not (faults := found.faults()), "\n".join(faults)


def test_the_crawl_reaches_the_house(crawled: Crawled) -> None:
    reached = {name for who in EVERYBODY for name, *_ in crawled(who, "zh-hans").examples()}
    assert len(reached) >= KINDS_OF_PAGES, sorted(reached)


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_form_that_is_shown_may_be_sent(crawled: Crawled, who: str) -> None:
    """As it stands, with nothing typed: it is refused with its reasons or done, never forbidden, unknown or broken."""
    found, faults = crawled(who, "zh-hans"), []
    for name, (source, form) in found.forms.items():
        if not _is_permitted(who, form.action):
            faults.append(f"{form.action} on {source} may not be sent")
        elif not LEAVES & {*name} and not TAKES_BACK & {*name} and not WORDS & {*name}:
            faults.extend(_sent(found, source, form))
    assert not faults, "\n".join(faults)


def _is_permitted(who: str, action: str) -> bool:
    """Whether the role may do what the form asks for, in the table of permissions."""
    needed = permission(action)
    user = User(roles=[who], is_active=True) if who in PEOPLE else AnonymousUser()
    return not needed or may(user, needed).may


def _sent(found: Crawl, source: str, form: Form) -> list[str]:
    """What is wrong when a form is sent as its page shows it now; the city lives, and it may be gone."""
    shown = found.visitor.get(source).forms()
    now = next((other for other in shown if other.action == form.action and other.kind == form.kind), None)
    if now is None:
        return []
    status = found.visitor.send(now).status
    again = found.visitor.get(source).forms() if status in (403, 404) or status >= 500 else []
    if any(other.action == form.action for other in again):
        return [f"{kind(form.action)} {form.action} on {source} → {status}"]
    return []
