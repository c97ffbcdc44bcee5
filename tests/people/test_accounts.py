"""An administrator adds people, changes what they are and answer for, and closes their accounts, in the browser."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.coordination.reactions import cover_absent
from jiedian.core.findings import Refused
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.queries import facts_of
from jiedian.people.models import Department, Duty, User
from jiedian.people.queries import actor, responsible
from jiedian.people.queries.deputies import in_force
from jiedian.people.services.accounts import (
    Account,
    DutyDraft,
    add_person,
    begin_duty,
    change_person,
    close_account,
    end_duty,
    give_password,
    open_account,
)
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from tests.cast import do, lodge, moment, staff

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 09:00")


@pytest.fixture(autouse=True)
def today() -> None:
    SimulatedTime.objects.create(at=AT)


def admin() -> Client:
    client = Client()
    client.force_login(staff("admin"))
    return client


def typed(**changes: object) -> dict[str, object]:
    marketing = Department.objects.get(code="marketing").pk
    values: dict[str, object] = {"username": "zhang", "name_zh": "张三", "name_en": "Zhang San"}
    values |= {"department": marketing, "roles": ["account_manager"], "areas": ["west"], "voltage": "LV"}
    return values | {"phone": "0533-5550199"} | changes


def account(user: User, **changes: object) -> Account:
    said = {name: getattr(user, name) for name in ("username", "name_zh", "name_en", "department", "phone")}
    return Account(**{**said, "roles": tuple(user.roles), **changes})


def test_whoever_is_added_signs_in_and_has_work_at_once() -> None:
    close_account(staff("manager2"), is_sure=True, actor=actor(staff("admin")), at=AT)
    answer = admin().post(reverse("person_new"), typed())
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    password = answer.context["password"]
    assert password in answer.content.decode()
    made = User.objects.get(username="zhang")
    assert password not in str(list(facts_of(f"person:{made.pk}").values_list("data", flat=True)))
    client = Client()
    signed_in = client.post(reverse("account_login"), {"login": "zhang", "password": password})
    assert signed_in.status_code == 302
    case = lodge("RES", "2025-09-16 10:00", area="west")
    do(case, "ACCEPT", "2025-09-16 10:10")
    assert case.account_manager_id == made.pk
    step = open_steps(case.number).filter(owner_id=made.pk).first()
    assert step and client.get(reverse("step", args=[case.number, step.pk])).status_code == 200


def test_only_an_administrator_opens_these_pages() -> None:
    client = Client()
    for who in ("head", "quality", "clerk"):
        client.force_login(staff(who))
        assert client.get(reverse("person_new")).status_code == 403
        assert client.get(reverse("account", args=[staff("clerk").pk])).status_code == 403
        assert client.post(reverse("account_act", args=[staff("clerk").pk, "close"])).status_code == 403
    assert reverse("person_new") in admin().get(reverse("people")).content.decode()


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"username": "CLERK"}, "已有人使用"), ({"username": "张 三"}, "账号只能用"), ({"roles": []}, "必填")],
)
def test_a_refusal_keeps_what_was_typed(changes: dict[str, object], word: str) -> None:
    answer = admin().post(reverse("person_new"), typed(**changes))
    page = answer.content.decode()
    assert answer.status_code == 422 and "张三" in page
    assert word in page or "roles" in changes


def test_a_role_that_is_gone_ends_its_duty_and_a_new_one_begins_one() -> None:
    clerk = staff("clerk2")
    before = Duty.objects.filter(user=clerk).get()
    change_person(clerk, account(clerk, roles=("account_manager",)), actor=actor(staff("admin")), at=AT)
    before.refresh_from_db()
    assert (before.role, before.effective_to) == ("clerk", AT.date())
    (now,) = in_force(AT.date()).filter(user=clerk)
    assert (now.role, now.effective_from) == ("account_manager", AT.date())
    fact = facts_of(f"person:{clerk.pk}").get(kind="people.changed")
    assert fact.data["was"]["roles"] == ["clerk"]
    page = admin().get(reverse("account", args=[clerk.pk])).content.decode()
    assert "以前的职责" in page


def test_whoever_is_alone_in_his_work_is_not_let_go_without_a_question() -> None:
    dispatcher, who = staff("dispatcher"), actor(staff("admin"))
    url = reverse("account_act", args=[dispatcher.pk, "close"])
    assert (
        "他是调控中心唯一的专业管理" in admin().get(reverse("account", args=[dispatcher.pk])).content.decode()
    )
    answer = admin().post(url)
    assert answer.status_code == 422 and "唯一" in answer.content.decode()
    dispatcher.refresh_from_db()
    assert dispatcher.is_active
    assert admin().post(url, {"is_sure": "1"}).status_code == 302
    dispatcher.refresh_from_db()
    assert not dispatcher.is_active and not in_force(AT.date()).filter(user=dispatcher).exists()
    assert admin().post(url).status_code == 422, "twice is once"
    open_account(dispatcher, actor=who, at=AT)
    assert in_force(AT.date()).filter(user=dispatcher).count() == 1
    duty = in_force(AT.date()).get(user=dispatcher)
    with pytest.raises(Refused, match="people.only"):
        end_duty(duty, actor=who, at=AT)
    end_duty(duty, is_sure=True, actor=who, at=AT)
    with pytest.raises(Refused, match="people.duty_over"):
        end_duty(duty, is_sure=True, actor=who, at=AT)


def test_the_work_of_one_who_left_goes_on_and_his_session_ends() -> None:
    case = lodge("LVN")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    manager = staff("manager")
    assert open_steps(case.number).get(code="SURVEY").owner_id == manager.pk
    client = Client()
    client.force_login(manager)
    close_account(manager, is_sure=True, actor=actor(staff("admin")), at=AT)
    cover_absent(Fact.objects.get(kind="people.changed"))
    assert open_steps(case.number).get(code="SURVEY").owner_id != manager.pk
    assert client.get(reverse("desk")).status_code == 302, "he has to sign in, and cannot"


def test_a_duty_by_area_and_class_is_begun_once_and_counts_from_today() -> None:
    manager, who = staff("manager"), actor(staff("admin"))
    draft = DutyDraft("account_manager", "west", "LV", "LV0")
    assert begin_duty(manager, draft, actor=who, at=AT) == begin_duty(manager, draft, actor=who, at=AT)
    asked = {"role": "account_manager", "department": "marketing", "area": "west", "voltage": "LV"}
    assert responsible(**asked, customer_class="LV0", on=AT.date()).user == manager
    assert responsible(**asked, customer_class="LV0", on=date(2025, 9, 15)).user == staff("manager2")
    with pytest.raises(Refused, match="people.duty_role"):
        begin_duty(manager, DutyDraft("auditor"), actor=who, at=AT)
    posted = {"role": "account_manager", "area": "", "voltage": "HV", "customer_class": "HV2"}
    url = reverse("account_act", args=[manager.pk, "duty"])
    assert admin().post(url, posted).status_code == 302
    assert in_force(AT.date()).filter(user=manager, customer_class="HV2").exists()


def test_a_password_is_given_again_and_nobody_shuts_himself_out() -> None:
    who, clerk = staff("admin"), staff("clerk")
    first, second = (give_password(clerk, actor=actor(who), at=AT) for _ in range(2))
    clerk.refresh_from_db()
    assert first != second and clerk.check_password(second) and not clerk.check_password(first)
    with pytest.raises(Refused, match="people.self"):
        close_account(who, actor=actor(who), at=AT)
    with pytest.raises(Refused, match="people.self"):
        change_person(who, account(who, roles=("clerk",)), actor=actor(who), at=AT)


def test_an_added_person_has_a_duty_for_each_role_where_none_is_said() -> None:
    told = Account("sun", "孙九", "Sun Jiu", Department.objects.get(code="metering"), ("specialist",))
    made, password = add_person(told, [], actor=actor(staff("admin")), at=AT)
    assert made.check_password(password) and [d.role for d in made.duties.all()] == ["specialist"]
