"""Importance to customers: shares in satisfaction, the importance–performance quadrant, Kano's classes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, isnan, nan, sqrt

import numpy as np

from jiedian.voice.surveys.calc.gaps import CONFIDENCE, Reals

MOST_PREDICTORS = 8
"""Averaging over all orders doubles with each predictor; more than these are refused rather than approximated."""


@dataclass(frozen=True)
class Share:
    """A predictor's part of the explained satisfaction (parts sum to one), with its bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ExplainedShare:
    """Part of satisfaction that the predictors explain together (R², 0–1), and each one's share of that."""

    n: int
    r_squared: float
    shares: tuple[Share, ...]


def shares(
    predictors: Reals, outcome: Reals, *, seed: int, resamples: int = 400, confidence: float = CONFIDENCE
) -> ExplainedShare:
    """Each predictor's share in R², averaged over all orders of entering (Lindeman, Merenda & Gold 1980).

    ``predictors`` has the shape (respondents, predictors); rows with a hole are left out. NaN shares with fewer than
    ten rows a predictor, or when nothing varies.
    """
    whole = ~(np.isnan(predictors).any(axis=1) | np.isnan(outcome))
    data = np.column_stack([predictors[whole], outcome[whole]])
    n, k = data.shape[0], data.shape[1] - 1
    if k > MOST_PREDICTORS:
        raise ValueError(f"{k} predictors: at most {MOST_PREDICTORS}")
    nothing = ExplainedShare(n, nan, tuple(Share(nan, nan, nan) for _ in range(k)))
    if n < 10 * k or k == 0:
        return nothing
    parts = _parts(data)
    if parts is None:
        return nothing
    dice = np.random.default_rng(seed)
    drawn = [_parts(data[dice.integers(0, n, n)]) for _ in range(resamples)]
    held = np.array([part / part.sum() for part in drawn if part is not None and part.sum() > 1e-9])
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(held, tails, axis=0) if len(held) else np.full((2, k), nan)
    total = float(parts.sum())
    told = parts / total if total > 1e-9 else np.full(k, nan)
    return ExplainedShare(
        n,
        total,
        tuple(Share(float(v), float(a), float(b)) for v, a, b in zip(told, low, high, strict=True)),
    )


def _parts(data: Reals) -> Reals | None:
    """The parts of R² by predictor, from the correlations alone."""
    if (data.std(axis=0) < 1e-12).any():
        return None
    table: Reals = np.atleast_2d(np.corrcoef(data, rowvar=False))
    k = len(table) - 1
    explained = {
        frozenset(chosen): _r_squared(table, chosen)
        for size in range(k + 1)
        for chosen in combinations(range(k), size)
    }
    parts = np.zeros(k)
    for j in range(k):
        others = [i for i in range(k) if i != j]
        for size in range(k):
            for chosen in combinations(others, size):
                before = frozenset(chosen)
                parts[j] += (explained[before | {j}] - explained[before]) / (k * comb(k - 1, size))
    return parts


def _r_squared(table: Reals, chosen: Sequence[int]) -> float:
    if not chosen:
        return 0.0
    held = list(chosen)
    r = table[held, -1]
    return float(r @ np.linalg.pinv(table[np.ix_(held, held)]) @ r)


@dataclass(frozen=True)
class Place:
    """Place in the quadrant: how well it is done, how much it matters, and what follows (``act keep easy less``)."""

    id: str
    performance: float
    importance: float
    quadrant: str


def quadrants(points: Iterable[tuple[str, float, float]]) -> tuple[list[Place], float, float]:
    """Importance–performance (Martilla & James 1977): (id, performance, importance) against the two means.

    ``act`` matters and is weak, ``keep`` matters and is strong, ``easy`` neither, ``less`` strong where it matters
    little. Points with a hole are left out. Returns places, mean performance, mean importance.
    """
    known = [point for point in points if not (isnan(point[1]) or isnan(point[2]))]
    if not known:
        return [], nan, nan
    x = sum(point[1] for point in known) / len(known)
    y = sum(point[2] for point in known) / len(known)
    names = {(True, True): "keep", (True, False): "less", (False, True): "act", (False, False): "easy"}
    return [Place(name, p, i, names[p >= x, i >= y]) for name, p, i in known], x, y


KANO = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")
"""Rows: with it (1 like it … 5 dislike it); columns: without it. A attractive, O one-dimensional, M must be,
I indifferent, R reverse, Q questionable (Kano 1984, recalled)."""


@dataclass(frozen=True)
class Kano:
    """The class most people gave, how many each, and Berger's two coefficients; ``is_clear`` by Fong's test."""

    n: int
    kind: str
    counts: dict[str, int]
    better: float
    worse: float
    is_clear: bool


def kano(with_it: Sequence[float], without: Sequence[float]) -> Kano:
    """Kano's class of one feature from pairs of answers 1–5; unanswered pairs are left out.

    Of classes with as many answers the one that costs more when it is missing counts: M, then O, A, I (recalled).
    ``better`` = (A+O)/(A+O+M+I) is what offering it can win, ``worse`` = −(O+M)/(A+O+M+I) what lacking it costs.
    """
    counts = Counter(
        KANO[int(a) - 1][int(b) - 1]
        for a, b in zip(with_it, without, strict=True)
        if not (isnan(a) or isnan(b)) and 1 <= a <= 5 and 1 <= b <= 5
    )
    n = counts.total()
    if n == 0:
        return Kano(0, "", {}, nan, nan, False)
    kind, *others = sorted(counts, key=lambda name: (-counts[name], "MOAIRQ".index(name)))
    first, second = counts[kind], counts[others[0]] if others else 0
    base = sum(counts[name] for name in "AOMI")
    clear = abs(first - second) >= 1.65 * sqrt((first + second) * (2 * n - first - second) / (2 * n))
    better = (counts["A"] + counts["O"]) / base if base else nan
    worse = -(counts["O"] + counts["M"]) / base if base else nan
    return Kano(n, kind, {name: counts[name] for name in "AOMIRQ"}, better, worse, clear)
