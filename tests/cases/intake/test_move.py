"""A case that turns out to be another kind goes on there under its number: papers, points, clocks and all."""

from decimal import Decimal

import pytest

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services import moves
from jiedian.cases.coordination.reactions import tell_moved
from jiedian.cases.intake.services.corrections import correct
from jiedian.cases.screen.queries.gantt import gantt_of
from jiedian.cases.screen.queries.replay import differences
from jiedian.clocks.models import Clock
from jiedian.core.findings import Refused
from jiedian.ground.journal.queries import facts_of, verify
from jiedian.links.models import Outbox
from jiedian.people.queries import actor
from jiedian.process.queries import open_steps, run_of, steps_of
from jiedian.supply.scheme.reactions import set_aside
from tests.cast import codes, do, lodge, moment, staff

pytestmark = pytest.mark.django_db
HIGH = {"case_class": "HV1", "voltage_kv": "10", "capacity_kva": Decimal(400), "customer_works": "yes"}


def accepted(kind: str, **changes: object) -> Case:
    case = lodge(kind, **changes)
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence", "id_card"])
    return case


def running(case: Case) -> dict[str, object]:
    live = Clock.objects.filter(subject=case.number, ref="", state__in=("running", "paused"))
    return dict(live.values_list("limit_id", "started_at"))


def test_a_shop_found_to_be_high_voltage_goes_on_at_the_scheme_under_its_number() -> None:
    case = accepted("LVN")
    number, points, held = case.number, set(case.points.values_list("id", flat=True)), _held(case)
    do(case, "SURVEY", "2025-09-16 09:00", **HIGH)
    assert codes(case) == {"SCHEME_DRAFT"}
    assert (case.number, case.process_key, case.case_class, case.voltage_kv) == (
        number,
        "high_voltage",
        "HV1",
        Decimal(10),
    )
    assert run_of(number).definition.key == "high_voltage"
    assert set(case.points.values_list("id", flat=True)) == points and held <= _held(case)
    assert "title_deed_hv" in set(case.papers.filter(state="owed").values_list("code", flat=True))
    assert case.breaches.count() == 0, "what became needed later is no breach"
    assert running(case)["T61"] == moment("2025-09-15 10:00"), "promised from its first start"
    assert differences(number) == [] and verify() is None
    fact = facts_of(case.stream).get(kind="case.moved")
    assert (fact.data["from"], fact.data["to"]) == ("low_voltage", "high_voltage")
    assert gantt_of(case, at=moment("2025-09-17 09:00"), is_zh=True) is not None
    tell_moved(fact)
    assert Outbox.objects.filter(template="moved").count() >= 1
    _to_the_end(case)


def test_a_shop_with_three_zeros_stays_in_its_process() -> None:
    case = accepted("LVN")
    do(case, "SURVEY", "2025-09-16 09:00", case_class="LV0", customer_works="no")
    assert case.process_key == "low_voltage" and case.case_class == "LV0"
    assert not facts_of(case.stream).filter(kind="case.moved").exists() and differences(case.number) == []


def test_a_home_that_is_a_factory_is_surveyed_first() -> None:
    case = accepted("RES")
    do(case, "CONTRACT_SIGN", "2025-09-15 11:00")
    _correct(
        case,
        "2025-09-15 12:00",
        case_class="HV1",
        voltage_kv=Decimal(10),
        capacity_kva=Decimal(400),
        kind="organisation",
        identity_number="",
    )
    assert codes(case) == {"SURVEY"} and case.process_key == "high_voltage"
    left = steps_of(case.number).get(code="METER_INSTALL")
    assert left.state == "cancelled" and steps_of(case.number).filter(code="ACCEPT").count() == 1
    assert "T61" in running(case) and "T34" not in running(case) and differences(case.number) == []
    do(case, "SURVEY", "2025-09-16 09:00")
    _to_the_end(case)


def test_a_case_may_move_twice_and_back() -> None:
    case = accepted("LVN")
    do(case, "SURVEY", "2025-09-16 09:00", **HIGH)
    do(case, "SCHEME_DRAFT", "2025-09-17 09:00")
    _correct(case, "2025-09-18 09:00", case_class="LVN", voltage_kv=Decimal("0.38"), capacity_kva=Decimal(80))
    assert codes(case) == {"SURVEY"} and case.process_key == "low_voltage"
    for fact in facts_of(case.stream).filter(kind="case.moved"):
        set_aside(fact)
    assert set(case.schemes.values_list("state", flat=True)) == {"lapsed"}
    do(case, "SURVEY", "2025-09-19 09:00", **HIGH)
    assert codes(case) == {"SCHEME_DRAFT"} and facts_of(case.stream).filter(kind="case.moved").count() == 3
    assert differences(case.number) == [] and verify() is None
    _to_the_end(case)


@pytest.mark.parametrize("where", ["record", "follow"])
def test_a_move_that_breaks_half_way_leaves_everything_as_it_was(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = accepted("LVN")
    before = (set(codes(case)), running(case), facts_of(case.stream).count())

    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("the machine stops")

    monkeypatch.setattr(moves, where, broken)
    with pytest.raises(RuntimeError):
        do(case, "SURVEY", "2025-09-16 09:00", **HIGH)
    case = Case.objects.get(pk=case.pk)
    assert (set(codes(case)), running(case), facts_of(case.stream).count()) == before
    assert case.process_key == run_of(case.number).definition.key == "low_voltage"
    monkeypatch.undo()
    do(case, "SURVEY", "2025-09-16 09:00", **HIGH)
    assert codes(case) == {"SCHEME_DRAFT"}


def test_a_voltage_beside_the_class_is_refused_and_nothing_moves() -> None:
    case = accepted("LVN")
    with pytest.raises(Refused) as refusal:
        do(case, "SURVEY", "2025-09-16 09:00", case_class="HV1")
    assert [finding.code for finding in refusal.value.findings] == ["application.voltage"]
    assert codes(case) == {"SURVEY"}


def _held(case: Case) -> set[str]:
    return set(case.papers.filter(state="held").values_list("code", flat=True))


def _correct(case: Case, at: str, **values: object) -> None:
    correct(case, values, reason="现场核实", actor=actor(staff("manager")), at=moment(at))
    case.refresh_from_db()


def _to_the_end(case: Case) -> None:
    """Every step that opens is done until nothing is left."""
    case.papers.update(state="held")
    for _n in range(40):
        step = open_steps(case.number).first()
        if step is None:
            break
        do(case, step.code, "2025-09-24 09:00")
    assert case.state == Case.State.FINISHED and differences(case.number) == []
