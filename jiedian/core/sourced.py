"""A row of a rule table that names its source: the document by its id, the clause in it, and how well we know it."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Protocol, Self

from .closed import Ids
from .evidence import Grade

SOURCES = "sources.csv"
"""The table of the documents, under jiedian/rules."""
SourceId = Annotated[str, Ids(SOURCES)]


@dataclass(frozen=True)
class SourceRow:
    """来源: one document: title, number, who issued it, when it was in force, where it is read, how well we know it."""

    id: str
    title_zh: str
    title_en: str
    number: str
    issuer: str
    in_force_from: date | None
    in_force_to: date | None
    address: str
    grade: Grade

    def is_in_force(self, on: date) -> bool:
        """True if the document is in force on a day; the first day counts, the last does not."""
        begun = self.in_force_from is None or self.in_force_from <= on
        return begun and (self.in_force_to is None or on < self.in_force_to)


@dataclass(frozen=True, kw_only=True)
class Sourced:
    """Row with a source: what every rule row has. ``grade`` is no column: whoever loads the table takes it from the source."""

    source_id: SourceId
    clause: str
    grade: Grade


class SourcedRow(Protocol):
    """Row of a rule table, as far as it says which row it is and where it comes from."""

    @property
    def id(self) -> str: ...
    @property
    def source_id(self) -> str: ...
    @property
    def clause(self) -> str: ...
    @property
    def grade(self) -> Grade: ...


@dataclass(frozen=True)
class Ground:
    """Ground of a result: a row it was made with, by its id, document, clause and grade."""

    id: str
    source_id: str
    clause: str
    grade: Grade

    @classmethod
    def of(cls, row: SourcedRow) -> Self:
        """The ground that a row is."""
        return cls(row.id, row.source_id, row.clause, row.grade)
