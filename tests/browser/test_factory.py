"""Walk of a factory with everything: no's, defects, a pause, an absence, a hand-over, pressing and a refused errand, until power."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jiedian.cases.case.models.case import Case
from jiedian.cases.coordination.models import Errand, Urging
from jiedian.cases.screen.queries.replay import differences
from jiedian.clocks.models import Pause
from jiedian.ground.journal.queries import verify
from jiedian.people.models import User
from jiedian.people.queries import actor
from jiedian.people.services.absences import AbsencePlan, end_absence, register_absence
from jiedian.people.services.desks import hand_over
from tests.browser.test_journeys import fits, owner, sign_in, work
from tests.browser.walker import PDF, Customer, at_home, run_reactions
from tests.cast import codes, do, lodge, moment, staff

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("seen", [("zh-CN", "desktop")], indirect=True, ids=["zh"]),
]
WHY = "两路电源同出一座变电站，请改接另一座"


class Day:
    """The simulated day, which goes on by itself."""

    def __init__(self, put: Callable[[str], None]) -> None:
        self.put, self.n = put, 0

    def __call__(self, day: int, month: int = 9) -> str:
        """Morning of a day; the steps done on it follow each other."""
        at = f"2025-{month:02d}-{day:02d} 10:00"
        self.put(at)
        return at


@pytest.fixture
def day(set_time: Callable[[str], None]) -> Day:
    return Day(set_time)


def verb(page: Page, case: Case, who: str, name: str, **fields: str) -> None:
    """Somebody does one of the things that can be done to a case from its page."""
    sign_in(page, who)
    page.goto(f"/cases/{case.number}/do/{name}/")
    fits(page)
    for key, value in fields.items():
        field = page.locator(f"[name={key}]")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("main button.go").first.click()
    fits(page)


def test_a_factory_with_everything_gets_power(seen: Page, day: Day, live_server: Any, tmp_path: Path) -> None:
    pdf = tmp_path / "paper.pdf"
    pdf.write_bytes(PDF)
    case = lodge("HV2", "2025-09-15 09:00", importance="second", is_special_load=True)
    with at_home(seen, live_server.url) as customer:
        at = day(15)
        customer.opens(case)
        customer.sees_what_is_open(told="applied")
        do(case, "ACCEPT", at)
        customer.sees_what_is_open(told="receipt")
        do(
            case,
            "SURVEY",
            day(16),
            importance="second",
            is_special_load=True,
            grid_works="yes",
            has_fee="yes",
        )
        customer.sees_what_is_open()
        _countersign(seen, customer, case, day)
        _coordinate(seen, customer, case, day)
        _design(seen, customer, case, day, pdf)
        _works(seen, customer, case, day, pdf)
        customer.sees(yours=set(), ours={"归档", "回访"} & names(case), told="energised", now="您已用上电")
    assert differences(case.number) == [] and verify() is None


def names(case: Case) -> set[str]:
    return {{"ARCHIVE": "归档", "CALLBACK": "回访"}[code] for code in codes(case)}


def _countersign(seen: Page, customer: Customer, case: Case, day: Day) -> None:
    """A countersign says no; the draft is open again with its reason; the next version is asked again, and accepted online."""
    do(case, "SCHEME_DRAFT", day(17))
    work(seen, case, "COUNTERSIGN", agreed="no", text=WHY)
    assert codes(case) == {"SCHEME_DRAFT"}
    customer.sees_what_is_open()
    sign_in(seen, owner(case, "SCHEME_DRAFT"))
    seen.goto(f"/cases/{case.number}/")
    expect(seen.locator("main")).to_contain_text(WHY)
    do(case, "SCHEME_DRAFT", day(18))
    for _department in ("development", "operation", "dispatch"):
        work(seen, case, "COUNTERSIGN", agreed="yes", text="同意")
    do(case, "SCHEME_REPLY", day(19))
    customer.sees_what_is_open(told="scheme_ready")
    customer.page.locator("#scheme button.go[popovertarget]").click()
    customer.page.locator("form[action$='/accept/'] button.go").click()
    fits(customer.page)
    assert "SCHEME_SIGN" not in codes(case)


def _coordinate(seen: Page, customer: Customer, case: Case, day: Day) -> None:
    """A fee, a pause with its document, an absence, a hand-over, pressing, and an errand that comes back refused."""
    at = day(22)
    do(case, "FEE_DETERMINE", at)
    customer.sees_what_is_open(told="design_turn fee_due", owed="80643.15")
    do(case, "FEE_COLLECT", at)
    customer.sees_what_is_open()
    manager = User.objects.get(pk=case.account_manager_id)
    verb(seen, case, manager.username, "pause", reason="WAIT_PERMIT", evidence="规划许可 2025-118 号")
    assert Pause.objects.filter(subject=case.number, is_automatic=False, ended_at=None).exists()
    customer.sees_what_is_open()
    day(24)
    verb(seen, case, manager.username, "resume")
    assert not Pause.objects.filter(subject=case.number, is_automatic=False, ended_at=None).exists()

    head = actor(staff("head"))
    plan = AbsencePlan(date(2025, 9, 24), date(2025, 9, 26), None, False)
    absence = register_absence(manager, plan, actor=head, at=moment("2025-09-24 10:30"))
    run_reactions()
    assert manager.username not in {owner(case, code) for code in codes(case)}
    end_absence(absence, actor=head, at=moment("2025-09-25 10:00"))
    day(25)
    run_reactions()
    case.refresh_from_db()
    assert case.account_manager_id == manager.pk and manager.username in {owner(case, c) for c in codes(case)}
    customer.sees_what_is_open()

    other = User.objects.exclude(pk=manager.pk).filter(roles__contains=manager.roles, is_active=True)[0]
    hand_over(manager, other, actor=actor(staff("admin")), at=moment("2025-09-25 11:00"))
    case.refresh_from_db()
    assert case.account_manager_id == other.pk
    customer.sees_what_is_open(told="new_manager")

    verb(seen, case, other.username, "expedite", text="请今天答复")
    assert Urging.objects.filter(case=case, kind="expedite").count() == 1
    verb(seen, case, other.username, "errand", kind="task", text="请核对接入点")
    errand = Errand.objects.get(case=case)
    sign_in(seen, User.objects.get(pk=errand.receiver_id).username)
    seen.goto("/desk/")
    reply = seen.locator(f".dialog:has(#errand-{errand.pk})")
    seen.locator(f"button[popovertarget='{reply.get_attribute('id')}']").first.click()
    reply.locator("[name=text]").fill("不归我们")
    reply.locator("button[value=refused]").click()
    fits(seen)
    sign_in(seen, other.username)
    seen.goto("/desk/")
    expect(seen.locator("main")).to_contain_text("不归我们")
    customer.sees_what_is_open()


def _design(seen: Page, customer: Customer, case: Case, day: Day, pdf: Path) -> None:
    """A design with its papers is rejected once."""
    day(26)
    designer = {"designer": "客户所选设计院", "designer_licence": "A-1"}
    customer.does("CUSTOMER_DESIGN", papers=pdf, **designer)
    customer.sees_what_is_open()
    work(seen, case, "DESIGN_REVIEW", result="rectify", defects="保护定值缺失")
    customer.sees_what_is_open(told="design_rejected")
    expect(customer.page.locator("main")).to_contain_text("保护定值缺失")
    customer.does("CUSTOMER_DESIGN", **designer)
    do(case, "DESIGN_REVIEW", day(28))
    customer.sees_what_is_open(told="design_passed works_turn")


def _works(seen: Page, customer: Customer, case: Case, day: Day, pdf: Path) -> None:
    """Two rectifications, contract by code, completion with its papers, meter, power."""
    day(29)
    customer.does(
        "CUSTOMER_WORKS", contractor="客户所选公司", contractor_licence="B-1", completed_on="2025-09-29"
    )
    work(seen, case, "MID_INSPECTION", result="rectify", defects="接地电阻偏大")
    customer.sees_what_is_open(told="rectify_turn")
    customer.does("MID_RECTIFY", note="已补打接地极")
    work(seen, case, "MID_INSPECTION", result="pass")
    customer.sees_what_is_open(told="completion_turn mid_passed")
    customer.does("COMPLETION_APPLY", papers=pdf, is_complete="on")
    work(seen, case, "COMPLETION_CHECK", result="rectify", defects="柜门不能闭锁")
    customer.sees_what_is_open(told="rectify_turn")
    expect(customer.page.locator("main")).to_contain_text("柜门不能闭锁")
    customer.does("RECTIFY", note="已换锁")
    customer.sees_what_is_open(told="completion_turn")
    customer.does("COMPLETION_APPLY", is_complete="on")
    do(case, "CONTRACT_DRAFT", day(30))
    work(seen, case, "COMPLETION_CHECK", result="pass")
    customer.sees_what_is_open(told="contract_ready inspection_passed")
    customer.does("CONTRACT_SIGN", signatory="鲁东精密制造")
    at = day(9, 10)
    while "ENERGISE" not in codes(case):
        do(case, sorted(codes(case))[0], at)
    do(case, "ENERGISE", day(10, 10), reading_kwh=Decimal("0.1"))
