"""What each step of the works writes is taken back by its own verb, and nothing else."""

from typing import Any

import pytest

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.work import Work
from jiedian.people.queries import actor
from jiedian.process.queries import steps_of
from jiedian.works.models import Contract, Fee, GridWorks, Inspection, Metering, PaymentOrder
from jiedian.works.services.undo import (
    forget_allotment,
    forget_design,
    forget_fee,
    forget_grid_works,
    forget_inspection,
    forget_installation,
    forget_rectification,
    forget_signature,
)
from tests.cast import do, lodge, moment, staff

pytestmark = pytest.mark.django_db
FAILED = {"result": "rectify", "defects": "保护定值缺失"}


@pytest.fixture
def case() -> Case:
    """An important customer behind his scheme: five branches are open."""
    made = lodge("HV2", "2025-09-15 09:00", importance="second")
    for code in ("ACCEPT", "SURVEY", "SCHEME_DRAFT", "COUNTERSIGN", "SCHEME_REPLY", "SCHEME_SIGN"):
        do(made, code, "2025-09-16 09:00", **({"grid_works": "yes"} if code == "SURVEY" else {}))
    return made


def back(case: Case, code: str, verb: Any) -> None:
    step = steps_of(case.number).filter(code=code).order_by("-id")[0]
    verb(Work(Case.objects.get(pk=case.pk), step, actor(staff("manager")), moment("2025-09-26 09:10")))


def test_a_charge_goes_with_its_bill(case: Case) -> None:
    do(case, "FEE_DETERMINE", "2025-09-26 09:00")
    back(case, "FEE_DETERMINE", forget_fee)
    assert not Fee.objects.exists() and not PaymentOrder.objects.filter(closed_at=None).exists()


def test_a_signature_goes_and_the_contract_stays(case: Case) -> None:
    do(case, "CONTRACT_DRAFT", "2025-09-25 09:00")
    do(case, "CONTRACT_SIGN", "2025-09-26 09:00")
    back(case, "CONTRACT_SIGN", forget_signature)
    held = Contract.objects.get(case=case)
    assert (held.signed_at, held.signatory, held.signed_sha256) == (
        None,
        "",
        "",
    ) and held.number == f"HT-{case.number}"


def test_grid_works_are_not_finished(case: Case) -> None:
    do(case, "GRID_WORKS", "2025-09-26 09:00")
    back(case, "GRID_WORKS", forget_grid_works)
    assert not GridWorks.objects.exists()


def test_a_meter_comes_off_and_goes_back(case: Case) -> None:
    do(case, "METER_ALLOC", "2025-09-25 09:00")
    do(case, "METER_INSTALL", "2025-09-26 09:00")
    back(case, "METER_INSTALL", forget_installation)
    held = Metering.objects.get(case=case)
    assert (held.installed_at, held.seal_number, held.first_reading_kwh) == (None, "", None)
    assert held.meter_number == f"M-{case.number}"
    back(case, "METER_ALLOC", forget_allotment)
    assert not Metering.objects.exists()


def test_a_round_of_inspection_goes_and_what_answered_the_one_before_waits_again(case: Case) -> None:
    do(case, "CUSTOMER_DESIGN", "2025-09-22 09:00")
    do(case, "DESIGN_REVIEW", "2025-09-23 09:00", **FAILED)
    do(case, "CUSTOMER_DESIGN", "2025-09-24 09:00")
    back(case, "CUSTOMER_DESIGN", forget_design)
    assert Inspection.objects.get().rectified_at is None
    do(case, "DESIGN_REVIEW", "2025-09-26 09:00")
    back(case, "DESIGN_REVIEW", forget_inspection)
    assert [(row.round, row.has_passed) for row in Inspection.objects.all()] == [(1, False)]


def test_defects_wait_to_be_put_right_again(case: Case) -> None:
    for code in ("CUSTOMER_DESIGN", "DESIGN_REVIEW", "CUSTOMER_WORKS"):
        do(case, code, "2025-09-22 09:00")
    do(case, "MID_INSPECTION", "2025-09-23 09:00", **FAILED)
    do(case, "MID_RECTIFY", "2025-09-24 09:00")
    back(case, "MID_RECTIFY", forget_rectification)
    failed = Inspection.objects.get(kind="MID_INSPECTION")
    assert (failed.rectified_at, failed.rectified_note) == (None, "")
