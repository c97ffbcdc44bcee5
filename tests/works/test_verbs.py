"""From the accepted scheme to the energised meter: each verb writes its row, says its fact, ends its step, and refuses what cannot be."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.work import Work
from jiedian.core.findings import Refused
from jiedian.ground.journal.queries import facts_of
from jiedian.people.queries import actor, person
from jiedian.process.queries import open_steps
from jiedian.works import steps as works
from jiedian.works.models import Contract, CustomerWorks, Energising, Fee, GridWorks, Inspection, Metering
from tests.cast import bring_papers, codes, do, lodge, moment
from tests.deeds import values_of

pytestmark = pytest.mark.django_db
DAY = "2025-10-10 09:00"


@pytest.fixture
def case() -> Case:
    """A high-voltage case whose scheme is accepted, with a fee, grid works and works of its own."""
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 09:10")
    do(case, "SURVEY", "2025-09-16 09:00", grid_works="yes", has_fee="yes", importance="second")
    do(case, "SCHEME_DRAFT", "2025-09-18 09:00")
    while "SCHEME_REPLY" not in codes(case):
        do(case, sorted(codes(case))[0], "2025-09-18 15:00")
    do(case, "SCHEME_REPLY", "2025-09-19 09:00")
    do(case, "SCHEME_SIGN", "2025-09-22 09:00")
    return case


def work(case: Case, code: str, at: str = DAY, **changes: Any) -> Work:
    """What the owner of an open step brings to its verb."""
    step, when = open_steps(case.number).get(code=code), moment(at)
    assert step.owner_id is not None
    bring_papers(case, code, when)
    values = values_of(case, step, when) | changes
    return Work(case=case, step=step, actor=actor(person(step.owner_id)), at=when, values=values)


def said(case: Case) -> list[str]:
    return [fact.kind for fact in facts_of(case.stream)]


def code_of(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.findings[0].code


def test_a_fee_is_quantity_times_price_to_the_cent_and_is_paid_once(case: Case) -> None:
    works.determine_fee(
        work(case, "FEE_DETERMINE", quantity=Decimal("630"), unit_price_cny=Decimal("128.0055"))
    )
    fee = Fee.objects.get(case=case)
    assert fee.amount_cny == Decimal("80643.47") and fee.paid_at is None
    works.collect_fee(work(case, "FEE_COLLECT", "2025-10-11 09:00", receipt_number="R-7"))
    fee.refresh_from_db()
    assert (fee.receipt_number, fee.paid_at) == ("R-7", moment("2025-10-11 09:00"))
    assert {"fee.determined", "fee.paid"} <= set(said(case)) and "FEE_COLLECT" not in codes(case)


def test_nothing_to_pay_is_refused_and_the_step_stays_open(case: Case) -> None:
    works.determine_fee(work(case, "FEE_DETERMINE"))
    Fee.objects.filter(case=case).delete()
    with pytest.raises(Refused) as refused:
        works.collect_fee(work(case, "FEE_COLLECT"))
    assert code_of(refused) == "fee.none" and "FEE_COLLECT" in codes(case)


def test_a_contract_is_drafted_then_signed_once(case: Case) -> None:
    works.draft_contract(work(case, "CONTRACT_DRAFT", number="HT-1"))
    assert Contract.objects.get(case=case).signed_at is None
    again = work(case, "CONTRACT_SIGN", "2025-10-11 09:00", signatory="王经理")
    works.sign_contract(again)
    contract = Contract.objects.get(case=case)
    assert (contract.number, contract.signatory, contract.signed_at) == ("HT-1", "王经理", again.at)
    with pytest.raises(Refused) as refused:
        works.sign_contract(again)
    assert code_of(refused) == "contract.signed" and said(case).count("contract.signed") == 1


@pytest.mark.parametrize(
    ("code", "verb", "model"),
    [
        ("GRID_WORKS", works.finish_grid_works, GridWorks),
        ("CUSTOMER_WORKS", works.finish_customer_works, CustomerWorks),
    ],
)
def test_works_end_today_or_before(case: Case, code: str, verb: Any, model: Any) -> None:
    if code == "CUSTOMER_WORKS":
        to_the_customers_works(case)
    with pytest.raises(Refused) as refused:
        verb(work(case, code, completed_on=date(2025, 10, 11)))
    assert code_of(refused) == "works.future" and code in codes(case)
    verb(work(case, code, completed_on=date(2025, 10, 10)))
    assert model.objects.get(case=case).completed_on == date(2025, 10, 10) and code not in codes(case)


def to_the_customers_works(case: Case) -> None:
    works.hand_in_design(work(case, "CUSTOMER_DESIGN", "2025-09-23 09:00"))
    if "DESIGN_REVIEW" in codes(case):
        works.inspect(work(case, "DESIGN_REVIEW", "2025-09-24 09:00", result="pass"))


def to_the_inspection(case: Case) -> None:
    to_the_customers_works(case)
    while "COMPLETION_CHECK" not in codes(case):
        ours = {"CUSTOMER_WORKS", "MID_INSPECTION", "COMPLETION_APPLY"} & codes(case)
        if ours == {"COMPLETION_APPLY"}:
            works.report_completion(work(case, "COMPLETION_APPLY", "2025-09-28 09:00"))
        else:
            do(case, ours.pop(), "2025-09-26 09:00")


def test_a_design_names_the_designer_and_goes_to_review(case: Case) -> None:
    works.hand_in_design(work(case, "CUSTOMER_DESIGN", designer="淄博电力设计院"))
    assert CustomerWorks.objects.get(case=case).designer == "淄博电力设计院"
    assert "DESIGN_REVIEW" in codes(case)


def test_defects_are_named_at_once_put_right_and_looked_at_again(case: Case) -> None:
    to_the_inspection(case)
    works.inspect(
        work(case, "COMPLETION_CHECK", "2025-09-29 09:00", result="rectify", defects="接地电阻偏大；标识缺失")
    )
    assert "RECTIFY" in codes(case) and "ENERGISE" not in codes(case)
    works.rectify(work(case, "RECTIFY", "2025-09-30 09:00", note="已整改"))
    works.report_completion(work(case, "COMPLETION_APPLY", "2025-10-09 09:00"))
    works.inspect(work(case, "COMPLETION_CHECK", DAY, result="pass"))
    rounds = Inspection.objects.filter(case=case, kind="COMPLETION_CHECK").order_by("round")
    assert [(row.round, row.has_passed, row.defects) for row in rounds] == [
        (1, False, "接地电阻偏大；标识缺失"),
        (2, True, ""),
    ]
    assert rounds[0].rectified_note == "已整改" and "RECTIFY" not in codes(case)


def test_nothing_to_put_right_is_refused(case: Case) -> None:
    to_the_inspection(case)
    works.inspect(work(case, "COMPLETION_CHECK", "2025-09-29 09:00", result="rectify", defects="标识缺失"))
    Inspection.objects.filter(case=case).update(has_passed=True)
    with pytest.raises(Refused) as refused:
        works.rectify(work(case, "RECTIFY", note="已整改"))
    assert code_of(refused) == "inspection.none"


def test_a_meter_is_set_aside_hung_and_energised_above_its_first_reading(case: Case) -> None:
    works.allot_meter(work(case, "METER_ALLOC", "2025-09-23 09:00", meter_number="M-1"))
    works.install_meter(work(case, "METER_INSTALL", "2025-09-24 09:00", first_reading_kwh=Decimal("5.00")))
    metering = Metering.objects.get(case=case)
    assert (metering.meter_number, metering.first_reading_kwh) == ("M-1", Decimal("5.00"))
    to_the_inspection(case)
    for _ in range(20):
        if "ENERGISE" in codes(case):
            break
        do(case, sorted(codes(case))[0], "2025-10-09 09:00")
    with pytest.raises(Refused) as refused:
        works.energise(work(case, "ENERGISE", reading_kwh=Decimal("4.99")))
    assert code_of(refused) == "energise.reading" and not Energising.objects.filter(case=case).exists()
    last = work(case, "ENERGISE", reading_kwh=Decimal("5.10"))
    works.energise(last)
    done = Energising.objects.get(case=case)
    assert (done.reading_kwh, done.energised_at) == (Decimal("5.10"), last.at) and "case.energised" in said(
        case
    )
