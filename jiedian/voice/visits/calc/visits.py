"""明察暗访: a blind random assignment that anybody can repeat from the seed, and the scores of a visit. Pure.

Every choice is the smallest SHA-256 of seed and label, so the draw needs no random generator and no particular language.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

from jiedian.core.findings import Finding, Refused

PARTS = ("am", "pm")
NOT_SEEN = "na"
"""The visitor could not judge the item."""
RATINGS = (0, 1, 2)
"""Not met, partly met, met."""


@dataclass(frozen=True)
class Design:
    """Design of visits before the draw: offices, visits a kind and office, visitors, days, share of double visits."""

    offices: tuple[str, ...]
    open_visits: int
    undercover_visits: int
    visitors: tuple[int, ...]
    days: tuple[date, ...]
    double_share: float

    def plain(self) -> dict[str, object]:
        """The design as JSON keeps it."""
        return {**asdict(self), "days": [day.isoformat() for day in self.days]}

    @staticmethod
    def read(plain: Mapping[str, object]) -> "Design":
        held = dict(plain)
        days = tuple(date.fromisoformat(str(day)) for day in held["days"])  # type: ignore[attr-defined]
        return Design(
            tuple(held["offices"]),  # type: ignore[arg-type]
            int(held["open_visits"]),  # type: ignore[call-overload]
            int(held["undercover_visits"]),  # type: ignore[call-overload]
            tuple(held["visitors"]),  # type: ignore[arg-type]
            days,
            float(held["double_share"]),  # type: ignore[arg-type]
        )


@dataclass(frozen=True)
class Assignment:
    """One visit of the draw; ``pair`` is the label of the visit that it repeats."""

    label: str
    office: str
    kind: str
    visitor: int
    day: date
    part: str
    pair: str = ""


def commitment(design: Design, seed: str) -> str:
    """The hash that is told before the period: design and seed cannot be changed afterwards."""
    text = json.dumps(design.plain(), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{seed}\n{text}".encode()).hexdigest()


def draw(seed: str, *words: object) -> int:
    """A number that only the seed and the words decide."""
    return int.from_bytes(hashlib.sha256(":".join([seed, *map(str, words)]).encode()).digest()[:8])


def findings_of(design: Design) -> list[Finding]:
    """Findings that make a design impossible; empty when it can be drawn."""
    found = []
    if not design.offices or not design.days:
        found.append(Finding("visits.empty"))
    if (
        design.open_visits < 0
        or design.undercover_visits < 0
        or design.open_visits + design.undercover_visits < 1
    ):
        found.append(Finding("visits.count"))
    if not 0 <= design.double_share <= 1:
        found.append(Finding("visits.double"))
    if len(design.visitors) < 2:
        found.append(Finding("visits.visitors"))
    if len(design.days) < 2:
        found.append(Finding("visits.days"))
    return found


def assign(design: Design, seed: str) -> tuple[Assignment, ...]:
    """Draw the visits. The same design and seed give the same visits, on any machine. Raises Refused.

    Visitors get even loads and change between the visits of an office; a double visit is another visitor's, on another
    day within a week of working days.
    """
    found = findings_of(design)
    if found:
        raise Refused(found)
    labels = [
        (f"{office}/{kind}/{number}", office, kind)
        for office in design.offices
        for kind, count in (("open", design.open_visits), ("undercover", design.undercover_visits))
        for number in range(1, count + 1)
    ]
    turns = _Turns()
    singles = []
    for label, office, kind in sorted(labels, key=lambda row: draw(seed, "order", row[0])):
        visitor = _visitor(design, seed, label, office, turns, but=None)
        day = design.days[draw(seed, "day", label) % len(design.days)]
        part = PARTS[draw(seed, "part", label) % 2]
        singles.append(Assignment(label, office, kind, visitor, day, part))
    doubled = sorted(singles, key=lambda a: draw(seed, "double", a.label))
    doubles = [
        _double(design, seed, one, turns)
        for one in doubled[: -(-len(singles) * int(design.double_share * 1000) // 1000)]
    ]
    return tuple(sorted([*singles, *doubles], key=lambda a: (a.day, a.label)))


@dataclass
class _Turns:
    """How often a visitor was drawn so far: in all, and for one office."""

    load: Counter[int] = field(default_factory=Counter)
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)


def _visitor(design: Design, seed: str, label: str, office: str, turns: _Turns, *, but: int | None) -> int:
    free = [visitor for visitor in design.visitors if visitor != but]
    load, seen = turns.load, turns.seen
    chosen = min(free, key=lambda v: (seen[office, v], load[v], draw(seed, "visitor", label, v)))
    load[chosen] += 1
    seen[office, chosen] += 1
    return chosen


def _double(design: Design, seed: str, one: Assignment, turns: _Turns) -> Assignment:
    label = f"{one.label}/double"
    visitor = _visitor(design, seed, label, one.office, turns, but=one.visitor)
    spot = design.days.index(one.day)
    near = [day for i, day in enumerate(design.days) if 0 < abs(i - spot) <= 5]
    day = near[draw(seed, "day", label) % len(near)]
    return Assignment(
        label, one.office, one.kind, visitor, day, PARTS[draw(seed, "part", label) % 2], one.label
    )


@dataclass(frozen=True)
class Item:
    """One observable item of a dimension; a veto item that is not met takes the whole dimension to zero."""

    id: str
    dimension: str
    is_veto: bool


def score(
    items: Sequence[Item], weights: Mapping[str, float], ratings: Mapping[str, int | str]
) -> dict[str, float]:
    """Points out of 100 by dimension, and ``all``: weighted over the dimensions that were judged at all.

    >>> items = [Item("a", "vi", False), Item("b", "vi", False), Item("c", "time", False), Item("d", "time", True)]
    >>> score(items, {"vi": 5, "time": 15}, {"a": 2, "b": 1, "c": 2, "d": 2})
    {'vi': 75.0, 'time': 100.0, 'all': 93.75}
    >>> score(items, {"vi": 5, "time": 15}, {"a": 2, "c": 2, "d": 0})["all"]
    25.0
    """
    found: dict[str, float] = {}
    for dimension in dict.fromkeys(item.dimension for item in items):
        inside = [item for item in items if item.dimension == dimension and ratings.get(item.id) in RATINGS]
        plain = [int(ratings[item.id]) for item in inside if not item.is_veto]
        vetoed = any(item.is_veto and ratings[item.id] == 0 for item in inside)
        if vetoed:
            found[dimension] = 0.0
        elif plain:
            found[dimension] = 100 * sum(plain) / (max(RATINGS) * len(plain))
    total = sum(weights[name] for name in found)
    if total:
        found["all"] = sum(weights[name] * value for name, value in found.items()) / total
    return found
