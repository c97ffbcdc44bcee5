"""Limit that binds an open capacity, as a code and a sentence of both languages: the same for staff and for the public."""

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
    (PHYSICS, "worse"): "published.by_worse",
    (PHYSICS, "collapse"): "published.by_collapse",
    (PHYSICS, "none"): "published.by_nothing",
}
"""(result, code) → the sentence that says so; what the kernel may name beside these is said as it is."""


SHARES = {
    "area": "LOADING_AREA",
    "feeder": "LOADING_FEEDER",
    "main": "LOADING_MAIN",
    "transformer": "TRAFO_PHYSICAL",
    "line": "LINE_PHYSICAL",
}
"""What a sentence names a share of its rating → its id in ``rules/grid/parameters.csv``."""


def sentences_of(limit: Limit, parameters: Mapping[str, float]) -> tuple[str, str]:
    """Sentences of what binds, (Chinese, English).

    ``parameters`` are those the figure was computed with, by the ids in ``SHARES``; a share becomes per cent.
    """
    percent = {
        name: f"{100 * parameters[key]:g}" if key in parameters else "…" for name, key in SHARES.items()
    }
    code = SENTENCES.get((limit.by, limit.code), "published.by_other")
    found = Finding(code, "", **percent, at=limit.at, what=limit.code)
    return found.zh, found.en
