"""The step cards and what goes with them, as typed rows: steps of each process, milestones, classes of customers."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Literal

from jiedian.core.closed import (
    CaseClass,
    DepartmentId,
    Ids,
    LimitClass,
    Maybe,
    Phase,
    Process,
    ProcessFact,
    Role,
    Status,
    Step,
)
from jiedian.core.findings import refuse
from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import load, tables


@dataclass(frozen=True)
class StepRow(Sourced):
    """The card of a step in one process: who does it, who answers for it in the company, and what it means.

    ``contact`` is how it meets the customer, ``milestone`` what other rooms listen for when it is done.
    """

    id: str
    name_zh: str
    name_en: str
    performer: Literal["utility", "customer"]
    owner_role: Role
    owner_department: DepartmentId
    phase: Phase
    typical_wd: int
    layer: Literal["service", "support", "core", "none"]
    deliverable: Literal["", "notice", "scheme", "fee", "contract", "works", "meter", "inspection", "power"]
    contact: Literal["come", "present", "act", "none"]
    milestone: Annotated[str, Ids("process/milestones.csv"), Maybe]
    wait_reason: Annotated[str, Ids("clocks/pauses.csv"), Maybe]
    layer_source: str
    layer_status: Status
    contact_source: str
    contact_status: Status


@dataclass(frozen=True)
class MilestoneRow(Sourced):
    """里程碑: the fact that is written when such a step is done, and the field of the case that keeps the instant."""

    id: str
    name_zh: str
    name_en: str
    fact: Annotated[str, Ids("labels/facts.csv")]
    instant: Literal["", "accepted_at", "energised_at"]


@dataclass(frozen=True)
class ClassRow(Sourced):
    """Class of customers: the process it starts, its side of the voltage, and what its gateways read until the survey.

    ``from_kv`` and ``below_kv`` are the voltages it may be applied for.
    """

    id: CaseClass
    process: Process
    level: Literal["HV", "LV"]
    from_kv: Decimal
    below_kv: Decimal
    facts: tuple[ProcessFact, ...]

    def gateway_values(self) -> dict[str, str]:
        """Facts its gateways read, by name."""
        return dict(pair.split("=", 1) for pair in self.facts)


@dataclass(frozen=True)
class DurationRow(Sourced):
    """Duration of a step for a class of customers, in working days: done quickly, as usual, slowly."""

    id: str
    step: Step
    customer_class: LimitClass
    low_wd: Decimal
    typical_wd: Decimal
    high_wd: Decimal


@dataclass(frozen=True)
class StageRow(Sourced):
    """Stage of a case as its customer sees it: the steps of some phases, of whoever does them or of one side.

    Where rows name a process, they are its stages; every other process has the rows that name none.
    """

    id: str
    name_zh: str
    name_en: str
    phases: tuple[Phase, ...]
    performer: Literal["any", "utility", "customer"]
    process: Literal["", "distributed"]

    def has(self, card: StepRow) -> bool:
        """True if a step belongs to the stage."""
        return card.phase in self.phases and self.performer in ("any", card.performer)


@cache
def stages(key: str) -> tuple[StageRow, ...]:
    """The stages of a process in their order; what comes after power is none."""
    rows = load("process/stages.csv", StageRow)
    return tuple(row for row in rows if row.process == key) or tuple(row for row in rows if not row.process)


@cache
def durations() -> dict[tuple[str, str], DurationRow]:
    """Durations as we estimate them, by class and step."""
    return {(row.customer_class, row.step): row for row in load("process/durations.csv", DurationRow)}


def cards(key: str) -> dict[str, StepRow]:
    """The cards of a process by step code; Refused when the process has none."""
    for path in tables("process/*/steps.csv") + tables("process/legacy/*/steps.csv"):
        if path.split("/")[-2] == key:
            return _cards(path)
    raise refuse("card.table", key=key)


@cache
def _cards(path: str) -> dict[str, StepRow]:
    return {row.id: row for row in load(path, StepRow)}


def card(key: str, code: str) -> StepRow:
    """The card of a step in a process; of a step it does not have, the card of another that has it."""
    return cards(key).get(code) or steps()[code]


def naming_card(code: str, key: str = "") -> StepRow | None:
    """The card that names a step: that of its process, else of another that has it; None where none has."""
    own = cards(key).get(code) if key else None
    return own or steps().get(code)


def steps() -> dict[str, StepRow]:
    """Every step by its code, for names and phases; the process with the most steps speaks first."""
    return _merged("process/*/steps.csv")


@cache
def _merged(pattern: str) -> dict[str, StepRow]:
    found: dict[str, StepRow] = {}
    for each in sorted((_cards(path) for path in tables(pattern)), key=len, reverse=True):
        found = found | {code: row for code, row in each.items() if code not in found}
    return found


@cache
def milestones() -> dict[str, MilestoneRow]:
    """Every milestone by its id."""
    return {row.id: row for row in load("process/milestones.csv", MilestoneRow)}


def milestone_step(key: str, milestone: str) -> str:
    """The step of a process that reaches a milestone; empty when none does."""
    return next((code for code, row in cards(key).items() if row.milestone == milestone), "")


@cache
def classes() -> dict[str, ClassRow]:
    """Every class of customers by its code."""
    return {row.id: row for row in load("process/classes.csv", ClassRow)}


def level_of(case_class: str) -> str:
    """High or low voltage, as duties are divided; a case without a class counts as low."""
    row = classes().get(case_class)
    return row.level if row else "LV"
