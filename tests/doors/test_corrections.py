"""A customer's correction changes what he changed and nothing else: what a list shows first, or a link filled in, is not his word."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.intake.forms.corrections import CorrectionForm
from jiedian.cases.intake.queries import corrections
from jiedian.cases.intake.services.corrections import correct as put_right
from jiedian.clocks.queries import clocks_of
from jiedian.doors.portal.views import places
from jiedian.grid.network.models import Grid
from jiedian.ground.journal.services import SYSTEM
from jiedian.ground.throttle.services import Limit
from jiedian.people.queries import actor
from jiedian.shell.models import SimulatedTime
from jiedian.supply.study.services import locate
from tests.cast import codes, do, lodge, moment, staff
from tests.core.town import LAT, LON, STEP
from tests.doors.test_apply_place import FAR, HERE
from tests.doors.test_customer_steps import opened
from tests.supply.town import found_town

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def town(db: None) -> Grid:
    SimulatedTime.objects.create(at=moment("2025-09-15 09:30"))
    return found_town(moment("2025-09-01 08:00"))


def as_a_browser_sends(page: str) -> dict[str, str]:
    """The values of the page's form: what is typed in, and of a list what is selected, else its first entry."""
    form = page[page.index('id="apply"') :]
    form = form[: form.index("</form>")]
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, held = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or "checked" in tag):
            sent[name[1]] = held[1] if held else ""
    for name, inner in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        entries = re.findall(r'<option value="([^"]*)"([^>]*)', inner)
        sent[name] = next((value for value, how in entries if "selected" in how), entries[0][0])
    return {name: value for name, value in sent.items() if name not in ("find", "where")}


def corrected(case: Case, query: str = "", **changes: Any) -> Any:
    browser, url = opened(case), reverse("correct", args=[case.number]) + query
    sent = as_a_browser_sends(browser.get(url).content.decode())
    return browser.post(url, sent | {"reason": "填错了"} | changes)


@pytest.mark.parametrize(
    ("kind", "kv"),
    [("PV", "0.38"), ("PVH", "10"), ("RES", "0.22"), ("LV0", "0.38"), ("LVN", "0.38"), ("HV1", "10"), ("HV2", "10")],
)  # fmt: skip
def test_who_corrects_only_his_phone_stays_what_he_is(kind: str, kv: str) -> None:
    case = lodge(kind, voltage_kv=Decimal(kv))
    before = {view.limit.id for view in clocks_of(case.number, at=moment("2025-09-15 09:30"))}
    answer = corrected(case, phone="13911112222")
    assert answer.status_code == 302, answer.content.decode()
    was, way = (case.case_class, case.voltage_kv, case.area), case.process_key
    case = Case.objects.get()
    assert (case.case_class, case.voltage_kv, case.area) == was and case.process_key == way
    assert case.customer.phone == "13911112222"
    assert {view.limit.id for view in clocks_of(case.number, at=moment("2025-09-15 09:30"))} == before


def test_a_voltage_or_an_area_no_list_has_stays_too() -> None:
    case = lodge("HV1", voltage_kv=Decimal(10))
    Case.objects.filter(pk=case.pk).update(voltage_kv=Decimal(20), area="旧城")
    case.refresh_from_db()
    assert corrected(case, phone="13911112222").status_code == 302
    case.refresh_from_db()
    assert (case.voltage_kv, case.area) == (20, "旧城")
    listed = dict(CorrectionForm(case=case).fields["voltage_kv"].choices)  # type: ignore[attr-defined]
    assert listed["20"] == "20 kV", "the staff's page has it too"


@pytest.mark.parametrize(("kind", "query"), [("PV", "?case_class=RES"), ("RES", "?case_class=PVH")])
def test_a_link_to_a_class_that_is_not_offered_changes_nothing(kind: str, query: str) -> None:
    case = lodge(kind)
    assert corrected(case, query, phone="13911112222").status_code == 302
    case.refresh_from_db()
    assert case.case_class == kind


def test_pv_takes_the_offered_higher_voltage() -> None:
    case = lodge("PV", voltage_kv=Decimal("0.38"), capacity_kva=Decimal(300))
    page = opened(case).get(reverse("correct", args=[case.number])).content.decode()
    assert "光伏装机（kW）" in page and "光伏，接 10 kV 及以上" in page and "家里用电" not in page
    assert corrected(case, "?case_class=PVH&voltage_kv=10").status_code == 302
    case.refresh_from_db()
    assert (case.case_class, case.voltage_kv) == ("PVH", 10)


def far(kva: int) -> Case:
    case = lodge("LVN", voltage_kv=Decimal("0.38"), capacity_kva=Decimal(kva))
    at = {"pin": (float(FAR["lon"]), float(FAR["lat"]))}
    locate(case, at, actor=SYSTEM, at=moment("2025-09-15 09:10"))
    return case


def test_the_offered_voltage_and_a_moved_pin_are_both_taken() -> None:
    case = far(60)
    assert corrected(case, "?case_class=HV1&voltage_kv=10", **HERE).status_code == 302
    case.refresh_from_db()
    assert (case.case_class, case.voltage_kv) == ("HV1", 10)
    assert abs(case.site.lat - float(HERE["lat"])) < 1e-5 and abs(case.site.lon - (LON + 2.2 * STEP)) < 1e-5
    assert case.site.lat < LAT + 2 * STEP


def test_the_offered_voltage_alone_is_taken_and_its_capacity_is_doubted() -> None:
    case = far(20)
    asked = corrected(case, "?case_class=HV1&voltage_kv=10")
    assert asked.status_code == 422 and "确实是" in asked.content.decode()
    case.refresh_from_db()
    assert case.case_class == "LVN"
    sure = corrected(case, "?case_class=HV1&voltage_kv=10", sure="on", sure_of="HV1:20.0")
    assert sure.status_code == 302
    case.refresh_from_db()
    assert (case.case_class, case.voltage_kv) == ("HV1", 10)


@pytest.mark.parametrize("way", ["map", "no script"])
def test_the_answer_for_a_place_is_given_so_many_times_a_minute(
    client: Client, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    assert places.PLACES.most == 60
    monkeypatch.setattr(places, "PLACES", Limit("place.many", 2, timedelta(minutes=1)))
    asked = {**HERE, "declared_class": "LVN"}
    pick = {"pick": f"{HERE['lon']},{HERE['lat']},柳巷", "declared_class": "LVN"}

    def page(address: str) -> str:
        if way == "map":
            return client.get(reverse("apply_here"), asked, REMOTE_ADDR=address).content.decode()
        return client.post(reverse("apply"), pick, REMOTE_ADDR=address).content.decode()

    assert not any("查得太密" in page("203.0.113.9") for _n in range(2))
    refused = page("203.0.113.9")
    assert (
        "查得太密" in refused and "秒后再点" in refused and "照样可以申请" in refused and "95598" in refused
    )
    assert "查得太密" not in page("203.0.113.10"), "somebody else is answered"


def test_mode_roof_and_kw_of_pv_are_put_right_by_its_customer_and_the_voltage_follows_the_power() -> None:
    case = lodge("PV")
    answer = corrected(case, mode="full", roof="shared", capacity_kva="30")
    assert answer.status_code == 302, answer.content.decode()
    case = Case.objects.get()
    assert (case.feed_in.mode, case.feed_in.roof) == ("full", "shared")
    assert (case.capacity_kva, case.voltage_kv, case.case_class) == (30, Decimal("0.38"), "PV")
    assert corrected(case, capacity_kva="500").status_code == 302
    case = Case.objects.get()
    assert (case.voltage_kv, case.case_class) == (10, "PVH")
    refused = corrected(case, capacity_kva="6000.1")
    assert refused.status_code == 422 and "超过 6 MW" in refused.content.decode()
    assert corrected(case, mode="").status_code == 422, "PV says how it feeds in"
    assert (
        'name="mode"'
        not in opened(made := lodge("RES")).get(reverse("correct", args=[made.number])).content.decode()
    )


def test_another_kw_after_the_scheme_asks_for_a_scheme_anew_and_another_roof_for_its_papers_alone() -> None:
    case = lodge("PV")
    for code, at in (
        ("ACCEPT", "2025-09-15 10:00"),
        ("SURVEY", "2025-09-15 11:00"),
        ("SCHEME_REPLY", "2025-09-16 09:00"),
    ):
        do(case, code, at)
    who, at = actor(staff("manager")), moment("2025-09-17 09:00")
    form = CorrectionForm({}, case=case)
    assert {"mode", "roof"} <= set(form.fields) and str(form.fields["capacity_kva"].label) == "光伏装机（kW）"
    put_right(case, {"roof": "shared"}, reason="房子是兄弟合有的", actor=who, at=at)
    assert codes(case) == {"SCHEME_SIGN"} and case.papers.filter(code="roof_consent", state="owed").exists()
    put_right(case, {"capacity_kva": Decimal(6)}, reason="少装几块", actor=who, at=at)
    assert codes(case) == {"SURVEY"} and not case.schemes.filter(state="accepted").exists()
    put_right(case, {"mode": "full"}, reason="改全额上网", actor=who, at=at)
    told = corrections(case, at=at)
    assert told and [row.changes for row in told] == [
        (("光伏怎样上网", "自发自用，余电上网", "全额上网"),),
        (("光伏装机（kW）", "8", "6"),),
        (("装在谁的屋顶", "自己的", "与他人共有（楼顶等）"),),
    ]
