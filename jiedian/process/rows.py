"""The tables most rooms read, as typed rows."""

from dataclasses import dataclass
from functools import cache

from jiedian.ground.rulebook.services import load


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


@cache
def steps() -> dict[str, StepRow]:
    """Every step by its code."""
    return {row.id: row for row in load("process/steps.csv", StepRow)}
