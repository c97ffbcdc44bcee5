"""Rows of the tables of the clocks: holidays, cut-off hours, reasons for a pause, warnings, limits that are not counted."""

from dataclasses import dataclass
from datetime import date

from jiedian.core.closed import ClockTime, Day, Event, Hour, Kind, Percent
from jiedian.core.sourced import Sourced

from .calc.promises import Unit


@dataclass(frozen=True)
class HolidayRow(Sourced):
    """A day whose working state an overriding calendar file sets; the id is the date."""

    id: Day
    is_working: bool
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class CutoffRow(Sourced):
    id: str
    hour: Hour
    name_zh: str
    name_en: str
    effective_from: date | None


@dataclass(frozen=True)
class HoursRow(Sourced):
    """A stretch of a working day on which a pause costs working time."""

    id: str
    begins: ClockTime
    ends: ClockTime
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class PauseReason(Sourced):
    """Reason why a clock may stand still, which kinds of clocks, and after how many working days it looks abusive."""

    id: str
    name_zh: str
    name_en: str
    pauses: tuple[Kind, ...]
    longest_wd: int


@dataclass(frozen=True)
class WarningRow(Sourced):
    id: str
    percent: Percent
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class AsideRow(Sourced):
    """A limit that is known of but not counted, as its document words it, and why."""

    id: str
    effective_from: str
    name_zh: str
    name_en: str
    whom_zh: str
    whom_en: str
    value_zh: str
    value_en: str
    unit: Unit
    reason_zh: str
    reason_en: str


@dataclass(frozen=True)
class BringsRow(Sourced):
    """An event that stands for another one too: power that is on is the answer where a short process replies no scheme."""

    id: str
    event: Event
    brings: Event
    note_zh: str
    note_en: str
