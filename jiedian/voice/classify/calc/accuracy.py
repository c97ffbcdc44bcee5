"""Accuracy of guesses on texts whose labels are known: per class, overall with an interval, by coverage, calibrated or not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ClassScore:
    """One class: texts that are of it, share of guesses for it that are right, share of it that was found, and their mean."""

    id: str
    n: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Score:
    """All classes together. ``low`` and ``high`` bound macro-F1 at 95 % (bootstrap over texts)."""

    n: int
    accuracy: float
    macro_f1: float
    low: float
    high: float
    classes: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    """Rows: truth, columns: guess, in the order of ``classes``."""


@dataclass(frozen=True)
class Coverage:
    """Of the texts with the highest confidence, this share, and how many of them are right."""

    coverage: float
    accuracy: float
    confidence: float


@dataclass(frozen=True)
class Comparison:
    """Two versions on the same texts: how many only one of them got right, and the exact McNemar probability."""

    only_old: int
    only_new: int
    p: float
    gain: float
    low: float
    high: float
    """Accuracy of the new less that of the old, with its 95 % bootstrap interval."""


def score(truth: Sequence[str], guess: Sequence[str], ids: Sequence[str], *, seed: int = 1) -> Score:
    """Measure guesses against the truth. Raises ValueError for no texts or a label outside ``ids``."""
    place = {name: row for row, name in enumerate(ids)}
    try:
        pairs = np.array(
            [place[t] * len(ids) + place[g] for t, g in zip(truth, guess, strict=True)], dtype=np.int64
        )
    except KeyError as error:
        raise ValueError(f"unknown label {error}") from error
    if not len(pairs):
        raise ValueError("no texts to measure")
    table = _confusion(pairs, len(ids))
    precision, recall, f1 = _of_classes(table)
    low, high = _interval(pairs, len(ids), seed)
    classes = tuple(
        ClassScore(name, int(table[k].sum()), float(precision[k]), float(recall[k]), float(f1[k]))
        for k, name in enumerate(ids)
    )
    cells = tuple(tuple(int(v) for v in row) for row in table)
    return Score(len(pairs), float(np.trace(table) / len(pairs)), _macro(table), low, high, classes, cells)


def coverage_curve(
    confidence: Sequence[float], is_right: Sequence[bool], *, points: int = 20
) -> list[Coverage]:
    """Accuracy against coverage at equal steps of coverage, the surest texts first."""
    order = np.argsort(-np.asarray(confidence), kind="stable")
    right = np.cumsum(np.asarray(is_right, dtype=float)[order])
    counts = sorted({max(1, round(len(order) * step / points)) for step in range(1, points + 1)})
    return [
        Coverage(n / len(order), float(right[n - 1] / n), float(np.asarray(confidence)[order[n - 1]]))
        for n in counts
    ]


def calibration(
    confidence: Sequence[float], is_right: Sequence[bool], *, bins: int = 10
) -> tuple[float, list[tuple[int, float, float]]]:
    """Expected calibration error, and for each tenth of confidence that occurs (texts, mean confidence, share right)."""
    held, right = np.asarray(confidence, dtype=float), np.asarray(is_right, dtype=float)
    which = np.minimum((held * bins).astype(int), bins - 1)
    found = [
        (int((which == k).sum()), float(held[which == k].mean()), float(right[which == k].mean()))
        for k in range(bins)
        if (which == k).any()
    ]
    return sum(n * abs(mean - share) for n, mean, share in found) / len(held), found


def compare(
    old_right: Sequence[bool], new_right: Sequence[bool], *, seed: int = 1, rounds: int = 2000
) -> Comparison:
    """Exact McNemar test on the texts where two versions differ, and the bootstrap interval of the difference.

    >>> compare([True] * 8 + [False] * 8, [True] * 16).p
    0.0078125
    """
    from scipy.stats import binomtest

    old, new = np.asarray(old_right, dtype=bool), np.asarray(new_right, dtype=bool)
    only_old, only_new = int((old & ~new).sum()), int((new & ~old).sum())
    differ = only_old + only_new
    p = float(binomtest(only_new, differ).pvalue) if differ else 1.0
    gains = new.astype(float) - old
    rng = np.random.default_rng(seed)
    means = gains[rng.integers(0, len(gains), (rounds, len(gains)))].mean(1)
    low, high = (float(v) for v in np.quantile(means, [0.025, 0.975]))
    return Comparison(only_old, only_new, p, float(gains.mean()), low, high)


def _confusion(pairs: Ints, k: int) -> Ints:
    return np.bincount(pairs, minlength=k * k).reshape(k, k)


def _of_classes(table: Ints) -> tuple[Reals, Reals, Reals]:
    """Precision, recall, F1 a class along the last axis but one; 0 where a class has neither truth nor guess."""
    right = np.diagonal(table, axis1=-2, axis2=-1)
    guessed, true = table.sum(-2), table.sum(-1)
    return (
        right / np.maximum(guessed, 1),
        right / np.maximum(true, 1),
        2 * right / np.maximum(guessed + true, 1),
    )


def _macro(table: Ints) -> float:
    """Mean F1 over the classes that occur."""
    occurs = (table.sum(0) + table.sum(1)) > 0
    return float(_of_classes(table)[2][occurs].mean())


def _interval(pairs: Ints, k: int, seed: int, rounds: int = 1000) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    drawn = pairs[rng.integers(0, len(pairs), (rounds, len(pairs)))]
    low, high = np.quantile([_macro(_confusion(row, k)) for row in drawn], [0.025, 0.975])
    return float(low), float(high)
