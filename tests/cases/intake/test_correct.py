"""更正申请: a wrong application is put right on the running case, and everybody sees what was changed."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.intake.services.corrections import correct
from jiedian.cases.screen.queries.replay import differences
from jiedian.clocks.models import Clock
from jiedian.core.findings import Refused
from jiedian.doors.portal.services import send_code
from jiedian.ground.journal.queries import facts_of
from jiedian.links.models import Outbox
from jiedian.people.queries import actor
from jiedian.process.queries import open_steps
from tests.cast import PHONE, codes, do, lodge, moment, staff

pytestmark = pytest.mark.django_db
RIGHT = "13900001111"


def right(case: Case, at: str = "2025-09-16 09:00", **values: object) -> None:
    correct(case, values, reason="登记有误", actor=actor(staff("clerk")), at=moment(at))
    case.refresh_from_db()


def test_a_wrong_telephone_locks_nobody_out_any_more() -> None:
    case = lodge("LVN", phone="13811110000")
    right(case, phone=RIGHT)
    assert Case.objects.get(pk=case.pk).customer.phone == RIGHT
    send_code(case.number, at=moment("2025-09-16 09:05"))
    assert [row.to for row in Outbox.objects.filter(template="one_time_code")] == [RIGHT]


def test_the_history_says_who_when_and_from_what_to_what_but_nothing_personal() -> None:
    case = lodge("LVN")
    right(case, phone=RIGHT, address="西城文化路 9 号", capacity_kva=Decimal(90))
    fact = facts_of(case.stream).get(kind="case.corrected")
    assert fact.actor_name == actor(staff("clerk")).name and fact.data["reason"] == "登记有误"
    assert [row["field"] for row in fact.data["changes"]] == ["phone", "address", "capacity_kva"]
    assert fact.data["changes"][2] == {"field": "capacity_kva", "from": "80", "to": "90"}
    for secret in (PHONE, RIGHT, "文化路", "柳泉路"):
        assert secret not in str(fact.data)
    client = Client()
    client.force_login(staff("clerk"))
    page = client.get(reverse("case", args=[case.number])).content.decode()
    assert "更正记录" in page and "139****1111" in page and "登记有误" in page


def test_class_and_papers_and_promises_follow_before_the_survey() -> None:
    case = lodge("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    right(case, case_class="HV2", importance="second")
    assert codes(case) == {"SURVEY"}, "what has not been looked at yet is not looked at again"
    live = set(Clock.objects.filter(subject=case.number, state="running").values_list("limit_id", flat=True))
    assert "T62" in live and "T61" not in live and differences(case.number) == []
    assert (
        case.points.get(kind="importance").text == "second" if case.points.filter(kind="importance") else True
    )


def test_another_area_brings_its_own_people() -> None:
    case = lodge("LVN", area="east")
    before = case.account_manager_id
    right(case, area="west")
    assert case.account_manager_id != before
    owner = open_steps(case.number).get().owner_id
    assert owner != staff("clerk").pk and facts_of(case.stream).filter(kind="case.reassigned").count() == 1


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"phone": "12"}, "application.phone"),
        ({"address": " "}, "application.address"),
        ({"voltage_kv": Decimal(10)}, "application.voltage"),
        ({}, "correction.nothing"),
        ({"capacity_kva": Decimal("80.0")}, "correction.nothing"),
    ],
)
def test_what_is_wrong_itself_is_refused(values: dict[str, object], code: str) -> None:
    case = lodge("LVN")
    with pytest.raises(Refused) as refusal:
        right(case, **values)
    assert code in [finding.code for finding in refusal.value.findings]
    assert not facts_of(case.stream).filter(kind="case.corrected").exists()


def test_once_the_power_is_on_the_load_stays_and_a_telephone_may_change() -> None:
    case = lodge("RES")
    for code in ("ACCEPT", "CONTRACT_SIGN", "METER_INSTALL", "ENERGISE"):
        do(case, code, "2025-09-15 10:00")
    with pytest.raises(Refused) as refusal:
        right(case, capacity_kva=Decimal(12))
    assert [finding.code for finding in refusal.value.findings] == ["correction.energised"]
    right(case, phone=RIGHT)
    assert codes(case) == {"ARCHIVE"}


def test_two_applications_of_one_customer_keep_each_their_own_words() -> None:
    case, other = lodge("LVN"), lodge("LVN")
    Case.objects.filter(pk=other.pk).update(customer=case.customer)
    right(case, name="改名的超市")
    other.refresh_from_db()
    assert (case.customer.name, other.customer.name) == ("改名的超市", "柳泉路生鲜超市")


def test_the_page_keeps_what_was_typed_and_the_customer_may_until_acceptance() -> None:
    case, client = lodge("LVN"), Client()
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    url = reverse("correct", args=[case.number])
    form = {
        "kind": "organisation",
        "name": "柳泉路生鲜超市",
        "phone": RIGHT,
        "address": "东城柳泉路 1 号",
        "area": "east",
        "case_class": "LVN",
        "voltage_kv": "0.38",
        "capacity_kva": "80",
        "importance": "ordinary",
        "reason": "填错了",
    }
    assert "更正申请" in client.get(url).content.decode()
    refused = client.post(url, form | {"phone": "12", "address": "东城新村 3 号"})
    assert refused.status_code == 422 and "东城新村 3 号" in refused.content.decode()
    assert client.post(url, form).status_code == 302
    case.refresh_from_db()
    assert Case.objects.get(pk=case.pk).customer.phone == RIGHT
    do(case, "ACCEPT", "2025-09-16 10:00")
    assert client.get(url).status_code == 422
    client.force_login(staff("clerk"))
    url = reverse("verb", args=[case.number, "correct"])
    assert client.post(url, form | {"address": "东城新村 3 号"}).status_code == 302
    assert client.post(url, form | {"address": "东城新村 3 号"}).status_code == 422, (
        "nothing differs any more"
    )
