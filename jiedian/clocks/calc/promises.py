"""Limits that bind a case on a day, and how a promise is counted. Pure arithmetic; the database only stores it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, assert_never

from jiedian.core.closed import Event, Jurisdiction, Kind, LimitClass, LimitStep, Maybe, Scope
from jiedian.core.evidence import binds
from jiedian.core.sourced import Sourced
from jiedian.core.workdays import Calendar, add_months


class Unit(StrEnum):
    """Unit a limit counts in. A word that is none of these raises ValueError."""

    WORKING_DAY = "wd"
    DAY = "day"
    MONTH = "month"
    HOUR = "hour"


OWED_TO_CUSTOMERS = ("law", "policy", "local", "company", "external")
"""The scopes whose limits a customer may hold the company to. ``kpi`` and ``own``, the company's own orders, are not among them."""


@dataclass(frozen=True)
class Limit(Sourced):
    """时限: one limit of one document for one class, what starts it and what stops it."""

    id: str
    scope: Scope
    jurisdiction: Jurisdiction
    effective_from: date | None
    effective_to: date | None
    kind: Kind
    step: Annotated[LimitStep, Maybe]
    customer_class: LimitClass
    starts_when: Event
    stops_when: Event
    value: int
    unit: Unit
    is_adopted: bool
    note_zh: str
    note_en: str

    @property
    def is_promise(self) -> bool:
        """True if a customer may hold the company to it: owed to customers, and read in its text or from its issuer."""
        return self.scope in OWED_TO_CUSTOMERS and binds(self.grade)

    def is_in_force(self, on: date) -> bool:
        """True if the limit holds on a day; the first day counts, the last does not."""
        begun = self.effective_from is None or self.effective_from <= on
        return begun and (self.effective_to is None or on < self.effective_to)


@dataclass(frozen=True)
class Profile:
    """The classes a case falls in, the most specific first."""

    classes: tuple[str, ...]


CLASSES = {
    "": ("SUPPLY", "ALL"),
    "RES": ("RES", "LV", "SUPPLY", "ALL"),
    "LVN": ("LVN", "LV", "SUPPLY", "ALL"),
    "LV0": ("LV0", "LVN", "LV", "SUPPLY", "ALL"),
    "HV1": ("HV1", "HV", "SUPPLY", "ALL"),
    "HV2": ("HV2", "HV", "SUPPLY", "ALL"),
    "PV": ("PV", "ALL"),
    "PVH": ("PVH", "PV", "ALL"),
}
"""Class of a case → the classes of limits it falls in: those of the supply rules (``SUPPLY``) bind whoever is supplied, not PV."""


def profile_of(case_class: str, *, voltage_kv: Decimal) -> Profile:
    """The classes of the limit table that a case falls in.

    >>> profile_of("HV1", voltage_kv=Decimal(35)).classes
    ('HV35', 'HV1', 'HV', 'SUPPLY', 'ALL')
    """
    more = ("HV35",) if voltage_kv >= 35 else ()
    return Profile(more + CLASSES[case_class])


def binding(limits: Iterable[Limit], profile: Profile, *, event: str, on: date) -> list[Limit]:
    """The adopted limits that an event starts on a day: one for each scope, jurisdiction, kind and step.

    Of several, the newest document counts; of equally new ones the most specific class (our reading).
    """
    chosen: dict[tuple[str, ...], Limit] = {}
    for limit in limits:
        if limit.starts_when != event or not limit.is_adopted or limit.customer_class not in profile.classes:
            continue
        if not limit.is_in_force(on):
            continue
        key = (limit.scope, limit.jurisdiction, limit.kind, limit.step, limit.stops_when)
        held = chosen.get(key)
        if held is None or _rank(limit, profile) > _rank(held, profile):
            chosen[key] = limit
    return sorted(chosen.values(), key=lambda limit: limit.id)


def _rank(limit: Limit, profile: Profile) -> tuple[date, int]:
    return (limit.effective_from or date.min, -profile.classes.index(limit.customer_class))


def stood_still(
    spans: Iterable[tuple[datetime, datetime | None]], *, since: datetime
) -> list[tuple[datetime, datetime | None]]:
    """Pauses from an instant on as spans that do not touch; one that has not ended has no last instant.

    >>> d = datetime
    >>> stood_still([(d(2025, 9, 3), d(2025, 9, 9)), (d(2025, 9, 1), d(2025, 9, 4))], since=d(2025, 9, 2))
    [(datetime.datetime(2025, 9, 2, 0, 0), datetime.datetime(2025, 9, 9, 0, 0))]
    """
    merged: list[tuple[datetime, datetime | None]] = []
    ours = [(max(begun, since), ended) for begun, ended in spans if ended is None or ended > since]
    for begun, ended in sorted(ours, key=lambda span: span[0]):
        before, last = merged[-1] if merged else (begun, begun)
        if last is not None and (not merged or begun > last):
            merged.append((begun, ended))
        else:
            merged[-1] = (before, None if last is None or ended is None else max(last, ended))
    return merged


@dataclass(frozen=True)
class Deadline:
    """Deadline of a promise: a working-day number (survives a changed calendar) or a plain date.

    A limit in hours has its instant too; the date is the day that instant lies on.
    """

    number: int | None
    on: date | None
    at: datetime | None = None


def deadline_of(limit: Limit, started: datetime, calendar: Calendar, *, cutoff_hour: int) -> Deadline:
    """The due day of a limit started at a local instant.

    The start day does not count. A limit of zero working days is the same day when the start lies on a
    working day before the cut-off hour, else the next working day. Hours run day and night.
    """
    day, unit = started.date(), Unit(limit.unit)
    match unit:
        case Unit.MONTH:
            return Deadline(None, add_months(day, limit.value))
        case Unit.DAY:
            return Deadline(None, day + timedelta(days=limit.value))
        case Unit.HOUR:
            ends = started + timedelta(hours=limit.value)
            return Deadline(None, ends.date(), ends)
        case Unit.WORKING_DAY:
            late = limit.value == 0 and not (calendar.is_working(day) and started.hour < cutoff_hour)
            return Deadline(calendar.number(day) + limit.value + (1 if late else 0), None)
    assert_never(unit)
