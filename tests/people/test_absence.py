"""An absence takes only a deputy who may do the work, can be put right, and gives everything back on the day of return."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.coordination.models import Errand, Question, Urging
from jiedian.cases.coordination.reactions import cover_absent, cover_changed, tell
from jiedian.cases.coordination.services import coordination
from jiedian.cases.coordination.services.desks import cover, give_back, rearrange
from jiedian.cases.screen.queries.cases import case_for, desk_of
from jiedian.core.findings import Refused
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.journal.services import reactions_of
from jiedian.links.models import Outbox
from jiedian.people.models import Absence, Duty, User
from jiedian.people.queries import actor, contact_of, responsible
from jiedian.people.queries.deputies import deputies_for, in_force
from jiedian.people.services import be_absent, hand_over
from jiedian.people.services.absences import AbsencePlan, change_absence, end_absence, register_absence
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from tests.cast import CUSTOMER, do, lodge, moment, staff

pytestmark = pytest.mark.django_db
AT, TOMORROW = moment("2025-09-16 09:00"), moment("2025-09-17 09:00")
BACK = moment("2025-09-20 09:00")
HEAD = "head"


@pytest.fixture
def case() -> Case:
    """One that the manager of the east has: a shop."""
    made = lodge("LVN")
    do(made, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    assert made.account_manager_name == "赵敏" and owner(made) == staff("manager")
    return made


def owner(case: Case) -> User:
    return User.objects.get(pk=open_steps(case.number).order_by("pk")[0].owner_id)


def away(deputy: str | None = "manager2", who: str = "manager", **changes: object) -> Absence:
    plan = {"from_on": date(2025, 9, 17), "until_on": date(2025, 9, 19), **changes}
    plan["deputy"] = staff(deputy) if deputy else None
    return register_absence(staff(who), AbsencePlan(**plan), actor=actor(staff(HEAD)), at=AT)  # type: ignore[arg-type]


def refusal(code: str) -> object:
    return pytest.raises(Refused, match=code)


@pytest.mark.parametrize("deputy", ["visitor3", "admin", "clerk", "planner", "head_dev", "quality"])
def test_a_deputy_who_may_not_do_the_work_is_refused(deputy: str) -> None:
    with refusal("absence.deputy"):
        away(deputy)
    assert not Absence.objects.exists()


def test_those_who_may_are_offered_the_same_area_first_and_nobody_else() -> None:
    offered = deputies_for(staff("manager"), on=AT.date())
    names = [(row.user.username, row.is_same_area) for row in offered]
    assert names == [("manager3", True), ("manager2", False), ("head", False)] or names[0] == (
        "manager3",
        True,
    )
    assert {name for name, _ in names} == {"manager2", "manager3", "head"}
    assert {row.user.username for row in deputies_for(staff("planner"), on=AT.date())} == {"head_dev"}
    assert {row.user.username for row in deputies_for(staff("head"), on=AT.date())} >= {"head_op", "head_dev"}


def test_the_page_offers_only_them_and_keeps_what_was_typed() -> None:
    SimulatedTime.objects.create(at=AT)
    client = Client()
    client.force_login(staff(HEAD))
    page = client.get(reverse("absence"), {"user": staff("manager").pk}).content.decode()
    assert "何晴" in page and "陈立（另一区域）" in page
    assert "白露" not in page and "曹宇" not in page and "吴昊" not in page
    typed = {"user": staff("manager").pk, "deputy": staff("visitor3").pk}
    answer = client.post(reverse("absence"), typed | {"from_on": "2025-12-22", "until_on": "2025-12-24"})
    assert answer.status_code == 422 and 'value="2025-12-22"' in answer.content.decode()
    assert "请从列表中选人" in answer.content.decode()


def test_overlap_says_which_and_offers_to_change_it() -> None:
    SimulatedTime.objects.create(at=AT)
    held = away("manager2")
    client = Client()
    client.force_login(staff(HEAD))
    typed = {"user": staff("manager").pk, "deputy": staff("manager3").pk}
    days = {"from_on": "2025-09-18", "until_on": "2025-09-25"}
    answer = client.post(reverse("absence"), typed | days)
    page = answer.content.decode()
    assert answer.status_code == 422 and "陈立" in page
    assert reverse("absence_change", args=[held.pk]) in page
    changed = client.post(reverse("absence_change", args=[held.pk]), typed | days)
    held.refresh_from_db()
    assert changed.status_code == 302 and (held.deputy, held.until_on) == (
        staff("manager3"),
        date(2025, 9, 25),
    )


def test_a_deputy_who_is_away_himself_is_refused_and_by_which_days() -> None:
    away(None, "manager2", from_on=date(2025, 9, 19), until_on=date(2025, 9, 30))
    with refusal("absence.deputy_away") as told:
        away("manager2")
    assert "2025" in told.value.findings[0].zh


def test_on_the_day_of_return_everything_comes_back(case: Case) -> None:
    manager, deputy, head = staff("manager"), staff("manager2"), actor(staff(HEAD))
    coordination.ask(case, text="能否转供？", answerer=manager, actor=head, at=AT)
    away("manager2")
    cover(at=TOMORROW)
    assert owner(case) == deputy and Question.objects.get().answerer_id == deputy.pk
    meanwhile = lodge("LVN", "2025-09-18 09:00", title="缺席期间来的")
    do(meanwhile, "ACCEPT", "2025-09-18 10:00", held=["licence"])
    assert owner(meanwhile) == deputy and meanwhile.account_manager_id == manager.pk
    cover(at=moment("2025-09-19 17:00"))
    assert owner(case) == deputy, "the last day counts"
    assert give_back(at=BACK) == 2 and cover(at=BACK) == 0
    assert owner(case) == owner(meanwhile) == manager
    assert Question.objects.get().answerer_id == manager.pk
    assert facts_of(f"person:{manager.pk}").filter(kind="people.returned").count() == 1


def test_what_was_opened_meanwhile_stays_where_that_was_chosen(case: Case) -> None:
    away("manager2", new_stay=True)
    cover(at=TOMORROW)
    meanwhile = lodge("LVN", "2025-09-18 09:00", title="缺席期间来的")
    do(meanwhile, "ACCEPT", "2025-09-18 10:00", held=["licence"])
    cover(at=BACK)
    assert (owner(case), owner(meanwhile)) == (staff("manager"), staff("manager2"))
    assert meanwhile.account_manager_id == staff("manager").pk, "the customer keeps his one contact"


def test_a_wrong_deputy_is_put_right_and_the_work_follows(case: Case) -> None:
    held = away("manager3", from_on=AT.date())
    cover(at=AT)
    assert owner(case) == staff("manager3")
    plan = AbsencePlan(AT.date(), date(2025, 9, 19), staff("manager2"))
    change_absence(held, plan, actor=actor(staff(HEAD)), at=AT)
    fact = Fact.objects.get(kind="people.absence_changed")
    assert reactions_of(fact.kind) == ["jiedian.cases.coordination.reactions.cover_changed"]
    cover_changed(fact)
    assert owner(case) == staff("manager2")
    cover(at=BACK)
    assert owner(case) == staff("manager")


def test_an_absence_that_is_put_off_gives_back_what_went_too_early(case: Case) -> None:
    held = away("manager2", from_on=AT.date())
    cover(at=AT)
    change_absence(
        held,
        AbsencePlan(date(2025, 9, 18), date(2025, 9, 19), staff("manager2")),
        actor=actor(staff(HEAD)),
        at=AT,
    )
    assert rearrange(held, at=AT) == 1 and rearrange(held, at=AT) == 0
    assert owner(case) == staff("manager")


def test_whoever_is_back_early_has_his_work_at_once_and_only_once(case: Case) -> None:
    held = away("manager2", from_on=AT.date())
    cover(at=AT)
    end_absence(held, actor=actor(staff("manager")), at=TOMORROW)
    fact = Fact.objects.get(kind="people.absence_ended")
    assert reactions_of(fact.kind) == ["jiedian.cases.coordination.reactions.cover_absent"]
    cover_absent(fact)
    assert owner(case) == staff("manager")
    held.refresh_from_db()
    assert held.until_on == AT.date() and not held.is_called_off
    with refusal("absence.over"):
        end_absence(held, actor=actor(staff("manager")), at=TOMORROW)


def test_an_absence_that_has_not_begun_is_called_off() -> None:
    held = away("manager2")
    end_absence(held, actor=actor(staff("manager")), at=AT)
    held.refresh_from_db()
    assert held.is_called_off
    away("manager3")
    asked = {"role": "account_manager", "department": "marketing", "area": "east", "voltage": "LV"}
    assert responsible(**asked, customer_class="LVN", on=TOMORROW.date()).user == staff("manager3")


def test_only_whoever_answers_for_somebody_ends_his_absence() -> None:
    SimulatedTime.objects.create(at=AT)
    held = away("manager2")
    client = Client()
    for who, status in (("planner", 404), ("head_dev", 404), ("clerk", 403), ("manager", 302)):
        client.force_login(staff(who))
        assert client.post(reverse("absence_end", args=[held.pk])).status_code == status, who


def test_the_deputy_falls_ill_and_his_deputy_acts_if_he_may(case: Case) -> None:
    away("manager2")
    away("manager3", "manager2", from_on=date(2025, 9, 18))
    cover(at=TOMORROW)
    assert owner(case) == staff("manager2")
    cover(at=moment("2025-09-18 09:00"))
    assert owner(case) == staff("manager3"), "the chain goes on"
    cover(at=BACK)
    assert owner(case) == staff("manager"), "and ends where it began"


def test_without_a_deputy_somebody_acts_and_the_messages_are_on_his_desk(case: Case) -> None:
    away(None)
    cover(at=TOMORROW)
    acting = owner(case)
    assert acting != staff("manager") and "account_manager" in acting.roles
    coordination.hear_customer(case, text="哪天勘查？", actor=CUSTOMER, at=TOMORROW)
    assert [m.text for m in desk_of(acting, at=TOMORROW).messages] == ["哪天勘查？"]
    assert case_for(acting, case.number, to="message.send", on=TOMORROW.date()) == case


def test_a_customer_of_those_days_is_told_his_manager_and_the_deputy_with_their_numbers() -> None:
    away("manager2", from_on=AT.date())
    made = lodge("LVN", "2025-09-16 10:00")
    assert made.account_manager_id == staff("manager").pk
    contact = contact_of(made.account_manager_id, on=AT.date())
    assert contact and contact.deputy == staff("manager2")
    do(made, "ACCEPT", "2025-09-16 11:00", held=["licence"])
    tell(facts_of(made.stream).get(kind="notice.issued"))
    text = Outbox.objects.filter(template="receipt", channel="sms").get().text
    for word in ("赵敏", staff("manager").phone, "9月19日前由陈立代办", staff("manager2").phone):
        assert word in text
    assert "until 19 Sep Chen Li" in contact.words("en")


def test_a_hand_over_ends_duties_and_begins_others_and_tells_the_customer(case: Case) -> None:
    old, new = staff("manager"), staff("manager2")
    before = set(old.duties.values_list("pk", "role", "area", "effective_from"))
    hand_over(old, new, actor=actor(staff(HEAD)), at=AT)
    assert set(old.duties.values_list("pk", "role", "area", "effective_from")) == before, (
        "nothing is re-labelled"
    )
    assert set(old.duties.values_list("effective_to", flat=True)) == {AT.date()}
    east = Duty.objects.get(user=new, area="east")
    assert (east.effective_from, east.effective_to) == (AT.date(), None)
    asked = {"role": "account_manager", "department": "marketing", "area": "east", "voltage": "LV"}
    assert responsible(**asked, customer_class="LVN", on=date(2025, 9, 15)).user == old
    assert responsible(**asked, customer_class="LVN", on=AT.date()).user == new
    assert not in_force(AT.date()).filter(user=old).exists()
    case.refresh_from_db()
    fact = facts_of(case.stream).get(kind="case.reassigned")
    assert case.account_manager_id == new.pk == fact.data["account_manager"]
    tell(fact)
    tell(fact)
    told = Outbox.objects.filter(template="new_manager", channel="sms").get().text
    assert "陈立" in told and new.phone in told and case.number in told


def test_what_a_deputy_holds_for_one_who_leaves_goes_to_his_successor(case: Case) -> None:
    away("manager3", from_on=AT.date())
    cover(at=AT)
    hand_over(staff("manager"), staff("manager2"), actor=actor(staff(HEAD)), at=AT)
    assert owner(case) == staff("manager2")
    cover(at=BACK)
    assert owner(case) == staff("manager2"), "nothing goes back to a desk that is no more"


def test_only_who_has_the_roles_is_offered_a_desk(case: Case) -> None:
    client = Client()
    client.force_login(staff(HEAD))
    page = client.get(reverse("handover"), {"user": staff("manager").pk}).content.decode()
    assert "陈立" in page and "何晴" in page and "李静" not in page and "白露" not in page
    assert "赵敏" in client.get(reverse("handover")).content.decode()


def test_everything_asked_is_covered_and_given_back(case: Case) -> None:
    manager, deputy, head = staff("manager"), staff("manager2"), actor(staff(HEAD))
    coordination.send_errand(case, coordination.ErrandDraft("task", "现场核对", manager), actor=head, at=AT)
    draft = coordination.UrgingDraft("expedite", case.number, "请尽快", manager)
    coordination.urge(case, draft, actor=head, at=AT)
    be_absent(
        manager,
        deputy=deputy,
        from_on=AT.date(),
        until_on=AT.date(),
        actor=head,
        at=AT,
    )
    cover(at=AT)
    assert {Errand.objects.get().receiver_id, Urging.objects.get().receiver_id} == {deputy.pk}
    cover(at=TOMORROW)
    assert {Errand.objects.get().receiver_id, Urging.objects.get().receiver_id} == {manager.pk}
