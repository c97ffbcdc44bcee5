"""Panel of works on the screen of a case: fees, contract, works, inspections, metering and energising."""

from dataclasses import dataclass
from datetime import datetime

from jiedian.cases.case.models.case import Case

from .models import Contract, CustomerWorks, Energising, Fee, GridWorks, Inspection, Metering


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
