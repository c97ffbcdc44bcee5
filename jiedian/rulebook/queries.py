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
class LayerRow:
    """In which layer (service, support, core, or none) a step or a department stands, and what a step delivers."""

    id: str
    kind: str
    code: str
    layer: str
    deliverable: str
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


@cache
def layers() -> dict[tuple[str, str], LayerRow]:
    """Where steps and departments stand, by kind and code."""
    return {(row.kind, row.code): row for row in load("attenuation/layers.csv", LayerRow)}


def layer_of(step_code: str, department: str = "") -> str:
    """The layer of a piece of work: the step decides, else the department; none is empty."""
    row = layers().get(("step", step_code)) or layers().get(("department", department))
    return "" if row is None or row.layer == "none" else row.layer


def deliverable_of(step_code: str) -> str:
    """What a step hands out: notice, scheme, inspection, …"""
    row = layers().get(("step", step_code))
    return row.deliverable if row else ""


def papers(process_key: str, *, on: date | None) -> tuple[PaperRow, ...]:
    """The checklist of a process as it stood on a day; without a day, every row it ever had."""
    return tuple(
        row
        for row in load("checklists/papers.csv", PaperRow)
        if process_key in row.processes
        and (on is None or row.effective_from is None or row.effective_from <= on)
    )
