"""Every step of the customer is done by himself from his page: once, by his own act, with what he typed kept when he stops."""

import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.papers.services import hand_in_by_code
from jiedian.core.findings import Refused
from jiedian.doors.portal.services import do_step, draft_of, keep_draft
from jiedian.ground.journal.models import Fact
from jiedian.links.models import Outbox
from jiedian.process.models import Definition, Step
from jiedian.process.queries import diagram, open_steps
from jiedian.process.rows import cards
from jiedian.process.steps import doing
from jiedian.shell.shell import business_now
from jiedian.works.models import Appointment
from jiedian.works.services.appointments import choose, days_to_choose
from tests.cast import CUSTOMER, codes, do, lodge, moment

pytestmark = pytest.mark.django_db


def opened(case: Case) -> Client:
    """A browser that was let in to the page of a case."""
    client = Client()
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    return client


def pdf(name: str = "x.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.4\n%%EOF\n", content_type="application/pdf")


def url(case: Case, code: str, page: str = "customer_step") -> str:
    return reverse(page, args=[case.number, open_steps(case.number).get(code=code).pk])


@pytest.fixture
def case() -> Case:
    """A high-voltage case with fee and works of its own, whose scheme is accepted."""
    case = lodge("HV1", "2025-09-15 09:00")
    do(
        case,
        "ACCEPT",
        "2025-09-15 09:10",
        held=["licence", "equipment_list", "project_approval", "title_deed_hv"],
    )
    do(case, "SURVEY", "2025-09-16 09:00", has_fee="yes", importance="second")
    do(case, "SCHEME_DRAFT", "2025-09-18 09:00")
    while "SCHEME_REPLY" not in codes(case):
        do(case, sorted(codes(case))[0], "2025-09-18 15:00")
    do(case, "SCHEME_REPLY", "2025-09-19 09:00")
    do(case, "SCHEME_SIGN", "2025-09-22 09:00")
    return case


def test_every_step_of_the_customer_in_every_diagram_can_be_done_online() -> None:
    steps = [
        (definition.key, code)
        for definition in Definition.objects.all()
        for code in diagram(definition).codes
        if cards(definition.key)[code].performer == "customer"
    ]
    assert len(steps) > 10
    assert [step for step in steps if doing(step[1]).online is None] == []


def test_a_design_is_handed_in_once_by_the_customers_act(case: Case) -> None:
    client, place = opened(case), url(case, "CUSTOMER_DESIGN")
    page = client.get(reverse("tracker", args=[case.number])).content.decode()
    assert place in page
    answers = {"designer": "我选的设计院", "designer_licence": "A-1"}
    assert client.get(place).status_code == 200
    assert client.post(place, {"designer": "我选的设计院"}).status_code == 422
    assert client.post(place, answers).status_code == 302
    assert client.post(place, answers).status_code == 302  # sent twice
    done = Fact.objects.get(stream=case.stream, kind="step.finished", data__step="CUSTOMER_DESIGN")
    assert done.actor_role == "customer" and case.customer_works.designer == "我选的设计院"


def test_who_stops_half_way_finds_what_he_typed(case: Case) -> None:
    client, place = opened(case), url(case, "CUSTOMER_DESIGN")
    client.post(place, {"designer": "半途设计院", "save": "1"})
    assert "CUSTOMER_DESIGN" in codes(case)
    assert "半途设计院" in client.get(place).content.decode()
    assert Client().get(place).status_code in (302, 404)  # nobody else's


def test_a_rejected_design_says_its_defects_and_is_handed_in_anew(case: Case) -> None:
    do(case, "CUSTOMER_DESIGN", "2025-09-23 09:00")
    case.papers.filter(due_step="DESIGN_REVIEW").update(state="held")
    do(case, "DESIGN_REVIEW", "2025-09-24 09:00", result="rectify", defects="缺接地图")
    client = opened(case)
    assert "缺接地图" in client.get(reverse("tracker", args=[case.number])).content.decode()
    client.post(url(case, "CUSTOMER_DESIGN"), {"designer": "设计院", "designer_licence": "A-1"})
    assert "DESIGN_REVIEW" in codes(case)
    assert "缺接地图" not in client.get(reverse("tracker", args=[case.number])).content.decode()


def test_a_contract_is_signed_by_a_code_to_the_phone_on_record(case: Case) -> None:
    do(case, "CONTRACT_DRAFT", "2025-09-24 09:00")
    client, place = opened(case), url(case, "CONTRACT_SIGN")
    assert "/files/contract/" in client.get(place).content.decode()
    client.post(place, {"send": "1", "signatory": "王小明"})
    code = re.search(r"\d{6}", Outbox.objects.filter(template="signing_code").latest("id").text)[0]  # type: ignore[index]
    wrong = "000000" if code != "000000" else "111111"
    assert client.post(place, {"signatory": "王小明", "code": wrong}).status_code == 422
    assert (
        client.post(reverse("code", args=[case.number]), {"code": code}).status_code == 422
    )  # opens nothing
    assert client.post(place, {"signatory": "王小明", "code": code}).status_code == 302
    case.refresh_from_db()
    text = case.contract.texts.get()
    assert case.contract.is_signed_by_code and case.contract.signed_sha256 == text.sha256
    shown = client.get(reverse("own_file", args=[case.number, "contract", text.pk]))
    assert shown.status_code == 200 and b"".join(shown.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]


def test_a_resident_signs_from_afar_too() -> None:
    case = lodge("RES")
    do(case, "ACCEPT", "2025-09-15 10:00")
    client, place = opened(case), url(case, "CONTRACT_SIGN")
    client.post(place, {"send": "1", "signatory": "王小明"})
    assert case.contract.texts.count() == 1 and case.contract.number == f"HT-{case.number}"
    code = re.search(r"\d{6}", Outbox.objects.filter(template="signing_code").latest("id").text)[0]  # type: ignore[index]
    client.post(place, {"signatory": "王小明", "code": code})
    assert "CONTRACT_SIGN" not in codes(case)


def test_completion_and_its_papers_are_one_submission(case: Case) -> None:
    at = "2025-10-10 09:00"
    case.papers.filter(due_step="DESIGN_REVIEW").update(state="held")
    for code in ("FEE_DETERMINE", "FEE_COLLECT", "CONTRACT_DRAFT", "CUSTOMER_DESIGN", "DESIGN_REVIEW"):
        do(case, code, at)
    do(case, "CUSTOMER_WORKS", at)
    while "COMPLETION_APPLY" not in codes(case):
        do(case, next(code for code in sorted(codes(case)) if code.startswith("MID")), at)
    client, place = opened(case), url(case, "COMPLETION_APPLY")
    owed = [f"paper-{paper.pk}" for paper in case.papers.filter(due_step="COMPLETION_CHECK", state="owed")]
    page = client.get(place).content.decode()
    assert len(owed) > 3 and all(f'name="{name}"' in page for name in owed)
    bad = {name: pdf() for name in owed} | {owed[0]: SimpleUploadedFile("x.pdf", b"MZ not a pdf")}
    assert client.post(place, {"is_complete": "on"} | bad).status_code == 422
    assert case.papers.filter(due_step="COMPLETION_CHECK", state="owed").count() == len(owed), "all or none"
    assert client.post(place, {"is_complete": "on"} | {name: pdf() for name in owed}).status_code == 302
    assert not case.papers.filter(due_step="COMPLETION_CHECK", state="owed").exists()
    assert "COMPLETION_CHECK" in codes(case)
    do(case, "COMPLETION_CHECK", at, result="rectify", defects="柜门不能闭锁")
    page = client.get(reverse("tracker", args=[case.number])).content.decode()
    assert "柜门不能闭锁" in page
    place = url(case, "RECTIFY")
    assert "柜门不能闭锁" in client.get(place).content.decode()
    assert client.post(place, {"note": "已换锁", "photo": pdf("lock.pdf")}).status_code == 302
    failed = case.inspections.get(defects="柜门不能闭锁")
    assert failed.rectified_note == "已换锁" and failed.rectified_upload


def test_he_pays_at_the_port_and_reads_what_he_owes(case: Case, settings: Any) -> None:
    settings.PAYMENT_URL, settings.PAYMENT_SECRET = "http://127.0.0.1:1/", "port"
    do(case, "FEE_DETERMINE", "2025-09-24 09:00")
    client = opened(case)
    page = client.get(url(case, "FEE_COLLECT")).content.decode()
    assert "80643.15" in page and "http://127.0.0.1:1/pay?" in page
    assert "80643.15" in client.get(reverse("tracker", args=[case.number])).content.decode()
    settings.PAYMENT_URL = ""
    assert "就近服务中心" in client.get(url(case, "FEE_COLLECT")).content.decode()


def test_papers_are_handed_in_before_acceptance() -> None:
    case = lodge("RES")
    client = opened(case)
    tracker = reverse("tracker", args=[case.number])
    place = reverse("hand_in_early", args=[case.number, "id_card"])
    assert place in client.get(tracker).content.decode()
    assert client.post(place, {"file": pdf()}).status_code == 302
    paper = case.papers.get(code="id_card")
    assert paper.state == "held" and paper.upload
    do(case, "ACCEPT", "2025-09-15 10:00", held=["id_card"])
    paper.refresh_from_db()
    assert paper.state == "held" and paper.upload
    assert client.post(place, {"file": pdf()}).status_code == 422
    assert place not in client.get(tracker).content.decode()


def test_he_chooses_the_half_day_on_which_we_come() -> None:
    case = lodge("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    client, place = opened(case), url(case, "SURVEY", "choose_time")
    assert place in client.get(reverse("tracker", args=[case.number])).content.decode()

    days = days_to_choose(on=business_now().date())
    assert client.post(place, {"day": date(2000, 1, 3), "half": "morning"}).status_code == 422
    assert client.post(place, {"day": days[1], "half": "noon"}).status_code == 422
    for half in ("morning", "afternoon", "afternoon"):
        assert client.post(place, {"day": days[1], "half": half}).status_code == 302
    assert Appointment.objects.get(case=case).half == "afternoon"
    assert Fact.objects.filter(stream=case.stream, kind="appointment.chosen").count() == 2
    assert "下午" in client.get(reverse("tracker", args=[case.number])).content.decode()


def test_a_step_of_ours_is_no_step_of_his(case: Case) -> None:
    step = Step.objects.get(run__subject=case.number, code="FEE_DETERMINE")
    assert opened(case).post(reverse("customer_step", args=[case.number, step.pk])).status_code == 404


def test_the_verbs_behind_the_pages(case: Case) -> None:
    at, step = moment("2025-09-23 09:00"), open_steps(case.number).get(code="CUSTOMER_DESIGN")
    keep_draft(step, {"designer": "院", "code": "123456"}, at=at)
    assert draft_of(step) == {"designer": "院"}
    do_step(case, step, {"designer": "院", "designer_licence": "A"}, {}, at=at)
    assert draft_of(step) == {} and "DESIGN_REVIEW" in codes(case)
    with pytest.raises(Refused):
        choose(case, step, (date(2025, 9, 24), "morning"), actor=CUSTOMER, at=at)
    with pytest.raises(Refused):
        hand_in_by_code(case, "id_card", pdf(), name="x.pdf", actor=CUSTOMER, at=at)
