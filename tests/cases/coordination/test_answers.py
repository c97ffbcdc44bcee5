"""Nothing that was asked is forgotten: the right one is asked, once; a no and an answer come back to a desk and a clock."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.coordination.models import Errand, Message, Question, Urging
from jiedian.cases.coordination.queries import late_first, likely_receiver
from jiedian.cases.coordination.services import coordination
from jiedian.cases.coordination.services.coordination import ErrandDraft, UrgingDraft
from jiedian.cases.screen.queries.cases import desk_of
from jiedian.clocks.models import Clock
from jiedian.core.findings import Refused
from jiedian.people.models import User
from jiedian.people.queries import able_to_act, actor
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from tests.cast import CUSTOMER, do, lodge, moment, staff

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 09:00")


@pytest.fixture
def case() -> Case:
    made = lodge("HV1")
    do(made, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    return made


def as_(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def test_whoever_has_the_step_is_chosen_and_only_who_may_act_is_offered(case: Case) -> None:
    SimulatedTime.objects.create(at=AT)
    holder = User.objects.get(pk=open_steps(case.number).get().owner_id)
    page = as_(staff("head")).get(reverse("verb", args=[case.number, "expedite"])).content.decode()
    assert f'<option value="{holder.pk}" selected>' in page
    assert '<optgroup label="营销部">' in page
    assert "白露" not in page and "曹宇" not in page, "neither visitors nor administrators"
    assert f'value="{staff("head").pk}"' not in page, "nobody presses himself"


def test_where_one_has_the_step_himself_the_specialist_who_comes_next_is_chosen(case: Case) -> None:
    holder = User.objects.get(pk=open_steps(case.number).get().owner_id)
    chosen = likely_receiver(case, on=AT.date(), without=holder.pk)
    assert chosen == staff("planner").pk


@pytest.mark.parametrize("receiver", ["visitor3", "admin"])
def test_nobody_is_asked_who_may_not_open_the_case(case: Case, receiver: str) -> None:
    head, to = actor(staff("head")), staff(receiver)
    for asking in (
        lambda: coordination.urge(case, UrgingDraft("expedite", case.number, "快", to), actor=head, at=AT),
        lambda: coordination.send_errand(case, ErrandDraft("task", "核对", to), actor=head, at=AT),
        lambda: coordination.ask(case, text="能否？", answerer=to, actor=head, at=AT),
    ):
        with pytest.raises(Refused, match="errand.receiver"):
            asking()
    assert to not in able_to_act()


def test_sent_twice_is_one(case: Case) -> None:
    head, planner, manager = actor(staff("head")), staff("planner"), actor(staff("manager3"))
    for _ in range(3):
        coordination.send_errand(case, ErrandDraft("task", "核对", planner), actor=head, at=AT)
        coordination.urge(case, UrgingDraft("expedite", case.number, "快", planner), actor=head, at=AT)
        coordination.ask(case, text="能否转供？", answerer=planner, actor=head, at=AT)
        coordination.tell_customer(case, text="明天上门。", actor=manager, at=AT)
        coordination.hear_customer(case, text="好的", actor=CUSTOMER, at=AT)
    assert [model.objects.count() for model in (Errand, Urging, Question, Message)] == [1, 1, 1, 2]
    later = moment("2025-09-16 11:00")
    coordination.urge(case, UrgingDraft("expedite", case.number, "快", planner), actor=head, at=later)
    assert Urging.objects.count() == 2, "said again hours later it is said again"


@pytest.mark.parametrize("kind", ["countersign", "task"])
def test_a_no_comes_back_to_the_sender_with_a_clock_until_he_deals_with_it(case: Case, kind: str) -> None:
    SimulatedTime.objects.create(at=AT)
    manager, planner = staff("manager3"), staff("planner")
    errand = coordination.send_errand(case, ErrandDraft(kind, "请核对", planner), actor=actor(manager), at=AT)
    coordination.answer_errand(errand, answer="refused", text="接入点不对", actor=actor(planner), at=AT)
    desk = desk_of(manager, at=AT)
    assert desk.answers.refused == [errand] and desk.answers.n_to_do == 1
    assert desk.due[errand.ref].clock.limit_id == "K-REFUSED"
    page = as_(manager).get(reverse("desk")).content.decode()
    assert "接入点不对" in page and "改发他人" in page
    errand.refresh_from_db()
    with pytest.raises(Refused, match="errand.note"):
        coordination.settle(errand, actor=actor(manager), at=AT)
    with pytest.raises(Refused, match="permission.sender"):
        coordination.settle(errand, note="改发运检", actor=actor(staff("operator")), at=AT)
    posted = {"act": "settle", "text": "改发运检"}
    assert as_(manager).post(reverse("reply", args=["errand", errand.pk]), posted).status_code == 302
    assert desk_of(manager, at=AT).answers.n == 0
    assert Clock.objects.get(ref=errand.ref, limit_id="K-REFUSED").state == "kept"
    with pytest.raises(Refused, match="errand.seen"):
        coordination.settle(errand, note="再来", actor=actor(manager), at=AT)


def test_an_answer_is_on_the_desk_of_whoever_asked_until_he_has_seen_it(case: Case) -> None:
    manager, operator = staff("manager3"), staff("operator")
    question = coordination.ask(case, text="能否转供？", answerer=operator, actor=actor(manager), at=AT)
    coordination.answer_question(question, text="可以", actor=actor(operator), at=AT)
    assert desk_of(manager, at=AT).answers.questions == [question]
    question.refresh_from_db()
    coordination.settle(question, actor=actor(manager), at=AT)
    assert desk_of(manager, at=AT).answers.n == 0


def test_a_supervised_order_is_not_dated_back_and_stands_out_once_it_is_late(case: Case) -> None:
    SimulatedTime.objects.create(at=AT)
    head, planner = staff("head"), staff("planner")
    past = UrgingDraft("supervised", case.number, "限期", planner, date(2025, 8, 26))
    with pytest.raises(Refused, match="errand.past"):
        coordination.urge(case, past, actor=actor(head), at=AT)
    typed = {"receiver": planner.pk, "text": "限期", "due_on": "2025-08-26"}
    answer = as_(head).post(reverse("verb", args=[case.number, "supervise"]), typed)
    assert answer.status_code == 422 and "限期" in answer.content.decode(), "what was typed stays"
    draft = UrgingDraft("supervised", case.number, "限期", planner, date(2025, 9, 18))
    order = coordination.urge(case, draft, actor=actor(head), at=AT)
    assert not late_first(date(2025, 9, 18)).get(pk=order.pk).is_late
    assert late_first(date(2025, 9, 19)).get(pk=order.pk).is_late
    SimulatedTime.objects.update(at=moment("2025-09-19 09:00"))
    for who, page in ((head, "today"), (planner, "desk")):
        assert "已过期限" in as_(who).get(reverse(page)).content.decode(), page


def test_an_order_is_closed_by_whoever_gave_it(case: Case) -> None:
    head, planner = staff("head"), staff("planner")
    draft = UrgingDraft("supervised", case.number, "限期", planner, date(2025, 9, 18))
    order = coordination.urge(case, draft, actor=actor(head), at=AT)
    coordination.answer_urging(order, text="已办", actor=actor(planner), at=AT)
    assert desk_of(head, at=AT).answers.to_verify == [order]
    order.refresh_from_db()
    for other in ("head_dev", "quality", "operator"):
        with pytest.raises(Refused, match="urging.verifier"):
            coordination.verify_urging(order, actor=actor(staff(other)), at=AT)
    coordination.verify_urging(order, actor=actor(head), at=AT)
    assert desk_of(head, at=AT).answers.n == 0


def test_a_customers_message_has_a_clock_from_the_first_that_nobody_answered(case: Case) -> None:
    manager = User.objects.get(pk=case.account_manager_id)
    coordination.hear_customer(case, text="哪天勘查？", actor=CUSTOMER, at=AT)
    first = Clock.objects.get(limit_id="K-MESSAGE")
    coordination.hear_customer(case, text="在吗？", actor=CUSTOMER, at=moment("2025-09-17 09:00"))
    again = Clock.objects.get(limit_id="K-MESSAGE")
    assert (again.started_at, again.state) == (first.started_at, "running"), (
        "asking again does not put it off"
    )
    assert desk_of(manager, at=AT).due[case.number].clock == again
    coordination.tell_customer(case, text="明天上午。", actor=actor(manager), at=moment("2025-09-18 09:00"))
    assert Clock.objects.get(limit_id="K-MESSAGE").state == "broken"
    coordination.hear_customer(case, text="谢谢，几点？", actor=CUSTOMER, at=moment("2025-09-18 10:00"))
    assert Clock.objects.filter(limit_id="K-MESSAGE", state="running").count() == 1
