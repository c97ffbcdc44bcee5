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


@dataclass(frozen=True)
class FeedInRow(Sourced):
    """Voltage at which PV up to a power is connected, and the class it makes; beyond the last row it is no distributed source."""

    id: str
    to_kw: Decimal
    customer_class: CaseClass
    voltage_kv: Decimal
    name_zh: str
    name_en: str


@cache
def feed_in_bands() -> tuple[FeedInRow, ...]:
    """The voltages of PV, the smallest power first."""
    return tuple(sorted(load("intake/feed_in.csv", FeedInRow), key=lambda row: row.to_kw))


def band_of(kw: Decimal) -> FeedInRow:
    """The row of a power; of more than any row has, the last."""
    return next((row for row in feed_in_bands() if kw <= row.to_kw), feed_in_bands()[-1])


@cache
def usual() -> dict[str, UsualRow]:
    """Ranges that are usual, by class of customers."""
    return {row.id: row for row in load("intake/usual.csv", UsualRow)}


@cache
def appliances() -> dict[str, ApplianceRow]:
    """Every appliance by its id."""
    return {row.id: row for row in load("intake/appliances.csv", ApplianceRow)}
