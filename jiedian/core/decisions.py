"""Decisions as tables: a row says which value of which fact makes the answer yes, and between which dates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, TypeVar

from .closed import Ids, Pattern, ValueOf
from .sourced import Sourced


@dataclass(frozen=True)
class DecisionRow(Sourced):
    """One reason for yes. Dates are inclusive from, exclusive to; empty holds for ever."""

    id: str
    field: Annotated[str, Ids("process/facts.csv")]
    value: Annotated[str, ValueOf("process/facts.csv", "field")]
    effective_from: date | None
    effective_to: date | None
    name_zh: str
    name_en: str


Row = TypeVar("Row", bound=DecisionRow)


def reasons(rows: Iterable[Row], facts: Mapping[str, str], *, on: date) -> list[Row]:
    """The rows that say yes on a day; empty means no, and the rows are the why.

    >>> ours = {"source_id": "OURS", "clause": "", "grade": "ours"}
    >>> row = DecisionRow("R", "load", "yes", date(2024, 6, 1), None, "", "", **ours)
    >>> [len(reasons([row], {"load": "yes"}, on=d)) for d in (date(2024, 5, 31), date(2024, 6, 1))]
    [0, 1]
    """
    return [row for row in rows if facts.get(row.field) == row.value and _holds(row, on)]


def _holds(row: DecisionRow, on: date) -> bool:
    begun = row.effective_from is None or row.effective_from <= on
    return begun and (row.effective_to is None or on < row.effective_to)


@dataclass(frozen=True)
class PatternRow(Sourced):
    """A wording that trips a rule when it stands in a text."""

    id: str
    pattern: Pattern
    name_zh: str
    name_en: str
    effective_from: date | None


@dataclass(frozen=True)
class AmountRow(Sourced):
    """A figure that a document sets, with its unit."""

    id: str
    value: str
    unit: Literal["", "month", "answers", "A", "%", "pu", "m", "day", "MVA", "kW"]
    name_zh: str
    name_en: str
    effective_from: date | None
