"""Nothing waits for somebody who is away or gone; and nobody is sent away by those who do not answer for him."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from jiedian.cases.case.models.case import Case, Handoff
from jiedian.cases.coordination.models import Errand, Question, Urging
from jiedian.cases.coordination.services import coordination
from jiedian.cases.coordination.services.desks import cover
from jiedian.cases.screen.queries.cases import case_for, desk_of
from jiedian.core.findings import Refused
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.journal.services import reactions_of
from jiedian.people import queries as person_queries
from jiedian.people.models import Absence, User
from jiedian.people.queries import actor
from jiedian.people.services import be_absent, hand_over
from jiedian.people.templatetags.people_tags import person_name
from jiedian.process.models import Step
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from jiedian.voice.inbox.models.concerns import Concern
from jiedian.voice.inbox.services.concerns import close
from jiedian.voice.inbox.services.proposals import merge
from tests.cast import CUSTOMER, do, lodge, moment, staff, tell

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 09:00")
TOMORROW = moment("2025-09-17 09:00")


@pytest.fixture
def case() -> Case:
    made = lodge("HV1")
    do(made, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    return made


def holder(case: Case) -> User:
    return User.objects.get(pk=open_steps(case.number).get().owner_id)


def ask_everything(case: Case, of: User) -> None:
    """A question, a task and a press that wait for one person."""
    head = actor(staff("head"))
    coordination.ask(case, text="能否转供？", answerer=of, actor=head, at=AT)
    coordination.send_errand(case, coordination.ErrandDraft("task", "现场核对", of), actor=head, at=AT)
    coordination.urge(
        case, coordination.UrgingDraft("expedite", case.number, "请尽快", of), actor=head, at=AT
    )


def waiting_for(user: User) -> list[int]:
    """How many questions, errands and presses wait for a person."""
    return [
        Question.objects.filter(answerer_id=user.pk, answered_at=None).count(),
        Errand.objects.filter(receiver_id=user.pk).exclude(state="answered").count(),
        Urging.objects.filter(receiver_id=user.pk, answered_at=None).count(),
    ]


def test_what_waits_for_the_absent_goes_to_the_deputy_on_the_day_and_not_before(case: Case) -> None:
    away, deputy = holder(case), staff("manager2")
    ask_everything(case, away)
    be_absent(
        away,
        deputy=deputy,
        from_on=TOMORROW.date(),
        until_on=date(2025, 9, 19),
        actor=actor(staff("head")),
        at=AT,
    )
    assert reactions_of("people.absence") == ["jiedian.cases.coordination.reactions.cover_absent"]
    assert cover(at=AT) == 0 and waiting_for(away) == [1, 1, 1]
    assert cover(at=TOMORROW) == 1 and cover(at=TOMORROW) == 0
    step = open_steps(case.number).get()
    assert step.owner_id == deputy.pk == Handoff.objects.get(step_id=step.pk).receiver_id
    assert waiting_for(away) == [0, 0, 0] and waiting_for(deputy) == [1, 1, 1]
    told = facts_of(case.stream).filter(kind="step.handed_over").get()
    assert (told.actor_role, told.data["acting_for"]) == ("system", away.pk)
    case.refresh_from_db()
    assert case.account_manager_id == away.pk, "the customer keeps his one contact"


def test_with_all_of_marketing_away_no_open_step_is_without_a_present_owner(case: Case) -> None:
    lodge("RES", title="另一件")
    gone = User.objects.filter(department__code="marketing")
    for user in gone:
        Absence.objects.create(user=user, from_on=AT.date(), until_on=AT.date())
    cover(at=AT)
    owners = set(Step.objects.filter(state="open").values_list("owner_id", flat=True))
    assert owners and not owners & set(gone.values_list("id", flat=True))


def test_somebody_who_left_for_good_holds_nothing(case: Case) -> None:
    gone = holder(case)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert cover(at=AT) == 1 and holder(case).pk != gone.pk


def test_a_customers_message_waits_on_a_desk_until_somebody_writes_back(case: Case) -> None:
    manager, deputy = User.objects.get(pk=case.account_manager_id), staff("meterer")
    coordination.hear_customer(case, text="哪天勘查？", actor=CUSTOMER, at=AT)
    assert [m.text for m in desk_of(manager, at=AT).messages] == ["哪天勘查？"]
    client = Client()
    client.force_login(manager)
    assert "哪天勘查" in client.get(reverse("desk")).content.decode()
    stranger = staff("manager2")
    assert not desk_of(stranger, at=AT).messages
    Absence.objects.create(user=manager, deputy=stranger, from_on=AT.date(), until_on=AT.date())
    assert desk_of(stranger, at=AT).messages and not desk_of(stranger, at=TOMORROW).messages
    assert case_for(stranger, case.number, to="message.send", on=AT.date()) == case
    with pytest.raises(Refused):
        case_for(stranger, case.number, to="message.send", on=TOMORROW.date())
    with pytest.raises(Refused):
        case_for(deputy, case.number, to="message.send", on=AT.date())
    coordination.tell_customer(case, text="明天上午。", actor=actor(manager), at=AT)
    assert not desk_of(manager, at=AT).messages


def test_a_desk_is_handed_over_with_everything_that_was_asked(case: Case) -> None:
    old, new = holder(case), staff("manager2")
    ask_everything(case, old)
    case.papers.filter(state="owed").update(owner_id=old.pk)
    hand_over(old, new, actor=actor(staff("head")), at=AT)
    assert waiting_for(old) == [0, 0, 0] and waiting_for(new) == [1, 1, 1]
    assert set(case.papers.filter(state="owed").values_list("owner_id", flat=True)) == {new.pk}


def post(who: str, name: str, **values: object) -> int:
    client = Client()
    client.force_login(staff(who))
    return client.post(reverse(name), values).status_code


@pytest.mark.parametrize(
    ("who", "whom", "may"),
    [
        ("planner", "planner", True),
        ("planner", "head", False),
        ("manager", "manager2", False),
        ("head", "manager", True),
        ("head", "planner", False),
        ("admin", "planner", True),
    ],
)
def test_an_absence_is_registered_for_oneself_or_ones_department(who: str, whom: str, may: bool) -> None:
    SimulatedTime.objects.update_or_create(pk=1, defaults={"at": AT})
    days = {"from_on": "2025-09-17", "until_on": "2025-09-18"}
    deputy = {"planner": "head_dev", "manager": "manager2"}.get(whom, "clerk")
    answer = post(who, "absence", user=staff(whom).pk, deputy=staff(deputy).pk, **days)
    assert (answer, Absence.objects.filter(user=staff(whom)).exists()) == (302 if may else 422, may)


def test_a_head_hands_over_desks_of_his_department_only(case: Case) -> None:
    old = holder(case)
    values = {"from_user": old.pk, "to_user": staff("manager2").pk}
    assert post("head_disp", "handover", **values) == 422 and holder(case) == old
    assert post("head", "handover", **values) == 302 and holder(case).username == "manager2"


def test_concerns_go_with_the_desk_but_for_those_that_are_closed(case: Case) -> None:
    """A merged one may be parted again, an answered one may be taken up again: they need somebody who is there."""
    old, new = holder(case), staff("manager2")
    held = [tell(text, case_number=case.number)[0].concern for text in ("停电了", "电费怎么算", "何时勘查")]
    close(held[0], reason="重复", actor=actor(old), at=AT)
    merge(held[1], into=held[2], actor=actor(old), at=AT)
    assert {concern.owner_id for concern in held} == {old.pk}
    assert hand_over(old, new, actor=actor(staff("head")), at=AT) == 1 + 2
    owners = dict(Concern.objects.values_list("pk", "owner_id"))
    assert [owners[concern.pk] for concern in held] == [old.pk, new.pk, new.pk]
    assert facts_of(held[2].stream).filter(kind="concern.taken").get().data == {"owner": new.pk}


def test_a_head_gives_cases_to_his_own_people_only(case: Case) -> None:
    chosen = {"act": "reassign", "number": [case.number], "confirm": "1", "to": staff("manager2").pk}
    assert post("head_disp", "bulk", **chosen) == 422
    assert not Fact.objects.filter(kind="case.reassigned").exists()


def test_an_absence_ends_with_the_companys_day(case: Case) -> None:
    """Seven in the morning of the 17th at the company is still the 16th in Greenwich."""
    Absence.objects.create(user=holder(case), from_on=AT.date(), until_on=AT.date())
    client = Client()
    client.force_login(staff("clerk"))
    SimulatedTime.objects.create(at=moment("2025-09-16 23:00"))
    assert len(client.get(reverse("people")).context["absences"]) == 1
    SimulatedTime.objects.update(at=moment("2025-09-17 07:00"))
    assert len(client.get(reverse("people")).context["absences"]) == 0


def test_a_third_party_sees_neither_duties_nor_calls() -> None:
    client = Client()
    client.force_login(staff("visitor"))
    assert client.get(reverse("people")).status_code == 403
    client.force_login(staff("clerk"))
    page = client.get(reverse("people")).content.decode()
    assert reverse("handover") not in page, "no door that would be shut"


def test_a_name_that_two_have_is_nobodys_english_name() -> None:
    forget = person_queries._english.clear
    User.objects.create(username="zhao2", name_zh="赵敏", name_en="Zhao Min (2)")
    User.objects.create(username="sun9", name_zh="孙九", name_en="Sun Jiu")
    forget()
    with override("en"):
        assert (person_name("赵敏"), person_name("孙九")) == ("赵敏", "Sun Jiu")
    forget()
