"""What people did who walked the product in the evening of 27 November: pasted, slipped, changed their mind, kept a tab open."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.steps import terminate, withdraw
from jiedian.cases.case.services.undo import undo_window
from jiedian.cases.case.services.work import Work
from jiedian.cases.forecast.calc.forecast import Pace
from jiedian.cases.forecast.queries import Paces, left_by_step
from jiedian.cases.intake.calc.application import findings_of, points_of
from jiedian.cases.intake.calc.corrections import CASE
from jiedian.cases.intake.calc.corrections import CUSTOMER as CUSTOMER_FIELDS
from jiedian.cases.intake.services.corrections import correct
from jiedian.cases.papers.services import hand_in_by_code, waive
from jiedian.cases.screen.queries.screen import screen_of
from jiedian.cases.screen.views.verbs import offers
from jiedian.clocks.services import resume, suspend
from jiedian.core.findings import Refused
from jiedian.core.workdays import local_day
from jiedian.ground.journal.queries import facts_of
from jiedian.links.models import Outbox
from jiedian.links.services import Message, send
from jiedian.people.forms import HandoverForm
from jiedian.people.models import Absence, User
from jiedian.people.queries import actor, areas
from jiedian.people.services.absences import AbsencePlan, register_absence
from jiedian.people.services.desks import hand_over
from jiedian.process.queries import open_steps
from jiedian.process.rows import classes
from jiedian.shell.kit.names import staff_name
from jiedian.shell.models import SimulatedTime
from jiedian.shell.shell import business_now
from jiedian.supply.scheme.forms import SchemeForm
from jiedian.voice.inbox.models.concerns import Concern
from jiedian.voice.inbox.queries.concerns import waiting_for
from jiedian.works.forms import FeeForm
from jiedian.works.services.appointments import choose
from jiedian.works.services.contracts import draft_text
from jiedian.works.steps import finish_grid_works
from tests.cast import CUSTOMER, application, do, lodge, moment, staff, tell

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 09:00")


def opened(case: Case) -> Client:
    client = Client(raise_request_exception=False)
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    return client


def powered() -> Case:
    case = lodge("RES", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 09:30", held=["id_card"])
    do(case, "CONTRACT_SIGN", "2025-09-15 10:00")
    do(case, "METER_INSTALL", "2025-09-15 11:00")
    do(case, "ENERGISE", "2025-09-15 12:00")
    case.refresh_from_db()
    return case


FORM = {
    "declared_class": "RES",
    "name": "王小明",
    "address": "柳泉路 1 号",
    "area": "east",
    "capacity_kva": "8",
    "phone": "13812345678",
}


@pytest.mark.parametrize(
    "phone", ["138 0013 8000", "+86 138-0013-8000", "１３８００１３８０００", "(0533) 555 0001"]
)
@pytest.mark.parametrize("number", ["", "１１０１０５ 19491231 002x", "E12345678"])
def test_a_pasted_number_is_taken(client: Client, phone: str, number: str) -> None:
    answer = client.post(reverse("apply"), FORM | {"phone": phone, "identity_number": number})
    assert answer.status_code == 302, answer.content.decode()
    kept = Case.objects.latest("id").customer
    assert kept.phone in ("13800138000", "05335550001")
    assert kept.identity_number in ("", "11010519491231002X", "E12345678")


def test_a_long_word_of_the_customer_is_kept_whole(client: Client) -> None:
    said = "我们的冷库月底进货，" * 45
    client.post(reverse("apply"), FORM | {"points": said})
    points = (
        Case.objects.latest("id").points.filter(kind="said").order_by("id").values_list("text", flat=True)
    )
    assert "".join(points) == said and all(len(text) <= 200 for text in points)
    assert points_of("甲\n乙\n") == (("甲", 5), ("乙", 4))


def test_what_a_word_processor_leaves_loses_no_form(client: Client) -> None:
    assert (
        client.post(
            reverse("apply"), FORM | {"points": "第一行\x0b第二行", "address": "柳泉路\x1f 1 号"}
        ).status_code
        == 302
    )
    case = Case.objects.latest("id")
    assert case.points.filter(kind="said").count() == 2 and case.address == "柳泉路 1 号"


def test_a_slip_of_the_year_is_said() -> None:
    far = application("RES", needed_on=date(2099, 1, 1))
    assert [finding.code for finding in findings_of(far, classes(), on=date(2025, 9, 16))] == [
        "application.far"
    ]


def test_a_figure_in_the_wrong_box_breaks_no_page() -> None:
    case = lodge("RES", "2025-09-15 09:00")
    many = "9" * 17
    assert opened(case).post(f"/track/{case.number}/correct/", {"capacity_kva": many}).status_code == 422
    do(case, "ACCEPT", "2025-09-15 10:00")
    meterer = Client(raise_request_exception=False)
    step = open_steps(case.number).get(code="METER_INSTALL")
    meterer.force_login(User.objects.get(pk=step.owner_id))
    typed = {"meter_number": "M-1", "seal_number": "S-1", "first_reading_kwh": many}
    page = meterer.post(reverse("step", args=[case.number, step.pk]), typed)
    assert page.status_code == 422 and "S-1" in page.content.decode()


def test_a_correction_doubts_as_applying_does_and_gives_the_case_to_who_does_that_class(
    client: Client,
) -> None:
    case = lodge("RES", "2025-09-15 09:00")
    page = opened(case).get(f"/track/{case.number}/correct/").content.decode()
    assert 'name="sure"' not in page
    values = {
        name: getattr(case, name) for name in ("address", "area", "case_class", "capacity_kva", "importance")
    }
    values |= {
        "kind": "person",
        "name": case.customer.name,
        "phone": case.customer.phone,
        "voltage_kv": "0.22",
    }
    sent = opened(case).post(
        f"/track/{case.number}/correct/", values | {"capacity_kva": "99999", "reason": "写错"}
    )
    assert sent.status_code == 422 and 'name="sure"' in sent.content.decode()
    big = values | {
        "case_class": "HV1",
        "voltage_kv": Decimal(10),
        "capacity_kva": Decimal(800),
        "kind": "organisation",
    }
    more = {
        "identity_number": "",
        "email": "",
        "is_special_load": False,
        "is_residential_community": False,
        "needed_on": None,
    }
    correct(case, big | more, reason="是工厂", actor=CUSTOMER, at=AT)
    case.refresh_from_db()
    assert case.account_manager_id == lodge("HV1", "2025-09-16 09:00", area=case.area).account_manager_id


def test_a_day_agreed_on_moves_the_forecast_and_is_not_passed_over_silently() -> None:
    case = lodge("RES", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    step = open_steps(case.number).get(code="METER_INSTALL")
    choose(case, step, (date(2025, 9, 24), "morning"), actor=CUSTOMER, at=AT)
    step.refresh_from_db()
    left = left_by_step(["METER_INSTALL"], [step], Paces({"METER_INSTALL": Pace(0, 1, 2)}, 0), at=AT)
    assert left["METER_INSTALL"].low_wd == 6
    client = Client()
    client.force_login(User.objects.get(pk=step.owner_id))
    typed: dict[str, Any] = {"meter_number": "M-1", "seal_number": "S-1", "first_reading_kwh": "0"}
    url = reverse("step", args=[case.number, step.pk])
    page = client.post(url, typed | {"occurred_at": "2025-09-16 10:00"})
    assert page.status_code == 422 and "9月24日" in page.content.decode()
    assert (
        client.post(url, typed | {"occurred_at": "2025-09-16 10:00", "is_other_day": "on"}).status_code == 302
    )


def test_a_resident_is_promised_power_not_a_scheme_he_never_gets() -> None:
    case = lodge("RES", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    owed = screen_of(case, at=AT, is_zh=True).owed
    assert owed and owed.limit.step != "SCHEME_REPLY"


def test_who_has_power_cannot_withdraw() -> None:
    case = powered()
    page = opened(case).post(f"/track/{case.number}/do/withdraw/", {"reason": "不要了"})
    assert page.status_code == 422 and "不要了" not in page.content.decode().partition("<main")[0]
    for verb in (withdraw, terminate):
        with pytest.raises(Refused):
            verb(case, reason="不要了", actor=CUSTOMER, at=AT)
    assert not offers(case, "withdraw") and not offers(case, "terminate")
    case.refresh_from_db()
    assert case.is_open


def test_a_refusal_on_the_tracker_keeps_the_words() -> None:
    case = lodge("RES", "2025-09-15 09:00")
    client = opened(case)
    for path, data in (
        ("do/withdraw/", {"reason": " "}),
        ("do/message/", {"text": "  "}),
        ("papers/x/early/", {}),
    ):
        page = client.post(f"/track/{case.number}/{path}", data)
        assert page.status_code == 422 and case.number in page.content.decode(), path
        assert "do/message" in page.content.decode(), "the tracker itself"


def test_a_paper_that_never_comes_is_waived_with_a_reason_and_the_case_ends() -> None:
    case = powered()
    owed = case.papers.exclude(state="held").first()
    assert owed and offers(case, "waive")
    with pytest.raises(Refused):
        waive(owed, reason=" ", actor=actor(staff("head")), at=AT)
    for paper in list(case.papers.exclude(state="held")):
        waive(paper, reason="房东不配合，法务同意", actor=actor(staff("head")), at=AT)
    with pytest.raises(Refused):
        waive(owed, reason="再来", actor=actor(staff("head")), at=AT)
    assert facts_of(case.stream).filter(kind="paper.waived").first().data["reason"] == "房东不配合，法务同意"
    do(case, "ARCHIVE", "2025-09-17 09:00")


def test_a_code_goes_before_what_was_queued_earlier() -> None:
    words = {"number": "C-1", "manager": "李静", "code": "123456"}
    for n, template in enumerate(["receipt", "one_time_code"]):
        send(Message("sms", "13812345678", template, words), idempotency_key=str(n), at=AT)
    jobs = ProcrastinateJob.objects.filter(task_name="links.deliver").order_by("-priority", "id")
    assert jobs[0].args["outbox_id"] == Outbox.objects.get(template="one_time_code").pk


def test_a_charge_of_nothing_or_beyond_belief_is_no_charge() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    for quantity, price in (("1", "0"), ("0", "9"), ("99999999.999", "99999999.9999")):
        values = {
            "name": "高可靠性供电费",
            "quantity": quantity,
            "unit_price_cny": price,
            "basis": "鲁价〔2020〕1 号",
        }
        assert FeeForm(values, case=case).errors, (quantity, price)
    assert FeeForm(values | {"quantity": "800", "unit_price_cny": "0.01"}, case=case).is_valid()


@pytest.mark.parametrize(
    ("since", "until", "code"), [("2026-01-05", "2026-01-06", "past"), ("2026-12-01", "9999-12-31", "long")]
)
def test_an_absence_that_is_a_slip_is_refused(since: str, until: str, code: str) -> None:
    plan = AbsencePlan(date.fromisoformat(since), date.fromisoformat(until))
    with pytest.raises(Refused) as refusal:
        register_absence(staff("manager"), plan, actor=actor(staff("head")), at=moment("2026-11-27 09:00"))
    assert [finding.code for finding in refusal.value.findings] == [f"absence.{code}"]


def test_a_scheme_drafted_anew_by_hand_begins_with_the_version_before() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00")
    do(case, "SCHEME_DRAFT", "2025-09-17 09:00")
    before = case.schemes.get()
    begun = SchemeForm(case=case).initial
    assert (begun["boundary"], begun["supply_point"]) == (before.boundary, before.supply_point)


def test_accepting_or_withdrawing_twice_says_that_it_is_done() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    for code, at in (("ACCEPT", "15"), ("SURVEY", "16"), ("SCHEME_DRAFT", "17"), ("SCHEME_REPLY", "18")):
        do(case, code, f"2025-09-{at} 10:00")
    SimulatedTime.objects.update_or_create(pk=1, defaults={"at": moment("2025-09-19 09:00")})
    client = opened(case)
    for verb, data in (
        ("accept", {}),
        ("accept", {}),
        ("withdraw", {"reason": "停办"}),
        ("withdraw", {"reason": "停办"}),
    ):
        page = client.post(f"/track/{case.number}/do/{verb}/", data)
        assert page.status_code == 302, page.content.decode().partition("findings")[2][:400]


def test_papers_that_hold_everything_stand_in_the_largest_type() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    for code, at in (("SURVEY", "16"), ("SCHEME_DRAFT", "17")):
        do(case, code, f"2025-09-{at} 10:00")
    page = opened(case).get(f"/track/{case.number}/").content.decode()
    assert "等您补" in page and "您这边不用做什么" not in page


def test_a_wrong_file_is_replaced_and_a_telephones_picture_is_taken() -> None:
    case = lodge("LVN", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 09:40", held=["licence"])
    client = opened(case)
    owed = case.papers.filter(state="owed").exclude(due_step="ACCEPT").first()
    assert owed
    pictures = {
        "a.pdf": b"%PDF-1.7\n%%EOF\n",
        "b.heic": b"\x00\x00\x00\x18ftypheic",
        "c.webp": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    }
    for name, content in pictures.items():
        file = SimpleUploadedFile(name, content)
        assert client.post(f"/track/{case.number}/papers/{owed.pk}/", {"file": file}).status_code == 302, name
        owed.refresh_from_db()
        assert owed.upload and owed.upload.name == name
    fake = SimpleUploadedFile("d.webp", b"RIFF\x10\x00\x00\x00WAVEfmt ")
    assert client.post(f"/track/{case.number}/papers/{owed.pk}/", {"file": fake}).status_code == 422


def test_works_completed_in_the_stone_age_are_a_slip() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    work = Work(
        case, open_steps(case.number).get(), actor(staff("head")), AT, {"completed_on": date(1990, 1, 1)}
    )
    with pytest.raises(Refused) as refusal:
        finish_grid_works(work)
    assert [finding.code for finding in refusal.value.findings] == ["works.long_ago"]


def test_who_stands_in_is_on_the_page_as_in_the_message() -> None:
    case = lodge("LVN", "2025-09-15 09:00")
    manager = User.objects.get(pk=case.account_manager_id)
    deputy = User.objects.exclude(pk=manager.pk).filter(roles__contains=["account_manager"], is_active=True)[
        0
    ]
    on = local_day(business_now())
    Absence.objects.create(user=manager, deputy=deputy, from_on=on, until_on=on)
    page = opened(case).get(f"/track/{case.number}/").content.decode()
    assert deputy.name_zh in page and deputy.phone in page
    given = {name: getattr(case, name) for name in CASE} | {
        name: getattr(case.customer, name) for name in CUSTOMER_FIELDS
    }
    area = next(code for code, _name in areas() if code != case.area)
    correct(case, given | {"area": area}, reason="在别的区", actor=CUSTOMER, at=AT)
    case.refresh_from_db()
    assert case.account_manager_id == lodge("LVN", "2025-09-16 09:00", area=area).account_manager_id


def test_a_number_is_found_however_it_is_typed(client: Client) -> None:
    case = lodge("LVN", "2025-09-15 09:00")
    client.force_login(staff("head"))
    wide = case.number.translate({ord(c): ord(c) + 0xFEE0 for c in "C0123456789"})
    assert case.number in client.get("/search/", {"q": wide}).content.decode()


def test_a_form_sent_after_the_session_had_ended_says_that_it_was_not_taken(client: Client) -> None:
    case = lodge("LVN", "2025-09-15 09:00")
    step = open_steps(case.number).get()
    sent = client.post(reverse("step", args=[case.number, step.pk]), {"held": "licence"})
    assert sent.status_code == 302 and sent["Location"].endswith("&kept=1")
    assert "没有办成" in client.get(sent["Location"]).content.decode()
    assert "没有办成" not in client.get("/account/login/?next=/desk/").content.decode()


def test_saying_something_takes_a_copied_number_and_tells_whom_a_program_helped(client: Client) -> None:
    case = lodge("LVN", "2025-09-15 09:00")
    said = {"text": "何时来装表", "token": "t1", "case_number": case.number.lower() + " "}
    helped = client.post("/say/", said | {"website": "http://x"})
    assert (
        helped.status_code == 422
        and "何时来装表" in helped.content.decode()
        and "http://x" not in helped.content.decode()
    )
    assert client.post("/say/", said).status_code == 302


def test_who_applied_without_a_certificate_reads_that_we_wait_for_it() -> None:
    case = lodge("LVN", "2025-09-15 09:00")
    client = opened(case)
    assert "等您交" in client.get(f"/track/{case.number}/").content.decode()
    hand_in_by_code(case, "licence", BytesIO(b"%PDF-1.7\n%%EOF\n"), name="l.pdf", actor=CUSTOMER, at=AT)
    assert "您这边不用做什么" in client.get(f"/track/{case.number}/").content.decode()


def test_one_meter_hangs_at_one_customer_and_a_contract_has_one_number() -> None:
    first, second = (lodge("RES", "2025-09-15 09:00") for _ in range(2))
    for case in (first, second):
        do(case, "ACCEPT", "2025-09-15 09:30")
    do(
        first,
        "METER_INSTALL",
        "2025-09-15 11:00",
        meter_number="M-7",
        seal_number="S",
        first_reading_kwh=Decimal(0),
    )
    with pytest.raises(Refused) as refusal:
        do(
            second,
            "METER_INSTALL",
            "2025-09-15 12:00",
            meter_number=" m-7",
            seal_number="S",
            first_reading_kwh=Decimal(0),
        )
    assert [finding.code for finding in refusal.value.findings] == ["meter.taken"]
    kept = draft_text(first, number="HT-1", at=AT)
    assert draft_text(first, number="HT-1", at=AT).pk == kept.pk
    with pytest.raises(Refused):
        draft_text(second, number="HT-1", at=AT)


def test_a_withdrawn_case_asks_for_nothing_and_a_key_that_is_gone_is_asked_for_anew(client: Client) -> None:
    case = lodge("LVN", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 09:40", held=["licence"])
    withdraw(case, reason="停办", actor=CUSTOMER, at=AT)
    page = opened(case).get(f"/track/{case.number}/").content.decode()
    assert "/papers/" not in page and "重新申请" in page and "没有办完" in page and "停办" in page
    paper = case.papers.first()
    assert paper
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.7")
    assert opened(case).post(f"/track/{case.number}/papers/{paper.pk}/", {"file": file}).status_code == 422
    gone = client.post(f"/track/{case.number}/do/message/", {"text": "喂"})
    assert gone.status_code == 404 and 'href="/track/"' in gone.content.decode()


def test_a_concern_goes_to_who_stands_in() -> None:
    case = lodge("LVN", "2025-09-15 09:00")
    manager = User.objects.get(pk=case.account_manager_id)
    deputy = User.objects.exclude(pk=manager.pk).filter(roles__contains=["account_manager"], is_active=True)[
        0
    ]
    Absence.objects.create(user=manager, deputy=deputy, from_on=AT.date(), until_on=AT.date())
    telling, _ = tell("还没来装表", "2025-09-16 09:30", case_number=case.number)
    assert telling.concern and telling.concern.owner_id == deputy.pk


def test_a_concern_told_before_an_absence_waits_on_the_desk_of_who_stands_in() -> None:
    concerns = [tell(f"还没来装表 {n}", "2025-09-16 09:00")[0].concern for n in range(14)]
    away, deputy = staff("manager"), staff("manager2")
    Concern.objects.filter(pk__in=[one.pk for one in concerns if one]).update(owner_id=away.pk)
    assert waiting_for(deputy, on=AT.date()) == ([], 0)
    Absence.objects.create(user=away, deputy=deputy, from_on=AT.date(), until_on=AT.date())
    shown, more = waiting_for(deputy, on=AT.date())
    assert {one.owner_id for one in shown} == {away.pk} and (len(shown), more) == (12, 2)
    assert waiting_for(deputy, on=AT.date() + timedelta(days=1)) == ([], 0)


def test_a_letter_in_english_names_the_manager_in_english() -> None:
    assert staff_name("何晴", "en") == "He Qing" and staff_name("何晴", "zh-hans") == "何晴"


def test_the_words_of_who_wants_another_scheme_stand_before_who_drafts_it(client: Client) -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    for code, day in (("ACCEPT", "15"), ("SURVEY", "16"), ("SCHEME_DRAFT", "17"), ("SCHEME_REPLY", "18")):
        do(case, code, f"2025-09-{day} 10:00")
    SimulatedTime.objects.update_or_create(pk=1, defaults={"at": moment("2025-09-19 09:00")})
    assert (
        opened(case).post(f"/track/{case.number}/do/another/", {"words": "太贵，要架空线"}).status_code == 302
    )
    step = open_steps(case.number).get(code="SCHEME_DRAFT")
    client.force_login(User.objects.get(pk=step.owner_id))
    for path in (f"/cases/{case.number}/", f"/cases/{case.number}/steps/{step.pk}/?by_hand=1"):
        assert "太贵，要架空线" in client.get(path).content.decode(), path


def test_half_an_hour_to_undo_is_the_visitors_in_the_demo(settings: Any) -> None:
    settings.DEMO = False
    assert undo_window() == timedelta(minutes=30)
    settings.DEMO = True
    assert undo_window() == timedelta(minutes=30 * 360), "demo time runs 360 times as fast"


def test_no_desk_is_handed_to_who_is_away() -> None:
    old, new = User.objects.filter(roles__contains=["account_manager"], is_active=True)[:2]
    Absence.objects.create(user=new, from_on=AT.date(), until_on=AT.date())
    with pytest.raises(Refused) as refusal:
        hand_over(old, new, actor=actor(staff("head")), at=AT)
    assert [finding.code for finding in refusal.value.findings] == ["handover.away"]


def test_a_pause_made_by_hand_says_to_the_customer_why() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    proof = f"{case.number}/许可受理单.pdf"
    who = actor(staff("manager"))
    told: dict[str, Any] = {"subject": case.number, "actor": who, "stream": case.stream}
    suspend(reason="WAIT_PERMIT", evidence=proof, at=AT, **told)
    words = opened(case).get(f"/track/{case.number}/").content.decode()
    assert "计时暂停：等待政府许可" in words and proof in words
    resume(at=AT + timedelta(hours=1), **told)
    assert "计时暂停" not in opened(case).get(f"/track/{case.number}/").content.decode()


def test_people_of_one_name_are_told_apart_where_one_is_chosen() -> None:
    manager = staff("manager")
    twin = User.objects.create(
        username="twin", name_zh="何晴", name_en="He Qing", department=manager.department
    )
    User.objects.filter(pk__in=[manager.pk, twin.pk]).update(
        name_zh="何晴", name_en="He Qing", roles=manager.roles
    )
    form = HandoverForm(me=staff("admin"))
    words = [label for _group, people in list(form["to_user"].field.choices)[1:] for _pk, label in people]
    assert {"何晴（manager）", "何晴（twin）"} <= set(words) and len(words) == len(set(words))


def test_a_refused_form_of_the_staff_names_the_page_it_came_from(client: Client) -> None:
    concern = tell("增容申请什么时候能来勘查")[0].concern
    client.force_login(staff("clerk"))
    url = reverse("concern_act", args=[concern.number, "merge"])
    for home, is_ours in (
        ("http://testserver/voice/concerns/x/", True),
        ("https://elsewhere.example/x", False),
    ):
        page = client.post(url, {"other": "S-2025-0000"}, headers={"referer": home})
        assert page.status_code == 422 and (f'href="{home}"' in page.content.decode()) is is_ours
