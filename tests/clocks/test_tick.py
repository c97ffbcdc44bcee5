"""Clocks start, stand still, warn, break, and come out the same from the facts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from threading import Barrier, Thread
from time import monotonic

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from jiedian.cases.case.models.case import Case
from jiedian.cases.screen.queries.replay import differences
from jiedian.clocks import services as clocks
from jiedian.clocks.models import CalendarDay, Clock, Pause
from jiedian.clocks.queries import (
    KEPT_S,
    calendar,
    clocks_of,
    cutoffs,
    doubtful_pauses,
    due_day,
    forget_calendar,
    limits,
)
from jiedian.clocks.rows import HolidayRow
from jiedian.core.evidence import Grade
from jiedian.core.findings import Refused
from jiedian.core.workdays import Calendar
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.journal.services import Actor
from jiedian.shell.models import SimulatedTime
from tests.cast import codes, do, lodge, moment, staff

MANAGER = Actor(1, "赵敏", "account_manager")


def closed(day: date) -> HolidayRow:
    """A day off that only this test knows."""
    return HolidayRow(
        day.isoformat(), False, "停工日", "closed", source_id="OURS", clause="", grade=Grade.OURS
    )


def two_years() -> Calendar:
    start = date(2025, 1, 1).toordinal()
    days = [date.fromordinal(start + n) for n in range(730)]
    return Calendar.of((day, day.weekday() < 5) for day in days)


@given(st.integers(0, 600), st.integers(0, 80))
def test_adding_working_days_counts_them(offset: int, working_days: int) -> None:
    days = two_years()
    start = date.fromordinal(date(2025, 1, 1).toordinal() + offset)
    end = days.add(start, working_days)
    by_hand = sum(
        date.fromordinal(n).weekday() < 5 for n in range(start.toordinal() + 1, end.toordinal() + 1)
    )
    assert by_hand == working_days == days.between(start, end)
    assert working_days == 0 or days.is_working(end)


@pytest.mark.django_db
def test_national_day_2025_as_the_state_council_arranged_it() -> None:
    """Origin: the State Council's holiday notice for 2025: 1–8 October off, 28 September and 11 October worked."""
    days = calendar()
    off = [date(2025, 10, n) for n in range(1, 9)]
    assert not any(days.is_working(day) for day in off)
    assert days.is_working(date(2025, 9, 28)) and days.is_working(date(2025, 10, 11))
    assert days.add(date(2025, 9, 30), 1) == date(2025, 10, 9)


@pytest.mark.django_db
def test_a_year_without_calendar_is_an_error_in_both_languages() -> None:
    with pytest.raises(Refused) as refusal:
        calendar().add(date(2039, 12, 30), 5)
    finding = refusal.value.findings[0]
    assert finding.code == "calendar.unknown" and finding.zh and finding.en


@pytest.mark.django_db
def test_2027_is_marked_a_forecast() -> None:
    assert CalendarDay.objects.get(day=date(2027, 2, 6)).status == CalendarDay.FORECAST
    assert CalendarDay.objects.get(day=date(2026, 2, 17)).status == CalendarDay.ANNOUNCED


@pytest.mark.django_db
def test_a_changed_calendar_moves_the_due_day_and_touches_no_clock() -> None:
    case = lodge("HV1", "2026-11-20 09:00")
    do(case, "ACCEPT", "2026-11-20 10:00")
    before = {
        v.clock.pk: v.due_on for v in clocks_of(case.number, at=moment("2026-11-21 09:00")) if v.left_wd > 0
    }
    rows = dict(Clock.objects.values_list("pk", "due_number"))
    clocks.load_calendar([closed(date(2026, 11, 24))])
    try:
        after = {v.clock.pk: v.due_on for v in clocks_of(case.number, at=moment("2026-11-21 09:00"))}
        assert dict(Clock.objects.values_list("pk", "due_number")) == rows
        live = Clock.objects.filter(stopped_at=None).values_list("pk", flat=True)
        assert live and all(after[pk] > before[pk] for pk in live)
    finally:
        clocks.load_calendar()


@pytest.mark.django_db
def test_a_calendar_that_another_process_changed_is_read_within_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed, later = date(2026, 11, 24), monotonic() + KEPT_S + 1
    assert calendar().is_working(closed)
    CalendarDay.objects.filter(day=closed).update(is_working=False)
    try:
        assert calendar().is_working(closed), "not read for every question"
        monkeypatch.setattr("jiedian.clocks.queries.monotonic", lambda: later)
        assert not calendar().is_working(closed)
    finally:
        forget_calendar()


@pytest.mark.django_db
def test_scopes_are_judged_separately() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    replies = {
        v.limit.scope: v.limit.value
        for v in clocks_of(case.number, at=moment("2025-09-15 11:00"))
        if v.limit.step == "SCHEME_REPLY"
    }
    assert replies == {"law": 10}, (
        "the promise of 15 days ended with 2022, the assessment's 15 with the rule of 2024"
    )
    assert all(limits()[clock.limit_id].scope != "local" for clock in Clock.objects.all())


@pytest.mark.django_db
def test_after_the_cut_off_the_same_day_is_the_next_working_day() -> None:
    early, late = lodge("RES", "2025-09-15 09:00"), lodge("RES", "2025-09-15 16:30")
    do(early, "ACCEPT", "2025-09-15 15:59")
    do(late, "ACCEPT", "2025-09-15 16:40")
    due = {
        case.number: next(
            v.due_on for v in clocks_of(case.number, at=moment("2025-09-15 17:00")) if v.limit.id == "T34"
        )
        for case in (early, late)
    }
    assert due == {early.number: date(2025, 9, 15), late.number: date(2025, 9, 16)}


@pytest.mark.django_db
def test_the_cut_off_hour_is_the_row_of_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = cutoffs()
    later = replace(row, id="CUT-2", hour=12, effective_from=date(2025, 9, 16))
    monkeypatch.setattr("jiedian.clocks.queries.cutoffs", lambda: (row, later))
    due = {}
    for day in ("2025-09-15", "2025-09-16"):
        case = lodge("RES", f"{day} 09:00")
        do(case, "ACCEPT", f"{day} 13:00")
        due[day] = clock_of(case, "T34")
    assert due == {"2025-09-15": date(2025, 9, 15), "2025-09-16": date(2025, 9, 17)}


def clock_of(case: Case, limit_id: str) -> date:
    return due_day(Clock.objects.get(subject=case.number, limit_id=limit_id))


@pytest.mark.django_db
@pytest.mark.parametrize(("reason", "evidence"), [("WAIT_PERMIT", "  "), ("BECAUSE", "短信 1")])
def test_a_pause_without_reason_or_evidence_is_refused(reason: str, evidence: str) -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    with pytest.raises(Refused):
        clocks.suspend(
            subject=case.number,
            reason=reason,
            evidence=evidence,
            actor=MANAGER,
            at=moment("2025-09-16 09:00"),
            stream=case.stream,
        )
    assert not Pause.objects.exists()


@pytest.mark.django_db
def test_a_pause_moves_the_due_day_and_a_long_one_is_seen() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    law = Clock.objects.get(subject=case.number, limit_id="T61")
    clocks.suspend(
        subject=case.number,
        reason="FORCE_MAJEURE",
        evidence="政府通告 7 号",
        actor=MANAGER,
        at=moment("2025-09-16 09:00"),
        stream=case.stream,
    )
    clocks.resume(subject=case.number, actor=MANAGER, at=moment("2025-10-15 09:00"), stream=case.stream)
    moved = Clock.objects.get(pk=law.pk)
    assert moved.due_number is not None and law.due_number is not None
    assert (
        moved.due_number - law.due_number == calendar().between(date(2025, 9, 16), date(2025, 10, 15)) == 17
    )
    assert [s.pause.reason for s in doubtful_pauses(at=moment("2025-10-16 09:00"))] == ["FORCE_MAJEURE"]


@pytest.mark.django_db
def test_the_company_clock_stands_while_the_customer_decides() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    for code, at in (
        ("ACCEPT", "2025-09-15 10:00"),
        ("SURVEY", "2025-09-16 10:00"),
        ("SCHEME_DRAFT", "2025-09-17 10:00"),
        ("SCHEME_REPLY", "2025-09-18 10:00"),
    ):
        do(case, code, at)
    util = Clock.objects.get(subject=case.number, limit_id="T55")
    assert util.state == "paused"
    do(case, "SCHEME_SIGN", "2025-09-25 10:00")
    util.refresh_from_db()
    assert util.state == "running"
    used = next(v for v in clocks_of(case.number, at=moment("2025-09-25 11:00")) if v.limit.id == "T55")
    assert used.limit.value - used.left_wd == 3


@pytest.mark.django_db
def test_days_that_stood_still_are_not_used_days(client: Client) -> None:
    """Two days of ten used, seventeen stood: a fifth is used, nobody is warned, and the tracker says who took how long."""
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    asked = {"subject": case.number, "actor": MANAGER, "stream": case.stream}
    clocks.suspend(reason="FORCE_MAJEURE", evidence="政府通告 7 号", at=moment("2025-09-17 09:00"), **asked)
    clocks.resume(at=moment("2025-10-16 09:00"), **asked)
    at = moment("2025-10-16 10:00")
    law = next(v for v in clocks_of(case.number, at=at) if v.limit.id == "T61")
    assert (law.used_wd, law.left_wd, law.share) == (2, 8, 0.2)
    while clocks.sweep(at=at):
        pass
    assert not facts_of(case.stream).filter(kind="clock.warned", data__limit="T61").exists()
    SimulatedTime.objects.create(at=at)
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    page = client.get(reverse("tracker", args=[case.number]))
    took = page.context["t"].card.took
    assert (took.whole_wd, took.ours_wd, took.yours_wd, took.stood_wd) == (19, 2, 0, 17), (
        "no fault of the customer"
    )


@pytest.mark.django_db
def test_an_owed_paper_does_not_stop_the_clock() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    assert case.papers.filter(state="owed").exists()
    clocks = Clock.objects.filter(subject=case.number).exclude(step="ACCEPT")
    assert clocks and not clocks.exclude(state="running").exists()


@pytest.mark.django_db
def test_the_survey_changes_the_class_and_clocks_keep_their_start() -> None:
    case = lodge("LVN", "2025-05-19 09:00")
    do(case, "ACCEPT", "2025-05-19 10:00")
    do(case, "SURVEY", "2025-05-20 10:00", case_class="LV0")
    fresh = Clock.objects.get(subject=case.number, limit_id="T51", state="running")
    assert fresh.started_at == moment("2025-05-19 10:00")
    assert differences(case.number) == []


@pytest.mark.django_db
@pytest.mark.parametrize("resumed", ["2025-09-19 09:00", ""])
def test_a_class_fixed_later_keeps_the_pauses_before_it(resumed: str) -> None:
    """Found dual-source after a pause: the new limits stood still as the old ones did, whether it is over or not."""
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    asked = {"subject": case.number, "actor": MANAGER, "stream": case.stream}
    clocks.suspend(reason="WAIT_PERMIT", evidence="批复 3 号", at=moment("2025-09-16 09:00"), **asked)
    if resumed:
        clocks.resume(at=moment(resumed), **asked)
    do(case, "SURVEY", "2025-09-22 10:00", case_class="HV2")
    for limit_id, working_days in (("T62", 20), ("T56", 32)):
        fresh = Clock.objects.get(subject=case.number, limit_id=limit_id)
        stood = 3 if resumed else 0
        assert fresh.due_number == calendar().number(date(2025, 9, 15)) + working_days + stood
        assert (fresh.state, fresh.paused_on) == (
            ("running", None) if resumed else ("paused", date(2025, 9, 16))
        )
    assert differences(case.number) == []
    if not resumed:
        clocks.resume(at=moment("2025-09-23 09:00"), **asked)
        law = Clock.objects.get(subject=case.number, limit_id="T62")
        assert law.due_number == calendar().number(date(2025, 9, 15)) + 25
        assert differences(case.number) == []


@pytest.mark.django_db
def test_the_sweep_warns_once_for_each_share_and_marks_the_late() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    for day in ("2025-09-22", "2025-09-25", "2025-09-26", "2025-09-28", "2025-09-29"):
        clocks.sweep(at=moment(f"{day} 09:00"))
    told = [(f.kind, f.data["percent"]) for f in facts_of(case.stream) if f.data.get("limit") == "T61"]
    assert told == [("clock.warned", 50), ("clock.warned", 80), ("clock.warned", 100), ("clock.broken", 100)]
    assert clocks.sweep(at=moment("2025-09-29 09:00")) == 0


@pytest.mark.django_db
def test_clocks_come_out_the_same_from_the_facts() -> None:
    case = lodge("HV2", "2025-09-15 09:00", importance="second")
    for n, code in enumerate(
        ("ACCEPT", "SURVEY", "SCHEME_DRAFT", "COUNTERSIGN", "SCHEME_REPLY", "SCHEME_SIGN", "FEE_DETERMINE")
    ):
        do(case, code, f"2025-09-{15 + n} 10:00")
    assert differences(case.number) == []
    Clock.objects.filter(subject=case.number, limit_id="T62").update(due_number=1)
    assert differences(case.number) != []


@pytest.mark.django_db
def test_power_that_is_on_answers_a_scheme_that_a_short_process_never_replies() -> None:
    case = lodge("RES", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["id_card", "title_deed"])
    while case.state == "running":
        do(case, sorted(codes(case))[0], "2025-09-15 15:00")
    ticked = Clock.objects.filter(subject=case.number, ref="")
    assert ticked.filter(stops_when="done:SCHEME_REPLY", state="kept").exists()
    assert not ticked.filter(state__in=["running", "paused"]).exists(), "nothing ticks on a finished case"
    assert not differences(case.number)


@pytest.mark.django_db
def test_a_second_pause_on_the_same_evidence_is_seen() -> None:
    for day, name in (("15", "一"), ("16", "二")):
        case = lodge("LVN", f"2025-09-{day} 09:00", title=name)
        do(case, "ACCEPT", f"2025-09-{day} 10:00", held=["licence"])
        clocks.suspend(
            subject=case.number,
            reason="FORCE_MAJEURE",
            evidence="SMS-7",
            actor=MANAGER,
            at=moment(f"2025-09-{day} 11:00"),
            stream=case.stream,
        )
    (found,) = doubtful_pauses(at=moment("2025-09-16 12:00"))
    assert found.pause.subject == case.number and "evidence" in found.why_en


@pytest.mark.django_db(transaction=True)
def test_of_two_who_pause_or_resume_at_once_one_is_refused(company: None) -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    asked = {
        "subject": case.number,
        "actor": MANAGER,
        "stream": case.stream,
        "at": moment("2025-09-16 09:00"),
    }

    def both(verb: Callable[..., None], **more: str) -> list[str]:
        gate, answers = Barrier(2), []

        def one() -> None:
            gate.wait()
            try:
                verb(**asked, **more)
                answers.append("done")
            except Refused:
                answers.append("refused")
            connections.close_all()

        threads = [Thread(target=one) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(answers)

    assert both(clocks.suspend, reason="WAIT_PERMIT", evidence="批复 3 号") == ["done", "refused"]
    assert both(clocks.resume) == ["done", "refused"]
    kinds = [fact.kind for fact in facts_of(case.stream) if fact.kind in ("clock.paused", "clock.resumed")]
    assert kinds == ["clock.paused", "clock.resumed"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_sweeping_at_once_warn_once(company: None) -> None:
    case = lodge("LVN", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    gate, at = Barrier(3), moment("2025-12-01 09:00")

    def work() -> None:
        gate.wait()
        while clocks.sweep(at=at):
            pass
        connections.close_all()

    workers = [Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    late = Clock.objects.filter(is_overdue=True).count()
    assert late and facts_of(case.stream).filter(kind="clock.broken").count() == late


@pytest.mark.django_db
def test_a_limit_only_recalled_says_so_wherever_it_judges(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if T60 were known from memory alone; T61 stands as the law has it."""
    monkeypatch.setitem(limits(), "T60", replace(limits()["T60"], grade=Grade.RECALLED))
    client.force_login(staff("manager"))
    told = {}
    for kind, limit_id in (("LVN", "T60"), ("HV1", "T61")):
        case = lodge(kind, "2025-09-15 09:00")
        do(case, "ACCEPT", "2025-09-15 10:00")
        page = client.get(reverse("case", args=[case.number])).content.decode()
        told[limit_id] = ">凭记忆</span>" in page
        assert limit_id in page
    assert told == {"T60": True, "T61": False}
