"""Where power is wanted and at what voltage: a place among several of its name holds, and the grid answers before anything is sent."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.grid.network.models import Grid
from jiedian.grid.network.services.basemap import take_map
from jiedian.ground.journal.services import SYSTEM
from jiedian.shell.models import SimulatedTime
from tests.browser.walker import run_reactions
from tests.cast import do, moment
from tests.core.town import LAT, LON, STEP
from tests.doors.test_apply import answers
from tests.grid.network.maps import at as spot
from tests.grid.network.maps import feature, town_map
from tests.supply.town import found_town

pytestmark = pytest.mark.django_db
SCHOOLS = [
    feature("Point", spot(*at), kind="place", name="育才学校", name_en="Yucai School", what="school")
    for at in ((8, 21), (21, 38))
]
FAR = {"lon": f"{LON + 2.375 * STEP:.6f}", "lat": f"{LAT + 1.2 * STEP + 5500 / 111_195:.6f}"}
HERE = {"lon": f"{LON + 2.2 * STEP:.6f}", "lat": f"{LAT + 1.2 * STEP:.6f}"}


@pytest.fixture(autouse=True)
def town(db: None) -> Grid:
    SimulatedTime.objects.create(at=moment("2025-09-15 09:00"))
    take_map(town_map(*SCHOOLS), name="云溪", actor=SYSTEM, at=moment("2025-06-01 09:00"))
    return found_town(moment("2025-09-01 08:00"))


def page_of(client: Client, sent: dict[str, Any]) -> str:
    answer = client.post(reverse("apply"), sent)
    assert answer.status_code == 200
    return str(answer.content.decode())


def value(page: str, name: str) -> str:
    """The value an input of a page holds."""
    found = next(tag for tag in re.findall(r"<input[^>]*>", page) if f'name="{name}"' in tag)
    held = re.search(r'value="([^"]*)"', found)
    return held[1] if held else ""


def test_one_of_two_schools_of_one_name_is_taken_without_a_script_and_holds(client: Client) -> None:
    typed = answers(declared_class="LV0", capacity_kva="40", identity_number="", where="育才学校")
    page = page_of(client, typed | {"find": "1"})
    picks = re.findall(r'name="pick"[^>]*?\svalue="([^"]*)"', page, re.S)
    assert len(picks) == 2 and picks[0].split(",")[2] != picks[1].split(",")[2], picks
    assert all("近" in pick for pick in picks), "each with what stands around it"
    assert value(page, "name") == "王小明" and 'value="LV0"' in page and not Case.objects.exists()
    second = next(pick for pick in picks if "人民路" in pick)
    page = page_of(client, typed | {"pick": second})
    lon, lat, words = second.split(",")
    assert (value(page, "lon"), value(page, "lat"), value(page, "spot")) == (lon, lat, words)
    assert value(page, "address") == "东城柳泉路 1 号", "what was typed stays"
    first = next(pick for pick in picks if pick != second)
    page = page_of(client, typed | {"lon": lon, "lat": lat, "spot": words, "pick": first})
    assert value(page, "spot") == first.split(",")[2], "another one can be taken"
    client.post(reverse("apply"), typed | {"lon": lon, "lat": lat, "spot": words})
    case = Case.objects.get()
    assert case.site.reference == words and f"{case.site.lon:.6f}" == lon
    other = Client()
    session = other.session
    session["tracked"] = [case.number]
    session.save()
    assert words in other.get(reverse("correct", args=[case.number])).content.decode(), (
        "in another session too"
    )


def test_a_link_to_a_place_carries_its_words_over_what_was_typed_before(client: Client) -> None:
    page = client.get(
        reverse("apply"), {"lon": "118.0", "lat": "36.81", "where": "学府路88号"}
    ).content.decode()
    assert value(page, "spot") == "学府路88号" and page.count("data-given") == 3
    assert "data-given" not in client.get(reverse("apply")).content.decode()


def test_the_second_step_says_too_far_with_the_drop_and_the_next_voltage_with_price_and_day(
    client: Client,
) -> None:
    shop = {"declared_class": "LVN", "capacity_kva": "60"}
    told = client.get(reverse("apply_here"), FAR | shop).content.decode()
    assert "380 V 供不到这里或带不动 60 kVA" in told and "压降" in told
    button = re.search(r'<button[^>]*name="use"[^>]*value="HV1:10".*?</button>', told, re.S)
    assert button and "万元" in button[0] and re.search(r"2026年\d+月\d+日（周.） 办好", button[0])
    page = page_of(client, answers(identity_number="", **shop, **FAR) | {"use": "HV1:10"})
    assert re.search(r'value="HV1"[^>]*checked', page) and re.search(r'value="10" selected', page)
    assert "10 kV 接得上" in page, "and the answer at the new voltage stands there at once"
    client.cookies["django_language"] = "en"
    english = client.get(reverse("apply_here"), FAR | shop).content.decode()
    assert "380 V" in english and not re.search("[\u4e00-\u9fff]", re.sub(r"lang=.zh.*?>.*?<", "", english))


def test_the_second_step_counts_appliances_and_says_when_it_only_guesses(client: Client) -> None:
    near = client.get(reverse("apply_here"), HERE | {"declared_class": "LVN"}).content.decode()
    assert "380 V 接得上，15 kVA" in near and "还没有填要多少电" in near
    counted = client.get(
        reverse("apply_here"), HERE | {"declared_class": "LVN", "n_oven": "10"}
    ).content.decode()
    assert "47 kVA" in counted and "还没有填" not in counted
    assert "接得上" not in client.get(reverse("apply_here"), HERE).content.decode(), "no use, no answer"
    strange = {"declared_class": "LVN", "capacity_kva": "∞", "voltage_kv": "9", "n_oven": "-3"}
    assert client.get(reverse("apply_here"), HERE | strange).status_code == 200


def test_a_factory_asks_for_35_kv_and_is_told_who_answers_and_when(client: Client) -> None:
    mill = answers(declared_class="HV1", capacity_kva="12000", identity_number="", **HERE)
    refused = client.post(reverse("apply"), mill)
    assert refused.status_code == 422 and "一般用 35 kV" in refused.content.decode()
    told = client.get(reverse("apply_here"), mill | {"voltage_kv": "35"}).content.decode()
    assert "由客户经理人工答复" in told and "受理后 10 个工作日" in told
    done = client.post(reverse("apply"), mill | {"voltage_kv": "35"})
    case = Case.objects.get()
    assert (case.voltage_kv, case.capacity_kva) == (35, 12000)
    page = client.get(done["Location"]).content.decode()
    assert "35 kV、12000 kVA 不能当场算，由客户经理人工答复" in page and "受理后 10 个工作日" in page
    wrong = client.post(
        reverse("apply"), mill | {"declared_class": "LVN", "capacity_kva": "60", "voltage_kv": "35"}
    )
    assert wrong.status_code == 422 and "高压用电" in wrong.content.decode()


def test_who_marks_no_place_is_told_why_nothing_is_answered_and_how_to_be(client: Client) -> None:
    done = client.post(reverse("apply"), answers(declared_class="LVN", capacity_kva="40", identity_number=""))
    page = client.get(done["Location"]).content.decode()
    assert (
        "还没有标出地点" in page and f"{reverse('correct', args=[Case.objects.get().number])}#place" in page
    )


def opened(case: Case) -> Client:
    """A browser that holds the key of a case."""
    client = Client()
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    return client


def correction(case: Case, **changes: Any) -> dict[str, Any]:
    """What the page of a correction sends back, with changes."""
    names = ("kind", "name", "phone")
    given = {name: getattr(case.customer, name) for name in names}
    given |= {name: getattr(case, name) for name in ("address", "area", "case_class", "capacity_kva")}
    return given | {"voltage_kv": f"{case.voltage_kv.normalize():f}", "reason": "填错了"} | changes


@pytest.mark.parametrize(
    ("language", "said"), [("zh-hans", "您要用电做什么"), ("en", "What do you need power for")]
)
def test_a_correction_is_asked_in_the_customers_words_with_the_map(
    client: Client, language: str, said: str
) -> None:
    client.post(
        reverse("apply"), answers(declared_class="LVN", capacity_kva="40", identity_number="", **HERE)
    )
    case = Case.objects.get()
    browser = opened(case)
    browser.cookies["django_language"] = language
    page = browser.get(reverse("correct", args=[case.number])).content.decode()
    assert (
        said in page
        and 'data-pin="#apply"' in page
        and value(page, "lon") == f"{case.site.lon:.6f}".rstrip("0")
    )
    for ours in ("低压非居民", "谐波", "重要性", "户名", "工单", "Harmonic", "Importance"):
        assert ours not in page, ours
    if language == "en":
        form = page[page.index('id="apply"') : page.index('id="place"')]
        assert not re.findall("[\u4e00-\u9fff]+", re.sub(r'value="[^"]*"', "", form))


def test_the_pin_is_moved_alone_and_a_refusal_of_nothing_stays(client: Client) -> None:
    client.post(reverse("apply"), answers(declared_class="LVN", capacity_kva="40", identity_number="", **FAR))
    case = Case.objects.get()
    browser, url = opened(case), reverse("correct", args=[case.number])
    assert "供不到" in browser.get(reverse("tracker", args=[case.number])).content.decode()
    still = {"lon": case.site.lon, "lat": case.site.lat, "spot": ""}
    assert browser.post(url, correction(case, **still)).status_code == 422, "nothing differs"
    assert browser.post(url, correction(case, **HERE)).status_code == 302
    page = browser.get(reverse("tracker", args=[case.number])).content.decode()
    assert "可以接入" in page
    SimulatedTime.objects.update(at=moment("2025-09-15 11:00"))
    moved = correction(case, **HERE, address="北门街 3 号")
    assert browser.post(url, moved).status_code == 302
    run_reactions()
    page = browser.get(reverse("tracker", args=[case.number])).content.decode()
    assert "还没有标出地点" in page, (
        "another address is another place, and the answer does not vanish without a word"
    )


def test_after_a_correction_to_35_kv_the_page_says_who_answers_and_when(client: Client) -> None:
    client.post(
        reverse("apply"), answers(declared_class="HV1", capacity_kva="800", identity_number="", **HERE)
    )
    case = Case.objects.get()
    browser, url = opened(case), reverse("correct", args=[case.number])
    assert "可以接入" in browser.get(reverse("tracker", args=[case.number])).content.decode()
    at_35 = {"voltage_kv": "35", "capacity_kva": "12000", "lon": case.site.lon, "lat": case.site.lat}
    done = browser.post(url, correction(case, **at_35))
    assert done.status_code == 302, done.content.decode()
    page = browser.get(done["Location"]).content.decode()
    assert "不能当场算，由客户经理人工答复" in page and "受理后 10 个工作日内" in page
    do(case, "ACCEPT", "2025-09-15 10:00")
    SimulatedTime.objects.update(at=moment("2025-09-15 11:00"))
    page = browser.get(done["Location"]).content.decode()
    assert "方案最迟 2025年9月28日" in page, "once it is accepted, the day itself"


def test_a_search_within_a_correction_keeps_what_was_typed_without_a_script(client: Client) -> None:
    client.post(reverse("apply"), answers(declared_class="LVN", capacity_kva="40", identity_number=""))
    case = Case.objects.get()
    sent = correction(case, where="育才学校", find="1", reason="标一下地点", capacity_kva="55")
    page = opened(case).post(reverse("correct", args=[case.number]), sent).content.decode()
    assert (
        page.count('name="pick"') == 2
        and value(page, "capacity_kva") == "55"
        and value(page, "reason") == "标一下地点"
    )


@pytest.mark.parametrize("mode", ["full", "self"])
def test_who_only_installs_pv_is_answered_for_feed_in_before_and_after_sending_alike(
    client: Client, mode: str
) -> None:
    solar = {"declared_class": "PV", "pv_kw": "8", "pv_mode": mode, "pv_roof": "own"}
    told = client.get(reverse("apply_here"), HERE | solar).content.decode()
    assert "可以并网" in told and "8 kW" in told or mode == "self" and "不占用电网的容量" in told
    assert "还能接" not in told and "台区" not in told, "room for a load says nothing to him"
    assert (
        "填了光伏装多少"
        in client.get(reverse("apply_here"), HERE | {"declared_class": "PV"}).content.decode()
    )
    client.post(reverse("apply"), answers(capacity_kva="", **HERE, **solar))
    case = Case.objects.get()
    assert "可以并网" in client.get(reverse("tracker", args=[case.number])).content.decode()


@pytest.mark.parametrize(("typed", "plain"), [("5,5", "5.5"), ("5kWp", "5"), ("８千瓦", "8")])
def test_a_power_typed_as_people_do_is_answered_while_he_fills_in(
    client: Client, typed: str, plain: str
) -> None:
    """What the form takes, the answer beside it takes too: a comma, a unit, full-width figures."""
    solar = {"declared_class": "PV", "pv_mode": "full", "pv_roof": "own"}
    told = client.get(reverse("apply_here"), HERE | solar | {"pv_kw": typed}).content.decode()
    assert "可以并网" in told and f"{plain} kW" in told
    shop = {"declared_class": "LVN", "capacity_kva": f"{typed.rstrip('kWp千瓦')} kVA"}
    assert "千伏安是平常的" not in client.get(reverse("apply_here"), HERE | shop).content.decode()


def test_pv_that_does_not_fit_is_told_the_same_before_and_after_sending(client: Client) -> None:
    solar = {"declared_class": "PVO", "pv_kw": "390", "pv_mode": "full", "pv_roof": "own"}
    told = client.get(reverse("apply_here"), HERE | solar).content.decode()
    client.post(reverse("apply"), answers(capacity_kva="", identity_number="", **HERE, **solar))
    after = client.get(reverse("tracker", args=[Case.objects.get().number])).content.decode()
    most = re.search(r"最多能接 \d+ kW 上网", told)
    assert "接不下 390 kW 光伏" in told and most and most[0] in after
