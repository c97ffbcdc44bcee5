"""Panel of works on the screen of a case: fees, contract, works, inspections, metering and energising."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from jiedian.cases.case.models.case import Case
from jiedian.cases.papers.queries import class_in

from .models import (
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

    @property
    def is_empty(self) -> bool:
        """Nothing of it has begun."""
        one = (self.contract, self.grid_works, self.customer_works, self.metering, self.energising)
        return not (self.fees or self.inspections or any(one))


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
    )


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
    """What a customer owes, has paid, has to put right and has to sign or has signed."""
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
    """What stands at the head of every letter about a case."""
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
