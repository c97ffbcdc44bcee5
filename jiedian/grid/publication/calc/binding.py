"""Limit of a published figure, as a code and a sentence of both languages, and the sum it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from jiedian.core.findings import Finding

FORMULA, PHYSICS = "formula", "physics"


@dataclass(frozen=True)
class Limit:
    """Limit that binds: a ``code``, ``by`` which of the two results (formula or physics), ``at`` which device, as people name it."""

    code: str
    by: str
    at: str = ""


def least(
    formula_kw: float | None, physical_kw: float | None, formula: Limit, physics: Limit
) -> Limit | None:
    """The limit of the smaller result, the formula's where both are equal; None where one of them is for a person.

    >>> least(289.0, 300.0, Limit("area", FORMULA), Limit("line", PHYSICS)).code
    'area'
    >>> least(None, 300.0, Limit("area", FORMULA), Limit("line", PHYSICS)) is None
    True
    """
    if formula_kw is None or physical_kw is None:
        return None
    return formula if formula_kw <= physical_kw else physics


SENTENCES = {
    (FORMULA, "area"): "published.by_area",
    (FORMULA, "feeder"): "published.by_feeder",
    (FORMULA, "main"): "published.by_main",
    (FORMULA, "main_twin"): "published.by_main_twin",
    (PHYSICS, "transformer"): "published.by_transformer",
    (PHYSICS, "line"): "published.by_line",
    (PHYSICS, "voltage_low"): "published.by_voltage_low",
    (PHYSICS, "voltage_high"): "published.by_voltage_high",
    (PHYSICS, "base"): "published.by_base",
    (PHYSICS, "collapse"): "published.by_collapse",
    (PHYSICS, "none"): "published.by_nothing",
}
"""(result, code) → the sentence that says so; what the kernel may name beside these is said as it is."""


def sentences_of(limit: Limit, parameters: Mapping[str, float]) -> tuple[str, str]:
    """Sentences of what binds, (Chinese, English).

    ``parameters`` are those of the issue, by the ids of ``rules/grid/parameters.csv``; a share becomes per cent.
    """
    percent = {name: f"{100 * value:g}" for name, value in parameters.items()}
    facts = {
        "at": limit.at,
        "area": percent.get("LOADING_AREA", "…"),
        "feeder": percent.get("LOADING_FEEDER", "…"),
        "main": percent.get("LOADING_MAIN", "…"),
        "transformer": percent.get("TRAFO_PHYSICAL", "…"),
        "line": percent.get("LINE_PHYSICAL", "…"),
    }
    code = SENTENCES.get((limit.by, limit.code), "published.by_other")
    found = Finding(code, "", **facts, what=limit.code)
    return found.zh, found.en


@dataclass(frozen=True)
class Sum:
    """The sum of a figure in whole kW: ``peak + reserved + open + held = allowed + over``.

    ``held`` is what the device would have left and may not use, because something else binds first; ``over`` what is used
    and reserved above the allowed.
    """

    allowed: int
    peak: int
    reserved: int
    open: int
    held: int
    over: int


def sum_of(allowed: float, peak: float, reserved: float, open_kw: float) -> Sum:
    """The sum in whole kW that adds up as it is written; ``open`` is rounded as everywhere, the rest takes what is left.

    >>> sum_of(478.8, 190.0, 66.5, 222.3)
    Sum(allowed=479, peak=190, reserved=67, open=222, held=0, over=0)
    >>> sum_of(478.8, 190.0, 66.5, 100.0)
    Sum(allowed=479, peak=190, reserved=67, open=100, held=122, over=0)
    >>> sum_of(100.0, 90.0, 30.0, 0.0)
    Sum(allowed=100, peak=90, reserved=30, open=0, held=0, over=20)
    """
    over = max(peak + reserved + open_kw - allowed, 0.0)
    held = max(allowed - peak - reserved - open_kw, 0.0)
    whole, free = round(allowed), round(open_kw)
    if over > 0.5:
        parts = (round(peak), round(reserved))
        return Sum(whole, *parts, free, 0, sum(parts) + free - whole)
    shared = _whole((peak, reserved, held), max(whole - free, 0))
    return Sum(whole, shared[0], shared[1], free, shared[2], 0)


def _whole(parts: tuple[float, ...], total: int) -> list[int]:
    """Parts in whole numbers that make the total: those with the largest remainders are rounded up."""
    down = [int(part) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda row: down[row] - parts[row])
    missing = total - sum(down)
    for row in by_remainder[: max(missing, 0)]:
        down[row] += 1
    for row in sorted(range(len(parts)), key=lambda row: -down[row])[: max(-missing, 0)]:
        down[row] -= 1
    return down
