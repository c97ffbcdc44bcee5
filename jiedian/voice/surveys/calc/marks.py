"""Marks as people write them in a cell: numbers in any dress, labels, words of a scale, and the many ways of no answer."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan

import numpy as np
from numpy.typing import NDArray

from .gaps import Reals

MISSING = frozenset(
    [
        "",
        "na",
        "n/a",
        "n.a.",
        "nan",
        "nat",
        "null",
        "none",
        "nil",
        "missing",
        "-",
        "--",
        "---",
        "—",
        "–",
        "/",
        ".",
        "..",
        "?",
    ]
    + [
        "#n/a",
        "#null!",
        "#value!",
        "(blank)",
        "<na>",
        "not applicable",
        "no answer",
        "refused",
        "prefer not to say",
        "skipped",
    ]
    + [
        "don't know",
        "dont know",
        "don't know/no answer",
        "dk",
        "dk/na",
        "no opinion",
        "can't say",
        "cannot say",
        "unknown",
    ]
    + [
        "无",
        "空",
        "缺失",
        "未答",
        "未填",
        "未作答",
        "不适用",
        "不清楚",
        "不知道",
        "说不清",
        "不好说",
        "拒答",
        "未知",
        "(空)",
        "(跳过)",
    ]
)
"""What people write for "no answer" (after NFKC and lower case)."""
CODES = frozenset([-999, -99, -98, -97, -9, -8, -1, 77, 88, 97, 98, 99, 888, 998, 999, 9999])
"""Numbers that statistics programs keep for "no answer", where the scale itself does not reach so far."""
SCALES = ((1, 5), (1, 7), (1, 10), (0, 10), (0, 100))
APART = 100
"""From so many answers on, a whole number above a hole beyond the end of a usual scale is a code, however frequent."""
NUMERALS = {word: float(value) for value, word in enumerate("零一二三四五六七八九十")} | {"两": 2.0}
LABELLED = re.compile(
    r"^\(?(-?\d+(?:\.\d+)?)\)?(?:\s*(?:分|点|星|级|%)|\s*[-–—=:.、(](?P<after>\D*)|\)?\s+(?P<beside>\D+))$"
)
ENDS_WITH = re.compile(r"^(?P<before>\D+)\(\s*(\d+(?:\.\d+)?)\s*分?\s*\)$")
"""A label with its number: ``5 - very good``, ``(2) rarely``, ``9=don't know``; ``非常满意(5)``."""
UNREAD = -1e15
"""From here downwards a number stands for a text that is none, until the whole column is known."""


@dataclass(frozen=True)
class WordScale:
    """标度用语: the words of a scale, each with its mark from 1 to ``points``."""

    id: str
    points: int
    marks: Mapping[str, float]


def number(text: str) -> float | None:
    """A number from what was typed: NaN for no answer, None when it is not understood.

    >>> number(" ７ "), number("5 - 非常同意"), number("四分"), number("4,5"), number("often") is None
    (7.0, 5.0, 4.0, 4.5, True)
    """
    word = plain(text)
    if word in MISSING:
        return nan
    try:
        value = float(re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", word))
    except ValueError:
        value = _labelled(word)
        if value == UNREAD:
            return nan
    return value if isfinite(value) else None


def plain(text: str) -> str:
    """A cell's words without quotes, in one width and case."""
    word = unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("\u2018", "'").lower()
    return " ".join(word.strip().strip("'\"").split())


def _labelled(word: str) -> float:
    """The number beside a label; NaN where there is none, UNREAD where the label says that it is no answer."""
    if told := LABELLED.match(word):
        label = plain((told["after"] or told["beside"] or "x").strip(" ()-–—=:.、"))
        return UNREAD if label in MISSING - {""} else float(told[1])
    if told := ENDS_WITH.match(word):
        return UNREAD if plain(told["before"]) in MISSING else float(told[2])
    return NUMERALS.get(word.removesuffix("分"), nan)


def scale_of_words(texts: Iterable[str], scales: Sequence[WordScale]) -> WordScale | None:
    """The first scale that knows every text and tells no two of them the same mark."""
    words = {plain(text).strip(".!。！") for text in texts}
    for scale in scales:
        if words <= scale.marks.keys() and len({scale.marks[word] for word in words}) == len(words):
            return scale
    return next((scale for scale in scales if words <= scale.marks.keys()), None)


def mark_of(text: str, scales: Sequence[WordScale], *, points: int) -> float | None:
    """A number, or the mark of a word on a scale of so many points; NaN for no answer, None when not understood.

    >>> agree = WordScale("agree2", 2, {"disagree": 1.0, "agree": 2.0})
    >>> mark_of(" Agree", [agree], points=2), mark_of("Agree", [agree], points=5) is None
    (2.0, True)
    """
    value = number(text)
    fitting = [scale for scale in scales if scale.points == points]
    found = scale_of_words([text], fitting) if value is None else None
    return found.marks[plain(text).strip(".!。！")] if found else value


def scale_of(columns: Sequence[Reals]) -> tuple[float, float] | None:
    """The scale that people answered on, or None when the answers fit no usual one.

    The smallest usual scale that holds every answer, but for at most one in a hundred (or two in all) that lie
    apart from it: those are slips of the pen or codes for "no answer".
    """
    pooled = np.concatenate(columns) if columns else np.array([])
    values, counts = np.unique(pooled[~np.isnan(pooled)], return_counts=True)
    if not len(values) or (counts[values == np.round(values)].sum() < 0.99 * counts.sum()):
        return None
    values, counts = _joined(values, counts)
    coded = np.isin(values, list(CODES)) | (values < 0)
    if (~coded).any() and values[~coded].max() <= 10:
        values, counts = values[~coded], counts[~coded]
    for low, high in SCALES:
        out = (values < low) | (values > high)
        slips = int(counts[out].sum())
        edge = int(counts[values == high].sum())
        apart = not ((values == high + 1) | (values == low - 1)).any() or edge >= 5 * slips
        few = min(max(2, counts.sum() // 100), counts.sum() // 10)
        if slips == 0 or (apart and slips <= few):
            return float(low), float(high)
    return None


def _joined(values: Reals, counts: NDArray[np.int64]) -> tuple[Reals, NDArray[np.int64]]:
    """The marks without those above a hole that begins where a usual scale ends (9 for "don't know" after 1 to 7)."""
    if counts.sum() < APART:
        return values, counts
    held = set(values.tolist())
    for low, high in SCALES[:2]:
        beyond = values > high
        is_whole = all(mark in held for mark in range(low, high + 1))
        if beyond.any() and is_whole and high + 1 not in held and values.max() < 10:
            return values[~beyond], counts[~beyond]
    return values, counts
