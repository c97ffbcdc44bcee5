"""The pages around a scheme: what a planner composes, what a customer declines, lists, extension, measured values."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.steps import withdraw
from jiedian.grid.capacity.models import Reservation
from jiedian.grid.network.models import Grid
from jiedian.ground.journal.models import Fact
from jiedian.people.models import User
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from jiedian.supply.scheme import reactions
from tests.cast import CUSTOMER, codes, do, moment, staff
from tests.supply.test_answer import located, replied, town  # noqa: F401 - town is a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(db: Any) -> None:
    SimulatedTime.objects.create(at=moment("2025-09-19 09:00"))


@pytest.fixture
def case(town: Grid) -> Case:  # noqa: F811
    return replied(town)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_choice_moves_cost_and_conflicts_and_what_is_unknown_is_refused(town: Grid) -> None:  # noqa: F811
    SimulatedTime.objects.create(at=moment("2025-09-19 09:00"))
    case = located("HV1")
    client, url = signed_in(staff("planner")), reverse("scheme", args=[case.number])
    plain = client.get(url).content.decode()
    assert (
        plain.count('<article class="option') == 3
        and plain.count("看此方案") == 2
        and "采用此方案" not in plain
    )
    assert plain.count("推荐") == 1 and "因为" in plain and "客户处电压" in plain
    odd = client.get(
        url, {"bus": "a2", "line": "cable", "metering": "lv_lv", "units": "2*315"}
    ).content.decode()
    assert "计量方式与供电电压不符" in odd and "与供电容量" in odd and "C-UNITS" not in odd
    same = client.get(url, {"bus": ["a2", "a2"]}).content.decode()
    assert "不构成多电源" in same
    assert client.get(url, {"bus": "nowhere"}).status_code in (409, 422)
    assert client.get(url, {"bus": "a2", "units": "<script>"}).status_code == 200


def test_a_refused_choice_keeps_what_was_said_to_the_points(town: Grid) -> None:  # noqa: F811
    case = located("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 10:00")
    step = open_steps(case.number).get(code="SCHEME_DRAFT")
    client = signed_in(User.objects.get(pk=step.owner_id))
    bench = client.get(reverse("scheme", args=[case.number])).content.decode()
    assert "需要容量 1260 kVA" in bench and 'aria-current="true"' in bench, (
        "a point is said as everywhere else"
    )
    assert not re.search(
        r"domain reference|\[[A-Z][^\]]*\]|\bC-[A-Z]{2,}",
        re.sub(r"<span class=\"basis-card.*?</span>\s*</span>", "", bench, flags=re.S),
    )
    point = case.points.all()[0]
    odd = {
        "bus": "a2",
        "line": "cable",
        "metering": "lv_lv",
        "units": "2*315",
        f"answer-{point.pk}": "走电缆沟",
    }
    answer = client.post(reverse("choose", args=[case.number, step.pk]), odd)
    page = answer.content.decode()
    assert answer.status_code == 422 and 'class="findings"' in page and 'value="走电缆沟"' in page
    assert 'name="units" value="2*315"' in page, "the menu stands as it was chosen"
    assert codes(case) == {"SCHEME_DRAFT"} and not case.schemes.exists()


def test_a_place_nobody_knows_is_refused_and_nothing_changes(town: Grid) -> None:  # noqa: F811
    case = located("HV1")
    client, url = signed_in(staff("clerk")), reverse("site", args=[case.number])
    before = (case.site.lon, case.site.lat)
    assert client.post(url, {"use": "industry"}).status_code == 422
    assert client.post(url, {"use": "industry", "pole": "no such pole"}).status_code >= 400
    case.site.refresh_from_db()
    assert (case.site.lon, case.site.lat) == before


def test_the_customer_declines_on_his_page_and_reads_the_form(case: Case) -> None:
    client = Client()
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    reply = case.schemes.get().replies.get(language="zh-hans")
    answer = client.get(reverse("scheme_form", args=[case.number, reply.pk]))
    assert b"".join(answer.streaming_content if answer.streaming else [answer.content]).startswith(b"%PDF")
    assert Client().get(reverse("scheme_form", args=[case.number, reply.pk])).status_code == 404
    client.post(reverse("act", args=[case.number, "another"]), {"words": "希望用电缆"})
    assert codes(case) == {"SCHEME_DRAFT"} and case.schemes.get().customer_words == "希望用电缆"


def test_a_withdrawal_lets_the_capacity_go(case: Case) -> None:
    do(case, "SCHEME_SIGN", "2025-09-19 09:00")
    assert Reservation.objects.get().state == "held"
    withdraw(case, reason="不办了", actor=CUSTOMER, at=moment("2025-09-20 09:00"))
    for _twice in range(2):
        reactions.let_go(Fact.objects.get(kind="case.withdrawn"))
    assert Reservation.objects.get().state == "released"


def test_lists_and_extension(case: Case) -> None:
    manager = User.objects.get(pk=case.account_manager_id)
    client, scheme = signed_in(manager), case.schemes.get()
    table = client.get(reverse("schemes"), {"format": "csv"}).content.decode("utf-8-sig")
    assert table.lstrip("\ufeff").startswith("工单,版本,状态,") and case.number in table and ",1260," in table
    assert case.number not in client.get(reverse("schemes"), {"automatic": "yes"}).content.decode()
    url = reverse("scheme_extend", args=[case.number, scheme.pk])
    assert client.post(url, {"until_on": "2030-01-01"}).status_code == 422
    assert client.post(url, {"until_on": "2027-01-01"}).status_code == 302
