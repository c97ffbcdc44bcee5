"""Panel of works on the screen of a case, and what the first card tells: fees owed and paid, and what must be put right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum

from jiedian.cases.case.models.case import Case
from jiedian.cases.papers.queries import class_in
from jiedian.cases.screen.queries.panels import About
from jiedian.core.workdays import local_day
from jiedian.ground.journal.models import Fact
from jiedian.process.models import Step
from jiedian.process.queries import directly_before, open_steps, run_of
from jiedian.process.rows import card
from jiedian.process.steps import doings
from jiedian.shell.kit.names import name_of

from .models import (
    Appointment,
    Contract,
    ContractText,
    CustomerWorks,
    Energising,
    Fee,
    GridWorks,
    Inspection,
    Metering,
    Payment,
    PaymentOrder,
)
from .rows import payments


@dataclass(frozen=True)
class Panel:
    """The works of a case so far; what has not come yet is None or empty."""

    fees: tuple[Fee, ...]
    contract: Contract | None
    grid_works: GridWorks | None
    customer_works: CustomerWorks | None
    inspections: tuple[Inspection, ...]
    metering: Metering | None
    energising: Energising | None
    payments: tuple[Payment, ...] = ()
    appointments: tuple[Appointment, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing of it has begun."""
        one = (self.contract, self.grid_works, self.customer_works, self.metering, self.energising)
        return not (self.fees or self.inspections or self.appointments or any(one))


def panel(case: Case, *, at: datetime) -> Panel:
    """The works of a case, each read once."""
    return Panel(
        fees=tuple(case.fees.order_by("id")),
        contract=Contract.objects.filter(case=case).first(),
        grid_works=GridWorks.objects.filter(case=case).first(),
        customer_works=CustomerWorks.objects.filter(case=case).first(),
        inspections=tuple(case.inspections.all()),
        metering=Metering.objects.filter(case=case).first(),
        energising=Energising.objects.filter(case=case).first(),
        payments=tuple(Payment.objects.filter(order__case=case)),
        appointments=tuple(case.appointments.all()),
    )


def abouts(case: Case, standing: Sequence[Step]) -> list[About]:
    """Words for the first card: every fee that is owed or paid, and the defects behind a step the customer has open."""
    return [*_fees(case, standing), *_defects(case, standing)]


def _fees(case: Case, standing: Sequence[Step]) -> list[About]:
    cards_open = [card(case.process_key, step.code) for step in standing]
    paying = next((row.id for row in cards_open if row.wait_reason == "WAIT_PAY"), "")
    told = []
    for fee in case.fees.order_by("id"):
        if fee.paid_at:
            told.append(About("paid", fee.receipt_number, "", fee.amount_cny, local_day(fee.paid_at)))
        elif case.is_open:
            how = tuple(name_of(way) for way in payments())
            told.append(About("owed", f"{fee.name}（{fee.basis}）", paying, fee.amount_cny, how=how))
    return told


def _defects(case: Case, standing: Sequence[Step]) -> list[About]:
    """The defects of the last round of an inspection that failed, at the step of the customer that follows it."""
    failed = {row.kind: row for row in defects_of(case)}
    if not failed:
        return []
    version = run_of(case.number).definition
    return [
        About("defects", row.defects, step.code, on=local_day(row.inspected_at))
        for step in standing
        if card(case.process_key, step.code).performer == "customer"
        for kind in sorted(directly_before(version, step.code) & failed.keys())
        if (row := failed[kind]).inspected_at <= step.opened_at
    ]


@dataclass(frozen=True)
class Dues:
    """Dues of a customer and his papers of them: what he owes, his bill, his payments, what to put right, his contract."""

    owed_cny: Decimal
    fees: tuple[Fee, ...]
    order: PaymentOrder | None
    payments: tuple[Payment, ...]
    defects: tuple[Inspection, ...]
    contract: Contract | None
    texts: tuple[ContractText, ...]

    @property
    def is_empty(self) -> bool:
        """Nothing of it has begun."""
        return not (self.fees or self.payments or self.defects or self.contract)


def dues_of(case: Case) -> Dues:
    """Dues of a case: owed, paid, to put right, to sign or signed."""
    fees = tuple(case.fees.order_by("id"))
    contract = Contract.objects.filter(case=case).first()
    return Dues(
        owed_cny=sum((fee.amount_cny for fee in fees if fee.paid_at is None), Decimal(0)),
        fees=fees,
        order=PaymentOrder.objects.filter(case=case, closed_at=None).first(),
        payments=tuple(Payment.objects.filter(order__case=case).select_related("receipt")),
        defects=defects_of(case),
        contract=contract,
        texts=tuple(contract.texts.all()) if contract else (),
    )


def defects_of(case: Case) -> tuple[Inspection, ...]:
    """The newest inspection of each kind, where it failed and nothing was handed in since: what is to be put right."""
    newest: dict[str, Inspection] = {}
    for inspection in case.inspections.order_by("id"):
        newest[inspection.kind] = inspection
    return tuple(one for one in newest.values() if not one.has_passed and one.rectified_at is None)


def letter_head(case: Case, language: str, *, on: date) -> dict[str, str]:
    """Head of every letter about a case."""
    return {
        "lang": language[:2],
        "number": case.number,
        "customer": case.customer.name,
        "title": case.title,
        "class_zh": class_in(case, "zh-hans"),
        "class_en": class_in(case, "en"),
        "capacity_kva": f"{case.capacity_kva:g}",
        "manager": case.account_manager_name,
        "issued_by": case.account_manager_name,
        "issued_on": on.isoformat(),
    }


def unpaid_cny(case: Case) -> Decimal:
    """Sum of the charges of a case that nobody has paid yet."""
    unpaid = Fee.objects.filter(case=case, paid_at=None).aggregate(owed=Sum("amount_cny"))["owed"]
    return unpaid or Decimal(0)


def collecting(case: Case) -> Step | None:
    """The open step in which the customer pays, if there is one."""
    codes = [code for code, held in doings().items() if held.online == "pay"]
    return open_steps(case.number).filter(code__in=codes).first()


def message_words(case: Case, fact: Fact) -> dict[str, str]:
    """Words for messages: what is owed, what was paid, what is to be put right."""
    failed = case.inspections.filter(has_passed=False).order_by("id").last()
    words = {"amount": f"{unpaid_cny(case):.2f}", "defects": failed.defects if failed else ""}
    return words | {"paid": str(fact.data["amount_cny"])} if "amount_cny" in fact.data else words
