"""期望与感知: what customers expect against what they perceive, with the statistics that say how sure it is.

A gap is perception minus expectation of the same person, so a negative gap is a shortfall. Everything here takes
plain arrays: rows are respondents, columns are items, NaN is "not answered".
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf, isfinite, isnan, nan, sqrt

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Answers:
    """One survey. ``expected`` and ``perceived`` have the shape (respondents, items); ``weighted`` may be absent.

    ``weighted`` is the importance asked of the respondent (any positive scale, 100 points or 1–7);
    ``satisfied`` the overall satisfaction of each respondent, where it was asked.
    """

    items: tuple[str, ...]
    expected: Reals
    perceived: Reals
    weighted: Reals | None = None
    satisfied: Reals | None = None

    def of(self, chosen: NDArray[np.bool_]) -> "Answers":
        """The same survey with the chosen respondents only."""
        return Answers(
            self.items,
            self.expected[chosen],
            self.perceived[chosen],
            None if self.weighted is None else self.weighted[chosen],
            None if self.satisfied is None else self.satisfied[chosen],
        )


@dataclass(frozen=True)
class Paired:
    """Two answers of the same people compared. ``d`` is Cohen's d of the differences (mean / sd), with its sign."""

    n: int
    mean_e: float
    mean_p: float
    gap: float
    ci_low: float
    ci_high: float
    t: float
    p: float
    d: float
    differences: Reals = field(default_factory=lambda: np.array([]), compare=False, repr=False)

    @cached_property
    def ranked(self) -> tuple[float, float]:
        """Wilcoxon's W and p; worked out when asked for, because small samples with ties take long."""
        return _wilcoxon(self.differences) if self.n > 1 else (nan, nan)

    @property
    def w(self) -> float:
        return self.ranked[0]

    @property
    def p_wilcoxon(self) -> float:
        return self.ranked[1]


@dataclass(frozen=True)
class Alpha:
    """Cronbach's alpha of ``k`` items over the ``n`` people who answered all of them, with Feldt's interval."""

    value: float
    low: float
    high: float
    n: int
    k: int


@dataclass(frozen=True)
class Measure:
    """One line of the result: an item, a dimension, or all of it (``level`` overall)."""

    level: str
    id: str
    paired: Paired
    p_holm: float = nan
    alpha: Alpha = field(default_factory=lambda: Alpha(nan, nan, nan, 0, 0))
    alpha_e: float = nan
    weight: float = nan
    importance: float = nan


def paired(expected: Reals, perceived: Reals, *, confidence: float = CONFIDENCE) -> Paired:
    """Compare perception with expectation over the people who gave both; the interval is Student's t of the mean gap.

    Equal to ``scipy.stats.ttest_rel`` and ``wilcoxon``: when all differences are one value, t is infinite, and
    undefined (NaN) when that value is zero. Below two pairs only the means are given.

    >>> found = paired(np.array([7., 6, 7, np.nan]), np.array([5., 6, 4, 3]))
    >>> found.n, round(found.gap, 3), round(found.t, 3), round(found.d, 3)
    (3, -1.667, -1.89, -1.091)
    """
    from scipy import stats

    both = ~(np.isnan(expected) | np.isnan(perceived))
    e, p = expected[both], perceived[both]
    n = int(both.sum())
    if n == 0:
        return Paired(0, nan, nan, nan, nan, nan, nan, nan, nan)
    differences = p - e
    mean_e, mean_p, gap = float(e.mean()), float(p.mean()), float(differences.mean())
    if n == 1:
        return Paired(1, mean_e, mean_p, gap, nan, nan, nan, nan, nan)
    sd = float(differences.std(ddof=1))
    if sd <= 1e-12 * max(1.0, abs(gap)):
        t, prob, d = _constant(gap)
        low = high = gap
    else:
        found = stats.ttest_rel(p, e)
        t, prob, d = float(found.statistic), float(found.pvalue), gap / sd
        low, high = (float(end) for end in found.confidence_interval(confidence))
    return Paired(n, mean_e, mean_p, gap, low, high, t, prob, d, differences)


def _constant(gap: float) -> tuple[float, float, float]:
    """Everybody differs by the same: without scatter a nonzero gap is certain, a zero one says nothing."""
    if abs(gap) < 1e-12:
        return nan, nan, nan
    side = inf if gap > 0 else -inf
    return side, 0.0, side


def _wilcoxon(differences: Reals) -> tuple[float, float]:
    """The signed-rank test; ties in the differences are rounded together first, or they would not be ties."""
    from scipy import stats

    rounded = np.round(differences, 9)
    if not rounded.any():
        return nan, nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = stats.wilcoxon(rounded)
    return float(found.statistic), float(found.pvalue)


def holm(chances: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment; a chance that is not a number stays one and is not counted in the family.

    >>> holm([0.01, 0.04, nan, 0.03])
    [0.03, 0.06, nan, 0.06]
    """
    known = [index for index, p in enumerate(chances) if not isnan(p)]
    adjusted, so_far = list(chances), 0.0
    for rank, index in enumerate(sorted(known, key=lambda i: chances[i])):
        so_far = max(so_far, min(1.0, (len(known) - rank) * chances[index]))
        adjusted[index] = so_far
    return adjusted


def cronbach(scores: Reals, *, confidence: float = CONFIDENCE) -> Alpha:
    """Alpha of a scale: how far the items (columns) measure one thing, over the people who answered all of them.

    NaN with fewer than two items or people, or when the sum does not vary. Interval: Feldt, Woodruff & Salih 1987.
    """
    from scipy import stats

    whole = scores[~np.isnan(scores).any(axis=1)] if scores.size else scores
    n, k = whole.shape if whole.ndim == 2 else (0, 0)
    if n < 2 or k < 2:
        return Alpha(nan, nan, nan, n, k)
    total = float(whole.sum(axis=1).var(ddof=1))
    if total <= 1e-12:
        return Alpha(nan, nan, nan, n, k)
    value = k / (k - 1) * (1 - float(whole.var(axis=0, ddof=1).sum()) / total)
    tail, df1, df2 = (1 - confidence) / 2, n - 1, (n - 1) * (k - 1)
    low = 1 - (1 - value) * float(stats.f.ppf(1 - tail, df1, df2))
    high = 1 - (1 - value) * float(stats.f.ppf(tail, df1, df2))
    return Alpha(value, low, high, n, k)


def scores(answers: Answers, columns: Sequence[int]) -> tuple[Reals, Reals]:
    """Each respondent's mean expectation and mean perception over the items he answered in both halves.

    An item answered in one half only is left out of both means, so that the two stand over the same questions.
    """
    e, p = answers.expected[:, columns], answers.perceived[:, columns]
    both = ~(np.isnan(e) | np.isnan(p))
    counts = both.sum(axis=1)
    with np.errstate(invalid="ignore"):
        means = [np.where(both, half, 0).sum(axis=1) / counts for half in (e, p)]
    return means[0], means[1]


def measures(answers: Answers, dimension_of: Mapping[str, str]) -> list[Measure]:
    """Items in their order, then dimensions, then the overall line; Holm's family is the lines of one level."""
    groups: dict[str, list[int]] = {}
    for column, item in enumerate(answers.items):
        groups.setdefault(dimension_of[item], []).append(column)
    columns = list(range(len(answers.items)))
    asked = weights(answers)
    levels: tuple[tuple[str, Mapping[str, Sequence[int]]], ...] = (
        ("item", {item: [column] for column, item in enumerate(answers.items)}),
        ("dimension", groups),
        ("overall", {"all": columns} if columns else {}),
    )
    found: list[Measure] = []
    for level, members in levels:
        rows = [_measure(answers, level, name, held, asked) for name, held in members.items()]
        for row, adjusted in zip(rows, holm([row.paired.p for row in rows]), strict=True):
            found.append(_with_holm(row, adjusted))
    return found


def _with_holm(row: Measure, adjusted: float) -> Measure:
    return Measure(
        row.level, row.id, row.paired, adjusted, row.alpha, row.alpha_e, row.weight, row.importance
    )


def _measure(answers: Answers, level: str, name: str, columns: Sequence[int], asked: Reals) -> Measure:
    e, p = scores(answers, columns)
    return Measure(
        level,
        name,
        paired(e, p),
        alpha=cronbach(answers.perceived[:, columns]),
        alpha_e=cronbach(answers.expected[:, columns]).value,
        weight=_sum(asked[list(columns)]),
        importance=correlation(p, answers.satisfied),
    )


def _sum(shares: Reals) -> float:
    """The sum of what is known; NaN when nothing is."""
    return nan if np.isnan(shares).all() else float(np.nansum(shares))


def weights(answers: Answers) -> Reals:
    """The importance asked, as shares of one: each item's mean over all items' means. NaN where it was not asked."""
    empty = np.full(len(answers.items), nan)
    if answers.weighted is None or answers.weighted.size == 0:
        return empty
    told = ~np.isnan(answers.weighted)
    sums, counts = np.where(told, answers.weighted, 0).sum(axis=0), told.sum(axis=0)
    means = np.divide(sums, counts, out=empty, where=counts > 0)
    total = float(np.nansum(means))
    return means / total if total > 0 else np.full(len(answers.items), nan)


def correlation(scores_: Reals, satisfied: Reals | None) -> float:
    """Pearson's r of a score with overall satisfaction: the importance that can be derived instead of asked."""
    if satisfied is None:
        return nan
    both = ~(np.isnan(scores_) | np.isnan(satisfied))
    x, y = scores_[both], satisfied[both]
    if len(x) < 3 or x.std() < 1e-12 or y.std() < 1e-12:
        return nan
    return float(np.corrcoef(x, y)[0, 1])


def bootstrapped(
    expected: Reals, perceived: Reals, *, seed: int, resamples: int = 2000, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """The percentile bootstrap interval of the mean gap, for scales too coarse or skewed for Student's t."""
    differences = (perceived - expected)[~(np.isnan(expected) | np.isnan(perceived))]
    n = len(differences)
    if n < 2:
        return nan, nan
    dice = np.random.default_rng(seed)
    values, counts = np.unique(differences, return_counts=True)
    drawn = dice.multinomial(n, counts / n, size=resamples)
    means = drawn @ values / n
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


@dataclass(frozen=True)
class Shrunk:
    """A group's mean drawn towards the mean of all by as much as it is uncertain; ``trust`` 0 is all, 1 its own."""

    n: int
    mean: float
    shrunk: float
    low: float
    high: float
    trust: float


def shrink(groups: Mapping[str, Reals], *, confidence: float = CONFIDENCE) -> dict[str, Shrunk]:
    """Empirical Bayes for small departments: normal means, between-group variance by DerSimonian and Laird 1986.

    A group of one person borrows the pooled variance within groups. Groups without answers are left out.
    """
    from scipy import stats

    held = {name: values[~np.isnan(values)] for name, values in groups.items()}
    held = {name: values for name, values in held.items() if len(values)}
    within = sum((len(v) - 1) * float(v.var(ddof=1)) for v in held.values() if len(v) > 1)
    freedom = sum(len(v) - 1 for v in held.values())
    pooled = within / freedom if freedom else nan
    if not held or not isfinite(pooled) or pooled <= 0:
        return {name: Shrunk(len(v), float(v.mean()), nan, nan, nan, nan) for name, v in held.items()}
    means = np.array([v.mean() for v in held.values()])
    variances = np.array([pooled / len(v) for v in held.values()])
    between = _between(means, variances)
    inverse = 1 / (variances + between)
    centre = float((inverse * means).sum() / inverse.sum())
    reach = float(stats.norm.ppf((1 + confidence) / 2))
    found = {}
    for (name, values), mean, variance in zip(held.items(), means, variances, strict=True):
        trust = float(between / (between + variance))
        shrunk = centre + trust * (float(mean) - centre)
        half = reach * sqrt(trust * float(variance) + (1 - trust) ** 2 / float(inverse.sum()))
        found[name] = Shrunk(len(values), float(mean), shrunk, shrunk - half, shrunk + half, trust)
    return found


def _between(means: Reals, variances: Reals) -> float:
    w = 1 / variances
    centre = (w * means).sum() / w.sum()
    q = float((w * (means - centre) ** 2).sum())
    scale = float(w.sum() - (w**2).sum() / w.sum())
    return max(0.0, (q - (len(means) - 1)) / scale) if scale > 0 else 0.0


@dataclass(frozen=True)
class Unpaired:
    """Two groups of different people compared (managers and customers): Welch's t."""

    n_a: int
    n_b: int
    mean_a: float
    mean_b: float
    gap: float
    ci_low: float
    ci_high: float
    t: float
    p: float


def unpaired(a: Reals, b: Reals, *, confidence: float = CONFIDENCE) -> Unpaired:
    """Mean of ``a`` minus mean of ``b`` with Welch's interval; equal to ``scipy.stats.ttest_ind(equal_var=False)``."""
    from scipy import stats

    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    n_a, n_b = len(a), len(b)
    mean_a, mean_b = (float(x.mean()) if len(x) else nan for x in (a, b))
    gap = mean_a - mean_b
    if min(n_a, n_b) < 2:
        return Unpaired(n_a, n_b, mean_a, mean_b, gap, nan, nan, nan, nan)
    if max(a.std(), b.std()) < 1e-12:
        t, p, _d = _constant(gap)
        return Unpaired(n_a, n_b, mean_a, mean_b, gap, gap, gap, t, p)
    found = stats.ttest_ind(a, b, equal_var=False)
    low, high = (float(end) for end in found.confidence_interval(confidence))
    return Unpaired(n_a, n_b, mean_a, mean_b, gap, low, high, float(found.statistic), float(found.pvalue))


@dataclass(frozen=True)
class Trend:
    """Trend of a gap: change in a unit of time with its interval, by least squares over single answers."""

    n: int
    slope: float
    low: float
    high: float
    p: float


def trend(times: Reals, gaps: Reals, *, confidence: float = CONFIDENCE) -> Trend:
    """The slope of the gap over time; NaN with fewer than three answers or a single instant."""
    from scipy import stats

    both = ~(np.isnan(times) | np.isnan(gaps))
    x, y = times[both], gaps[both]
    if len(x) < 3 or x.std() < 1e-12:
        return Trend(len(x), nan, nan, nan, nan)
    found = stats.linregress(x, y)
    reach = float(stats.t.ppf((1 + confidence) / 2, len(x) - 2)) * float(found.stderr)
    slope = float(found.slope)
    return Trend(len(x), slope, slope - reach, slope + reach, float(found.pvalue))
