"""信息衰减: what became of the customer's points on the way from the counter to the core business. Pure arithmetic.

A point is *said* once. In each layer it may be *shown* (a page named it), *acknowledged* (the receiver acted on it or
restated it) and *answered* (a deliverable meets it). Retained is acknowledged or answered; being shown is not receipt.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt
from statistics import NormalDist

LAYERS = ("service", "support", "core")
"""内部服务层, 内部支撑层, 核心业务层."""
EVENTS = ("said", "shown", "acknowledged", "answered")
ROUNDS = 2000
"""Resamples of the bootstrap; fewer above ten thousand cases."""


@dataclass(frozen=True, slots=True)
class Touch:
    """One thing that happened to one point. ``said`` has no layer; ``at`` may be unknown.

    Weights are the customer's; None does not say. A point of which no touch says it weighs 1, of several the largest.
    """

    case: str
    point: str
    event: str
    at: datetime | None
    layer: str = ""
    weight: float | None = None
    department: str = ""


@dataclass(slots=True)
class Passage:
    """Passage of one point of one case through one place (a layer, a department)."""

    case: str
    point: str
    place: str
    weight: float
    said_at: datetime | None
    first: dict[str, datetime | None] = field(default_factory=dict)

    @property
    def is_shown(self) -> bool:
        return bool(self.first)

    @property
    def is_answered(self) -> bool:
        return "answered" in self.first

    @property
    def is_retained(self) -> bool:
        return "acknowledged" in self.first or self.is_answered

    @property
    def retained_at(self) -> datetime | None:
        instants = [self.first.get(event) for event in ("acknowledged", "answered")]
        return min((at for at in instants if at), default=None)

    @property
    def delay_h(self) -> float | None:
        """Hours from said to first retained; unknown while lost, undated, or retained before it was said."""
        if self.said_at is None or self.retained_at is None or self.retained_at < self.said_at:
            return None
        return (self.retained_at - self.said_at).total_seconds() / 3600


@dataclass(frozen=True)
class Result:
    """One place: shares lie between 0 and 1, delays are hours; a figure that cannot be had is None."""

    place: str
    n_cases: int
    n_points: int
    shown: int
    retained: int
    answered: int
    retention: float | None
    ci_low: float | None
    ci_high: float | None
    weighted_retention: float | None
    weighted_low: float | None
    weighted_high: float | None
    median_delay_h: float | None
    p90_delay_h: float | None
    lost: int


def by_layer(touch: Touch) -> str:
    return touch.layer


def passages(
    touches: Iterable[Touch],
    *,
    place: Callable[[Touch], str] = by_layer,
    places: Sequence[str] = LAYERS,
    is_reached_only: bool = False,
) -> list[Passage]:
    """Every point in every place. A place that never got a point has lost it.

    With ``is_reached_only`` a place is asked only for cases in which something of it was touched at all: a case that
    is still on its way has not lost anything there yet. Without a ``said`` the first touch of a point stands for it.
    """
    held = list(touches)
    points: dict[tuple[str, str], float] = {}
    said: dict[tuple[str, str], list[datetime | None]] = {}
    earliest: dict[tuple[str, str], datetime] = {}
    reached = {(touch.case, place(touch)) for touch in held}
    for touch in held:
        key = (touch.case, touch.point)
        points[key] = max(points.get(key, 0.0), touch.weight or 0.0)
        if touch.event == "said":
            said.setdefault(key, []).append(touch.at)
        if touch.at and (key not in earliest or touch.at < earliest[key]):
            earliest[key] = touch.at
    made: dict[tuple[str, str, str], Passage] = {}
    for (case, point), weight in points.items():
        at = _first(said.get((case, point), [])) or earliest.get((case, point))
        for name in places:
            if not is_reached_only or (case, name) in reached:
                made[case, point, name] = Passage(case, point, name, weight or 1.0, at)
    for touch in held:
        passage = made.get((touch.case, touch.point, place(touch)))
        if passage and touch.event != "said":
            known = [at for at in (touch.at, passage.first.get(touch.event)) if at]
            passage.first[touch.event] = min(known, default=None)
    return list(made.values())


def _first(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at), default=None)


def measure(
    held: Iterable[Passage], *, places: Sequence[str] = LAYERS, seed: int = 1, rounds: int = ROUNDS
) -> tuple[Result, ...]:
    """Retention and delay of each place, in the order of ``places``; no weighted interval with ``rounds`` 0.

    >>> from datetime import datetime as d
    >>> rows = [Touch("A", "p", "said", d(2025, 9, 1)), Touch("A", "q", "said", d(2025, 9, 1), weight=3.0)]
    >>> rows += [Touch("A", "q", "acknowledged", d(2025, 9, 2), layer="service", weight=3.0)]
    >>> one = measure(passages(rows))[0]
    >>> one.n_points, one.lost, one.retention, one.weighted_retention, one.median_delay_h
    (2, 1, 0.5, 0.75, 24.0)
    """
    groups: dict[str, list[Passage]] = {name: [] for name in places}
    for passage in held:
        groups.setdefault(passage.place, []).append(passage)
    return tuple(_result(name, group, seed=seed, rounds=rounds) for name, group in groups.items())


def _result(name: str, group: list[Passage], *, seed: int, rounds: int) -> Result:
    n, kept = len(group), [passage for passage in group if passage.is_retained]
    low, high = wilson(len(kept), n)
    weight = sum(passage.weight for passage in group)
    share = sum(passage.weight for passage in kept) / weight if weight else None
    weighted_low, weighted_high = _bootstrap(group, seed=seed, rounds=rounds)
    delays = sorted(delay for p in kept if (delay := p.delay_h) is not None)
    return Result(
        name,
        len({passage.case for passage in group}),
        n,
        sum(passage.is_shown for passage in group),
        len(kept),
        sum(passage.is_answered for passage in group),
        len(kept) / n if n else None,
        low,
        high,
        share,
        weighted_low,
        weighted_high,
        quantile(delays, 0.5),
        quantile(delays, 0.9),
        n - len(kept),
    )


def wilson(successes: int, n: int, *, level: float = 0.95) -> tuple[float | None, float | None]:
    """Wilson's interval of a share (E. B. Wilson, JASA 1927).

    >>> [round(x, 4) for x in wilson(15, 20)]
    [0.5313, 0.8881]
    """
    if n == 0:
        return None, None
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = successes / n
    centre = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max((centre - half) / scale, 0.0), min((centre + half) / scale, 1.0)


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The quantile between the two nearest ranks, as NumPy's default; None of nothing.

    >>> quantile([1.0, 2.0, 10.0], 0.9)
    8.4
    """
    if not ordered:
        return None
    spot = (len(ordered) - 1) * share
    below = int(spot)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (spot - below)


def _bootstrap(group: Iterable[Passage], *, seed: int, rounds: int) -> tuple[float | None, float | None]:
    """95 % of the weighted retention over resampled cases: points of one case share one fate. None below two cases."""
    import numpy as np

    sums: dict[str, list[float]] = {}
    for passage in group:
        pair = sums.setdefault(passage.case, [0.0, 0.0])
        pair[0] += passage.weight * passage.is_retained
        pair[1] += passage.weight
    if len(sums) < 2 or not rounds:
        return None, None
    table = np.array(list(sums.values()))
    n = len(table)
    rng = np.random.default_rng(seed)
    block = max(1, 4_000_000 // n)
    rounds = min(rounds, max(200, 20_000_000 // n))
    shares: list[float] = []
    while len(shares) < rounds:
        drawn = rng.multinomial(n, np.full(n, 1 / n), size=min(block, rounds - len(shares))) @ table
        shares += list(drawn[:, 0] / drawn[:, 1])
    low, high = np.quantile(shares, [0.025, 0.975])
    return float(low), float(high)


def lost_passages(held: Iterable[Passage]) -> list[Passage]:
    """Points that a place has lost, the heaviest first."""
    return sorted(
        (passage for passage in held if not passage.is_retained),
        key=lambda p: (-p.weight, p.case, p.point, p.place),
    )


def lost_at(held: Iterable[Passage], *, places: Sequence[str] = LAYERS) -> dict[tuple[str, str], str]:
    """For every point that got lost, the first place that lost it."""
    rank = {name: index for index, name in enumerate(places)}
    first: dict[tuple[str, str], str] = {}
    for passage in held:
        key = (passage.case, passage.point)
        if not passage.is_retained and rank[passage.place] < rank.get(first.get(key, ""), len(rank)):
            first[key] = passage.place
    return first
