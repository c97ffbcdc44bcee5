"""What the survey and the call-back write, each verb by itself."""

from decimal import Decimal

import pytest

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.work import Work
from jiedian.cases.intake.models import Callback
from jiedian.cases.intake.queries import review_reasons
from jiedian.cases.intake.services.survey import fix_class, keep_callback
from jiedian.clocks.models import Clock
from jiedian.core.findings import Refused
from jiedian.ground.journal.queries import facts_of
from jiedian.people.queries import actor
from jiedian.process.queries import open_steps
from tests.cast import do, lodge, moment, staff

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 10:00")


def accepted(kind: str = "HV1") -> Case:
    case = lodge(kind)
    do(case, "ACCEPT", "2025-09-15 10:00")
    return case


def test_a_class_found_on_site_is_kept_told_and_promised_anew() -> None:
    case, surveyor = accepted(), actor(staff("manager"))
    values = {"case_class": "HV2", "capacity_kva": "2000", "importance": "", "is_special_load": True}
    fix_class(case, values, actor=surveyor, at=AT)
    case.refresh_from_db()
    assert (case.case_class, case.declared_class, case.capacity_kva) == ("HV2", "HV1", Decimal(2000))
    assert case.is_special_load and case.importance == "ordinary", "what was not said stays"
    fact = facts_of(case.stream).get(kind="case.surveyed")
    assert (fact.data["declared"], fact.data["found"], fact.data["kva"]) == ("HV1", "HV2", "2000")
    assert "HV2" in fact.data["classes"]
    states = dict(Clock.objects.filter(subject=case.number).values_list("limit_id", "state"))
    assert states["T61"] == "cancelled" and states["T62"] == "running"


def test_a_voltage_that_does_not_fit_the_class_is_refused_and_nothing_moves() -> None:
    case = accepted()
    with pytest.raises(Refused) as refusal:
        fix_class(case, {"case_class": "RES", "capacity_kva": "8"}, actor=actor(staff("manager")), at=AT)
    assert [finding.code for finding in refusal.value.findings] == ["application.voltage"]
    case.refresh_from_db()
    assert case.case_class == "HV1" and not facts_of(case.stream).filter(kind="case.surveyed").exists()


def test_the_call_back_is_one_row_and_what_the_customer_tells_of_is_a_breach_once() -> None:
    case = accepted()
    said = {"score": 2, "text": "补了两次材料", "was_asked_twice": True, "was_sent_on": False}
    work = Work(case, open_steps(case.number)[0], actor(staff("clerk")), AT, said)
    keep_callback(work)
    keep_callback(Work(work.case, work.step, work.actor, AT, said | {"score": 3}))
    row = Callback.objects.get(case=case)
    assert (row.score, row.text, row.asked_by) == (3, "补了两次材料", work.actor.name)
    breach = case.breaches.get()
    assert (breach.kind, breach.text, breach.actor_name) == ("second_notice", "补了两次材料", "")
    assert facts_of(case.stream).filter(kind="breach.second_notice").count() == 1


@pytest.mark.parametrize(
    ("changes", "rows"),
    [
        ({}, []),
        ({"importance": "first"}, ["DR-IMP-1"]),
        ({"is_special_load": True, "is_residential_community": True}, ["DR-LOAD", "DR-COMM"]),
        ({"voltage_kv": Decimal(35)}, ["DR-35KV"]),
    ],
)
def test_only_a_row_of_the_table_asks_for_a_review(changes: dict[str, object], rows: list[str]) -> None:
    case = lodge("HV1")
    for name, value in changes.items():
        setattr(case, name, value)
    assert [row.id for row in review_reasons(case)] == rows
