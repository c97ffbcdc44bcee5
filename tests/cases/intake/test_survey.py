"""What the survey and the call-back write, each verb by itself."""

from decimal import Decimal

import pytest

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.queries.reviews import review_reasons
from jiedian.cases.case.services.work import Work
from jiedian.cases.intake.forms import AcceptForm, SurveyForm
from jiedian.cases.intake.models import Callback
from jiedian.cases.intake.services.survey import fix_class, keep_callback
from jiedian.clocks.models import Clock
from jiedian.core.findings import Refused
from jiedian.grid.network.models import Grid
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.journal.services import SYSTEM
from jiedian.people.queries import actor
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from jiedian.supply.study.services import locate
from tests.cast import codes, do, lodge, moment, staff
from tests.core.town import LAT, LON, STEP
from tests.deeds import values_of
from tests.supply.town import found_town

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
        ({"is_residential_community": True}, ["DR-COMM"]),
        ({"is_special_load": True}, []),
        ({"voltage_kv": Decimal(35)}, []),
    ],
)
def test_only_important_users_and_communities_are_reviewed(
    changes: dict[str, object], rows: list[str]
) -> None:
    """Art. 44: 供电企业对重要电力用户、居民住宅小区送审的受电工程设计文件和有关资料……进行审核; nobody else."""
    case = lodge("HV1")
    for name, value in changes.items():
        setattr(case, name, value)
    assert [row.id for row in review_reasons(case)] == rows


@pytest.fixture
def town(db: None) -> Grid:
    SimulatedTime.objects.create(at=moment("2025-09-16 09:00"))
    return found_town(moment("2025-09-01 08:00"))


def surveyed(case: Case, **changes: object) -> dict[str, object]:
    return values_of(case, open_steps(case.number).get(code="SURVEY"), AT) | {"capacity_reason": ""} | changes


def test_the_open_capacity_is_the_grids_answer_with_its_figure_and_nothing_is_ticked_beforehand(
    town: Grid,
) -> None:
    """Was a choice that began with yes, asked of a person although the system had computed it."""
    case = accepted("HV1")
    blank = SurveyForm(case=case)
    assert blank["open_capacity"].value() == "" and "没有定位" in str(blank.fields["open_capacity"].help_text)
    locate(case, {"pin": (LON + 2.2 * STEP, LAT + 1.1 * STEP)}, actor=SYSTEM, at=AT)
    form = SurveyForm(case=case)
    assert form["open_capacity"].value() == "yes" and "kW" in str(form.fields["open_capacity"].help_text)
    far = accepted("HV1")
    locate(far, {"pin": (LON + 2.2 * STEP, LAT + 1.1 * STEP)}, actor=SYSTEM, at=AT)
    Case.objects.filter(pk=far.pk).update(capacity_kva=20_000)
    far.refresh_from_db()
    assert SurveyForm(case=far)["open_capacity"].value() == "no"


def test_a_person_overrules_the_grid_only_with_a_reason_that_is_kept(town: Grid) -> None:
    case = accepted("HV1")
    locate(case, {"pin": (LON + 2.2 * STEP, LAT + 1.1 * STEP)}, actor=SYSTEM, at=AT)
    with pytest.raises(Refused, match="survey_capacity.differs"):
        do(case, "SURVEY", "2025-09-16 10:00", **surveyed(case, open_capacity="no"))
    form = SurveyForm({**surveyed(case, open_capacity="no"), "is_special_load": ""}, case=case)
    assert not form.is_valid() and "capacity_reason" in form.errors
    do(case, "SURVEY", "2025-09-16 10:00", **surveyed(case, open_capacity="no", capacity_reason="主变检修"))
    fact = facts_of(case.stream).get(kind="survey.capacity")
    assert (fact.data["grid"], fact.data["said"], fact.data["reason"]) == ("yes", "no", "主变检修")


def test_a_case_nothing_reaches_does_not_walk_on_to_contract_by_default(town: Grid) -> None:
    """三零 beyond every 0.4 kV node: no with grid works, or another class; never yes by default."""
    case = accepted("LV0")
    locate(case, {"pin": (LON + 2.2 * STEP, LAT + 8000 / 111_195)}, actor=SYSTEM, at=AT)
    form = SurveyForm(case=case)
    assert form["open_capacity"].value() == "no" and "压降" in str(form.fields["open_capacity"].help_text)
    with pytest.raises(Refused, match="survey_capacity.differs"):
        do(case, "SURVEY", "2025-09-16 10:00", **surveyed(case, open_capacity="yes"))
    with pytest.raises(Refused, match="survey_capacity.no_way"):
        do(case, "SURVEY", "2025-09-16 10:00", **surveyed(case, open_capacity="no", grid_works="no"))
    do(case, "SURVEY", "2025-09-16 10:00", **surveyed(case, open_capacity="no", grid_works="yes"))
    assert "GRID_WORKS" in codes(case)


def test_a_resident_nothing_reaches_is_not_accepted_on_to_his_contract(town: Grid) -> None:
    """A resident's way has no survey: acceptance says whether the grid has to be built first."""
    case = lodge("RES")
    locate(case, {"pin": (LON + 2.2 * STEP, LAT + 8000 / 111_195)}, actor=SYSTEM, at=AT)
    form = AcceptForm(case=case)
    assert form["needs_grid_works"].value() and "米" not in str(form.fields["needs_grid_works"].help_text)
    with pytest.raises(Refused, match="survey_capacity.unreached"):
        do(case, "ACCEPT", "2025-09-15 10:00", needs_grid_works=False)
    do(case, "ACCEPT", "2025-09-15 10:00", needs_grid_works=True)
    assert "GRID_WORKS" in codes(case)
