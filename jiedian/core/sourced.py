"""A row of a rule table that names its source: the document by its id, the clause in it, and how well we know it."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

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
