"""Perceived quality as the pages show it: each gap from its own data, never one copied into another."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Annotated, Literal

import numpy as np

from jiedian.core.closed import Evidences, Maybe, SurveyDimension
from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import load
from jiedian.voice.surveys.calc.gaps import Answers, Measure, Reals, measures, paired, scores, unpaired
from jiedian.voice.surveys.models import Response
from jiedian.voice.surveys.queries import AnswerFilter, dimensions, items, least, responses

from .evidence import Evidence


@dataclass(frozen=True)
class EvidenceRow(Sourced):
    """Data that one of the five gaps is read from, and its unit."""

    id: str
    gap: Literal[1, 2, 3, 4, 5]
    dimension: Annotated[SurveyDimension, Maybe]
    data: Evidences
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str


@dataclass(frozen=True)
class Sheet:
    """The chosen answers as a table: one row a respondent, one column an item that was asked in pairs."""

    answers: Answers
    dimension_of: Mapping[str, str]
    rows: list[Response]

    def column(self, name: str) -> Reals:
        """One column of the file format, NaN where it was not answered."""
        return np.array([row.answers.get(name, nan) for row in self.rows], dtype=float)


def sheet(chosen: AnswerFilter, *, by: str = Response.By.CUSTOMER) -> Sheet:
    """Read the chosen answers. Items of several instruments stand side by side."""
    rows = list(responses(chosen, by=by))
    asked = [row for row in items(chosen.instrument) if row.kind == "pair"]
    seen = {name for row in rows for name in row.answers}
    held = [row for row in asked if {f"E_{row.item}", f"P_{row.item}", f"B_{row.item}"} & seen]
    names = tuple(row.item for row in held)
    halves = [_matrix(rows, half, names) for half in "EPW"]
    satisfied = np.array([row.answers.get("satisfaction", nan) for row in rows], dtype=float)
    weighted = None if np.isnan(halves[2]).all() else halves[2]
    answers = Answers(names, halves[0], halves[1], weighted, satisfied)
    return Sheet(answers, {row.item: row.dimension for row in held}, rows)


def _matrix(rows: list[Response], half: str, names: tuple[str, ...]) -> Reals:
    """One half of the answers, NaN where there is none; one look at each answer that was given."""
    places = {f"{half}_{name}": place for place, name in enumerate(names)}
    found = np.full((len(rows), len(names)), nan)
    for index, row in enumerate(rows):
        for name, value in row.answers.items():
            if name in places:
                found[index, places[name]] = value
    return found


@dataclass(frozen=True)
class Line:
    """One line of the table of gaps as shown: hidden when fewer answered than may be shown."""

    measure: Measure
    row: object
    is_hidden: bool
    is_few: bool


def lines(held: Sheet) -> list[Line]:
    """Dimensions in their order, then items, then all; groups too small are hidden, small ones marked."""
    if not held.answers.items:
        return []
    of_item = {row.item: row for row in items()}
    order = list(dimensions())
    found = sorted(
        measures(held.answers, held.dimension_of),
        key=lambda m: (["overall", "dimension", "item"].index(m.level), _place(order, m.id)),
    )
    return [
        Line(
            m,
            dimensions().get(m.id) if m.level == "dimension" else of_item.get(m.id),
            m.paired.n < least("SURVEY_MIN_CELL"),
            m.paired.n < least("SURVEY_ENOUGH"),
        )
        for m in found
    ]


def _place(order: list[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


@dataclass(frozen=True)
class Gap:
    """One of the five gaps in one dimension: negative is a shortfall. Without data ``n`` is 0."""

    number: int
    dimension: str
    evidence: EvidenceRow | None
    n: int
    value: float
    low: float
    high: float
    p: float
    n_other: int = 0

    @property
    def is_hidden(self) -> bool:
        return 0 < self.n < least("SURVEY_MIN_CELL")


def evidence() -> tuple[EvidenceRow, ...]:
    """Every row that says where a gap is read."""
    return load("surveys/evidence.csv", EvidenceRow)


def five_gaps(chosen: AnswerFilter, held: Sheet) -> dict[str, list[Gap]]:
    """Dimension → gaps 1 to 5, in the order of the dimensions."""
    beliefs = sheet(chosen, by=Response.By.MANAGER)
    found = {
        name: {number: Gap(number, name, None, 0, nan, nan, nan, nan) for number in range(1, 6)}
        for name in dimensions()
    }
    facts = Evidence(chosen)
    for row in evidence():
        for name in [row.dimension] if row.dimension else list(dimensions()):
            gap = _gap(row, name, held, beliefs, facts)
            if gap.n:
                found[name][row.gap] = gap
    return {name: list(gaps.values()) for name, gaps in found.items()}


def _gap(row: EvidenceRow, name: str, held: Sheet, beliefs: Sheet, facts: Evidence) -> Gap:
    kinds = row.data.split()
    if kinds == ["beliefs"]:
        told = unpaired(_dimension(beliefs, "B", name), _dimension(held, "E", name))
        n = told.n_a if told.n_b else 0
        return Gap(1, name, row, n, told.gap, told.ci_low, told.ci_high, told.p, told.n_b)
    if kinds == ["pairs"]:
        columns = [i for i, item in enumerate(held.answers.items) if held.dimension_of[item] == name]
        e, p = scores(held.answers, columns) if columns else (np.array([]), np.array([]))
    elif kinds == ["days"]:
        e, p = facts.standards_and_wishes(held.rows)
    elif kinds[0].startswith("breach:"):
        p = -facts.breached(kinds[0].removeprefix("breach:"))
        e = np.zeros(len(p))
    else:
        e, p = facts.used_and_limits({kind.removeprefix("clock:") for kind in kinds})
    told_ = paired(e, p)
    return Gap(row.gap, name, row, told_.n, told_.gap, told_.ci_low, told_.ci_high, told_.p)


def _dimension(held: Sheet, half: str, name: str) -> Reals:
    names = tuple(item for item in held.answers.items if held.dimension_of[item] == name)
    table = _matrix(held.rows, half, names)
    counts = (~np.isnan(table)).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.where(counts > 0, np.nansum(table, axis=1) / counts, nan)
