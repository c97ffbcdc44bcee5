"""From the place of a customer to the answer he signs: options, automatic reply, another scheme, lapse, measured values."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.work import Work
from jiedian.cases.papers.models import Paper
from jiedian.core.findings import Refused, refuse
from jiedian.grid.capacity.models import Reservation, Standing
from jiedian.grid.capacity.queries.standing import Answers
from jiedian.grid.load.models import Measured
from jiedian.grid.network.models import Grid
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.journal.services import SYSTEM
from jiedian.people.models import User
from jiedian.process.services import Advance
from jiedian.supply.menu.calc.supply import Choices
from jiedian.supply.scheme import steps as scheme_steps
from jiedian.supply.scheme.models import Scheme
from jiedian.supply.scheme.services.automatic import answer_alone
from jiedian.supply.scheme.services.drafts import composed_version
from jiedian.supply.scheme.services.lapse import lapse
from jiedian.supply.scheme.services.outcomes import measure
from jiedian.supply.scheme.services.replies import form
from jiedian.supply.scheme.services.validity import extend, redo
from jiedian.supply.study.queries.studies import composed, study_of
from jiedian.supply.study.services import locate
from tests.cast import codes, do, lodge, moment, staff
from tests.core.town import LAT, LON, STEP
from tests.supply.town import found_town

pytestmark = pytest.mark.django_db
ON = date(2025, 9, 16)
AT = moment("2025-09-17 09:00")


@pytest.fixture
def town() -> Grid:
    return found_town(moment("2025-09-01 08:00"))


def located(kind: str, at: str = "2025-09-15 09:00", **changes: object) -> Case:
    """A case beside node a2, with the load it states."""
    site = {k: changes.pop(k) for k in ("security_kw", "generator_kw", "pin", "feed_in_kw") if k in changes}
    case = lodge(kind, at, **changes)
    pin = site.pop("pin", (LON + 2.2 * STEP, LAT + 1.1 * STEP))
    locate(case, {"pin": pin, "use": "industry", **site}, actor=SYSTEM, at=moment(at))
    return case


def test_two_times_630_gets_three_options(town: Grid) -> None:
    case = located("HV1")
    study = study_of(case, on=ON)
    assert study and len(study.options) == 3 and not study.reasons
    assert len({o.legs[0].feeder for o in study.options}) == 3
    first = study.options[0]
    assert first.choices.transformers == (630, 630) and not first.to_explain and first.depth == 1
    assert all(p.element and p.lift_zh for p in study.around.points if p.carries(study.wish.load_kw))
    assert all(0.9 < leg.u_pu < 1.05 and leg.line_percent > 0 for o in study.options for leg in o.legs)
    costs = [o.customer.mid for o in study.options]
    assert costs == sorted(costs)


def test_measured_load_counts_from_the_moment_it_is_taken_in_and_not_for_ever(town: Grid) -> None:
    case = located("HV1")
    held = list(Measured.objects.all())
    Measured.objects.all().delete()
    without = study_of(case, on=ON)
    assert without and not without.options and {r.code for r in without.reasons} == {"scheme.by_hand"}
    Measured.objects.bulk_create(held)
    seen = study_of(case, on=ON)
    assert seen and seen.options
    later = study_of(case, on=date(2027, 9, 16))
    assert later and {r.code for r in later.reasons} == {"scheme.by_hand"}, "nobody measured for two years"


def test_what_the_worker_computed_anew_is_seen_at_once(town: Grid) -> None:
    """The worker makes exact what was only lowered: neither version nor reservations change by it."""
    case = located("HV1")
    seen = study_of(case, on=ON)
    assert seen and seen.options
    for row in Standing.objects.filter(direction="load"):
        held = Answers.unpacked(bytes(row.table or b""))
        poor = replace(held, kw=np.minimum(held.kw, 1.0))
        Standing.objects.filter(pk=row.pk).update(table=poor.packed(), computed_at=AT)
    later = study_of(case, on=ON)
    assert later and not later.options and max(p.capacity_kw for p in later.around.points) == 1.0


def test_a_chosen_option_fills_the_step_and_says_its_rules(town: Grid) -> None:
    case = located("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00")
    study = study_of(case, on=ON)
    assert study
    do(case, "SCHEME_DRAFT", "2025-09-17 09:00", buses=[study.options[0].legs[0].bus], choices=Choices())
    scheme = case.schemes.get()
    assert scheme.depth == 1 and scheme.option_key == study.options[0].key and len(scheme.considered) == 3
    fact = next(f for f in facts_of(case.stream) if f.kind == "scheme.drafted")
    assert {"M-TRF-2", "B-TARIFF-3"} <= set(fact.data["rules"])
    do(case, "SCHEME_REPLY", "2025-09-18 09:00")
    replies = list(scheme.replies.all())
    assert {r.language for r in replies} == {"zh-hans", "en"} and all(
        r.upload.size_bytes > 5000 for r in replies
    )
    assert Reservation.objects.count() == 0
    do(case, "SCHEME_SIGN", "2025-09-19 09:00")
    held = Reservation.objects.get()
    assert (held.subject, held.state) == (case.number, "held") and held.kw == pytest.approx(1260 * 0.95)


@pytest.mark.parametrize("reader", ["zh-hans", "en"])
def test_a_reply_is_in_its_own_language_whatever_the_reader_of_the_page(town: Grid, reader: str) -> None:
    case = located("HV1")
    scheme = Scheme(case=case, drafted_at=AT, voltage_kv=Decimal(10), capacity_kva=Decimal("1260.0"))
    with override(reader):
        zh, en = (form(scheme, language, actor=SYSTEM, at=AT) for language in ("zh-hans", "en"))
    told = [[value for _label, value in one["header"]] for one in (zh, en)]
    assert {"高压单电源", "普通", "工业", "1260 kVA"} <= set(told[0])
    assert {"HV single source", "Ordinary", "Industry", "1260 kVA"} <= set(told[1])


def test_an_important_customer_gets_two_substations(town: Grid) -> None:
    middle = (LON + 4.5 * STEP, LAT + STEP)
    case = located("HV2", importance="first", security_kw=200, generator_kw=260, pin=middle)
    study = study_of(case, on=ON)
    assert study and study.options and not study.reasons
    assert {leg.station for leg in study.options[0].legs} == {p.station for p in study.around.points}
    assert study.options[0].reliability.id == "REL-A" and not study.options[0].conflicts


def test_or_the_reason_why_not(town: Grid) -> None:
    """7000 kVA: S2 can take it; at S1 the formula leaves (40 − 20)·½ − 20·0.2 MVA = 6 MVA, 5700 kW at 0.95."""
    case = located("HV2", importance="first", capacity_kva=7000, security_kw=200, generator_kw=260)
    study = study_of(case, on=ON)
    assert study and not study.options
    assert study.reasons[0].code == "scheme.one_station"
    assert "S1 最多 5700 kW" in study.reasons[0].zh and "S2 at most" in study.reasons[0].en
    big = located("HV1", capacity_kva=20_000)
    short = study_of(big, on=ON)
    assert short and not short.options and short.reasons[0].code == "scheme.short"


def test_a_contradiction_needs_a_written_reason(town: Grid) -> None:
    case = located("HV1", is_special_load=True)
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00")
    study = study_of(case, on=ON)
    assert study and "C-PQ-OPEN" in {c.id for c in study.options[0].to_explain}
    buses = [study.options[0].legs[0].bus]
    with pytest.raises(Refused) as refusal:
        do(case, "SCHEME_DRAFT", "2025-09-17 09:00", buses=buses, exception_reason="")
    words = " ".join(refusal.value.words("zh"))
    assert "不能全部校核" in words and "C-PQ-OPEN" not in words, "in words, not in codes"
    do(case, "SCHEME_DRAFT", "2025-09-17 09:00", buses=buses, exception_reason="评估报告已约定随设计提交")
    assert case.schemes.get().exception_reason
    with pytest.raises(Refused):
        composed(study, ["nowhere"], Choices())


def test_a_shop_of_60_kw_is_answered_without_a_person(town: Grid) -> None:
    case = located("LVN", capacity_kva=63, pin=(LON + 2.2 * STEP, LAT + 1.2 * STEP))
    do(case, "ACCEPT", "2025-09-15 10:00")
    assert answer_alone(case, at=moment("2025-09-15 10:00"))
    assert codes(case) == {"SCHEME_SIGN"}
    scheme = case.schemes.get()
    assert scheme.is_automatic and scheme.state == "replied" and scheme.replies.count() == 2
    fact = next(f for f in facts_of(case.stream) if f.kind == "scheme.replied")
    assert fact.actor_role == "system" and "AUTO-CAP" in fact.data["why"]
    assert not answer_alone(case, at=moment("2025-09-15 10:01"))


@pytest.mark.parametrize("changes", [{"capacity_kva": 400}, {"is_special_load": True}])
def test_what_the_rows_do_not_allow_waits_for_a_person(town: Grid, changes: dict[str, object]) -> None:
    case = located("LVN", **{"capacity_kva": 63, "pin": (LON + 2.2 * STEP, LAT + 1.2 * STEP), **changes})
    do(case, "ACCEPT", "2025-09-15 10:00")
    assert not answer_alone(case, at=moment("2025-09-15 10:00"))
    assert codes(case) == {"SURVEY"}
    assert any(f.kind == "scheme.not_automatic" for f in facts_of(case.stream))


def replied(town: Grid) -> Case:
    case = located("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00")
    study = study_of(case, on=ON)
    assert study
    do(case, "SCHEME_DRAFT", "2025-09-17 09:00", buses=[study.options[0].legs[0].bus])
    do(case, "SCHEME_REPLY", "2025-09-18 09:00")
    return case


def test_the_customer_may_ask_for_another(town: Grid) -> None:
    case = replied(town)
    with pytest.raises(Refused):
        do(case, "SCHEME_SIGN", "2025-09-19 09:00", answer="another", words=" ")
    do(case, "SCHEME_SIGN", "2025-09-19 09:00", answer="another", words="希望用电缆")
    assert codes(case) == {"SCHEME_DRAFT"} and case.schemes.get().state == "declined"
    study = study_of(case, on=ON)
    assert study
    bus = study.options[0].legs[0].bus
    do(case, "SCHEME_DRAFT", "2025-09-20 09:00", buses=[bus], choices=Choices(line="cable"))
    do(case, "SCHEME_REPLY", "2025-09-21 09:00")
    do(case, "SCHEME_SIGN", "2025-09-22 09:00")
    assert list(case.schemes.values_list("version", "state")) == [(2, "accepted"), (1, "declined")]


def test_a_scheme_nobody_signs_lapses_and_is_drafted_anew(town: Grid) -> None:
    case = replied(town)
    assert lapse(at=moment("2026-09-18 09:00")) == 0
    assert lapse(at=moment("2026-09-19 09:00")) == 1
    assert codes(case) == {"SCHEME_DRAFT"} and case.schemes.get().state == "lapsed"
    assert lapse(at=moment("2026-09-19 09:00")) == 0


def test_a_signed_scheme_lapses_and_lets_its_capacity_go_unless_works_begun(town: Grid) -> None:
    """Art. 23: 用户应当在有效期内依据供电方案开工建设受电工程，逾期不开工的，供电方案失效. A meter is not the beginning of works."""
    case, other = replied(town), replied(town)
    for one in (case, other):
        do(one, "SCHEME_SIGN", "2025-09-19 09:00")
    do(case, "METER_ALLOC", "2025-09-20 09:00")
    do(case, "METER_INSTALL", "2025-09-22 09:00")
    do(other, "CUSTOMER_DESIGN", "2025-09-22 09:00", designer="设计院", designer_licence="A-1")
    assert lapse(at=moment("2026-09-19 09:00")) == 1
    assert case.schemes.get().state == "lapsed" and other.schemes.get().state == "accepted"
    assert Reservation.objects.get(subject=case.number).state == "released"


def test_a_paper_that_the_signature_waits_for_does_not_keep_a_scheme_from_lapsing(town: Grid) -> None:
    case, other = replied(town), replied(town)
    asked_at = moment("2025-09-18 10:00")
    Paper.objects.create(case=case, code="SITE", due_step="SCHEME_SIGN", state="owed", asked_at=asked_at)
    with pytest.raises(Refused):
        do(case, "SCHEME_SIGN", "2025-09-19 09:00")
    assert lapse(at=moment("2026-09-19 09:00")) == 2
    assert codes(case) == codes(other) == {"SCHEME_DRAFT"} and case.schemes.get().state == "lapsed"
    assert case.papers.get(code="SITE").state == Paper.State.OWED


def test_what_cannot_lapse_stays_whole_is_said_and_keeps_nobody_back(
    town: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, other = replied(town), replied(town)
    really = scheme_steps.leave_step

    def no_owner(work: Work, outcome: dict[str, str]) -> Advance:
        if work.case.pk == case.pk:
            raise refuse("people.nobody")
        return really(work, outcome)

    monkeypatch.setattr(scheme_steps, "leave_step", no_owner)
    with pytest.raises(Refused, match=f"{case.number}: Nobody in the company"):
        lapse(at=moment("2026-09-19 09:00"))
    assert case.schemes.get().state == "replied" and codes(case) == {"SCHEME_SIGN"}
    assert other.schemes.get().state == "lapsed" and codes(other) == {"SCHEME_DRAFT"}
    monkeypatch.undo()
    assert lapse(at=moment("2026-09-20 09:00")) == 1


def test_a_signed_scheme_that_lapsed_is_somebodys_task_and_is_redone_in_one_click(town: Grid) -> None:
    case = replied(town)
    with pytest.raises(Refused):
        redo(case, reason="不能", actor=SYSTEM, at=moment("2025-09-19 10:00"))
    do(case, "SCHEME_SIGN", "2025-09-19 09:00")
    lapse(at=moment("2026-09-19 09:00"))
    errand = case.errands.get()
    assert errand.receiver_id == case.account_manager_id and "重新申请" in errand.text
    manager = User.objects.get(pk=case.account_manager_id)
    client = Client()
    client.force_login(manager)
    body = client.get(reverse("case", args=[case.number])).content.decode()
    assert "终止并重新申请" in body and errand.text[:20] in body
    for name in ("auditor", "clerk", "planner"):
        other = Client()
        other.force_login(staff(name))
        seen = other.get(reverse("case", args=[case.number])).content.decode()
        assert "终止并重新申请" not in seen, f"{name} may not, and would be refused"
    answer = client.post(reverse("verb", args=[case.number, "redo"]), {"reason": "供电方案逾期失效"})
    fresh = Case.objects.get(predecessor=case)
    case.refresh_from_db()
    assert answer.status_code == 302 and answer["Location"].endswith(f"/cases/{fresh.number}/")
    assert case.state == "terminated" and fresh.is_open and codes(fresh) == {"ACCEPT"} and not codes(case)
    assert fresh.capacity_kva == case.capacity_kva and fresh.points.count() == case.points.count()
    assert "终止并重新申请" not in client.get(reverse("case", args=[case.number])).content.decode()


def test_a_customer_above_the_model_is_answered_by_hand_with_the_reason(town: Grid) -> None:
    """Neither formula nor physics know what is above the main transformers; 35 kV is not in this grid at all."""
    case = located("HV1", voltage_kv=Decimal("110"), capacity_kva=Decimal("30000"))
    study = study_of(case, on=ON)
    assert study and not study.options and [p.bus for p in study.around.points] == ["H1", "H2"]
    near = study.around.points[0]
    assert near.is_by_hand and near.station == "S1" and "20 + 20 MVA" in near.lift_zh
    assert [r.code for r in study.reasons] == ["scheme.by_hand"] and "上级电网" in study.reasons[0].zh
    option = composed(study, ["H1"], Choices())
    assert option.facts["fault"] == "no", (
        "what is assumed of the grid above is no fault level that was computed"
    )
    assert [c.id for c in option.conflicts if c.id == "C-HAND"] and option.facts["by_hand"] == "yes"
    Case.objects.filter(pk=case.pk).update(voltage_kv=35, capacity_kva=8000)
    case.refresh_from_db()
    lower = study_of(case, on=ON)
    assert lower and [r.code for r in lower.reasons] == ["scheme.no_level", "scheme.by_hand"]
    with pytest.raises(Refused, match="scheme.other_kv"):
        composed_version(case, lower, composed(lower, ["H1"], Choices()), {}, actor=SYSTEM, at=AT)
    Case.objects.filter(pk=case.pk).update(voltage_kv=110, capacity_kva=30000)
    case.refresh_from_db()
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00")
    reason = "发展部〔2025〕12 号核定"
    do(case, "SCHEME_DRAFT", "2025-09-17 09:00", buses=["H1"], exception_reason=reason)
    assert codes(case) == {"COUNTERSIGN"}, "nobody computed the capacity: planning and dispatch look"
    do(case, "COUNTERSIGN", "2025-09-17 15:00")
    asked = {said.department for said in case.schemes.get().countersigns.all()}
    assert {"development", "dispatch"} <= asked
    do(case, "SCHEME_REPLY", "2025-09-18 09:00")
    do(case, "SCHEME_SIGN", "2025-09-19 09:00")
    assert case.schemes.get().exception_reason == reason and Reservation.objects.get().node.at_bus == "H1"


def test_harmonics_are_shared_by_the_rating_of_what_supplies_the_point(town: Grid) -> None:
    study = study_of(located("HV1"), on=ON)
    assert study and {point.supply_mva for point in study.around.points} == {20.0}
    low = study_of(located("LVN"), on=ON)
    assert low and {point.supply_mva for point in low.around.points} == {0.4}


def test_an_extension_is_asked_for_in_time_and_not_too_long(town: Grid) -> None:
    scheme: Scheme = replied(town).schemes.get()
    early, late = moment("2026-08-01 09:00"), moment("2026-09-15 09:00")
    with pytest.raises(Refused):
        extend(scheme, until_on=date(2027, 1, 1), actor=SYSTEM, at=late)
    with pytest.raises(Refused):
        extend(scheme, until_on=date(2028, 1, 1), actor=SYSTEM, at=early)
    extend(scheme, until_on=date(2027, 1, 1), actor=SYSTEM, at=early)
    scheme.refresh_from_db()
    with pytest.raises(Refused, match="once"):
        extend(scheme, until_on=date(2027, 12, 1), actor=SYSTEM, at=early)
    assert lapse(at=moment("2026-12-01 09:00")) == 0


def test_accuracy_is_what_was_measured_against_what_was_said(town: Grid) -> None:
    case = replied(town)
    do(case, "SCHEME_SIGN", "2025-09-19 09:00")
    scheme = case.schemes.get()
    with pytest.raises(Refused):
        measure(scheme, {"u_pu": 1.0}, measured_on=ON, actor=SYSTEM, at=moment("2025-12-01 09:00"))
    Case.objects.filter(pk=case.pk).update(energised_at=moment("2025-12-01 09:00"))
    scheme.refresh_from_db()
    rows = measure(
        scheme,
        {"u_pu": scheme.predicted["u_pu"] * 1.25},
        measured_on=ON,
        actor=SYSTEM,
        at=moment("2025-12-02 09:00"),
    )
    assert rows[0].accuracy == pytest.approx(0.8)
    assert scheme.accuracy and scheme.accuracy == pytest.approx(0.8)
