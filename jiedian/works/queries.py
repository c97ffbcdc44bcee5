"""Panel of works on the screen of a case, and what the first card tells: fees owed and paid, and what must be put right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum

from jiedian.cases.case.models.case import Case
from jiedian.cases.papers.queries import class_in
from jiedian.cases.screen.forms import HOWS
from jiedian.cases.screen.queries.panels import About
from jiedian.core.workdays import local_day
from jiedian.ground.journal.models import Fact
from jiedian.process.models import Step
from jiedian.process.queries import asks, directly_before, open_steps, run_of
from jiedian.process.rows import card
from jiedian.process.steps import doings
from jiedian.shell.kit.names import name_of, staff_name

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
    Objection,
    Payment,
    PaymentOrder,
)
from .rows import payments

REFUSED = "refused"
"""A customer's no to his contract or his fee; the gateways behind the steps that ask him read the same word."""


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
    objections: tuple["Objected", ...] = ()
    texts: tuple[ContractText, ...] = ()
    appointments: tuple[Appointment, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing of it has begun."""
        one = (self.contract, self.grid_works, self.customer_works, self.metering, self.energising)
        return not (self.fees or self.inspections or self.appointments or any(one))


def panel(case: Case, *, at: datetime) -> Panel:
    """The works of a case, each read once."""
    contract = Contract.objects.filter(case=case).first()
    return Panel(
        fees=tuple(case.fees.order_by("id")),
        contract=contract,
        grid_works=GridWorks.objects.filter(case=case).first(),
        customer_works=CustomerWorks.objects.filter(case=case).first(),
        inspections=tuple(case.inspections.all()),
        metering=Metering.objects.filter(case=case).first(),
        energising=Energising.objects.filter(case=case).first(),
        payments=tuple(Payment.objects.filter(order__case=case)),
        objections=objected(case, at=at),
        texts=tuple(contract.texts.all()) if contract else (),
        appointments=tuple(case.appointments.all()),
    )


def abouts(case: Case, standing: Sequence[Step]) -> list[About]:
    """Words for the first card: fees owed or paid, defects behind a step the customer has open, what he objected to."""
    return [*_fees(case, standing), *_defects(case, standing), *_objections(case, standing)]


def _fees(case: Case, standing: Sequence[Step]) -> list[About]:
    cards_open = [card(case.process_key, step.code) for step in standing]
    paying = next((row.id for row in cards_open if row.wait_reason == "WAIT_PAY"), "")
    told = []
    for fee in charges(case):
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


def _objections(case: Case, standing: Sequence[Step]) -> list[About]:
    """What the customer objected to and who answers him; once it is answered, the answer beside the step that asks again."""
    newest = {one.kind: one for one in case.objections.all()}
    held = [(step, card(case.process_key, step.code)) for step in standing]
    told = []
    for one in newest.values():
        if one.answered_at is None:
            who = tuple(name_of(step.owner_name) for step, row in held if row.deliverable == one.kind)
            told.append(About("objected", one.words, on=local_day(one.said_at), how=who))
        else:
            again = [s for s, row in held if row.performer == "customer" and row.phase == one.kind]
            on = local_day(one.answered_at)
            told += [About("answered", one.answer, step.code, on=on) for step in again]
    return told


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
    objections: tuple[Objection, ...]

    @property
    def refused(self) -> frozenset[int]:
        """Versions of the contract that he did not agree to."""
        kind = Objection.Kind.CONTRACT
        return frozenset(one.version for one in self.objections if one.kind == kind)

    @property
    def is_empty(self) -> bool:
        """Nothing of it has begun."""
        return not (self.fees or self.payments or self.defects or self.contract)


def dues_of(case: Case) -> Dues:
    """Dues of a case: owed, paid, to put right, to sign or signed."""
    fees = charges(case)
    contract = Contract.objects.filter(case=case).first()
    return Dues(
        owed_cny=sum((fee.amount_cny for fee in fees if fee.paid_at is None), Decimal(0)),
        fees=fees,
        order=PaymentOrder.objects.filter(case=case, closed_at=None).first(),
        payments=tuple(Payment.objects.filter(order__case=case).select_related("receipt")),
        defects=defects_of(case),
        contract=contract,
        texts=tuple(contract.texts.all()) if contract else (),
        objections=tuple(case.objections.all()),
    )


def charges(case: Case) -> tuple[Fee, ...]:
    """The charges that hold: those the customer objected to are none any more."""
    return tuple(case.fees.filter(ended_at=None).order_by("id"))


def waiting_objection(case: Case, kind: str) -> Objection | None:
    """The objection of a customer to his contract or his fee that nobody has answered yet."""
    return Objection.objects.filter(case=case, kind=kind, answered_at=None).order_by("id").last()


def may_object(case: Case, step: Step) -> bool:
    """True if a step asks the customer for his word on a draft and the version the case runs on knows the way back."""
    kind = card(case.process_key, step.code).phase
    own = f"{kind}_answer" in doings()[step.code].outcomes
    return kind in Objection.Kind and own and asks(case.number, f"{kind}_answer", REFUSED)


@dataclass(frozen=True)
class Objected:
    """An objection with the version it was said of: the texts of the contract, or the charges."""

    objection: Objection
    texts: tuple[ContractText, ...]
    fees: tuple[Fee, ...]

    @property
    def how(self) -> str:
        """Way the word of the customer came, where staff entered it for him."""
        return str(dict(HOWS).get(self.objection.how, ""))


def objected(case: Case, *, at: datetime) -> tuple[Objected, ...]:
    """Objections of a case with what they were said of, the newest first: for who drafts anew, and who asks again."""
    said = list(case.objections.order_by("-id"))
    if not said:
        return ()
    texts = list(ContractText.objects.filter(contract__case=case))
    fees = list(case.fees.exclude(ended_at=None).order_by("id"))
    found = []
    for one in said:
        is_fee = one.kind == Objection.Kind.FEE
        of = tuple(text for text in texts if not is_fee and text.version == one.version)
        found.append(Objected(one, of, tuple(fee for fee in fees if is_fee and fee.ended_at == one.said_at)))
    return tuple(found)


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
        "capacity": f"{case.capacity_kva:g} {case.unit}",
        "manager": staff_name(case.account_manager_name, language),
        "issued_by": staff_name(case.account_manager_name, language),
        "issued_on": on.isoformat(),
    }


def unpaid_cny(case: Case) -> Decimal:
    """Sum of the charges of a case that nobody has paid yet."""
    unpaid = Fee.objects.filter(case=case, paid_at=None, ended_at=None).aggregate(owed=Sum("amount_cny"))[
        "owed"
    ]
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
