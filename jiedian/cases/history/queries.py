"""Imported batches and the mappings at hand."""

from collections import Counter
from dataclasses import dataclass

from jiedian.cases.case.models.batch import Batch
from jiedian.cases.case.models.case import Case
from jiedian.clocks.models import Clock
from jiedian.ground.rulebook.services import RULES

from .calc.history import PastCase


def batch_for(batch_id: int) -> Batch | None:
    """A batch with its file, if there is one of that id."""
    return Batch.objects.select_related("upload", "progress").filter(pk=batch_id).first()


def mappings() -> dict[str, str]:
    """Mappings to choose from by name: those that came with the system, then the newest of each name used here."""
    found = {path.stem: path.read_text("utf-8") for path in sorted((RULES / "history").glob("*.yaml"))}
    used = dict(Batch.objects.exclude(is_simulated=True).order_by("id").values_list("name", "mapping"))
    return found | {f"{name} ✓": text for name, text in used.items() if text not in found.values()}


@dataclass(frozen=True)
class Summary:
    """What a checked table would bring, or what an imported batch brought."""

    states: list[tuple[str, int]]
    late: int
    sample: list[PastCase]


def summary(cases: list[PastCase]) -> Summary:
    """States, how many were closed after their deadline, and the first few, of cases that are not stored yet."""
    labels = dict(Case.State.choices)
    states = Counter(case.state for case in cases)
    late = sum(
        bool(due and case.closed_at and case.closed_at > due)
        for case in cases
        for due in [case.deadline or case.planned_end]
    )
    return Summary([(str(labels[state]), n) for state, n in states.most_common()], late, cases[:12])


def late_of(batch: Batch) -> int:
    """How many cases of a batch broke a promise they came with."""
    numbers = Case.objects.filter(batch=batch).values("number")
    broken = Clock.objects.filter(subject__in=numbers, kind=Clock.EXTERNAL, is_overdue=True)
    return broken.values("subject").distinct().count()
