"""A bill is paid once: the port's signed notice ends the step by the customer's act; what does not fit is kept and shown."""

import json
import urllib.error
import urllib.request
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.coordination.reactions import texts
from jiedian.core.findings import Refused
from jiedian.ground.journal.models import Fact
from jiedian.ground.vault.services import path_of
from jiedian.links.models import Outbox
from jiedian.links.payment.mapping import Paid, pay_link, signature
from jiedian.links.queries import message_row
from jiedian.process.models import Step
from jiedian.works.models import Fee, Payment, PaymentOrder
from jiedian.works.queries import dues_of
from jiedian.works.services.contracts import contract_of, draft_text, sign
from jiedian.works.services.payments import take_payment, write_bill
from tests.cast import CUSTOMER, codes, do, lodge, moment
from tests.outside import stand_in

pytestmark = pytest.mark.django_db
OWED = Decimal("80643.15")


@pytest.fixture
def case(settings: Any) -> Case:
    """A low-voltage case that waits for the customer's payment."""
    settings.PAYMENT_URL, settings.PAYMENT_SECRET = "http://127.0.0.1:1/", "port"
    case = lodge("LVN", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 09:10")
    do(case, "SURVEY", "2025-09-16 09:00", has_fee="yes")
    do(case, "SCHEME_REPLY", "2025-09-17 09:00")
    do(case, "SCHEME_SIGN", "2025-09-18 09:00")
    do(case, "FEE_DETERMINE", "2025-09-19 09:00")
    return case


def paid(case: Case, transaction: str = "T1", at: str = "2025-09-22 10:00", less: int = 0) -> Paid:
    order = PaymentOrder.objects.filter(case=case).latest("id")
    return Paid(order.number, transaction, order.amount_cny - less, moment(at))


def test_the_bill_is_written_with_the_fee_and_announced_once(case: Case) -> None:
    order = PaymentOrder.objects.get(case=case)
    assert order.amount_cny == OWED == dues_of(case).owed_cny
    assert Outbox.objects.get(channel="payment").to == order.number


def test_a_notice_ends_the_step_by_the_customers_act_when_he_paid(case: Case) -> None:
    payment = take_payment(paid(case), at=moment("2025-09-24 08:00"))
    assert payment.verdict == "settled" and "FEE_COLLECT" not in codes(case)
    fact = Fact.objects.get(stream=case.stream, kind="step.finished", data__step="FEE_COLLECT")
    assert fact.actor_role == "customer" and fact.occurred_at == moment("2025-09-22 10:00") < fact.recorded_at
    assert Fee.objects.get(case=case).receipt_number == "T1"
    payment.refresh_from_db()
    assert payment.receipt and payment.receipt.media_type == "application/pdf"
    assert dues_of(case).owed_cny == 0 and dues_of(case).order is None


def test_told_twice_is_once_and_paid_twice_is_kept_as_double(case: Case) -> None:
    at = moment("2025-09-22 11:00")
    first = take_payment(paid(case), at=at)
    assert take_payment(paid(case), at=at).pk == first.pk
    assert take_payment(paid(case, "T2"), at=at).verdict == "double"
    assert Payment.objects.filter(order__case=case).count() == 2


def test_a_wrong_sum_ends_nothing_and_is_shown(case: Case) -> None:
    payment = take_payment(paid(case, less=1), at=moment("2025-09-22 11:00"))
    assert payment.verdict == "wrong" and "FEE_COLLECT" in codes(case)
    assert dues_of(case).owed_cny == OWED and dues_of(case).payments == (payment,)


def test_a_payment_after_the_counter_was_quicker_is_late(case: Case) -> None:
    told = paid(case)
    do(case, "FEE_COLLECT", "2025-09-22 10:30")
    assert take_payment(told, at=moment("2025-09-22 11:00")).verdict == "late"


def test_a_clock_of_the_port_that_is_wrong_is_not_believed(case: Case) -> None:
    opened = Step.objects.get(run__subject=case.number, code="FEE_COLLECT").opened_at
    at = moment("2025-09-22 11:00")
    assert take_payment(paid(case, at="2025-09-01 10:00"), at=at).paid_at == at > opened


def test_the_door_takes_what_is_signed_and_nothing_else(case: Case, settings: Any) -> None:
    told = paid(case)
    body = {"order": told.order, "transaction": "T1", "amount_cny": f"{told.amount_cny}"}
    content = json.dumps(body | {"paid_at": told.paid_at.isoformat()}).encode()

    def push(content: bytes, sign: str) -> int:
        headers = {"X-Signature": sign}
        url = reverse("payment_notice")
        return Client().post(url, content, content_type="application/json", headers=headers).status_code

    assert push(content, "0" * 64) == push(content, "签") == push(content, "") == 401
    assert push(b"{}", signature(b"{}", "port")) == 422
    unknown = content.replace(told.order.encode(), b"C-none")
    assert push(unknown, signature(unknown, "port")) == 422
    assert push(content, signature(content, "port")) == 202
    settings.PAYMENT_SECRET = ""
    assert push(content, signature(content, "")) == 401


def test_the_stand_in_pays_an_order_that_was_signed(settings: Any) -> None:

    with stand_in("payment", JIEDIAN_PAYMENT_SECRET="port") as place:
        link = pay_link(f"http://{place}/", order="P1", amount_cny=OWED, back="http://x/", secret="port")
        page = urllib.request.urlopen(link, timeout=5).read().decode()
        assert "替身收银台" in page and "80643.15" in page
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(link.replace("80643", "1"), timeout=5)


def test_a_bill_paid_in_time_leaves_the_clocks_as_replayed(case: Case) -> None:
    from jiedian.cases.screen.queries.replay import replay
    from jiedian.clocks.models import Clock

    take_payment(paid(case), at=moment("2025-09-22 10:00") + timedelta(days=2))
    kept = {(clock.limit_id, clock.state) for clock in Clock.objects.filter(subject=case.number)}
    assert {(clock.limit.id, clock.state) for clock in replay(case.number)} == kept


def test_a_contract_is_drafted_once_and_signed_once(case: Case) -> None:
    at = moment("2025-09-22 10:00")
    contract = draft_text(case, at=at)
    assert contract_of(case, at=at).pk == contract.pk and contract.texts.count() == 1
    sign(contract, signatory="王小明", is_by_code=True, at=at)
    with pytest.raises(Refused):
        sign(contract, signatory="别人", is_by_code=True, at=at)
    assert write_bill(case, actor=CUSTOMER, at=at) == PaymentOrder.objects.get(case=case)


def test_a_contract_points_at_nothing_it_does_not_print(case: Case) -> None:
    text = draft_text(case, at=moment("2025-09-22 10:00")).texts.get(language="zh-hans")
    pages = pypdfium2.PdfDocument(path_of(text.sha256))
    told = "".join(page.get_textpage().get_text_bounded() for page in pages)
    assert "供电容量" in told and f"{case.capacity_kva.normalize():f} kVA" in told
    assert "产权分界点" in told and "电价类别" in told and "上列类别" not in told


@pytest.mark.parametrize(
    ("verdict", "text"), [("wrong", "fee_odd"), ("double", "fee_twice"), ("late", "fee_late")]
)
def test_each_way_a_payment_does_not_fit_has_words_of_its_own(verdict: str, text: str) -> None:
    assert texts()[f"paid:{verdict}"].message == text
    row = message_row(text)
    assert ("不符" in row.zh) == (verdict == "wrong") and ("退还" in row.zh) == (verdict == "double")
