"""When clocks begin: with the application, and for the connection when only the company's own building is left."""

from datetime import date

import pytest

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.steps import withdraw
from jiedian.cases.coordination.services import coordination
from jiedian.cases.screen.queries.cases import lines
from jiedian.cases.screen.queries.replay import differences
from jiedian.clocks.models import Clock
from jiedian.clocks.queries import due_day
from jiedian.clocks.services import sweep
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.journal.services import Actor
from jiedian.people.queries import actor
from tests.cast import codes, do, lodge, moment, staff

pytestmark = pytest.mark.django_db
MANAGER = Actor(1, "赵敏", "account_manager")


def clock(case: Case, limit_id: str) -> Clock:
    return Clock.objects.get(subject=case.number, limit_id=limit_id)


def finish(case: Case, *, to: str, at: str, last: tuple[str, ...] = ()) -> None:
    """Do every open step but those named until one is open."""
    while to not in codes(case):
        code = next(code for code in sorted(codes(case)) if code not in last)
        do(case, code, at)


def test_an_application_that_nobody_accepts_has_a_clock_and_is_late() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    assert due_day(clock(case, "K-ACCEPT")) == date(2025, 9, 15)
    at = moment("2025-09-17 09:00")
    while sweep(at=at):
        pass
    (line,) = lines([case], at=at)
    assert line.is_late and line.presses == "late"
    do(case, "ACCEPT", "2025-09-18 10:00")
    assert clock(case, "K-ACCEPT").state == "broken"
    assert differences(case.number) == []


def test_an_application_after_the_cut_off_is_accepted_the_next_working_day() -> None:
    case = lodge("HV1", "2025-09-19 16:30")
    assert due_day(clock(case, "K-ACCEPT")) == date(2025, 9, 22)
    do(case, "ACCEPT", "2025-09-22 15:00")
    assert clock(case, "K-ACCEPT").state == "kept"


def test_withdrawn_before_acceptance_nothing_runs_on() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    withdraw(case, reason="不办了", actor=MANAGER, at=moment("2025-09-15 11:00"))
    assert clock(case, "K-ACCEPT").state == "cancelled"
    assert differences(case.number) == []


def test_the_connection_counts_from_inspection_and_formalities_not_from_the_meter() -> None:
    """Third article of 第四十七条: connected within three working days, also when the meter is never hung."""
    case = lodge("LVN", "2025-09-15 09:00")
    waiting = ("METER_ALLOC", "METER_INSTALL", "GRID_WORKS")
    while not set(codes(case)) <= set(waiting):
        do(case, next(code for code in sorted(codes(case)) if code not in waiting), "2025-09-16 10:00")
    assert codes(case), "the meter is still to be hung"
    law = clock(case, "T70")
    assert (law.state, due_day(law)) == ("running", date(2025, 9, 19))
    while sweep(at=moment("2025-09-22 09:00")):
        pass
    law.refresh_from_db()
    assert law.is_overdue, "a meter that nobody hangs breaks the promise"
    finish(case, to="ENERGISE", at="2025-09-23 10:00")
    assert clock(case, "T70").pk == law.pk, "the last step opening starts it no second time"
    assert [fact.kind for fact in facts_of(case.stream)].count("case.connectable") == 1
    do(case, "ENERGISE", "2025-09-23 11:00")
    assert clock(case, "T70").state == "broken"
    assert differences(case.number) == []


def test_a_contract_not_signed_keeps_the_connection_from_counting() -> None:
    case = lodge("LVN", "2025-09-15 09:00")
    finish(case, to="CONTRACT_SIGN", at="2025-09-16 10:00", last=("CONTRACT_SIGN",))
    while set(codes(case)) != {"CONTRACT_SIGN"}:
        do(case, next(code for code in sorted(codes(case)) if code != "CONTRACT_SIGN"), "2025-09-17 10:00")
    assert not Clock.objects.filter(subject=case.number, limit_id="T70").exists()
    do(case, "CONTRACT_SIGN", "2025-09-24 10:00")
    assert clock(case, "T70").started_at == moment("2025-09-24 10:00")


def test_the_clock_of_a_question_ends_with_its_case() -> None:
    case = lodge("RES", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["id_card", "title_deed"])
    coordination.ask(
        case,
        text="表计何时到？",
        answerer=staff("meterer"),
        actor=actor(staff("manager")),
        at=moment("2025-09-15 10:30"),
    )
    while case.state == "running":
        do(case, sorted(codes(case))[0], "2025-09-15 15:00")
    assert clock(case, "K-QUESTION").state == "cancelled"
    assert differences(case.number) == []
