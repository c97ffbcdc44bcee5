"""The expectation tree: three groups, ten leaves."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import load


@dataclass(frozen=True)
class LeafRow(Sourced):
    """A leaf of the expectation tree and its group."""

    id: str
    group: Literal["worry_free", "cost", "quality"]
    name_zh: str
    name_en: str


@cache
def leaves() -> dict[str, LeafRow]:
    """Every leaf by its id."""
    return {row.id: row for row in load("voice/leaves.csv", LeafRow)}


def leaf_of(code: str) -> LeafRow | str:
    """A leaf by its id; one that is no longer in the table shows its id, and none is empty."""
    return leaves().get(code, code)


@dataclass(frozen=True)
class PhaseRow(Sourced):
    """A step of the process as customers speak of it."""

    id: str
    name_zh: str
    name_en: str


@cache
def phases() -> dict[str, PhaseRow]:
    """The nine steps that a concern may be about, in their order."""
    return {row.id: row for row in load("voice/phases.csv", PhaseRow)}


def phase_of(code: str) -> PhaseRow | str:
    """A step that a concern may be about, by its id; one that is no longer in the table shows its id."""
    return phases().get(code, code)
