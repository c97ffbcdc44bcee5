"""A visitor fills in his form without a network; it is handed in once when the network comes back."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jiedian.ground.journal.models import Fact
from jiedian.people.models import User
from jiedian.people.queries import actor
from jiedian.voice.visits.models import Visit
from jiedian.voice.visits.services import Period, seal_plan
from tests.browser.test_journeys import CHINESE, fits, is_zh, sign_in
from tests.cast import moment, staff

pytestmark = pytest.mark.django_db(transaction=True)
JPEG = b"\xff\xd8\xff\xe0" + b"seen" * 500


@pytest.fixture
def visit(set_time: Callable[[str], None]) -> Visit:
    set_time("2026-03-02 09:00")
    plan = seal_plan(
        Period(
            name="三月走访",
            from_on=date(2026, 3, 2),
            until_on=date(2026, 3, 20),
            open_visits=1,
            undercover_visits=0,
            double_share=0,
            visitors=list(User.objects.filter(username__in=["visitor", "visitor2"])),
            chosen=["hall_east"],
        ),
        actor=actor(staff("auditor")),
        at=moment("2026-03-02 08:00"),
    )
    return plan.visits.get()


def test_a_visit_is_filled_in_without_a_network_and_handed_in_once(
    seen: Page, visit: Visit, tmp_path: Path
) -> None:
    page = seen
    photo = tmp_path / "hall.jpg"
    photo.write_bytes(JPEG)
    sign_in(page, User.objects.get(pk=visit.visitor_id).username)
    page.goto("/visits/mine/")
    page.locator("#visits[data-ready=yes]").wait_for()
    page.context.set_offline(True)
    page.reload()
    page.locator("#visits[data-ready=yes]").wait_for()
    fits(page)
    state = page.locator(f"#state-{visit.uid}")
    for summary in page.locator("details.part > summary").all():
        summary.click()
    for row in page.locator("fieldset.rate").all():
        row.locator("input[value='2']").check()
    page.locator("fieldset.rate").first.locator("input[value='1']").check()
    page.locator("input[type=file]").first.set_input_files(photo)
    expect(page.locator("input[type=file] >> xpath=following-sibling::span").first).to_have_text(" 1")
    page.locator("textarea").first.fill("门头有污渍")
    expect(state).to_have_attribute("data-saved", "yes")
    page.reload()
    page.locator("#visits[data-ready=yes]").wait_for()
    for summary in page.locator("details.part > summary").all():
        summary.click()
    expect(page.locator("fieldset.rate input[value='1']").first).to_be_checked()
    expect(page.locator("textarea").first).to_have_value("门头有污渍")
    page.locator(".visit button.go").click()
    expect(state).to_have_attribute("data-state", "queued")
    assert Visit.objects.get().state == "planned"
    page.context.set_offline(False)
    expect(state).to_have_attribute("data-state", "sent", timeout=15_000)
    page.reload()
    page.locator("#visits[data-ready=yes]").wait_for()
    expect(state).to_have_text("已提交" if is_zh(page) else "Handed in")
    done = Visit.objects.get()
    assert done.state == "submitted" and done.ratings["VI-1"] == 1 and done.notes == {"VI": "门头有污渍"}
    assert done.photos.count() == 1 and Fact.objects.filter(kind="visit.submitted").count() == 1


PAGES = {
    "quality": ["/attenuation/"],
    "process": ["/burden/?class=HV2"],
    "auditor": ["/attenuation/recode/", "/visits/", "/visits/new/"],
    "visitor": ["/visits/mine/"],
}


def test_pages_fit_and_english_ones_carry_no_chinese(seen: Page, visit: Visit) -> None:
    page = seen
    for who, paths in PAGES.items():
        sign_in(page, who)
        for path in paths:
            page.goto(path)
            if path == "/visits/mine/":
                page.locator("#visits[data-ready=yes]").wait_for()
            page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
            fits(page)
            if not is_zh(page):
                text = page.locator("main").inner_text().replace("三月走访", "")
                assert not CHINESE.search(text), (path, CHINESE.findall(text)[:5])
