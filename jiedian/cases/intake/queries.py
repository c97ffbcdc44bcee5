"""Facts of a case by its class, for the gateways of its process."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.models.feed_in import FeedIn
from jiedian.cases.case.queries.reviews import review_reasons
from jiedian.core.closed import SOLAR
from jiedian.core.findings import refuse
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.queries import facts_of
from jiedian.process.rows import classes, level_of

from .calc.application import FeedInWish
from .calc.carried import Carried

NO_WAY = "survey_capacity.no_way"
"""A low-voltage case without capacity and without grid works leads nowhere."""


def first_facts(case: Case) -> dict[str, str]:
    """Facts the gateways read of a case by its class until a step says otherwise, and whether its design is reviewed."""
    row = classes().get(case.case_class)
    return (row.gateway_values() if row else {}) | {"review": _yes(review_reasons(case))}


def carried_by_grid(case: Case, values: Mapping[str, Any], *, on: date) -> Carried:
    """Answer of the grid to a case with the values a survey found for it: class, voltage, capacity, importance, how PV feeds in."""
    seen = copy.copy(case)
    seen.case_class = values.get("case_class") or case.case_class
    seen.voltage_kv = Decimal(values.get("voltage_kv") or case.voltage_kv)
    seen.capacity_kva = Decimal(values.get("capacity_kva") or case.capacity_kva)
    seen.importance = values.get("importance") or case.importance
    if mode := values.get("mode"):
        seen.feed_in = FeedIn(case=seen, mode=mode, roof=values.get("roof") or FeedIn.Roof.OWN)
    found: Carried = import_string(import_string(f"{settings.WIRING}.GRID_ANSWER"))(seen, on)
    return found


def weighed(case: Case, values: Mapping[str, Any], *, on: date) -> Carried:
    """The grid's answer, beside which the survey's ``open_capacity`` stands. Raises Refused when it differs without a reason
    (``capacity_reason``), and when a low-voltage case would go on with neither capacity nor grid works.
    """
    carried = carried_by_grid(case, values, on=on)
    said, why = str(values["open_capacity"]), str(values.get("capacity_reason", "")).strip()
    if carried.asks_a_reason(said) and not why:
        raise refuse("survey_capacity.differs", words=carried.words)
    is_low = level_of(values.get("case_class") or case.case_class) == "LV"
    if is_low and said == "no" and values.get("grid_works") == "no":
        raise refuse(NO_WAY)
    return carried


def reached(case: Case, values: Mapping[str, Any], *, on: date) -> None:
    """Raises Refused when a case without a survey would go on although the grid does not reach it, with neither grid works
    (``needs_grid_works``) nor a reason (``capacity_reason``).
    """
    if values.get("needs_grid_works") or str(values.get("capacity_reason", "")).strip():
        return
    carried = carried_by_grid(case, {}, on=on)
    if carried.value == "no":
        raise refuse("survey_capacity.unreached", words=carried.words)


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
    return [_correction(case, fact) for fact in held] or None


def _correction(case: Case, fact: Fact) -> Correction:
    changes = tuple(
        (
            _label(case, row["field"]),
            _chosen(row["field"], row["from"]),
            _chosen(row["field"], row["to"]),
        )
        for row in fact.data["changes"]
    )
    return Correction(fact.actor_name, fact.occurred_at, fact.data["reason"], changes)


def _label(case: Case, field: str) -> str:
    """Name of a field as the form of corrections has it for this case."""
    return str(import_string("jiedian.cases.intake.forms.corrections.CorrectionForm").label_of(case, field))


def _chosen(field: str, value: str) -> str:
    """A value in the words of its list, where the form has one."""
    choices = {"mode": FeedIn.Mode.choices, "roof": FeedIn.Roof.choices, "case_class": Case.Class.choices}
    return str(dict(choices.get(field, ())).get(value, value))


def feed_in_wish(case: Case) -> FeedInWish | None:
    """Wish of a case of PV as it was applied for; None for any other."""
    kept = FeedIn.objects.filter(case=case).first()
    return FeedInWish(kept.mode, kept.roof, kept.module_kwp) if kept else None


def same_roof(case: Case) -> list[Case]:
    """Other running applications for PV on the roof of one, by its address; the oldest first. None where it has ended."""
    kept = FeedIn.objects.filter(case=case).exclude(roof_index="").first() if case.is_solar else None
    if kept is None or not case.is_open:
        return []
    twins = Case.objects.filter(feed_in__roof_index=kept.roof_index, state=Case.State.RUNNING)
    return list(twins.filter(case_class__in=SOLAR, energised_at=None).exclude(pk=case.pk).order_by("id"))


def _yes(holds: object) -> str:
    return "yes" if holds else "no"
