"""同一屋顶: two applications for one roof are noticed, told to the staff and, without the other's data, to both applicants."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.models.feed_in import FeedIn
from jiedian.cases.intake.queries import same_roof
from jiedian.cases.intake.services.corrections import correct
from jiedian.ground.journal.services import SYSTEM
from jiedian.people.queries import person
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from tests.cast import lodge, moment
from tests.doors.test_customer_steps import opened

pytestmark = pytest.mark.django_db
THERE = "东城柳泉路 1 号（东楼）"
SAID = "同一地址还有一份光伏申请在办"


@pytest.fixture(autouse=True)
def _now(db: None) -> None:
    SimulatedTime.objects.create(at=moment("2025-09-15 09:30"))


def on_the_roof(phone: str, name: str, address: str = THERE, kind: str = "PV", **more: Any) -> Case:
    return lodge(kind, "2025-09-15 09:00", points=(), phone=phone, name=name, address=address, **more)


def test_two_telephones_for_one_roof_are_told_to_both_and_to_the_staff_without_the_others_data() -> None:
    first = on_the_roof("13800000001", "赵一一")
    second = on_the_roof("13800000002", "钱二二", "东城柳泉路１号 东楼")
    assert (same_roof(first), same_roof(second)) == ([second], [first])
    for mine, other in ((first, second), (second, first)):
        page = opened(mine).get(reverse("tracker", args=[mine.number])).content.decode()
        assert SAID in page and "与他人共有" in page and reverse("correct", args=[mine.number]) in page
        assert not any(
            word in page
            for word in (
                other.number,
                other.customer.name,
                other.customer.phone,
                other.customer.name[:1] + "*",
            )
        )
        step = open_steps(mine.number).get()
        clerk = Client()
        clerk.force_login(person(step.owner_id or 0))
        for url in (reverse("case", args=[mine.number]), reverse("step", args=[mine.number, step.pk])):
            assert reverse("case", args=[other.number]) in clerk.get(url).content.decode()


def test_a_flat_in_the_same_house_and_an_ended_or_ordinary_case_are_no_second_application() -> None:
    first = on_the_roof("13800000001", "赵一一")
    on_the_roof("13800000003", "孙三三", kind="RES")
    assert same_roof(first) == []
    second = on_the_roof("13800000002", "钱二二")
    correct(
        second,
        {"address": THERE + "2 单元 302"},
        reason="同楼另一户",
        actor=SYSTEM,
        at=moment("2025-09-15 09:20"),
    )
    assert same_roof(first) == same_roof(Case.objects.get(pk=second.pk)) == []
    third = on_the_roof("13800000004", "李四四")
    assert same_roof(first) == [third]
    Case.objects.filter(pk=third.pk).update(state=Case.State.WITHDRAWN)
    assert same_roof(first) == same_roof(Case.objects.get(pk=third.pk)) == []


def test_the_modules_are_kept_beside_the_inverters_and_correcting_them_sends_nothing_back() -> None:
    case = on_the_roof("13800000001", "赵一一")
    step = open_steps(case.number).get().pk
    for said in ("12.5", "", "13"):
        correct(
            case, {"module_kwp": said or None}, reason="换了组件", actor=SYSTEM, at=moment("2025-09-15 09:20")
        )
    assert (
        str(FeedIn.objects.get(case=case).module_kwp) == "13.0" and open_steps(case.number).get().pk == step
    )
