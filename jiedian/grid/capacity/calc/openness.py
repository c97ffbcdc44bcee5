"""可开放容量（管理口径）: the administrative formula, beside which the physical result stands. See docs/algorithms/published-capacity.md.

    S_open(device) = S_N · k_max − S_max(12 months) − Σ S_transit · K_sim     (never below zero)
    S_open(point)  = the least of the devices between the point and the substation

Source: domain reference 7 (proposed there; no official formula was found).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jiedian.core.findings import Finding

FORMULA = "7-D-2026-11"
"""Version of the formula, kept with every published figure."""


@dataclass(frozen=True)
class Parameters:
    """The rows of rules/grid/parameters.csv the formula needs."""

    loading_area: float
    loading_feeder: float
    loading_main: float
    overload_twin: float
    gate_months: int
    gate_points: float


@dataclass(frozen=True)
class Month:
    """The highest load of one month in kVA, and which share of its quarter-hours was measured."""

    peak_kva: float
    share: float


@dataclass(frozen=True)
class Transit:
    """在途: signed or being built, not yet energised; ``factor`` is its simultaneity."""

    kva: float
    factor: float


@dataclass(frozen=True)
class Open:
    """The answer for one device. ``kva`` is None when it must be checked by hand; ``why`` then says why."""

    kva: float | None
    allowed_kva: float
    peak_kva: float | None
    transit_kva: float
    why: tuple[Finding, ...] = ()


def main_allowed(rated_kva: Sequence[float], row: int, parameters: Parameters) -> float:
    """Load one main transformer of a station may carry in kVA.

    Alone: ``S_N·k_max``. With others: what is left when the largest fails, times the allowed overload, shared by rating.

    >>> p = Parameters(0.8, 0.8, 0.8, 1.0, 12, 0.9)
    >>> main_allowed([50_000.0], 0, p), main_allowed([63_000.0, 63_000.0], 0, p), main_allowed([20_000.0, 40_000.0], 1, p)
    (40000.0, 31500.0, 13333.333333333334)
    """
    total = sum(rated_kva)
    if len(rated_kva) == 1:
        return total * parameters.loading_main
    firm = (total - max(rated_kva)) * parameters.overload_twin
    return firm * rated_kva[row] / total


def open_kva(
    allowed_kva: float, months: Sequence[Month], transit: Iterable[Transit], parameters: Parameters
) -> Open:
    """The formula for one device. Without enough measurement the answer is "by hand", never zero and never full.

    >>> p = Parameters(0.8, 0.8, 0.8, 1.0, 12, 0.9)
    >>> open_kva(504.0, [Month(300.0, 1.0)] * 12, [Transit(100.0, 0.7)], p).kva
    134.0
    >>> open_kva(504.0, [Month(300.0, 1.0)] * 11, [], p).kva is None
    True
    """
    committed = sum(item.kva * item.factor for item in transit)
    good = [month for month in months if month.share >= parameters.gate_points]
    if not math.isfinite(allowed_kva) or allowed_kva <= 0:
        why = Finding("grid.unrated")
        return Open(None, 0.0, None, committed, (why,))
    if len(good) < parameters.gate_months:
        why = Finding("grid.not_measured", count=len(good))
        return Open(None, allowed_kva, None, committed, (why,))
    peak = max(month.peak_kva for month in good)
    return Open(max(allowed_kva - peak - committed, 0.0), allowed_kva, peak, committed)


def least(path: Sequence[tuple[str, Open]]) -> tuple[float | None, str]:
    """Open capacity at a point, and the device that binds. One device "by hand" makes the point "by hand".

    >>> least([("area", Open(120.0, 504, 300, 84)), ("feeder", Open(90.0, 4960, 4000, 870))])
    (90.0, 'feeder')
    >>> least([("area", Open(None, 504, None, 84)), ("feeder", Open(90.0, 4960, 4000, 870))])
    (None, 'area')
    """
    for name, item in path:
        if item.kva is None:
            return None, name
    if not path:
        return None, ""
    name, item = min(path, key=lambda pair: pair[1].kva or 0.0)
    return item.kva, name
