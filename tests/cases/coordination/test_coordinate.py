"""Errands with clocks, pressing, questions, one contact for the customer, and always an owner."""

from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import connection

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.models.case import Case, Handoff
from jiedian.cases.case.services import steps
from jiedian.cases.coordination.queries import sends_on
from jiedian.cases.coordination.services import coordination
from jiedian.cases.coordination.services.coordination import ErrandDraft, UrgingDraft
from jiedian.cases.intake.services import survey
from jiedian.cases.screen.queries.cases import case_for, desk_of
from jiedian.clocks.models import Clock
from jiedian.core.findings import Refused
from jiedian.ground.journal.queries import facts_of
from jiedian.people.models import Absence, User
from jiedian.people.queries import actor, may, responsible
from jiedian.people.services import be_absent, hand_over
from jiedian.process.models import Step
from jiedian.process.queries import open_steps
from tests.cast import codes, do, lodge, moment, staff

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 09:00")


@pytest.fixture
def case() -> Case:
    made = lodge("HV1")
    do(made, "ACCEPT", "2025-09-15 10:00")
    return made


def test_an_errand_is_acknowledged_and_answered_against_clocks(case: Case) -> None:
    planner = staff("planner")
    errand = coordination.send_errand(
        case, ErrandDraft("countersign", "请会签", planner), actor=actor(staff("manager")), at=AT
    )
    running = Clock.objects.filter(ref=errand.ref, state="running")
    assert set(running.values_list("limit_id", flat=True)) == {"K-ACK-CS", "K-CS-10KV"}
    with pytest.raises(Refused):
        coordination.acknowledge_errand(errand, actor=actor(staff("operator")), at=AT)
    coordination.acknowledge_errand(errand, actor=actor(planner), at=moment("2025-09-17 09:00"))
    errand.refresh_from_db()
    coordination.answer_errand(
        errand, answer="agreed", text="同意", actor=actor(planner), at=moment("2025-09-19 09:00")
    )
    ends = dict(Clock.objects.filter(ref=errand.ref).values_list("limit_id", "state"))
    assert ends == {"K-ACK-CS": "kept", "K-CS-10KV": "broken"}


def test_a_supervised_order_has_a_date_and_is_verified_by_another(case: Case) -> None:
    head, planner = actor(staff("head")), staff("planner")
    with pytest.raises(Refused):
        coordination.urge(case, UrgingDraft("supervised", case.number, "限期", planner), actor=head, at=AT)
    order = coordination.urge(
        case,
        UrgingDraft("supervised", case.number, "限期", planner, date(2025, 9, 18)),
        actor=head,
        at=AT,
    )
    with pytest.raises(Refused):
        coordination.verify_urging(order, actor=head, at=AT)
    coordination.answer_urging(order, text="已办", actor=actor(planner), at=AT)
    order.refresh_from_db()
    with pytest.raises(Refused):
        coordination.verify_urging(order, actor=actor(planner), at=AT)
    coordination.verify_urging(order, actor=head, at=AT)


@pytest.mark.parametrize(
    ("text", "breaches"),
    [
        ("请您去运检部确认接入点", 1),
        ("请拨打计量中心电话", 1),
        ("Please go to the planning department with the drawing", 1),
        ("方案已经答复，请在查询页确认", 0),
        ("我们已与运检部商定，周五上门", 0),
    ],
)
def test_sending_the_customer_on_is_detected_and_counted(case: Case, text: str, breaches: int) -> None:
    coordination.tell_customer(case, text=text, actor=actor(staff("manager")), at=AT)
    assert Breach.objects.filter(case=case, kind="sent_on").count() == breaches


def test_a_question_keeps_its_answer_with_the_case(case: Case) -> None:
    operator = staff("operator")
    question = coordination.ask(
        case, text="能否转供？", answerer=operator, actor=actor(staff("manager")), at=AT
    )
    assert question in desk_of(operator, at=AT).questions
    coordination.answer_question(question, text="可以", actor=actor(operator), at=AT)
    with pytest.raises(Refused):
        coordination.answer_question(question, text="再答", actor=actor(operator), at=AT)


def test_points_count_as_taken_up_only_when_the_receiver_says_so(case: Case) -> None:
    step = open_steps(case.number).get()
    handoff = Handoff.objects.get(step_id=step.pk)
    assert len(handoff.shown) == 3 and handoff.acknowledged == []
    with pytest.raises(Refused):
        steps.acknowledge_points(step, handoff.shown, actor=actor(staff("planner")), at=AT)
    steps.acknowledge_points(
        step, [handoff.shown[0], 999_999], actor=actor(User.objects.get(pk=step.owner_id)), at=AT
    )
    handoff.refresh_from_db()
    assert handoff.acknowledged == [handoff.shown[0]]


def test_a_deputy_takes_the_steps_of_the_absent() -> None:
    meterer, deputy = staff("meterer"), staff("meterer2")
    be_absent(
        meterer,
        deputy=deputy,
        from_on=date(2025, 9, 15),
        until_on=date(2025, 9, 19),
        actor=actor(staff("head")),
        at=AT,
    )
    case = lodge("RES", "2025-09-16 09:00", area="east")
    do(case, "ACCEPT", "2025-09-16 09:10")
    assert open_steps(case.number).get(code="METER_INSTALL").owner_id == deputy.pk


def test_with_a_whole_department_away_somebody_still_answers() -> None:
    for user in User.objects.filter(department__code="metering"):
        Absence.objects.create(user=user, from_on=date(2025, 9, 1), until_on=date(2025, 9, 30))
    owner = responsible(
        role="specialist",
        department="metering",
        area="east",
        voltage="LV",
        customer_class="RES",
        on=date(2025, 9, 15),
    )
    assert owner.user.username == "head"


def test_a_desk_is_handed_over_whole(case: Case) -> None:
    step = open_steps(case.number).get()
    old = User.objects.get(pk=step.owner_id)
    new = next(u for u in User.objects.filter(roles__contains=["account_manager"]) if u.pk != old.pk)
    assert hand_over(old, new, actor=actor(staff("head")), at=AT) == 1
    assert Step.objects.get(pk=step.pk).owner_id == new.pk
    with pytest.raises(Refused):
        hand_over(new, staff("planner"), actor=actor(staff("head")), at=AT)


def test_withdraw_and_restart_stay_linked(case: Case) -> None:
    with pytest.raises(Refused):
        steps.withdraw(case, reason=" ", actor=actor(staff("clerk")), at=AT)
    steps.withdraw(case, reason="计划取消", actor=actor(staff("clerk")), at=AT)
    assert case.state == "withdrawn" and codes(case) == set()
    assert not Clock.objects.filter(subject=case.number, state__in=["running", "paused"]).exists()
    again = survey.restart(case, actor=actor(staff("clerk")), at=moment("2025-09-20 09:00"))
    assert again.predecessor == case and codes(again) == {"ACCEPT"}
    with pytest.raises(Refused):
        survey.restart(case, actor=actor(staff("clerk")), at=moment("2025-09-21 09:00"))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_restart_a_case_one_is_refused(company: None) -> None:
    made = lodge("RES")
    steps.withdraw(made, reason="计划取消", actor=actor(staff("clerk")), at=AT)
    gate, answers = Barrier(2), []

    def again() -> None:
        gate.wait()
        try:
            survey.restart(Case.objects.get(pk=made.pk), actor=actor(staff("clerk")), at=AT)
            answers.append("made")
        except Refused:
            answers.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=again) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["made", "refused"] and Case.objects.filter(predecessor=made).count() == 1


def test_what_the_customer_says_was_broken_counts_once() -> None:
    first, second = lodge("RES"), lodge("RES", title="另一件")
    for made in (first, second):
        do(made, "ACCEPT", "2025-09-15 09:10", held=["id_card", "title_deed"])
        while codes(made) != {"CALLBACK"}:
            do(made, sorted(codes(made))[0], "2025-09-15 15:00")
    coordination.tell_customer(second, text="请您去运检部", actor=actor(staff("manager")), at=AT)
    for made in (first, second):
        do(made, "CALLBACK", "2025-09-17 09:00", was_sent_on=True, was_asked_twice=False, text="让我跑了两趟")
    told = Breach.objects.order_by("id").values_list("case_id", "kind", "rule_id")
    assert [row[:2] for row in told] == [(second.pk, "sent_on"), (first.pk, "sent_on")]
    assert told[1][2] == "CALLBACK" and facts_of(first.stream).filter(kind="breach.sent_on").exists()


def test_someone_elses_case_and_no_case_look_alike(case: Case) -> None:
    with pytest.raises(Refused) as unknown:
        case_for(staff("clerk"), "C-2025-999999")
    assert unknown.value.findings[0].code == "missing.case"
    refused = may(staff("planner"), "case.pause")
    assert not refused.may and refused.reason and refused.reason.zh and refused.reason.en


def test_whoever_holds_the_case_now_is_pressed_and_nobody_of_a_closed_one(case: Case) -> None:
    head = actor(staff("head"))
    holders = {step.owner_id for step in open_steps(case.number)}
    pressed = coordination.expedite_owners(case, text="请尽快勘查", actor=head, at=AT)
    assert {urging.receiver_id for urging in pressed} == holders
    assert {(u.kind, u.target, u.text) for u in pressed} == {("expedite", case.number, "请尽快勘查")}
    facts = facts_of(case.stream).filter(kind="urging.expedite")
    assert {fact.data["receiver"] for fact in facts} == holders
    Step.objects.filter(run__subject=case.number).update(owner_id=None)
    (manager,) = coordination.expedite_owners(case, text="请尽快勘查", actor=head, at=AT)
    assert manager.receiver_id == case.account_manager_id
    steps.withdraw(case, reason="不办了", actor=head, at=AT)
    with pytest.raises(Refused) as refusal:
        coordination.expedite_owners(case, text="请尽快勘查", actor=head, at=AT)
    assert [finding.code for finding in refusal.value.findings] == ["case.closed"]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("请您直接去发展部办理", ["SO-GO"]),
        ("Please contact the planning department", ["SO-EN"]),
        ("我们已转发展部，三日内答复您", []),
    ],
)
def test_words_that_send_a_customer_on_are_told_from_words_that_pass_it_on(
    text: str, rows: list[str]
) -> None:
    assert [row.id for row in sends_on(text)] == rows
