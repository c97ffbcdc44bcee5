"""From application to energised meter, once for each kind of customer."""

import pytest

from jiedian.cases.case.models.case import Case
from jiedian.clocks.queries import clocks_of
from jiedian.ground.journal.queries import facts_of, verify
from tests.cast import codes, do, lodge, moment

pytestmark = pytest.mark.django_db


def test_a_resident_is_connected_the_same_day() -> None:
    case = lodge("RES", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 09:10")
    assert codes(case) == {"CONTRACT_SIGN", "METER_INSTALL"}
    do(case, "CONTRACT_SIGN", "2025-09-15 09:20")
    do(case, "METER_INSTALL", "2025-09-15 14:00")
    do(case, "ENERGISE", "2025-09-15 15:00")
    do(case, "ARCHIVE", "2025-09-16 09:00")
    do(case, "CALLBACK", "2025-09-17 09:00")
    assert case.state == Case.State.FINISHED
    same_day = next(v for v in clocks_of(case.number, at=moment("2025-09-20 09:00")) if v.limit.id == "T34")
    assert same_day.state == "kept"
    assert [f.kind for f in facts_of(case.stream) if f.kind.startswith("case.")] == [
        "case.applied",
        "case.accepted",
        "case.connectable",
        "case.energised",
        "case.archived",
        "case.finished",
    ]
    assert verify() is None


def test_low_voltage_is_connected_the_next_day_across_national_day() -> None:
    """1–8 October 2025 were off; Sunday 28 September and Saturday 11 October were worked."""
    case = lodge("LV0", "2025-09-30 10:00")
    do(case, "ACCEPT", "2025-09-30 10:10")
    do(case, "SURVEY", "2025-09-30 14:00")
    next_day = next(v for v in clocks_of(case.number, at=moment("2025-09-30 15:00")) if v.limit.id == "T35")
    assert next_day.due_on.isoformat() == "2025-10-09"
    for code in ("CONTRACT_DRAFT", "METER_ALLOC"):
        do(case, code, "2025-09-30 16:00")
    for code in ("CONTRACT_SIGN", "METER_INSTALL"):
        do(case, code, "2025-10-09 09:00")
    do(case, "ENERGISE", "2025-10-09 15:00")
    next_day = next(v for v in clocks_of(case.number, at=moment("2025-10-09 16:00")) if v.limit.id == "T35")
    assert next_day.state == "kept"


def test_ordinary_high_voltage_has_five_branches_and_no_review() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 09:10")
    do(case, "SURVEY", "2025-09-16 09:00", grid_works="yes", has_fee="yes")
    do(case, "SCHEME_DRAFT", "2025-09-18 09:00")
    do(case, "SCHEME_REPLY", "2025-09-19 09:00")
    do(case, "SCHEME_SIGN", "2025-09-22 09:00")
    assert codes(case) == {"FEE_DETERMINE", "CONTRACT_DRAFT", "GRID_WORKS", "METER_ALLOC", "CUSTOMER_DESIGN"}
    do(case, "CUSTOMER_DESIGN", "2025-10-10 09:00")
    assert "DESIGN_REVIEW" not in codes(case)
    do(case, "CUSTOMER_WORKS", "2025-11-10 09:00")
    assert "MID_INSPECTION" not in codes(case)


def test_important_dual_source_keeps_review_and_mid_inspection() -> None:
    case = lodge("HV2", "2025-09-15 09:00", importance="second")
    do(case, "ACCEPT", "2025-09-15 09:10")
    do(case, "SURVEY", "2025-09-16 09:00", grid_works="yes")
    do(case, "SCHEME_DRAFT", "2025-09-18 09:00")
    do(case, "COUNTERSIGN", "2025-09-19 09:00")
    do(case, "SCHEME_REPLY", "2025-09-22 09:00")
    do(case, "SCHEME_SIGN", "2025-09-23 09:00")
    assert codes(case) == {"FEE_DETERMINE", "CONTRACT_DRAFT", "GRID_WORKS", "METER_ALLOC", "CUSTOMER_DESIGN"}
    for code in ("FEE_DETERMINE", "FEE_COLLECT", "CONTRACT_DRAFT", "CONTRACT_SIGN", "METER_ALLOC"):
        do(case, code, "2025-09-24 09:00")
    do(case, "CUSTOMER_DESIGN", "2025-10-10 09:00")
    do(case, "DESIGN_REVIEW", "2025-10-14 09:00", result="rectify", defects="保护定值缺失")
    do(case, "CUSTOMER_DESIGN", "2025-10-16 09:00")
    do(case, "DESIGN_REVIEW", "2025-10-17 09:00")
    do(case, "METER_INSTALL", "2025-10-20 09:00")
    do(case, "GRID_WORKS", "2025-10-22 09:00")
    do(case, "CUSTOMER_WORKS", "2025-11-10 09:00")
    do(case, "MID_INSPECTION", "2025-11-12 09:00", result="rectify", defects="接地网未焊接")
    do(case, "MID_RECTIFY", "2025-11-14 09:00")
    do(case, "MID_INSPECTION", "2025-11-15 09:00")
    do(case, "COMPLETION_APPLY", "2025-11-17 09:00")
    do(case, "COMPLETION_CHECK", "2025-11-18 09:00", result="rectify", defects="闭锁失效")
    do(case, "RECTIFY", "2025-11-19 09:00")
    do(case, "COMPLETION_APPLY", "2025-11-20 09:00")
    assert "ENERGISE" not in codes(case)
    do(case, "COMPLETION_CHECK", "2025-11-21 09:00")
    do(case, "ENERGISE", "2025-11-24 09:00")
    assert str(case.fees.get().amount_cny) == "80643.15"
