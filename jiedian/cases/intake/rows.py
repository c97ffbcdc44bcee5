"""Tables of an application: what is usual for a class of customers, and what his appliances draw."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Literal

from jiedian.core.closed import CaseClass, Ids, Maybe
from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import load


@dataclass(frozen=True)
class UsualRow(Sourced):
    """Capacity that is usual for a class of customers; beyond it the applicant is asked again, or shown another class.

    ``start_kva`` is taken where he names none, ``coincidence`` the share of his appliances that run at once.
    """

    id: CaseClass
    from_kva: Decimal
    to_kva: Decimal
    start_kva: Decimal
    coincidence: Decimal
    smaller: Annotated[str, Ids("process/classes.csv"), Maybe]
    larger: Annotated[str, Ids("process/classes.csv"), Maybe]


@dataclass(frozen=True)
class ApplianceRow(Sourced):
    """An appliance people know by name, and the kW it draws."""

    id: str
    name_zh: str
    name_en: str
    kw: Decimal
    used_by: Literal["home", "shop", "both"]


@cache
def usual() -> dict[str, UsualRow]:
    """Ranges that are usual, by class of customers."""
    return {row.id: row for row in load("intake/usual.csv", UsualRow)}


@cache
def appliances() -> dict[str, ApplianceRow]:
    """Every appliance by its id."""
    return {row.id: row for row in load("intake/appliances.csv", ApplianceRow)}
