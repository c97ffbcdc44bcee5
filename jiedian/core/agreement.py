"""Agreement of two people who judged the same things: Cohen's kappa, plain and weighted, and intraclass correlation."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean
from typing import Literal, assert_never

Weights = Literal["none", "linear", "quadratic"]


@dataclass(frozen=True)
class Kappa:
    """Agreement beyond chance. ``value`` is None when chance alone explains everything (one category only)."""

    n: int
    observed: float | None
    value: float | None
    low: float | None
    high: float | None


def kappa(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    *,
    categories: Sequence[Hashable],
    weights: Weights = "none",
    level: float = 0.95,
) -> Kappa:
    """Cohen's kappa of two codings of the same items, in the same order.

    ``weights``: none, linear or quadratic, over the order of ``categories``. The interval is the large-sample one of
    Fleiss, Cohen and Everitt (1969). Raises ValueError when the lengths differ or a value is no category.

    >>> a, b = ["y"] * 25 + ["n"] * 25, ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    >>> round(kappa(a, b, categories=["y", "n"]).value, 3)
    0.4
    """
    if len(first) != len(second):
        raise ValueError("the two codings differ in length")
    spot = {category: index for index, category in enumerate(categories)}
    unknown = {value for value in (*first, *second) if value not in spot}
    if unknown:
        raise ValueError(f"no category: {sorted(map(str, unknown))}")
    n, k = len(first), len(categories)
    if n == 0:
        return Kappa(0, None, None, None, None)
    table = [[0.0] * k for _ in range(k)]
    for a, b in zip(first, second, strict=True):
        table[spot[a]][spot[b]] += 1 / n
    worth = [[_worth(i, j, k, weights) for j in range(k)] for i in range(k)]
    return _kappa(n, table, worth, NormalDist().inv_cdf(0.5 + level / 2))


def _worth(i: int, j: int, k: int, weights: Weights) -> float:
    """How much of an agreement it is to say i against j."""
    match weights:
        case "none":
            return float(i == j)
        case "linear":
            return 1 - abs(i - j) / (k - 1)
        case "quadratic":
            return 1 - (i - j) ** 2 / (k - 1) ** 2
    assert_never(weights)


def _kappa(n: int, table: list[list[float]], worth: list[list[float]], z: float) -> Kappa:
    size = range(len(table))
    rows = [sum(line) for line in table]
    columns = [sum(table[i][j] for i in size) for j in size]
    observed = sum(worth[i][j] * table[i][j] for i in size for j in size)
    chance = sum(worth[i][j] * rows[i] * columns[j] for i in size for j in size)
    if 1 - chance < 1e-12:
        return Kappa(n, observed, None, None, None)
    value = (observed - chance) / (1 - chance)
    by_row = [sum(columns[j] * worth[i][j] for j in size) for i in size]
    by_column = [sum(rows[i] * worth[i][j] for i in size) for j in size]
    spread = sum(
        table[i][j] * (worth[i][j] - (by_row[i] + by_column[j]) * (1 - value)) ** 2
        for i in size
        for j in size
    )
    variance = (spread - (value - chance * (1 - value)) ** 2) / (n * (1 - chance) ** 2)
    half = z * sqrt(max(variance, 0.0))
    return Kappa(n, observed, value, max(value - half, -1.0), min(value + half, 1.0))


@dataclass(frozen=True)
class Icc:
    """Intraclass correlations of Shrout and Fleiss (1979): one rater, any rater, these raters."""

    n: int
    raters: int
    one_way: float | None
    two_way: float | None
    consistency: float | None


def icc(scores: Sequence[Sequence[float]]) -> Icc:
    """ICC(1,1), ICC(2,1) and ICC(3,1) of n things (rows) scored by the same number of raters (columns).

    ICC(2,1) is the one to read when the raters are a sample: absolute agreement of a single rater. None when the scores
    do not vary. Raises ValueError on ragged rows.
    """
    n, k = len(scores), len(scores[0]) if scores else 0
    if any(len(row) != k for row in scores):
        raise ValueError("every row needs the same number of scores")
    if n < 2 or k < 2:
        return Icc(n, k, None, None, None)
    grand = fmean(value for row in scores for value in row)
    total = sum((value - grand) ** 2 for row in scores for value in row)
    things = k * sum((fmean(row) - grand) ** 2 for row in scores)
    raters = n * sum((fmean(row[j] for row in scores) - grand) ** 2 for j in range(k))
    between, by_rater = things / (n - 1), raters / (k - 1)
    within = (total - things) / (n * (k - 1))
    rest = max(total - things - raters, 0.0) / ((n - 1) * (k - 1))
    return Icc(
        n,
        k,
        _ratio(between - within, between + (k - 1) * within),
        _ratio(between - rest, between + (k - 1) * rest + k * (by_rater - rest) / n),
        _ratio(between - rest, between + (k - 1) * rest),
    )


def _ratio(above: float, below: float) -> float | None:
    return above / below if abs(below) > 1e-12 else None
