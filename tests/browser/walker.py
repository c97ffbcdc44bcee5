"""Walker of the walks: a customer with his own browser beside the staff's, and what his page and phone say after every step."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect

from jiedian.cases.case.models.case import Case
from jiedian.doors.portal.queries import customers_words
from jiedian.ground.journal.models import Reaction
from jiedian.ground.journal.services import react
from jiedian.links.models import Outbox
from jiedian.process.models import Step
from jiedian.process.queries import open_steps
from jiedian.process.rows import cards
from tests.browser.test_journeys import fits
from tests.cast import codes
from tests.chromium import SIZES

CODES = ("one_time_code", "signing_code")
PDF = b"%PDF-1.7\n%%EOF\n"


class Customer:
    """A customer at home: his tracker is read and his phone looked at after every step of his case."""

    def __init__(self, page: Page) -> None:
        self.page, self.faults, self.heard = page, list[str](), 0
        page.on("response", lambda r: self.faults.append(f"{r.status} {r.url}") if r.status >= 400 else None)

    def opens(self, case: Case) -> None:
        """Open the case with its number and the code that comes by SMS."""
        self.case = case
        self.page.goto("/track/")
        self.page.fill("[name=number]", case.number)
        self.page.locator("main button.go").click()
        self.page.fill("[name=code]", code_sent())
        self.page.locator("main button.go").click()
        fits(self.page)

    def sees(self, *, yours: set[str], ours: set[str], told: str = "", owed: str = "", now: str = "") -> None:
        """His tracker says who acts and what is owed; just these messages came since he last looked; nothing failed."""
        run_reactions()
        self.page.goto(f"/track/{self.case.number}/")
        fits(self.page)
        for side, wanted in (("yours", yours), ("ours", ours)):
            said = self.page.locator(f".tasks.{side} h3").all_inner_texts()
            assert set(said) == wanted, (side, said)
        if owed:
            expect(self.page.locator(".owed").first).to_contain_text(owed)
        else:
            expect(self.page.locator(".tasks .owed")).to_have_count(0)
        if now:
            expect(self.page.locator("h1.now")).to_have_text(now)
        sent = Outbox.objects.filter(channel="sms").exclude(template__in=CODES).order_by("id")
        news = list(sent.values_list("template", flat=True))[self.heard :]
        assert sorted(news) == sorted(told.split()), news
        self.heard += len(news)
        assert not self.faults, self.faults

    def sees_what_is_open(self, *, told: str = "", owed: str = "") -> None:
        """As sees(); his page says the very steps that are open, his and ours apart."""
        rows = cards(self.case.process_key)
        sides: dict[bool, set[str]] = {True: set(), False: set()}
        for code in codes(self.case):
            is_his = rows[code].performer == "customer"
            sides[is_his].add(customers_words(code, self.case.process_key) if is_his else rows[code].name_zh)
        self.sees(yours=sides[True], ours=sides[False], told=told, owed=owed)

    def does(self, code: str, papers: Path | None = None, **fields: str) -> None:
        """Do one of his own steps from his page, with a file for every paper it asks for."""
        step = open_steps(self.case.number).get(code=code)
        self.page.goto(f"/track/{self.case.number}/")
        self.page.locator(f".tasks.yours a[href$='/steps/{step.pk}/']").click()
        fits(self.page)
        for name, value in fields.items():
            field = self.page.locator(f"[name={name}]")
            if field.get_attribute("type") == "checkbox":
                field.check()
            else:
                field.fill(value)
        for place in self.page.locator("input[type=file][name^=paper-]").all() if papers else ():
            place.set_input_files(papers or "")
        if self.page.locator("button[name=send]").count():
            self.page.locator("button[name=send]").click()
            fits(self.page)
            self.page.fill("[name=code]", code_sent())
        self.page.locator("main button.go").first.click()
        fits(self.page)
        assert Step.objects.get(pk=step.pk).state == "done", code

    def withdraws(self, reason: str) -> None:
        """Take the application back from the tracker."""
        form = self.page.locator("form[action$='/withdraw/']")
        self.page.locator("details:has(form[action$='/withdraw/']) > summary").click()
        form.locator("[name=reason]").fill(reason)
        form.locator("button.stop").click()
        fits(self.page)

    def hands_in(self, place: Path, *, paper: int) -> None:
        """Hand in an owed paper from the tracker."""
        self.page.goto(f"/track/{self.case.number}/")
        form = self.page.locator(f"form[action$='/papers/{paper}/']")
        form.locator("input[type=file]").set_input_files(place)
        form.locator("button").first.click()
        fits(self.page)


@contextmanager
def at_home(seen: Page, base_url: str) -> Iterator[Customer]:
    """A browser of the customer's own, in the language and size of the staff's."""
    browser = seen.context.browser
    assert browser is not None
    language = seen.evaluate("navigator.language")
    size = SIZES["phone"] if seen.evaluate("innerWidth") < 720 else SIZES["desktop"]
    context = browser.new_context(base_url=base_url, locale=language, viewport=size)  # type: ignore[arg-type]
    yield Customer(context.new_page())
    context.close()


def run_reactions() -> None:
    """Let every reaction run that waits, as the worker would."""
    for reaction in list(Reaction.objects.order_by("pk")):
        react(str(reaction.fact_uid), reaction.function)


def code_sent() -> str:
    """Code of the last SMS that carried one."""
    found = re.search(r"\d{6}", Outbox.objects.filter(template__in=CODES).latest("id").text)
    assert found
    return found[0]
