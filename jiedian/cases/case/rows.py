"""The tables most rooms read, as typed rows."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from jiedian.core.closed import AnyStep, Ids, Status
from jiedian.ground.rulebook.services import load


@dataclass(frozen=True)
class LayerRow:
    """In which layer (service, support, core, or none) a step or a department stands, and what a step delivers."""

    id: str
    kind: Literal["step", "department"]
    code: Annotated[AnyStep, Ids("people/departments.csv")]
    layer: Literal["service", "support", "core", "none"]
    deliverable: Literal["", "notice", "scheme", "fee", "contract", "works", "meter", "inspection", "power"]
    source: str
    status: Status


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
