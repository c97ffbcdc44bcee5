"""What the home page says of the company's speed, and what a department sees coming."""

import pytest

from jiedian.cases.queries.coming import coming_to
from jiedian.cases.queries.published import FEWEST, speeds
from tests.cast import do, lodge, moment

pytestmark = pytest.mark.django_db


def test_a_median_is_published_only_for_enough_cases() -> None:
    for n in range(FEWEST):
        case = lodge("RES", "2025-09-15 09:00")
        do(case, "ACCEPT", "2025-09-15 09:10")
        do(case, "CONTRACT_SIGN", "2025-09-15 09:20")
        do(case, "METER_INSTALL", "2025-09-15 14:00")
        do(case, "ENERGISE", f"2025-09-{16 + n % 2} 15:00")
        (seen,) = speeds(at=moment("2025-09-20 09:00"))
        assert seen.connected == n + 1
        assert seen.median_wd == (1 if n + 1 == FEWEST else None)
    assert speeds(at=moment("2026-03-20 09:00")) == []


def test_a_department_sees_what_is_coming_and_when() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    at = moment("2025-09-15 09:30")
    (metering,) = coming_to("metering", at=at, without=set())
    (dispatch,) = coming_to("dispatch", at=at, without=set())
    assert (metering.case, metering.step_code, dispatch.step_code) == (case, "METER_ALLOC", "ENERGISE")
    assert at.date() < metering.expected_on < dispatch.expected_on
    assert coming_to("metering", at=at, without={case.number}) == []
