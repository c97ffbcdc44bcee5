"""Facts of a case by its class: for the gateways of its process, and the reasons for a design review."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.module_loading import import_string

from jiedian.cases.case.models.case import Case
from jiedian.core.decisions import DecisionRow, reasons
from jiedian.core.workdays import local_day
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.rulebook.services import load
from jiedian.process.rows import classes

VOLTAGE_BAND_KV = 35
"""Where the band named in the decision table begins."""


def first_facts(case: Case) -> dict[str, str]:
    """Facts the gateways read of a case by its class until a step says otherwise, and whether its design is reviewed."""
    row = classes().get(case.case_class)
    return (row.gateway_values() if row else {}) | {"review": _yes(review_reasons(case))}


@dataclass(frozen=True)
class Correction:
    """Correction of an application: who, when, why, and each field with what it said before and after, masked."""

    by: str
    at: datetime
    reason: str
    changes: tuple[tuple[str, str, str], ...]


def corrections(case: Case, *, at: datetime) -> list[Correction] | None:
    """Corrections of an application, the newest first; None where there was none."""
    held = facts_of(case.stream).filter(kind="case.corrected").order_by("-seq")
    return [_correction(fact) for fact in held] or None


def _correction(fact: Fact) -> Correction:
    changes = tuple((_label(row["field"]), row["from"], row["to"]) for row in fact.data["changes"])
    return Correction(fact.actor_name, fact.occurred_at, fact.data["reason"], changes)


def _label(field: str) -> str:
    """Name of a field as the form of corrections has it."""
    return str(import_string("jiedian.cases.intake.forms.CorrectionForm").base_fields[field].label)


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
