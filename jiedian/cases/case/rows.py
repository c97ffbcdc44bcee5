"""Typed rows of the layers: which layer (service, support, core) a step or department belongs to."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from jiedian.core.closed import Ids
from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import load
from jiedian.process.rows import cards


@dataclass(frozen=True)
class LayerRow(Sourced):
    """The layer (service, support, core) of a department; a step's own layer is on its card."""

    id: Annotated[str, Ids("people/departments.csv")]
    layer: Literal["service", "support", "core", "none"]


@cache
def layers() -> dict[str, LayerRow]:
    """The layer of every department, by code."""
    return {row.id: row for row in load("attenuation/layers.csv", LayerRow)}


def layer_of(key: str, step_code: str, department: str = "") -> str:
    """The layer of a piece of work in a process: the step's card decides, else the department; none is empty."""
    row = cards(key).get(step_code) or layers().get(department)
    return "" if row is None or row.layer == "none" else row.layer
