"""The tables most rooms read, as typed rows."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from jiedian.core.closed import DepartmentId, Ids, Maybe, Phase, Role, Status
from jiedian.ground.rulebook.services import load


@dataclass(frozen=True)
class StepRow:
    """环节: one kind of work, who does it, and who answers for it in the company."""

    id: str
    name_zh: str
    name_en: str
    performer: Literal["utility", "customer"]
    owner_role: Role
    owner_department: DepartmentId
    phase: Phase
    wait_reason: Annotated[str, Ids("clocks/pauses.csv"), Maybe]
    typical_wd: int
    source: str
    status: Status


@cache
def steps() -> dict[str, StepRow]:
    """Every step by its code."""
    return {row.id: row for row in load("process/steps.csv", StepRow)}
