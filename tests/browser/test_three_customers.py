"""A household at 220 V, 315 kVA metered at low voltage and 12 MVA at 35 kV: each from the application to what the customer reads."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from jiedian.cases.case.models.case import Case
from jiedian.grid.circuit.calc.network import Network
from jiedian.process.queries import open_steps
from tests.browser.test_journeys import fits, owner, sign_in, work
from tests.browser.walker import Customer, at_home, run_reactions
from tests.cast import ID_NUMBER, codes, do, moment
from tests.core.town import LAT, LON, STEP, network
from tests.supply.town import found_town

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("seen", [("zh-CN", "desktop")], indirect=True, ids=["zh"]),
]
HERE = f"lon={LON + 2.2 * STEP:.6f}&lat={LAT + 1.2 * STEP:.6f}&where=人民路12号"
WHO = {"name": "鲁中轧钢有限公司", "phone": "13812345678", "address": "人民路 12 号"}


def applies(page: Page, kind: str, answers: dict[str, str]) -> Case:
    """Answer one question after the other at a place that is known, and send."""
    page.goto(f"/apply/?{HERE}")
    page.locator(f"input[value={kind}]").check()
    while not page.locator("[data-send]").is_visible():
        page.locator("[data-next]").click()
        for name, value in answers.items():
            if (field := page.locator(f"[name={name}]")).is_visible():
                is_choice = field.evaluate("e => e.tagName") == "SELECT"
                field.select_option(value) if is_choice else field.fill(value)
    fits(page)
    page.locator("[data-send]").click()
    expect(page.locator("main")).to_contain_text("C-2025-")
    return Case.objects.get()


def chooses(page: Page, case: Case, reason: str = "") -> None:
    """The planner confirms the use on the workbench and takes the first option, with a reason where one is asked."""
    sign_in(page, owner(case, "SCHEME_DRAFT"))
    page.goto(f"/plans/{case.number}/")
    use = page.locator("[name=use]")
    if use.input_value() == "":  # nobody has said it, and no scheme is taken before
        if not use.is_visible():
            page.locator("summary", has_text="修改地点与负荷特性").click()
        use.select_option("industry")
        page.locator("form", has=use).locator("button[type=submit], button.go").last.click()
        expect(page.locator("[name=use]")).to_have_value("industry")
    if page.locator(".option").count() == 0:  # of a point found by hand the way is composed
        page.locator("#menu form .actions button, #menu form button").last.click()
    expect(page.locator("form#decide")).to_be_visible()
    fits(page)
    if reason and page.locator("[name=exception_reason]").count():
        page.fill("[name=exception_reason]", reason)
    page.locator("form[action*='/choose/'] button.go").click()
    expect(page).to_have_url(re.compile(f"/cases/{case.number}/$"))


def reads(customer: Customer, case: Case, words: tuple[str, ...], absent: tuple[str, ...] = ()) -> None:
    """What the customer reads on his page and in the file he loads down."""
    run_reactions()
    customer.page.goto(f"/track/{case.number}/")
    fits(customer.page)
    link = customer.page.locator("#scheme a.btn").first.get_attribute("href")
    document = pypdfium2.PdfDocument(customer.page.request.get(str(link)).body())
    pages = [document[n].get_textpage().get_text_range() for n in range(len(document))]
    told = re.sub(r"\s+", "", "".join(pages))
    assert [each for each in words if each not in told] == []
    assert [each for each in absent if each in told] == []
    assert not customer.faults, customer.faults


def countersigned(page: Page, case: Case) -> None:
    """Every department that is asked agrees."""
    for _turn in range(4):
        if "COUNTERSIGN" in codes(case):
            work(page, case, "COUNTERSIGN", agreed="yes", text="同意")


def test_a_household_at_220_volts_reads_what_it_gets(
    seen: Page, set_time: Callable[[str], None], live_server: Any
) -> None:
    """Its process has no scheme to confirm: the grid answers at the application, then contract, meter and power."""
    set_time("2025-09-15 09:00")
    found_town(moment("2025-09-01 08:00"))
    with at_home(seen, live_server.url) as customer:
        flat = {"capacity_kva": "8", "name": "王小明", "identity_number": ID_NUMBER}
        case = applies(customer.page, "RES", WHO | flat)
        assert float(case.voltage_kv) == 0.22
        customer.opens(case)
        expect(customer.page.locator("main")).to_contain_text("可以接入")
        work(seen, case, "ACCEPT", held="check", originals_seen="check")
        customer.does("CONTRACT_SIGN", signatory="王小明")
        customer.page.goto(f"/track/{case.number}/")
        main = customer.page.locator("main")
        expect(main).not_to_contain_text("确认供电方案")
        assert "SCHEME_SIGN" not in codes(case) and not case.schemes.exists()
        assert not customer.faults, customer.faults


def test_315_kva_metered_at_low_voltage_reads_its_reply(
    seen: Page, set_time: Callable[[str], None], live_server: Any
) -> None:
    set_time("2025-09-15 09:00")
    found_town(moment("2025-09-01 08:00"))
    with at_home(seen, live_server.url) as customer:
        case = applies(customer.page, "HV1", WHO | {"capacity_kva": "315"})
        customer.opens(case)
        do(case, "ACCEPT", "2025-09-15 10:00")
        do(case, "SURVEY", "2025-09-16 09:00")
        set_time("2025-09-17 09:00")
        chooses(seen, case)
        do(case, "SCHEME_REPLY", "2025-09-17 10:00")
        reads(
            customer,
            case,
            (
                "高供低计",
                "三相四线",
                "500/5",
                "315kVA",
                "线路变压器组",
                "63–94kvar",
                "公用线路",
                "竣工报验→竣工检验",
            ),
            ("中间检查→", "高供高计", "可开放"),
        )
        customer.page.locator("#scheme button.go[popovertarget]").click()
        customer.page.locator("form[action$='/accept/'] button.go").click()
        fits(customer.page)
        assert "SCHEME_SIGN" not in codes(case)


def town_of_35_kv() -> Network:
    """The town whose substations hang on 35 kV."""
    town = network()
    kv = np.where(town.buses.kv == 110, 35.0, town.buses.kv)
    rated = np.where(town.transformers.rated_hv_kv == 110, 35.0, town.transformers.rated_hv_kv)
    return replace(
        town, buses=replace(town.buses, kv=kv), transformers=replace(town.transformers, rated_hv_kv=rated)
    )


def test_12_mva_at_35_kv_reads_its_reply(
    seen: Page, set_time: Callable[[str], None], live_server: Any
) -> None:
    set_time("2025-09-15 09:00")
    found_town(moment("2025-09-01 08:00"), net=town_of_35_kv())
    with at_home(seen, live_server.url) as customer:
        case = applies(customer.page, "HV1", WHO | {"capacity_kva": "12000", "voltage_kv": "35"})
        assert float(case.voltage_kv) == 35
        customer.opens(case)
        do(case, "ACCEPT", "2025-09-15 10:00")
        do(case, "SURVEY", "2025-09-16 09:00", open_capacity="yes", capacity_reason="上级电网核定")
        set_time("2025-09-17 09:00")
        chooses(seen, case, reason="上级电网核定可接 12 MVA")
        scheme = case.schemes.get()
        assert (scheme.option_key, scheme.missing) == ("H1|overhead", [])
        countersigned(seen, case)
        do(case, "SCHEME_REPLY", "2025-09-17 15:00")
        assert open_steps(case.number).exists()
        reads(
            customer,
            case,
            (
                "35kV",
                "8000kVA",
                "4000kVA",
                "高供高计",
                "LGJ-",
                "线路压降",
                "供电点电压由供电企业核定",
                "专线",
                "40.5kV",
                "交接协议",
            ),
            ("可开放", "受限", "C-END"),
        )
