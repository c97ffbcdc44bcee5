"""Summary above the figures of the gaps: what is worst, who suffers, what comes first."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from jiedian.voice.surveys.calc.gaps import Trend
from jiedian.voice.surveys.queries import least

from ..calc.importance import Place
from .evidence import StepComparison
from .gaps import Gap, Line, Sheet
from .quality import Feature, Group, Part, Total, Voice, groups, voices
from .visited import DimensionComparison

WHO = ("case_class", "area")
"""The groups that may be who suffers, the first that can be shown."""
CHANCE = 0.05
SPOKEN = 8


@dataclass(frozen=True)
class WorstGroup:
    """The group of customers that falls shortest, and by what it is grouped."""

    by: str
    group: Group
    gap: float


@dataclass(frozen=True)
class FirstLook:
    """The three sentences, and the words behind the first: those with words, the largest shortfall first.

    ``first`` matters most of what is important and weak; None where nothing is both.
    """

    worst: Line | None
    n_places: int
    suffering: WorstGroup | None
    first: Line | None
    spoken: tuple[Voice, ...]
    n_short: int
    n_spoken: int


def first_look(held: Sheet, found: Sequence[Line], places: Sequence[tuple[Place, Line]]) -> FirstLook:
    """Read the three sentences from the lines; none where too few answered or nothing falls short."""
    shown = [line for line in found if line.measure.level == "dimension" and not line.is_hidden]
    short = [line for line in shown if line.measure.paired.gap < 0]
    worst = min(short, key=lambda line: line.measure.paired.gap, default=None)
    act = [(place.importance, line) for place, line in places if place.quadrant == "act"]
    first = max(act, key=lambda pair: pair[0])[1] if act else None
    behind = [v for v in voices(held, worst.measure.id) if v.gap < 0] if worst else []
    spoken = [voice for voice in behind if voice.row.words]
    return FirstLook(
        worst, len(shown), _suffering(held), first, tuple(spoken[:SPOKEN]), len(behind), len(spoken)
    )


def _suffering(held: Sheet) -> WorstGroup | None:
    for by in WHO:
        shown = [group for group in groups(held, by) if not group.is_hidden]
        if len(shown) > 1:
            told = shown[0].shrunk
            gap = told.mean if isnan(told.shrunk) else told.shrunk
            return WorstGroup(by, shown[0], gap) if gap < 0 else None
    return None


@dataclass(frozen=True)
class Conclusions:
    """Conclusions from each table of figures; a figure that cannot be told is 0 or None."""

    sure: int
    trend: str
    short_gaps: int
    compared: int
    too_slow: int
    weighs_most: Part | None
    weakest_item: Line | None
    missed_most: Feature | None
    seen_better: int


@dataclass(frozen=True)
class Figures:
    """The tables of figures of the page, beside the lines."""

    gaps: Sequence[Gap]
    beside: Sequence[StepComparison]
    totals: Sequence[Total]
    features: Sequence[Feature]
    visited: Sequence[DimensionComparison]
    slope: Trend


def conclusions(found: Sequence[Line], figures: Figures) -> Conclusions:
    """Draw the conclusion of every table."""
    told = [line for line in found if not line.is_hidden]
    items = [line for line in told if line.measure.level == "item" and line.measure.paired.gap < 0]
    both = [b for b in figures.beside if b.cases and len(b.wish) >= least("SURVEY_MIN_CELL")]
    missed = [feature for feature in figures.features if not isnan(feature.kano.worse)]
    parts = [
        part for part in (figures.totals[0].parts if figures.totals else ()) if not isnan(part.share.value)
    ]
    return Conclusions(
        sure=sum(line.measure.level == "dimension" and line.measure.p_holm < CHANCE for line in told),
        trend="better" if figures.slope.low > 0 else "worse" if figures.slope.high < 0 else "",
        short_gaps=sum(gap.n > 0 and not gap.is_hidden and gap.value < 0 for gap in figures.gaps),
        compared=len(both),
        too_slow=sum(b.fact_mean > b.wish_mean for b in both),
        weighs_most=max(parts, key=lambda part: part.share.value, default=None),
        weakest_item=min(items, key=lambda line: line.measure.paired.gap, default=None),
        missed_most=min(missed, key=lambda feature: feature.kano.worse, default=None),
        seen_better=sum(
            v.customers is not None and v.visitors.mean_p > v.customer_points for v in figures.visited
        ),
    )
