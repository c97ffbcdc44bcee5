"""Limit that binds an open capacity, as a code and a sentence of both languages: the same for staff and for the public."""

from collections.abc import Mapping
from dataclasses import dataclass

from jiedian.core.findings import Finding
from jiedian.core.words import Text, apart, figure

FORMULA, PHYSICS = "formula", "physics"


@dataclass(frozen=True)
class Limit:
    """Limit that binds: a ``code``, ``by`` which of the two results (formula or physics), ``at`` which device, as people name it.

    Of what is over its limit already also ``kind`` (line, transformer, voltage_low, voltage_high) and ``margin``, below zero: a
    share of the current allowed, or of the nominal voltage. ``to``: the one area a line that binds leads to; nothing of a trunk.
    """

    code: str
    by: str
    at: str = ""
    kind: str = ""
    margin: float = 0.0
    to: str = ""


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


OVER = {
    "line": "published.over_line",
    "transformer": "published.over_transformer",
    "voltage_low": "published.over_voltage_low",
    "voltage_high": "published.over_voltage_high",
}
"""Kind of what is over its limit already → the words that say how far; without a kind, in an old issue, only that it is."""


def sentences_of(
    limit: Limit, parameters: Mapping[str, float], at_en: str = "", to_en: str = ""
) -> tuple[str, str]:
    """Sentences of what binds, (Chinese, English); ``at_en`` and ``to_en`` are the English names of its devices.

    ``parameters`` are those the figure was computed with, by the ids in ``SHARES``; a share becomes per cent.
    """
    facts: dict[str, object] = {
        name: f"{100 * parameters[key]:g}" if key in parameters else "…" for name, key in SHARES.items()
    }
    at = Text(limit.at, at_en or limit.at)
    facts["to"] = Text(f"通往 {limit.to} ", f" to {to_en or limit.to}") if limit.to else Text("", "")
    code = SENTENCES.get((limit.by, limit.code), "published.by_other")
    over = Finding(
        OVER.get(limit.kind, "published.over"), "", **facts, at=at, now=now_percent(limit, parameters)
    )
    found = Finding(code, "", **facts, at=at, what=limit.code, over=Text(over.zh, over.en))
    return found.zh, found.en


def now_percent(limit: Limit, parameters: Mapping[str, float]) -> str:
    """Per cent at which what is over its limit stands: of its rated current, or by so much of the nominal voltage beyond the bound.

    >>> now_percent(Limit("base", PHYSICS, "F1", "transformer", -0.125), {"TRAFO_PHYSICAL": 0.8})
    '90'
    >>> now_percent(Limit("base", PHYSICS, "F1", "voltage_low", -0.0123), {})
    '1.2'
    >>> now_percent(Limit("base", PHYSICS, "F1", "line", -0.00002), {"LINE_PHYSICAL": 0.8})
    '80.002'
    """
    if limit.kind.startswith("voltage"):
        return figure(-100 * limit.margin, 2)
    share = parameters.get(SHARES.get(limit.kind, ""), 1.0)
    return apart(100 * share * (1 - limit.margin), 100 * share)[0]
