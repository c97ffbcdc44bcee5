"""Imported batches and the mappings at hand."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from jiedian.cases.case.models.case import Case
from jiedian.clocks.models import Clock
from jiedian.ground.files.models import FileImport
from jiedian.ground.rulebook.services import RULES

from .calc.past import PastCase


def mappings() -> dict[str, str]:
    """Mappings to choose from by name: those that came with the system, then the newest of each name used here."""
    found = {path.stem: path.read_text("utf-8") for path in sorted((RULES / "history").glob("*.yaml"))}
    rows = FileImport.objects.filter(kind="history", is_simulated=False).order_by("id")
    used = dict(rows.values_list("name", "options__mapping"))
    return found | {f"{name} ✓": text for name, text in used.items() if text not in found.values()}


@dataclass(frozen=True)
class Summary:
    """Summary of a batch: what its checked table would bring, or what it brought when imported."""

    states: list[tuple[str, int]]
    late: int
    sample: list[PastCase]


def summary(cases: list[PastCase], *, at: datetime) -> Summary:
    """States, how many were closed after their deadline or still run past it, and the first few, of cases not stored yet."""
    labels = dict(Case.State.choices)
    states = Counter(case.state for case in cases)
    late = sum(
        bool(due and case.state not in CALLED_OFF and (case.closed_at or at) > due)
        for case in cases
        for due in [case.deadline or case.planned_end]
    )
    return Summary([(str(labels[state]), n) for state, n in states.most_common()], late, cases[:12])


CALLED_OFF = (Case.State.WITHDRAWN, Case.State.TERMINATED)
"""A promise to a case that was called off is neither kept nor broken."""


def late_of(batch: FileImport) -> int:
    """Number of cases of a batch that broke a promise they came with."""
    numbers = Case.objects.filter(batch=batch).values("number")
    broken = Clock.objects.filter(subject__in=numbers, kind=Clock.EXTERNAL, is_overdue=True)
    return broken.values("subject").distinct().count()


@dataclass(frozen=True)
class Number:
    """A number on the page of an import, with the list it opens for those who may see it."""

    label: str
    n: int
    view: str = ""
    query: str = ""
    state: str = ""


def panel(batch: FileImport, user: Any) -> list[Number]:
    """Numbers of an imported batch: its cases, how many broke a promise, how many still run."""
    if batch.state != FileImport.State.IMPORTED:
        return []
    running = Case.objects.filter(batch=batch, state=Case.State.RUNNING).count()
    asked = f"batch={batch.pk}"
    return [
        Number(_("导入的工单"), batch.good, "cases", asked),
        Number(_("曾超承诺"), late_of(batch), "cases", f"{asked}&late=1", "broken"),
        Number(_("在途"), running, "cases", f"{asked}&state=running"),
    ]
