"""Verbs of money: write a bill, announce it to the payment port, take a payment, and give a receipt."""

import json
from datetime import datetime

from django.db import transaction

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.work import Work
from jiedian.clocks.services import local_day
from jiedian.core.findings import refuse
from jiedian.ground.journal.services import CUSTOMER, Actor, record
from jiedian.ground.vault.models import Upload
from jiedian.ground.vault.services import store_bytes
from jiedian.links import services as links
from jiedian.links.payment.client import is_configured
from jiedian.links.payment.mapping import Paid
from jiedian.process.models import Step
from jiedian.process.steps import doings
from jiedian.shell.typeset import pdf

from ..models import Payment, PaymentOrder
from ..queries import charges, collecting, letter_head, unpaid_cny


@transaction.atomic
def write_bill(case: Case, *, actor: Actor, at: datetime) -> PaymentOrder:
    """The bill of all that is owed now. The same sum keeps the open bill, another one closes it.

    Raises Refused when nothing is owed.
    """
    Case.objects.select_for_update().get(pk=case.pk)  # of two who write it at once, one does
    amount = unpaid_cny(case)
    if not amount:
        raise refuse("fee.none")
    held = case.payment_orders.filter(closed_at=None).first()
    if held and held.amount_cny == amount:
        return held
    case.payment_orders.filter(closed_at=None).update(closed_at=at)
    number = f"{case.number}-P{case.payment_orders.count() + 1}"
    order = PaymentOrder.objects.create(case=case, number=number, amount_cny=amount, ordered_at=at)
    record("payment.ordered", stream=case.stream, actor=actor, at=at, data={"order": number})
    if is_configured():
        _announce(order, at=at)
    return order


def _announce(order: PaymentOrder, *, at: datetime) -> None:
    told = {"amount_cny": f"{order.amount_cny:.2f}", "order": order.number}
    links.post(
        channel="payment",
        to=order.number,
        text=json.dumps(told, sort_keys=True),
        idempotency_key=f"order:{order.number}",
        at=at,
        meta={},
    )


@transaction.atomic
def take_payment(paid: Paid, *, at: datetime) -> Payment:
    """A payment the port told of, once by its number. One that fits ends the step by the customer's own act.

    One of another sum, a second one, and one of a closed bill are kept and shown; nothing is ended by them.
    Raises Refused for an order that is not ours.
    """
    order = PaymentOrder.objects.select_related("case__customer").filter(number=paid.order).first()
    if order is None:
        raise refuse("payment.order")
    Case.objects.select_for_update().get(pk=order.case_id)
    if told := Payment.objects.filter(transaction=paid.transaction).first():
        return told
    step = collecting(order.case)
    verdict = _verdict(order, paid, step)
    happened_at = _within(
        paid.paid_at, max(order.ordered_at, step.opened_at) if step else order.ordered_at, at=at
    )
    payment = Payment.objects.create(
        order=order,
        transaction=paid.transaction,
        amount_cny=paid.amount_cny,
        verdict=verdict,
        paid_at=happened_at,
        noticed_at=at,
    )
    data = {"order": order.number, "verdict": verdict, "amount_cny": f"{paid.amount_cny:.2f}"}
    record("payment.taken", stream=order.case.stream, actor=CUSTOMER, at=happened_at, data=data)
    if verdict == Payment.Verdict.SETTLED and step:
        _settle(payment, step)
    return payment


def _verdict(order: PaymentOrder, paid: Paid, step: Step | None) -> Payment.Verdict:
    if order.payments.filter(verdict=Payment.Verdict.SETTLED).exists():
        return Payment.Verdict.DOUBLE
    if not order.case.is_open or step is None or order.closed_at:
        return Payment.Verdict.LATE
    return Payment.Verdict.SETTLED if paid.amount_cny == order.amount_cny else Payment.Verdict.WRONG


def _within(paid_at: datetime, since: datetime, *, at: datetime) -> datetime:
    """Instant of a payment; a clock of the port that runs before the bill or after today is not believed."""
    return paid_at if since <= paid_at <= at else at


def _settle(payment: Payment, step: Step) -> None:
    order = payment.order
    PaymentOrder.objects.filter(pk=order.pk).update(closed_at=payment.paid_at)
    Payment.objects.filter(pk=payment.pk).update(receipt=_receipt(payment))
    values = {"receipt_number": payment.transaction}
    doings()[step.code].verb(Work(order.case, step, CUSTOMER, payment.paid_at, values))


def _receipt(payment: Payment) -> Upload:
    """电子收据: the payment on paper, in the customer's language, with what it was for."""
    case, language = payment.order.case, payment.order.case.customer.language
    fees = [[fee.name, f"{fee.amount_cny:.2f}", fee.basis] for fee in charges(case) if fee.paid_at is None]
    head = letter_head(case, language, on=local_day(payment.paid_at))
    told = {"fees": fees, "amount": f"{payment.amount_cny:.2f}", "transaction": payment.transaction}
    name = f"{case.number}-payment-{payment.pk}.pdf"
    content = pdf("payment", {**head, **told})
    return store_bytes(content, name=name, subject=case.number, at=payment.paid_at, purpose="receipt")
