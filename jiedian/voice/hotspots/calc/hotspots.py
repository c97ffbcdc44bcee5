"""热点: where a kind of concern has become more frequent than in the weeks before, beyond what chance would do.

Given the total of a cell over both spans, the share that falls into the newer span is binomial when the rate has not
changed (the exact conditional test of two Poisson rates). Many cells are looked at, so the probabilities are adjusted
for the share of false alarms (Benjamini-Hochberg). See docs/algorithms/hotspots.md.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Change(Generic[Key]):
    """A cell: concerns in the newer span and in the older, how many times the rate, its 95 % interval, p and adjusted q."""

    key: Key
    new: int
    old: int
    ratio: float
    low: float
    high: float
    p: float
    q: float


def changes(
    new: Iterable[Key], old: Iterable[Key], *, new_days: float, old_days: float, least: int = 3
) -> list[Change[Key]]:
    """Every cell that could be told from chance at all, the most surprising first.

    ``new`` and ``old`` name the cell of each concern of the two spans. A cell enters by its total over both spans
    alone (at least ``least``), never by how it fell: that would spoil the test.
    """
    if new_days <= 0 or old_days <= 0:
        raise ValueError("both spans need days")
    counts_new, counts_old = Counter(new), Counter(old)
    keys = [key for key in counts_new | counts_old if counts_new[key] + counts_old[key] >= least]
    held = np.array([(counts_new[key], counts_old[key]) for key in keys], dtype=np.int64).reshape(-1, 2)
    tested = [column.tolist() for column in _tested(held[:, 0], held[:, 1], new_days, old_days)]
    rows = zip(keys, held.tolist(), *tested, adjust(tested[3]), strict=True)
    found = [Change(key, n, m, ratio, low, high, p, q) for key, (n, m), ratio, low, high, p, q in rows]
    return sorted(found, key=lambda change: (change.p, -change.new, repr(change.key)))


def adjust(p: Sequence[float]) -> list[float]:
    """Benjamini-Hochberg: the smallest share of false alarms at which each would be called.

    >>> adjust([0.01, 0.04, 0.03])
    [0.03, 0.04, 0.04]
    """
    if not p:
        return []
    from scipy.stats import false_discovery_control

    return [float(value) for value in false_discovery_control(p)]


def _tested(
    new: NDArray[np.int64], old: NDArray[np.int64], new_days: float, old_days: float
) -> tuple[Reals, Reals, Reals, Reals]:
    """Rate ratios with their intervals (Clopper-Pearson on the share), and how likely so many new ones are by chance."""
    from scipy.stats import beta, binom

    odds = old_days / new_days
    p = binom.sf(new - 1, new + old, 1 / (1 + odds))
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = beta.ppf(0.025, new, old + 1), beta.ppf(0.975, new + 1, old)
        low, high = np.where(new > 0, low, 0.0), np.where(old > 0, high, 1.0)
        return odds * new / old, odds * low / (1 - low), odds * high / (1 - high), p
