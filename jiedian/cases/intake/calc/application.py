"""An application for power as the customer tells it, and what is wrong with it before anything is stored."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

from jiedian.core.closed import SOLAR
from jiedian.core.findings import Finding
from jiedian.core.identity import is_credit_code, is_foreign_number, is_persons

FARTHEST = timedelta(days=5 * 365)
"""A wish beyond this is a slip of the year."""
LONGEST_POINT = 200
"""Letters of one point."""


class VoltageRange(Protocol):
    """Row of a class, as far as it says which voltages may be applied for."""

    @property
    def from_kv(self) -> Decimal: ...
    @property
    def below_kv(self) -> Decimal: ...


@dataclass(frozen=True)
class FeedInWish:
    """Wish of who installs PV: ``mode`` is self, surplus or full; ``roof`` own, shared, leased or lent; modules in kWp where he says."""

    mode: str
    roof: str
    module_kwp: Decimal | None = None


@dataclass(frozen=True)
class Application:
    """Application of a customer. ``points`` are his own words with a weight from 1 to 5.

    ``once`` is a key the form was given: the same key again is the same application, sent twice.
    """

    declared_class: str
    customer_kind: str
    name: str
    phone: str
    title: str
    address: str
    area: str
    capacity_kva: Decimal
    voltage_kv: Decimal
    channel: str
    identity_number: str = ""
    email: str = ""
    language: str = "zh-hans"
    importance: str = "ordinary"
    is_special_load: bool = False
    is_residential_community: bool = False
    needed_on: date | None = None
    points: tuple[tuple[str, int], ...] = field(default=())
    is_simulated: bool = False
    once: str = ""
    feed_in: FeedInWish | None = None


def findings_of(application: Application, classes: Mapping[str, VoltageRange], *, on: date) -> list[Finding]:
    """Everything wrong with an application received on a day; empty when it may be taken in."""
    return [*_who(application), *_what(application, classes), *_when(application, on)]


def _who(application: Application) -> list[Finding]:
    found = []
    if not application.name.strip():
        found.append(Finding("application.name"))
    if not re.fullmatch(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}", application.phone):
        found.append(Finding("application.phone"))
    number = application.identity_number
    is_person, is_persons_number = application.customer_kind == "person", is_persons(number)
    if number and is_persons_number is None and not (is_person and is_foreign_number(number)):
        found.append(Finding("application.identity"))
    elif number and is_person is (is_persons_number is False) and (is_person or not is_credit_code(number)):
        found.append(Finding("application.kind"))
    if not application.address.strip():
        found.append(Finding("application.address"))
    return found


def _what(application: Application, classes: Mapping[str, VoltageRange]) -> list[Finding]:
    found = []
    row = classes.get(application.declared_class)
    if row is None:
        found.append(Finding("application.class"))
    if application.capacity_kva <= 0:
        found.append(Finding("application.capacity"))
    if row and not row.from_kv <= application.voltage_kv < row.below_kv:
        found.append(Finding("application.voltage"))
    if application.declared_class in SOLAR and application.feed_in is None:
        found.append(Finding("application.solar"))
    if any(not text.strip() or not 1 <= weight <= 5 for text, weight in application.points):
        found.append(Finding("application.points"))
    return found


def _when(application: Application, on: date) -> list[Finding]:
    if application.needed_on and application.needed_on < on:
        return [Finding("application.needed")]
    if application.needed_on and application.needed_on > on + FARTHEST:
        return [Finding("application.far")]
    return []


def wish_of(
    declared_class: str, mode: str, roof: str, module_kwp: Decimal | None = None
) -> FeedInWish | None:
    """Wish of who installs PV, from what a form was told; None while something is missing, and for any other class."""
    return FeedInWish(mode, roof, module_kwp) if declared_class in SOLAR and mode and roof else None


def points_of(text: str) -> tuple[tuple[str, int], ...]:
    """Points of what a customer said, one a line with its weight, the first the heaviest; a long line is cut where a sentence ends.

    >>> points_of("月底前用电\\n\\n不停产"), len(points_of("电" * 450))
    ((('月底前用电', 5), ('不停产', 4)), 3)
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return tuple((piece, max(5 - index, 1)) for index, line in enumerate(lines) for piece in _pieces(line))


def _pieces(line: str) -> list[str]:
    found = []
    while len(line) > LONGEST_POINT:
        cut = max(line.rfind(end, 0, LONGEST_POINT) for end in "。！？；;，, ") + 1 or LONGEST_POINT
        found.append(line[:cut].strip())
        line = line[cut:].strip()
    return [*found, line] if line else found
