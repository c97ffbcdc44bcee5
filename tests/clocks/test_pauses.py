"""Pauses that cannot be gamed: a document, a reason that holds, working time that was lost, and patterns that are seen."""

from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.queries.waits import fitting_reasons
from jiedian.cases.case.services.pausing import Plea, pause_case
from jiedian.cases.screen.queries.replay import differences
from jiedian.cases.screen.views.verbs import offers
from jiedian.clocks import services as clocks
from jiedian.clocks.calc.standing import WorkingDay, working_time
from jiedian.clocks.models import Clock, Pause
from jiedian.clocks.queries import doubtful_pauses, due_day, working_day
from jiedian.clocks.rows import HolidayRow
from jiedian.core.evidence import Grade
from jiedian.core.findings import Refused
from jiedian.core.workdays import PLACE, Calendar
from jiedian.ground.journal.services import Actor
from jiedian.ground.vault.models import Upload
from jiedian.people.models import User
from tests.cast import do, lodge, moment

MANAGER = Actor(1, "赵敏", "account_manager")


def accepted(kind: str = "HV1", at: str = "2026-03-02 09:00") -> Case:
    case = lodge(kind, at)
    do(case, "ACCEPT", at.replace("09:00", "10:00"))
    return case


def asked(case: Case) -> dict[str, Any]:
    return {"subject": case.number, "stream": case.stream, "actor": MANAGER}


def closed(day: str) -> HolidayRow:
    """A day off that only this test knows."""
    return HolidayRow(day, False, "", "", source_id="OURS", clause="", grade=Grade.OURS)


def dues(case: Case) -> dict[str, date]:
    return {clock.limit_id: due_day(clock) for clock in Clock.objects.filter(subject=case.number)}


@pytest.mark.django_db
def test_ten_night_pauses_move_nothing_and_are_seen() -> None:
    case = accepted()
    before = dues(case)
    for n in range(10):
        day = moment("2026-03-02 16:59") + timedelta(days=n)
        clocks.suspend(reason="WAIT_PERMIT", evidence=f"批复 {n} 号", at=day, **asked(case))
        clocks.resume(at=day + timedelta(hours=15, minutes=2), **asked(case))
    assert dues(case) == before
    found = doubtful_pauses(at=moment("2026-03-20 09:00"))
    assert any(seen.pause.subject == case.number and "10 pauses" in seen.why_en for seen in found)
    assert differences(case.number) == []


@pytest.mark.django_db
def test_pauses_over_night_that_cost_hours_are_seen_where_they_move_days() -> None:
    case = accepted()
    for n in range(3):
        day = moment("2026-03-03 15:30") + timedelta(days=n)
        clocks.suspend(reason="WAIT_PERMIT", evidence=f"批复 {n} 号", at=day, **asked(case))
        clocks.resume(at=day + timedelta(hours=17), **asked(case))
    assert [seen.why_en for seen in doubtful_pauses(at=moment("2026-03-20 09:00"))] == [
        "3 pauses over 3 working days that took 6 working hours"
    ]


@pytest.mark.django_db
def test_a_short_limit_counts_its_pauses_in_hours() -> None:
    """Three working days by T60: four pauses of two and a half hours make one day, the rest is kept."""
    case = accepted("LVN")
    law = Clock.objects.get(subject=case.number, limit_id="T60")
    for n in range(4):
        day = moment("2026-03-03 15:30") + timedelta(days=n % 2, hours=0)
        clocks.suspend(reason="WAIT_PERMIT", evidence=f"批复 {n} 号", at=day, **asked(case))
        clocks.resume(at=day + timedelta(hours=17), **asked(case))
        if n == 2:
            law.refresh_from_db()
            assert law.due_number is not None and law.stood_minutes == 360
    moved = Clock.objects.get(pk=law.pk)
    assert moved.due_number == (law.due_number or 0) + 1 and moved.stood_minutes == 0
    assert differences(case.number) == []


@pytest.mark.django_db
def test_the_due_day_of_a_broken_promise_stays_where_it_was() -> None:
    case = accepted("HV1", "2025-09-15 09:00")
    before = due_day(Clock.objects.get(subject=case.number, limit_id="T61"))
    while clocks.sweep(at=moment("2025-10-20 09:00")):
        pass
    clocks.suspend(
        reason="FORCE_MAJEURE", evidence="政府通告 7 号", at=moment("2025-10-21 09:00"), **asked(case)
    )
    clocks.resume(at=moment("2025-10-30 09:00"), **asked(case))
    law = Clock.objects.get(subject=case.number, limit_id="T61")
    assert due_day(law) == before and law.is_overdue
    assert differences(case.number) == []


@pytest.mark.django_db
@pytest.mark.parametrize("evidence", ["x", "e0", "依据", "....", "1234567", "客户说的"])
def test_a_word_is_no_document(evidence: str) -> None:
    case = accepted()
    with pytest.raises(Refused) as refusal:
        clocks.suspend(reason="WAIT_PERMIT", evidence=evidence, at=moment("2026-03-03 09:00"), **asked(case))
    assert refusal.value.findings[0].code == "pause.not_a_document"
    assert not Pause.objects.exists()


@pytest.mark.django_db
def test_a_reason_holds_where_the_case_stands() -> None:
    """Nobody waits for a payment while the survey is open; papers that may follow later stop nothing."""
    case = accepted()
    assert fitting_reasons(case) == ["WAIT_PERMIT", "FORCE_MAJEURE", "CUSTOMER_REQUEST"]
    for reason in ("WAIT_PAY", "WAIT_DOCS", "WAIT_SIGN"):
        with pytest.raises(Refused) as refusal:
            pause_case(case, Plea(reason, "来函 3 号"), actor=MANAGER, at=moment("2026-03-03 09:00"))
        (finding,) = refusal.value.findings
        assert finding.code == "pause.unfit" and "等待政府许可" in finding.words("zh")
    for code in ("SURVEY", "SCHEME_DRAFT", "SCHEME_REPLY"):
        do(case, code, "2026-03-03 10:00")
    assert "WAIT_SIGN" in fitting_reasons(case)


@pytest.mark.django_db
def test_a_pause_is_proved_by_a_file(client: Client) -> None:
    case = accepted()
    client.force_login(User.objects.get(pk=case.account_manager_id))
    file = BytesIO(b"%PDF-1.4 permit")
    file.name = "许可.pdf"
    url = reverse("verb", args=[case.number, "pause"])
    page = client.get(url).content.decode()
    assert "等待政府许可" in page and "等待客户缴费" not in page
    answer = client.post(url, {"reason": "WAIT_PERMIT", "evidence": "", "file": file})
    assert answer.status_code == 302
    (pause,) = Pause.objects.filter(is_automatic=False)
    kept = Upload.objects.get(subject=case.number, name="许可.pdf")
    assert kept.sha256[:12] in pause.evidence and "许可.pdf" in pause.evidence


@pytest.mark.django_db
def test_only_what_stands_still_is_offered_to_run_on() -> None:
    case = accepted()
    assert offers(case, "pause") and not offers(case, "resume")
    clocks.suspend(reason="WAIT_PERMIT", evidence="批复 7 号", at=moment("2026-03-02 11:00"), **asked(case))
    assert offers(case, "resume") and not offers(case, "pause")


@pytest.mark.django_db
def test_a_correction_of_the_past_moves_no_promise_unless_said() -> None:
    old, case = accepted("HV1", "2019-12-02 09:00"), accepted()
    before = dues(old), dues(case)
    fixed = [closed("2020-02-03")]
    try:
        clocks.load_calendar(fixed)
        assert dues(case) == before[1], "it began long after"
        clocks.load_calendar()
        assert (dues(old), dues(case)) == before
        clocks.load_calendar([closed("2019-12-04")], on=date(2020, 1, 1))
        assert (dues(old), dues(case)) == before, "it lies in the past"
        clocks.load_calendar(on=date(2020, 1, 1))
        assert (dues(old), dues(case)) == before
        clocks.load_calendar([closed("2019-12-04")], moves_past=True)
        assert dues(old) != before[0] and dues(case) == before[1]
    finally:
        clocks.load_calendar(moves_past=True)


HOURS = WorkingDay(((time(8), time(12)), (time(13), time(17))))
WEEKS = Calendar.of(
    (date(2025, 1, 1) + timedelta(n), (date(2025, 1, 1) + timedelta(n)).weekday() < 5) for n in range(90)
)


@given(st.integers(0, 4 * 24 * 60), st.integers(0, 4 * 24 * 12))
def test_working_time_is_the_quarters_of_an_hour_counted_one_by_one(start: int, length: int) -> None:
    quarter = timedelta(minutes=15)
    begun = datetime(2025, 1, 2, tzinfo=PLACE) + start * quarter
    each = [begun + n * quarter for n in range(length)]
    worked = [
        at for at in each if WEEKS.is_working(at.date()) and any(a <= at.time() < b for a, b in HOURS.spans)
    ]
    assert working_time(begun, begun + length * quarter, WEEKS, HOURS) == len(worked) * quarter


@pytest.mark.django_db
def test_a_working_day_has_eight_hours() -> None:
    assert working_day().length == timedelta(hours=8)
