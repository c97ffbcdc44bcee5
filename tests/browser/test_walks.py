"""Walks of whole stories in a real browser: who acts, what is owed and which message went out, after every step."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jiedian.cases.case.models.case import Case
from jiedian.cases.papers.queries import not_yet
from jiedian.cases.papers.services import send_back
from jiedian.cases.screen.queries.replay import differences
from jiedian.ground.journal.queries import facts_of, verify
from jiedian.people.models import Absence, User
from jiedian.people.queries import actor
from jiedian.process.queries import open_steps
from tests.browser.test_journeys import apply, finish, fits, owner, sign_in, work
from tests.browser.walker import PDF, at_home, run_reactions
from tests.cast import ID_NUMBER, codes, do, lodge, moment, staff

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("seen", [("zh-CN", "desktop")], indirect=True, ids=["zh"]),
]
FLAT = {"name": "王小明", "identity_number": ID_NUMBER, "phone": "13812345678", "address": "柳泉路 1 号"}


def test_a_resident_signs_from_home_and_has_power_the_same_day(
    seen: Page, set_time: Callable[[str], None], live_server: Any
) -> None:
    set_time("2025-09-15 09:00")
    with at_home(seen, live_server.url) as customer:
        apply(customer.page, "RES", FLAT | {"capacity_kva": "8"})
        case = Case.objects.get()
        customer.opens(case)
        proof = "等您交一种证件就能受理：在本页上传，或带到柜台"
        customer.sees(yours=set(), ours={"业务受理"}, told="applied", now=proof)
        work(seen, case, "ACCEPT", held="check", originals_seen="check")
        both = "您有 1 件事要办，我们有 1 件在办"
        customer.sees(yours={"签订供用电合同"}, ours={"装表"}, told="receipt contract_ready", now=both)
        customer.does("CONTRACT_SIGN", signatory="王小明")
        customer.sees(yours=set(), ours={"装表"})
        set_time("2025-09-15 14:00")
        work(seen, case, "METER_INSTALL", meter_number="M-1", seal_number="S-1", first_reading_kwh="0")
        customer.sees(yours=set(), ours={"送电"})
        set_time("2025-09-15 15:00")
        work(seen, case, "ENERGISE", reading_kwh="0.1")
        customer.sees(yours=set(), ours=codes_words(case), told="energised", now="您已用上电")
    assert differences(case.number) == [] and verify() is None


def codes_words(case: Case) -> set[str]:
    """Names of the company's open steps, as the tracker says them."""
    names = {"ARCHIVE": "归档", "CALLBACK": "回访"}
    return {names[code] for code in codes(case)}


def test_a_resident_is_accepted_at_another_counter_than_his_own(
    seen: Page, set_time: Callable[[str], None], live_server: Any
) -> None:
    set_time("2025-09-15 09:30")
    case = lodge("RES", "2025-09-15 09:00", area="west")
    his, step, manager = owner(case, "ACCEPT"), open_steps(case.number).get(), case.account_manager_id
    other = User.objects.filter(roles__contains=["clerk"], is_active=True).exclude(username=his).first()
    assert other is not None
    with at_home(seen, live_server.url) as customer:
        customer.opens(case)
        customer.sees(yours=set(), ours={"业务受理"}, told="applied")
        sign_in(seen, other.username)
        seen.goto(f"/cases/{case.number}/")
        seen.locator(f"a[href$='/steps/{step.pk}/']").first.click()
        fits(seen)
        seen.locator("[name=held]").first.check()
        seen.locator("[name=originals_seen]").check()
        finish(seen, case)
        customer.sees(yours={"签订供用电合同"}, ours={"装表"}, told="receipt contract_ready")
    fact = facts_of(case.stream).get(kind="case.accepted")
    assert fact.actor_id == other.pk
    case.refresh_from_db()
    assert case.account_manager_id == manager != other.pk, "who accepts elsewhere is not his manager"


def test_a_shop_with_one_certificate_owes_a_paper_that_is_sent_back_once(
    seen: Page, set_time: Callable[[str], None], live_server: Any, tmp_path: Path
) -> None:
    deed = tmp_path / "deed.pdf"
    deed.write_bytes(PDF)
    set_time("2025-09-15 09:30")
    case = lodge("LVN", "2025-09-15 09:00")
    with at_home(seen, live_server.url) as customer:
        customer.opens(case)
        do(case, "ACCEPT", "2025-09-15 09:40", held=["licence"])
        customer.sees(yours=set(), ours={"现场勘查"}, told="applied receipt")
        owed = case.papers.filter(state="owed").order_by("id")[0]
        customer.hands_in(deed, paper=owed.pk)
        owed.refresh_from_db()
        assert owed.state == "held"
        send_back(owed, reason="看不清", actor=actor(staff("clerk")), at=moment("2025-09-15 10:00"))
        customer.sees(yours=set(), ours={"现场勘查"}, told="paper_sent_back")
        expect(customer.page.locator("main")).to_contain_text("看不清")
        customer.hands_in(deed, paper=owed.pk)
        owed.refresh_from_db()
        assert owed.state == "held" and not case.breaches.exists()
        customer.sees(yours=set(), ours={"现场勘查"})
    assert differences(case.number) == [] and verify() is None


def test_a_shop_that_is_high_voltage_goes_on_under_its_number(
    seen: Page, set_time: Callable[[str], None], live_server: Any, tmp_path: Path
) -> None:
    pdf = tmp_path / "paper.pdf"
    pdf.write_bytes(PDF)
    set_time("2025-09-16 09:00")
    case = lodge("LVN", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence", "id_card"])
    with at_home(seen, live_server.url) as customer:
        customer.opens(case)
        customer.sees(yours=set(), ours={"现场勘查"}, told="applied receipt")
        found = {"case_class": "HV1", "voltage_kv": "10", "capacity_kva": "400", "customer_works": "yes"}
        work(seen, case, "SURVEY", **found, open_capacity="yes", capacity_reason="现场核实")
        case.refresh_from_db()
        assert case.process_key == "high_voltage" and case.capacity_kva == Decimal(400)
        customer.sees(yours=set(), ours={"拟定供电方案"}, told="moved papers_added")
        expect(customer.page.locator("main")).to_contain_text(case.number)
        assert {"title_deed_hv", "equipment_list"} <= set(
            case.papers.filter(state="owed").values_list("code", flat=True)
        )
        owed = list(case.papers.filter(state="owed"))
        late = not_yet(case, owed)
        for paper in owed:
            if paper.pk not in late:
                customer.hands_in(pdf, paper=paper.pk)
        assert set(case.papers.filter(state="owed").values_list("pk", flat=True)) == set(late), (
            "with the report"
        )
        do(case, "SCHEME_DRAFT", "2025-09-17 09:00")
        do(case, "SCHEME_REPLY", "2025-09-18 09:00")
        customer.sees(yours={"确认供电方案"}, ours=set(), told="scheme_ready")
    assert differences(case.number) == [] and not case.breaches.exists() and verify() is None


def test_a_shop_that_withdrew_by_mistake_starts_again_with_its_papers(
    seen: Page, set_time: Callable[[str], None], live_server: Any, tmp_path: Path
) -> None:
    pdf = tmp_path / "licence.pdf"
    pdf.write_bytes(PDF)
    set_time("2025-09-15 09:30")
    case = lodge("LVN", "2025-09-15 09:00")
    with at_home(seen, live_server.url) as customer:
        customer.opens(case)
        customer.page.locator("form[action$='/papers/licence/early/'] input[type=file]").set_input_files(pdf)
        customer.page.locator("form[action$='/papers/licence/early/'] button").click()
        fits(customer.page)
        customer.sees(yours=set(), ours={"业务受理"}, told="applied")
        customer.withdraws("按错了")
        customer.sees(yours=set(), ours=set(), told="withdrawn")
        customer.page.locator("form[action$='/restart/'] button").click()
        fits(customer.page)
        again = Case.objects.get(predecessor=case)
        assert again.number in customer.page.url and again.papers.get(code="licence").state == "held"
        customer.case = again
        customer.sees(yours=set(), ours={"业务受理"}, told="applied")
        customer.page.goto(f"/track/{case.number}/")
        expect(customer.page.locator("main")).to_contain_text(again.number)
        expect(customer.page.locator("form[action$='/restart/']")).to_have_count(0)
    assert case.customer.name == again.customer.name and verify() is None


def test_a_wrong_deputy_is_refused_and_a_right_one_gives_all_back(
    seen: Page, set_time: Callable[[str], None], live_server: Any
) -> None:
    set_time("2025-09-15 09:00")
    case = lodge("LVN", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    manager = User.objects.get(username=owner(case, "SURVEY"))
    sign_in(seen, manager.username)
    seen.goto("/people/absence/")
    fits(seen)
    offered = seen.locator("[name=deputy] option").all_inner_texts()
    assert staff("visitor").name_zh not in "".join(offered), "who may not act is not offered"
    seen.fill("[name=from_on]", "2025-09-15")
    seen.fill("[name=until_on]", "2025-09-17")
    wrong = f"<option value='{staff('visitor').pk}'>白露</option>"
    seen.locator("[name=deputy]").evaluate(
        "(list, wrong) => list.insertAdjacentHTML('beforeend', wrong)", wrong
    )
    seen.locator("[name=deputy]").select_option(str(staff("visitor").pk))
    seen.locator("main button.go").first.click()
    fits(seen)
    expect(seen.locator(".error:visible").first).to_be_visible()
    expect(seen.locator("[name=until_on]")).to_have_value("2025-09-17")
    assert not Absence.objects.exists() and owner(case, "SURVEY") == manager.username
    seen.locator("[name=deputy]").select_option(index=1)
    seen.locator("main button.go").first.click()
    fits(seen)
    absence = Absence.objects.get(user=manager)
    assert absence.until_on == date(2025, 9, 17) and absence.deputy_id
    run_reactions()
    assert owner(case, "SURVEY") == absence.deputy.username
    with at_home(seen, live_server.url) as customer:
        customer.opens(case)
        customer.sees(yours=set(), ours={"现场勘查"}, told="applied receipt")
    sign_in(seen, manager.username)
    seen.goto(f"/people/absence/{absence.pk}/")
    others = seen.locator(f"[name=deputy] option:not([value='']):not([value='{absence.deputy_id}'])")
    seen.locator("[name=deputy]").select_option(others.first.get_attribute("value"))
    seen.locator("main button.go").first.click()
    fits(seen)
    run_reactions()
    second = Absence.objects.get(user=manager).deputy
    assert second and second != absence.deputy and owner(case, "SURVEY") == second.username
    set_time("2025-09-16 09:00")
    seen.goto("/people/")
    seen.locator(f"form[action$='/absence/{absence.pk}/end/'] button").first.click()
    fits(seen)
    run_reactions()
    assert owner(case, "SURVEY") == manager.username, "back early, his work comes back"
    case.refresh_from_db()
    assert case.account_manager_id == manager.pk, "a deputy of a day is not the customer's manager"
