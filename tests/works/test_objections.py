"""A customer says no to his contract and to his fee: it goes back with his reason, is answered, and is asked again."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.undo import undo
from jiedian.cases.case.services.work import Work
from jiedian.cases.coordination.reactions import tell
from jiedian.cases.screen.queries.replay import differences
from jiedian.clocks.models import Pause
from jiedian.core.findings import Refused
from jiedian.doors.office.queries.news import news_of
from jiedian.ground.journal.models import Fact
from jiedian.links.models import Outbox
from jiedian.people.models import User
from jiedian.people.queries import actor, person
from jiedian.people.services.absences import AbsencePlan, register_absence
from jiedian.process.models import Definition
from jiedian.process.queries import open_steps, steps_of
from jiedian.shell.models import SimulatedTime
from jiedian.works.forms import ContractForm, FeeForm, PaymentForm, SignatureForm
from jiedian.works.models import Objection
from jiedian.works.queries import charges, dues_of, may_object, objected, waiting_objection
from jiedian.works.services.contracts import draft_text
from jiedian.works.services.objections import answer_objection, forget_answer, object_to
from jiedian.works.services.payments import take_payment
from jiedian.works.services.undo import forget_draft
from tests.cast import CUSTOMER, codes, do, lodge, moment, staff
from tests.doors.test_customer_steps import opened, url
from tests.works.test_payments import paid

pytestmark = pytest.mark.django_db
WHY = "产权分界点应在红线，不在我厂内"
NO = {"answer": "refused", "words": WHY}


@pytest.fixture
def case() -> Case:
    """A low-voltage case that waits for its customer: a fee to pay, a contract to sign."""
    case = lodge("LVN", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 09:10")
    do(case, "SURVEY", "2025-09-16 09:00", has_fee="yes")
    for code, day in (
        ("SCHEME_REPLY", 17),
        ("SCHEME_SIGN", 18),
        ("FEE_DETERMINE", 19),
        ("CONTRACT_DRAFT", 19),
    ):
        do(case, code, f"2025-09-{day} 09:00")
    return case


def told(case: Case) -> list[str]:
    """What the customer was sent, each text as often as it went out; every fact is told of twice, as after a crash."""
    for fact in [*Fact.objects.filter(stream=case.stream).order_by("seq")] * 2:
        tell(fact)
    return list(Outbox.objects.filter(channel="sms").order_by("id").values_list("template", flat=True))


@pytest.mark.parametrize("kind", ["RES", "LVN", "LV0", "HV1"])
def test_a_no_to_the_contract_goes_back_with_its_reason_and_the_next_version_is_asked_again(
    kind: str,
) -> None:
    case = lodge(kind, "2025-09-15 09:00")
    while "CONTRACT_SIGN" not in codes(case):
        do(
            case,
            sorted(codes(case) - {"METER_ALLOC", "METER_INSTALL", "CUSTOMER_DESIGN"})[0],
            "2025-09-16 09:00",
        )
    draft_text(case, at=moment("2025-09-16 09:00")) if kind == "RES" else None
    first = case.contract.texts.get()
    do(case, "CONTRACT_SIGN", "2025-09-17 09:00", **NO)
    assert "CONTRACT_SIGN" not in codes(case) and "CONTRACT_DRAFT" in codes(case)
    said = waiting_objection(case, "contract")
    assert said and (said.words, said.version, said.said_at) == (WHY, 1, moment("2025-09-17 09:00"))
    assert case.contract.signed_at is None
    assert Fact.objects.filter(stream=case.stream, kind="contract.declined").count() == 1
    (before,) = objected(case, at=moment("2025-09-17 10:00"))
    assert before.objection == said and before.texts == (first,)
    do(case, "CONTRACT_DRAFT", "2025-09-18 09:00", reply="已改到红线")
    assert "CONTRACT_SIGN" in codes(case)
    again = open_steps(case.number).get(code="CONTRACT_SIGN")
    assert again.round == 2 and waiting_objection(case, "contract") is None
    assert sorted(case.contract.texts.values_list("version", flat=True)) == [1, 2]
    do(case, "CONTRACT_SIGN", "2025-09-19 09:00")
    case.contract.refresh_from_db()
    assert case.contract.signed_sha256 == case.contract.texts.get(version=2).sha256
    assert differences(case.number) == []


def test_a_no_to_the_fee_voids_the_bill_and_the_next_fee_is_asked_again(case: Case) -> None:
    old = paid(case)
    do(case, "FEE_COLLECT", "2025-09-22 09:00", **NO)
    assert {"FEE_DETERMINE", "CONTRACT_SIGN"} <= codes(case)
    assert charges(case) == () and dues_of(case).owed_cny == 0 and dues_of(case).order is None
    assert take_payment(old, at=moment("2025-09-22 11:00")).verdict == "late", (
        "money that comes all the same is kept"
    )
    (before,) = objected(case, at=moment("2025-09-22 10:00"))
    assert [fee.amount_cny for fee in before.fees] == [old.amount_cny]
    form = FeeForm(None, case=case)
    assert form.initial["basis"] == "发改价格〔2003〕2279号" and "reply" in form.fields
    do(case, "FEE_DETERMINE", "2025-09-23 09:00", quantity=form.initial["quantity"] / 2, reply="容量已改")
    (fee,) = charges(case)
    assert fee.amount_cny < old.amount_cny and dues_of(case).order is not None
    do(case, "FEE_COLLECT", "2025-09-24 09:00")
    fee.refresh_from_db()
    assert fee.paid_at and case.fees.exclude(ended_at=None).get().paid_at is None, "what was void is not paid"
    assert differences(case.number) == []


def test_a_no_without_a_reason_moves_nothing(case: Case) -> None:
    for code, kind, form in (
        ("CONTRACT_SIGN", "contract", SignatureForm),
        ("FEE_COLLECT", "fee", PaymentForm),
    ):
        with pytest.raises(Refused) as refusal:
            do(case, code, "2025-09-22 09:00", answer="refused", words=" ")
        assert [finding.code for finding in refusal.value.findings] == ["objection.words"]
        bound = form({"answer": "refused", "words": " "}, case=case)
        assert not bound.is_valid() and set(bound.errors) == {"words"}, kind
        assert form(NO, case=case).is_valid()
    assert not form({"answer": "paid", "words": ""}, case=case).is_valid(), "a yes needs its receipt"
    assert {"CONTRACT_SIGN", "FEE_COLLECT"} <= codes(case) and not Objection.objects.exists()


def test_who_drafts_anew_answers_the_customer_or_does_not_draft(case: Case) -> None:
    do(case, "CONTRACT_SIGN", "2025-09-22 09:00", **NO)
    with pytest.raises(Refused) as refusal:
        do(case, "CONTRACT_DRAFT", "2025-09-23 09:00", reply=" ")
    assert [finding.code for finding in refusal.value.findings] == ["objection.answer"]
    assert "CONTRACT_DRAFT" in codes(case) and case.contract.texts.count() == 1
    form = ContractForm({"number": "HT-1", "reply": ""}, case=case)
    assert not form.is_valid() and set(form.errors) == {"reply"}


def test_the_drafter_sees_the_reason_and_the_earlier_version(case: Case) -> None:
    do(case, "CONTRACT_SIGN", "2025-09-22 09:00", **NO)
    do(case, "FEE_COLLECT", "2025-09-22 10:00", answer="refused", words="单价高于文件")
    text = case.contract.texts.get()
    for code, words in (("CONTRACT_DRAFT", WHY), ("FEE_DETERMINE", "单价高于文件")):
        step, client = open_steps(case.number).get(code=code), Client()
        client.force_login(person(step.owner_id))
        for page in (reverse("step", args=[case.number, step.pk]), reverse("case", args=[case.number])):
            assert words in client.get(page).content.decode(), page
        page = client.get(reverse("step", args=[case.number, step.pk])).content.decode()
        assert reverse("contract_text", args=[case.number, text.pk]) in page and "80643.15" in page
        kept = client.get(reverse("contract_text", args=[case.number, text.pk]))
        assert b"".join(kept.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
        assert client.get(reverse("contract_text", args=[case.number, text.pk + 99])).status_code == 404


def test_the_customer_says_no_online_and_sees_that_it_came_and_who_answers(case: Case) -> None:
    client, tracker = opened(case), reverse("tracker", args=[case.number])
    for code in ("CONTRACT_SIGN", "FEE_COLLECT"):
        place = url(case, code)
        assert "我不同意" in client.get(place).content.decode()
        missing = client.post(place, {"object": "1", "words": ""})
        assert missing.status_code == 422 and "请写明不同意什么" in missing.content.decode()
        long = client.post(place, {"object": "1", "words": "长" * 301})
        assert long.status_code == 422 and "长" * 301 in long.content.decode(), (
            "what he wrote stands there again"
        )
        assert client.post(place, {"object": "1", "words": WHY}).status_code == 302
        again = client.post(place, {"object": "1", "words": WHY}, follow=True)
        assert "您的意见已经收到" in again.content.decode()
    assert Objection.objects.filter(case=case).count() == 2 and not may_object(
        case, open_steps(case.number)[0]
    )
    page = client.get(tracker).content.decode()
    drafter = open_steps(case.number).get(code="CONTRACT_DRAFT").owner_name
    assert WHY in page and f"由 {drafter} 答复" in page and "您不同意，正在重拟" in page
    do(case, "CONTRACT_DRAFT", "2025-09-25 09:00", reply="已改到红线")
    do(case, "FEE_DETERMINE", "2025-09-25 09:00", reply="单价依文件，不能改")
    page = client.get(tracker).content.decode()
    assert "已改到红线" in page and "单价依文件，不能改" in page
    for code, answer in (("CONTRACT_SIGN", "已改到红线"), ("FEE_COLLECT", "单价依文件，不能改")):
        shown = client.get(url(case, code)).content.decode()
        assert WHY in shown and answer in shown


def test_who_stops_half_way_finds_what_he_wrote(case: Case) -> None:
    client, place = opened(case), url(case, "CONTRACT_SIGN")
    client.post(place, {"keep": "1", "words": "第三条"})
    client.post(place, {"send": "1", "signatory": "王小明"})
    page = client.get(place).content.decode()
    assert "第三条" in page and "CONTRACT_SIGN" in codes(case) and not Objection.objects.exists()
    assert Client().post(place, {"object": "1", "words": WHY}).status_code in (302, 404)  # nobody else's
    assert not Objection.objects.exists()


def test_a_no_by_telephone_is_entered_with_its_hour_and_the_companys_time_runs_from_it(
    case: Case, settings: Any
) -> None:
    for code in (
        "FEE_COLLECT",
        "METER_ALLOC",
        "METER_INSTALL",
        "CUSTOMER_WORKS",
        "COMPLETION_APPLY",
        "COMPLETION_CHECK",
    ):
        do(case, code, "2025-09-22 09:00")
    assert codes(case) == {"CONTRACT_SIGN"}
    waits = Pause.objects.get(subject=case.number, reason="WAIT_CONTRACT", ended_at=None)
    settings.DEMO = True
    SimulatedTime.objects.create(at=moment("2025-09-24 15:00"))
    step, client = open_steps(case.number).get(), Client()
    client.force_login(person(step.owner_id))
    page = reverse("step", args=[case.number, step.pk])
    sent = {"answer": "refused", "words": WHY, "how": "telephone", "occurred_at": "2025-09-24T10:30"}
    wrong = client.post(page, sent | {"words": ""})
    assert wrong.status_code == 422 and 'value="telephone" selected' in wrong.content.decode()
    assert client.post(page, sent).status_code == 302
    assert client.post(page, sent).status_code == 422  # sent twice
    said = Objection.objects.get()
    assert (said.how, said.said_at) == ("telephone", moment("2025-09-24 10:30"))
    waits.refresh_from_db()
    assert waits.ended_at == moment("2025-09-24 10:30") and codes(case) == {"CONTRACT_DRAFT"}
    assert "电话告知" in client.get(reverse("case", args=[case.number])).content.decode()
    assert differences(case.number) == []


def test_each_message_goes_out_once(case: Case) -> None:
    begun = len(told(case))
    do(case, "CONTRACT_SIGN", "2025-09-22 09:00", **NO)
    do(case, "FEE_COLLECT", "2025-09-22 10:00", **NO)
    do(case, "CONTRACT_DRAFT", "2025-09-23 09:00")
    do(case, "FEE_DETERMINE", "2025-09-23 10:00")
    assert told(case)[begun:] == ["contract_objection", "fee_objection", "contract_again", "fee_again"]


def test_when_the_manager_is_away_his_deputy_answers(case: Case) -> None:
    manager = User.objects.get(pk=case.account_manager_id)
    plan = AbsencePlan(date(2025, 9, 22), date(2025, 9, 26), None, False)
    register_absence(manager, plan, actor=actor(staff("head")), at=moment("2025-09-19 10:00"))
    do(case, "CONTRACT_SIGN", "2025-09-22 09:00", **NO)
    deputy = open_steps(case.number).get(code="CONTRACT_DRAFT").owner_name
    assert deputy != manager.name_zh
    assert f"由 {deputy} 答复" in opened(case).get(reverse("tracker", args=[case.number])).content.decode()


def test_a_no_entered_by_mistake_is_taken_back_and_an_answer_too(case: Case) -> None:
    step = open_steps(case.number).get(code="CONTRACT_SIGN")
    who = actor(person(step.owner_id))
    do(case, "CONTRACT_SIGN", "2025-09-22 09:00", **NO)
    step.refresh_from_db()
    undo(case, step, actor=who, at=moment("2025-09-22 09:10"))
    assert "CONTRACT_SIGN" in codes(case) and not Objection.objects.exists()
    do(case, "CONTRACT_SIGN", "2025-09-22 09:20", **NO)
    do(case, "CONTRACT_DRAFT", "2025-09-22 09:30")
    drafted = steps_of(case.number).filter(code="CONTRACT_DRAFT").order_by("-id")[0]
    undo(case, drafted, actor=who, at=moment("2025-09-22 09:40"))
    assert waiting_objection(case, "contract") is not None and "CONTRACT_DRAFT" in codes(case)


def test_a_case_on_a_version_without_the_way_back_is_not_offered_it(case: Case) -> None:
    """An older diagram would take the no for a yes: nobody may say it there."""
    old = Definition.objects.get(key="low_voltage")
    xml = old.xml.replace("contract_answer == 'refused'", "contract_answer == 'never'")
    Definition.objects.filter(pk=old.pk).update(xml=xml, sha256="older")
    step = open_steps(case.number).get(code="CONTRACT_SIGN")
    assert not may_object(case, step) and "answer" not in SignatureForm(None, case=case).fields
    assert "我不同意" not in opened(case).get(url(case, "CONTRACT_SIGN")).content.decode()
    with pytest.raises(Refused) as refusal:
        do(case, "CONTRACT_SIGN", "2025-09-22 09:00", **NO)
    assert [finding.code for finding in refusal.value.findings] == ["objection.version"]
    assert opened(case).post(url(case, "CONTRACT_SIGN"), {"object": "1", "words": WHY}).status_code == 422


def test_the_verbs_behind_it(case: Case) -> None:
    step = open_steps(case.number).get(code="CONTRACT_SIGN")
    work = Work(case, step, CUSTOMER, moment("2025-09-22 09:00"), {"words": WHY, "reply": "已改"})
    assert object_to(work, Objection.Kind.CONTRACT).pk == object_to(work, Objection.Kind.CONTRACT).pk
    step.done_at = work.at
    answer_objection(work, Objection.Kind.CONTRACT)
    assert waiting_objection(case, "contract") is None
    forget_answer(work, Objection.Kind.FEE)
    assert waiting_objection(case, "contract") is None
    forget_draft(work)
    assert waiting_objection(case, "contract") is not None


def test_his_manager_finds_it_among_his_news(case: Case) -> None:
    do(case, "CONTRACT_SIGN", "2025-09-22 09:00", **NO)
    manager = User.objects.get(pk=case.account_manager_id)
    news = news_of(manager, since=moment("2025-09-22 08:00"))
    assert [
        (one.word, one.text) for one in news if one.case_number == case.number and one.look == "late"
    ] == [("客户不同意", WHY)]
