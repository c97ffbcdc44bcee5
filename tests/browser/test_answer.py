"""A customer answers a survey on his phone, and the quality manager sees what it says."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from jiedian.ground.journal.models import Fact
from jiedian.voice.surveys.models import Response
from jiedian.voice.surveys.services.surveys import invite
from tests.browser.test_journeys import fits
from tests.cast import do, lodge, moment

pytestmark = pytest.mark.django_db(transaction=True)


def test_answer_by_the_link_screen_by_screen(seen: Page, set_time: Callable[[str], None]) -> None:
    set_time("2025-09-16 10:00")
    case = lodge("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    fact = Fact.objects.get(stream=case.stream, kind="case.accepted")
    made = invite(case, "ACCEPT", at=moment("2025-09-15 10:00"), cause=fact.uid)
    assert made
    seen.goto(f"/s/{made[1]}/")
    for item in range(1, 7):
        seen.locator(f"input[name=E_ac{item}][value='7']").check(force=True)
        seen.locator(f"input[name=P_ac{item}][value='4']").check(force=True)
    fits(seen)
    seen.locator("button[name=next]").click()
    seen.locator("input[name=satisfaction][value='5']").check(force=True)
    seen.locator("#words").fill("讲得清楚")
    seen.locator("button[name=send]").click()
    expect(seen.locator("h1")).to_contain_text(
        "谢谢" if "zh" in seen.evaluate("navigator.language") else "Thank"
    )
    found = Response.objects.get()
    assert found.answers["P_ac6"] == 4 and found.answers["satisfaction"] == 5 and found.case_number == ""
    seen.goto(f"/s/{made[1]}/")
    assert seen.locator("form.survey").count() == 0
