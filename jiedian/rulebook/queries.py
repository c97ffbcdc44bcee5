"""The tables most rooms read, as typed rows."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from jiedian.core.checklist import PaperRow

from .services import load


@dataclass(frozen=True)
class StepRow:
    """环节: one kind of work, who does it, and who answers for it in the company."""

    id: str
    name_zh: str
    name_en: str
    performer: str
    owner_role: str
    owner_department: str
    phase: str
    wait_reason: str
    typical_wd: int
    source: str
    status: str


@dataclass(frozen=True)
class LabelRow:
    """A name in both languages."""

    id: str
    name_zh: str
    name_en: str
    source: str


@cache
def steps() -> dict[str, StepRow]:
    """Every step by its code."""
    return {row.id: row for row in load("process/steps.csv", StepRow)}


def papers(process_key: str, *, on: date | None) -> tuple[PaperRow, ...]:
    """The checklist of a process as it stood on a day; without a day, every row it ever had."""
    return tuple(
        row
        for row in load("checklists/papers.csv", PaperRow)
        if process_key in row.processes
        and (on is None or row.effective_from is None or row.effective_from <= on)
    )
