"""Reasons for a design review, from the table of decisions."""

from jiedian.cases.case.models.case import Case
from jiedian.core.decisions import DecisionRow, reasons
from jiedian.core.workdays import local_day
from jiedian.ground.rulebook.services import load

VOLTAGE_BAND_KV = 35
"""Where the band named in the decision table begins."""


def review_reasons(case: Case) -> list[DecisionRow]:
    """Reasons why this case still needs design review and mid-inspection; empty for an ordinary customer."""
    facts = {
        "voltage_band": "35kV+" if case.voltage_kv >= VOLTAGE_BAND_KV else "",
        "importance": case.importance,
        "special_load": _yes(case.is_special_load),
        "residential_community": _yes(case.is_residential_community),
    }
    return reasons(load("decisions/design_review.csv", DecisionRow), facts, on=local_day(case.applied_at))


def _yes(holds: object) -> str:
    return "yes" if holds else "no"
