"""Panel of works on the screen of a case, and what the first card tells: fees owed and paid, and what must be put right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jiedian.cases.case.models.case import Case
from jiedian.cases.screen.queries.abouts import About
from jiedian.core.workdays import local_day
from jiedian.process.models import Step
from jiedian.process.queries import directly_before, run_of
from jiedian.process.rows import card
from jiedian.process.steps import codes_of
from jiedian.shell.kit.names import name_of

from .models import Contract, CustomerWorks, Energising, Fee, GridWorks, Inspection, Metering
from .rows import payments
from .steps import collect_fee


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
    )


def abouts(case: Case, standing: Sequence[Step]) -> list[About]:
    """Words for the first card: every fee that is owed or paid, and the defects behind a step the customer has open."""
    return [*_fees(case, standing), *_defects(case, standing)]


def _fees(case: Case, standing: Sequence[Step]) -> list[About]:
    paying = next((step.code for step in standing if step.code in codes_of(collect_fee)), "")
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
    last = {row.kind: row for row in case.inspections.order_by("round")}
    failed = {kind: row for kind, row in last.items() if not row.has_passed and not row.rectified_at}
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
