"""Perceived quality beyond the table of gaps: Grönroos's parts, groups, time, Kano, and who said what."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from math import isnan, nan

import numpy as np

from jiedian.process.rows import StepRow
from jiedian.process.rows import steps as step_rows
from jiedian.voice.surveys.calc.gaps import (
    Measure,
    Paired,
    Reals,
    Shrunk,
    Trend,
    paired,
    scores,
    shrink,
    trend,
)
from jiedian.voice.surveys.models import Response
from jiedian.voice.surveys.queries import ItemRow, items, least

from ..calc.importance import ExplainedShare, Kano, Place, Share, kano, quadrants, shares
from .gaps import Line, Sheet

SEED = 20191227
ASPECTS = ("technical", "functional", "image")
MONTH_DAYS = 30.44


@dataclass(frozen=True)
class Part:
    """Technical, functional or image quality at a step: how it is perceived and its share in satisfaction."""

    aspect: str
    pair: Paired
    share: Share


@dataclass(frozen=True)
class Total:
    """Grönroos's total perceived quality at one step (``row`` None: over all steps)."""

    row: StepRow | None
    n: int
    explained: ExplainedShare
    parts: tuple[Part, ...]


def totals(held: Sheet) -> list[Total]:
    """All steps together, then each step that enough people answered about."""
    codes = [""] + [code for code in step_rows() if any(row.step_code == code for row in held.rows)]
    found = [_total(held, code) for code in codes]
    return [total for total in found if total.n >= least("SURVEY_MIN_CELL")]


def _total(held: Sheet, code: str) -> Total:
    chosen = np.array([code in ("", row.step_code) for row in held.rows], dtype=bool)
    answers = held.answers.of(chosen)
    aspect_of = {row.item: row.aspect for row in items() if row.kind == "pair"}
    pairs: list[tuple[Reals, Reals]] = []
    for aspect in ASPECTS:
        columns = [i for i, item in enumerate(answers.items) if aspect_of[item] == aspect]
        pairs.append(scores(answers, columns))
    assert answers.satisfied is not None
    explained = shares(np.column_stack([p for _e, p in pairs]), answers.satisfied, seed=SEED)
    parts = tuple(
        Part(aspect, paired(e, p), share)
        for aspect, (e, p), share in zip(ASPECTS, pairs, explained.shares, strict=True)
    )
    return Total(step_rows().get(code), max(part.pair.n for part in parts), explained, parts)


GROUPS = {
    "department": "department",
    "step": "step_code",
    "case_class": "case_class",
    "area": "area",
    "channel": "case_channel",
}
"""What answers can be grouped by, and the column that holds it."""


@dataclass(frozen=True)
class Group:
    """The gap of a group, as measured and drawn towards the mean of all by how uncertain it is."""

    code: str
    shrunk: Shrunk
    is_hidden: bool
    is_few: bool


def groups(held: Sheet, by: str = "department") -> list[Group]:
    """Groups from the weakest to the strongest by the shrunk gap; the ones too small to show last."""
    gaps, by_code = person_gaps(held), defaultdict[str, list[float]](list)
    for row, gap in zip(held.rows, gaps, strict=True):
        code = getattr(row, GROUPS[by])
        if code:
            by_code[code].append(gap)
    found = [
        Group(code, told, told.n < least("SURVEY_MIN_CELL"), told.n < least("SURVEY_ENOUGH"))
        for code, told in shrink({code: np.array(values) for code, values in by_code.items()}).items()
    ]
    return sorted(
        found, key=lambda g: (g.is_hidden, g.shrunk.mean if isnan(g.shrunk.shrunk) else g.shrunk.shrunk)
    )


def person_gaps(held: Sheet) -> Reals:
    """Each respondent's gap over all items answered in both halves."""
    e, p = scores(held.answers, list(range(len(held.answers.items))))
    return p - e


@dataclass(frozen=True)
class Month:
    """A month of answers."""

    first_on: date
    pair: Paired
    is_hidden: bool


def months(held: Sheet) -> tuple[list[Month], Trend]:
    """The gap month by month, and its change a month over single answers."""
    e, p = scores(held.answers, list(range(len(held.answers.items))))
    days = np.array([row.answered_on.toordinal() for row in held.rows], dtype=float)
    keys = [row.answered_on.replace(day=1) for row in held.rows]
    found = []
    for first in sorted(set(keys)):
        chosen = np.array([key == first for key in keys])
        pair = paired(e[chosen], p[chosen])
        found.append(Month(first, pair, pair.n < least("SURVEY_MIN_CELL")))
    return found, trend(days / MONTH_DAYS, p - e)


def importance_places(found: list[Line], *, level: str) -> tuple[list[tuple[Place, Line]], float, float, str]:
    """The importance–performance places of a level, the two means, and where importance comes from.

    Importance asked is taken where it was asked, else the derived one; never a mixture.
    """
    shown = [line for line in found if line.measure.level == level and not line.is_hidden]
    asked = bool(shown) and all(not np.isnan(line.measure.weight) for line in shown)
    points = [(line.measure.id, line.measure.paired.mean_p, _weight(line.measure, asked)) for line in shown]
    places, x, y = quadrants(points)
    by_id = {line.measure.id: line for line in shown}
    return [(place, by_id[place.id]) for place in places], x, y, "asked" if asked else "derived"


def _weight(measure: Measure, asked: bool) -> float:
    return measure.weight if asked else measure.importance


@dataclass(frozen=True)
class Feature:
    """A feature of the service and its class after Kano."""

    row: ItemRow
    kano: Kano


def features(rows: list[Response]) -> list[Feature]:
    """Every feature asked by Kano's pairs, where enough people answered."""
    found = []
    for row in items("kano"):
        pairs = [(r.answers.get(f"KF_{row.item}", nan), r.answers.get(f"KD_{row.item}", nan)) for r in rows]
        told = kano([a for a, _b in pairs], [b for _a, b in pairs])
        if told.n >= least("SURVEY_MIN_CELL"):
            found.append(Feature(row, told))
    return found


@dataclass(frozen=True)
class Voice:
    """One answer behind a number: its groups, its gap, its words, and its case where the customer agreed."""

    row: Response
    gap: float
    step: StepRow | None


def voices(held: Sheet, dimension: str = "") -> list[Voice]:
    """The answers behind a number, the largest shortfall first; nothing when they are too few to show."""
    if len(held.rows) < least("SURVEY_MIN_CELL"):
        return []
    columns = [i for i, item in enumerate(held.answers.items) if dimension in ("", held.dimension_of[item])]
    e, p = scores(held.answers, columns) if columns else (np.full(len(held.rows), nan),) * 2
    found = [
        Voice(row, float(gap), step_rows().get(row.step_code))
        for row, gap in zip(held.rows, p - e, strict=True)
        if not np.isnan(gap)
    ]
    return sorted(found, key=lambda voice: voice.gap)
