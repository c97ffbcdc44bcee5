"""A customer applies: he is asked again where it cannot be right, and nothing is sent twice without a word."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.papers.queries import early_papers
from jiedian.grid.network.models import Grid
from jiedian.ground.journal.models import Fact
from jiedian.shell.models import SimulatedTime
from tests.cast import CREDIT_CODE, ID_NUMBER, PHONE, moment, staff
from tests.core.town import LAT, LON, STEP
from tests.supply.town import found_town

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(db: None) -> None:
    SimulatedTime.objects.create(at=moment("2025-09-15 09:00"))


def answers(**changes: Any) -> dict[str, Any]:
    """What a customer answers to apply for his flat."""
    given = {
        "once": str(uuid4()),
        "declared_class": "RES",
        "capacity_kva": "8",
        "name": "王小明",
        "identity_number": ID_NUMBER,
        "phone": PHONE,
        "address": "东城柳泉路 1 号",
        "area": "east",
        "points": "月底前通电",
    }
    return given | changes


def sent(client: Client | None = None, **changes: Any) -> Any:
    return (client or Client()).post(reverse("apply"), answers(**changes))


@pytest.mark.parametrize(
    ("kind", "kva", "other"),
    [
        ("RES", "99999", "其他低压用电"),
        ("LV0", "500", "工厂、大楼等高压用电"),
        ("HV1", "5", "其他低压用电"),
        ("HV2", "40000", ""),
    ],
)
def test_a_capacity_that_is_not_usual_is_asked_about_and_never_taken_silently(
    kind: str, kva: str, other: str
) -> None:
    given = {"declared_class": kind, "capacity_kva": kva, "identity_number": ""}
    answer = sent(**given)
    page = answer.content.decode()
    assert answer.status_code == 422 and not Case.objects.exists()
    assert 'name="sure"' in page and f'value="{kind}:{kva}"' in page and f"“{other}" * bool(other) in page
    assert sent(**given, sure="on", sure_of=f"{kind}:1").status_code == 422, (
        "sure of another number is not sure"
    )
    assert sent(**given, sure="on", sure_of=f"{kind}:{kva}").status_code == 302
    assert Case.objects.get().declared_class == kind


def test_the_counter_asks_the_same() -> None:
    client = Client()
    client.force_login(staff("clerk"))
    page = client.get(reverse("lodge")).content.decode()
    assert 'name="sure"' not in page
    given = answers() | {"customer_kind": "person", "voltage_kv": "0.22", "importance": "ordinary"}
    answer = client.post(reverse("lodge"), given | {"capacity_kva": "99999"})
    assert answer.status_code == 422 and 'name="sure"' in answer.content.decode()
    assert client.post(reverse("lodge"), given).status_code == 302


@pytest.mark.parametrize(
    ("changes", "kva"),
    [
        ({}, "8"),
        ({"n_aircon": "6", "n_heater": "3", "n_cooker": "2"}, "12"),
        ({"declared_class": "LV0", "n_oven": "10", "identity_number": ""}, "47"),
    ],
)
def test_who_knows_no_kva_counts_appliances_and_a_flat_may_leave_it_empty(
    changes: dict[str, str], kva: str
) -> None:
    assert sent(capacity_kva="", **changes).status_code == 302
    assert f"{Case.objects.get().capacity_kva:.0f}" == kva


def test_a_shop_without_a_number_is_told_so_at_the_field() -> None:
    answer = sent(declared_class="LV0", capacity_kva="", identity_number="")
    assert answer.status_code == 422 and "在下面填设备的台数" in answer.content.decode()


@pytest.mark.parametrize(
    ("kind", "number", "who", "paper"),
    [
        ("LV0", ID_NUMBER, "person", "id_card"),
        ("LV0", CREDIT_CODE, "organisation", "licence"),
        ("LV0", "", "organisation", "licence"),
        ("RES", CREDIT_CODE, "organisation", "licence"),
        ("HV1", ID_NUMBER, "person", "licence"),
    ],
)
def test_the_number_says_whether_a_person_applies_and_the_papers_follow(
    kind: str, number: str, who: str, paper: str
) -> None:
    kva = "630" if kind == "HV1" else "8"
    given = {"declared_class": kind, "identity_number": number, "capacity_kva": kva}
    answer = sent(**given, sure="on", sure_of=f"{kind}:{kva}")
    assert answer.status_code == 302, answer.content.decode()
    case = Case.objects.get()
    assert case.customer.kind == who and paper in {one.code for one in early_papers(case)}


def test_a_number_that_is_corrected_says_anew_who_applies() -> None:
    client = Client()
    sent(client, declared_class="LV0", identity_number="")
    case = Case.objects.get()
    page = client.get(reverse("correct", args=[case.number]))
    given = {name: page.context["form"][name].value() or "" for name in page.context["form"].fields}
    given |= {"identity_number": ID_NUMBER, "reason": "个体户"}
    answer = client.post(reverse("correct", args=[case.number]), given)
    assert answer.status_code == 302, answer.context["findings"]
    case.customer.refresh_from_db()
    assert Case.objects.get().customer.kind == "person"


def test_the_counter_is_told_that_number_and_applicant_differ() -> None:
    client = Client()
    client.force_login(staff("clerk"))
    given = answers() | {"customer_kind": "organisation", "voltage_kv": "0.22", "importance": "ordinary"}
    answer = client.post(reverse("lodge"), given)
    assert answer.status_code == 422 and "含用身份证办的个体户" in answer.content.decode()


def test_the_same_twice_is_said_and_another_flat_is_ticked() -> None:
    client = Client()
    first = sent(client)["Location"]
    number = first.split("/")[2]
    back = sent(client)
    page = back.content.decode()
    assert back.status_code == 422 and number in page and 'name="again"' in page and Case.objects.count() == 1
    other = sent(client, phone="13900008888")
    assert other.status_code == 422 and number in other.content.decode(), (
        "the same address from another telephone"
    )
    assert sent(client, again=number)["Location"] != first and Case.objects.count() == 2
    assert sent().status_code == 302, "nobody else is told of it"


def test_the_same_form_twice_is_one_case_and_says_that_changes_were_not_taken() -> None:
    client, once = Client(), str(uuid4())
    first = sent(client, once=once)["Location"]
    again = sent(client, once=once, points="换个要求")
    assert again["Location"] == first and Case.objects.count() == 1
    assert "后来改的没有记下" in client.get(first).content.decode()


def test_the_receipt_carries_number_and_hash_at_once_and_is_nobody_elses() -> None:
    client = Client()
    page = client.get(sent(client)["Location"]).content.decode()
    case = Case.objects.get()
    url = reverse("receipt", args=[case.number])
    assert url in page
    told = client.get(url).content.decode()
    fact = Fact.objects.get(stream=case.stream, kind="case.applied")
    assert fact.hash in told and case.number in told
    assert Client().get(url).status_code == 404


@pytest.fixture
def town(db: None) -> Grid:
    return found_town(moment("2025-09-01 08:00"))


def test_a_shop_too_far_for_low_voltage_is_told_the_drop_and_the_way_to_10_kv(town: Grid) -> None:
    """The public's instant answer: 60 kVA 5.5 km from the last 0.4 kV node, which no wire of the catalogue can carry."""
    client = Client()
    far = {"lon": f"{LON + 2.375 * STEP:.6f}", "lat": f"{LAT + 1.2 * STEP + 5500 / 111_195:.6f}"}
    answer = sent(client, declared_class="LVN", capacity_kva="60", identity_number="", **far)
    page = client.get(answer["Location"]).content.decode()
    assert "可以接入" not in page and "压降" in page and "0.4 kV" in page
    case = Case.objects.get()
    road = re.search(rf'href="([^"]*/{case.number}/[^"]*voltage_kv=10[^"]*)"', page)
    assert road and "改按 10 kV 申请" in page
    form = client.get(road[1].replace("&amp;", "&")).content.decode()
    assert re.search(r'value="10" selected', form) and re.search(r'value="HV1" selected', form)
    client.cookies["django_language"] = "en"
    assert "drop" in client.get(answer["Location"]).content.decode()


def test_a_shop_beside_the_line_is_told_yes_with_the_voltage_at_his_end(town: Grid) -> None:
    client = Client()
    near = {"lon": f"{LON + 2.2 * STEP:.6f}", "lat": f"{LAT + 1.2 * STEP:.6f}"}
    answer = sent(client, declared_class="LVN", capacity_kva="60", identity_number="", **near)
    page = client.get(answer["Location"]).content.decode()
    assert "可以接入" in page and "您那里的电压" in page and re.search(r"\d{3} V，下限 353 V", page)


SOLAR = {"pv_kw": "8", "pv_mode": "surplus", "pv_roof": "own"}


def test_who_only_installs_pv_applies_for_that_alone_and_his_kw_are_its_capacity() -> None:
    assert sent(declared_class="PV", capacity_kva="", **SOLAR).status_code == 302
    case = Case.objects.get()
    assert (case.case_class, case.process_key, case.capacity_kva) == ("PV", "distributed", 8)
    assert case.customer.kind == "person" and float(case.voltage_kv) == 0.22
    assert (case.feed_in.mode, case.feed_in.roof) == ("surplus", "own")


def test_power_and_pv_are_two_cases_however_often_they_are_sent() -> None:
    client, once = Client(), str(uuid4())
    for _n in range(2):
        assert sent(client, once=once, **SOLAR).status_code == 302
    power, solar = Case.objects.order_by("id")
    assert (power.case_class, solar.case_class) == (
        "RES",
        "PV",
    ) and power.customer.name == solar.customer.name
    assert client.get(reverse("tracker", args=[solar.number])).status_code == 200
    assert power.points.filter(kind="said").count() == 1 and not solar.points.filter(kind="said").exists()


@pytest.mark.parametrize(
    ("given", "kv", "kind"),
    [("8.1", 0.38, "PV"), ("400", 0.38, "PV"), ("400.1", 10, "PVH"), ("6000", 10, "PVH")],
)
def test_the_power_of_pv_says_its_voltage(given: str, kv: float, kind: str) -> None:
    asked = SOLAR | {"pv_kw": given}
    assert sent(declared_class="PVO", capacity_kva="", identity_number="", **asked).status_code == 302
    case = Case.objects.get()
    assert (case.case_class, float(case.voltage_kv), case.customer.kind) == (kind, kv, "organisation")


@pytest.mark.parametrize(
    ("kind", "asked", "said"),
    [
        ("PV", {}, "请填光伏装多少 kW"),
        ("RES", {"pv_mode": "full"}, "请填光伏装多少 kW"),
        ("RES", {"pv_kw": "8"}, "请选光伏怎样上网"),
        ("PVO", SOLAR | {"pv_kw": "6000.1"}, "超过 6 MW"),
        ("RES", SOLAR | {"pv_kw": "0"}, 'aria-invalid="true"'),
    ],
)
def test_pv_that_is_half_said_is_asked_about_and_nothing_is_taken_in(
    kind: str, asked: dict[str, str], said: str
) -> None:
    answer = sent(declared_class=kind, **asked)
    assert answer.status_code == 422 and said in answer.content.decode() and not Case.objects.exists()


def test_the_counter_asks_pv_in_words_of_pv_and_takes_class_and_voltage_from_its_power() -> None:
    client, at = Client(), reverse("lodge") + "?kind=pv"
    client.force_login(staff("clerk"))
    asked = client.get(at).content.decode()
    form = asked.split('class="fields"')[1].split("</form>")[0]
    assert all(
        words in form for words in ("项目地址", "光伏装机（kW）", "光伏组件（直流侧）", "希望并网日期")
    )
    assert not any(words in form for words in ("kVA", "通电", "用电", "重要性", "voltage_kv"))
    assert (
        "光伏"
        not in client.get(reverse("lodge")).content.decode().split('class="fields"')[1].split("</form>")[0]
    )
    given = answers(customer_kind="person", capacity_kva="450", module_kwp="520,5")
    answer = client.post(at, given)
    assert answer.status_code == 422 and answer.context["form"].errors.keys() == {"mode", "roof"}
    assert (
        client.post(at, given | {"mode": "full", "roof": "shared", "capacity_kva": "6001"}).status_code == 422
    )
    assert client.post(at, given | {"mode": "full", "roof": "shared"}).status_code == 302
    case = Case.objects.get()
    assert (case.feed_in.mode, case.feed_in.module_kwp) == ("full", Decimal("520.5"))
    assert (case.case_class, case.voltage_kv, case.capacity_kva) == ("PVH", 10, 450)


@pytest.mark.parametrize(("typed", "kw"), [("5,5", 5.5), ("5kWp", 5), ("８ 千瓦", 8)])
def test_a_power_is_taken_as_people_type_it(typed: str, kw: float) -> None:
    assert sent(declared_class="PV", capacity_kva="", **SOLAR | {"pv_kw": typed}).status_code == 302
    assert float(Case.objects.get().capacity_kva) == kw


def test_a_power_in_words_is_asked_for_in_figures() -> None:
    answer = sent(declared_class="PV", capacity_kva="", **SOLAR | {"pv_kw": "五千瓦"})
    assert answer.status_code == 422 and "请用数字填，例如 5.5" in answer.content.decode()
