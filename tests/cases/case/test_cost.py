"""What one completed step asks of the database, counted: a query more is a decision, not an accident."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.work import Work, keep_row
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.journal.services import record, together
from jiedian.people.queries import actor, person
from jiedian.process.queries import open_steps
from jiedian.process.services import assign_all
from jiedian.process.steps import doing
from jiedian.works.models import Metering
from tests.cast import CUSTOMER, do, lodge, moment
from tests.deeds import values_of

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 10:00")
ASKS = {"ACCEPT": 41, "CONTRACT_SIGN": 31, "METER_INSTALL": 17, "ENERGISE": 21, "ARCHIVE": 15, "CALLBACK": 16}


def queries_of(case: Case, code: str) -> list[str]:
    """What the verb of a step asks, the savepoint of the test around it included; the calendar is read anew every minute."""
    step = open_steps(case.number).get(code=code)
    held = Case.objects.select_related("customer").get(pk=case.pk)
    work = Work(held, step, actor(person(step.owner_id)), AT, values_of(held, step, AT))
    with CaptureQueriesContext(connection) as asked:
        doing(code).verb(work)
    return [query["sql"] for query in asked.captured_queries if "clocks_calendarday" not in query["sql"]]


def test_a_completed_step_asks_so_often_and_no_more() -> None:
    first, case = lodge(), lodge()
    for code in ASKS:  # what a process reads once is read by the first
        do(first, code, AT)
    assert {code: len(queries_of(case, code)) for code in ASKS} == ASKS


def test_facts_said_together_stand_in_their_order_and_a_failure_leaves_none() -> None:
    stream = "case:together"
    with pytest.raises(ZeroDivisionError), together():
        record("step.finished", stream=stream, actor=CUSTOMER, at=AT)
        raise ZeroDivisionError
    assert not facts_of(stream).exists()
    with CaptureQueriesContext(connection) as asked, together():
        first = record("step.finished", stream=stream, actor=CUSTOMER, at=AT)
        with together():
            record("step.opened", stream=stream, actor=CUSTOMER, at=AT, cause=first.uid)
        assert not facts_of(stream).exists(), "nobody reads them before the event is over"
    assert sum("INSERT INTO" in query["sql"] and "journal_fact" in query["sql"] for query in asked) == 1
    one, two = facts_of(stream).order_by("seq")
    assert (one.kind, two.kind, two.cause_id) == ("step.finished", "step.opened", first.uid)
    assert (one.seq, two.seq, two.prev_hash) == (1, 2, one.hash)


def test_the_row_of_a_case_is_written_and_written_over_and_what_is_first_stays() -> None:
    case = lodge()
    for number, seal in (("M-1", "S-1"), ("M-2", "S-2")):
        keep_row(Metering, case, {"seal_number": seal}, first={"meter_number": number, "allotted_at": AT})
    row = Metering.objects.get(case=case)
    assert (row.meter_number, row.seal_number) == ("M-1", "S-2")


def test_steps_get_the_owners_that_were_put_on_them() -> None:
    case = lodge()
    do(case, "ACCEPT", AT)
    for count in (2, 1, 0):
        held = list(open_steps(case.number).order_by("id"))[:count]
        assert len(held) == count
        for step in held:
            step.owner_id, step.owner_name = step.pk + count, f"持有人{count}"
        assign_all(held)
        for step in held:
            kept = open_steps(case.number).get(pk=step.pk)
            assert (kept.owner_id, kept.owner_name) == (step.owner_id, step.owner_name)
