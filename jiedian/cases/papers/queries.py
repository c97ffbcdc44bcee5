"""Checklist of a case, and how a letter about it names its class."""

from dataclasses import dataclass

from django.utils.translation import get_language, override

from jiedian.cases.case.models.case import Case
from jiedian.core.workdays import local_day

from .calc.checklist import Assessment, assess
from .models import Paper
from .rows import papers


def assessment(case: Case, held: set[str]) -> Assessment:
    """Assessment of a case's checklist, given the papers held (codes)."""
    return assess(papers(case.process_key, on=local_day(case.applied_at)), facts=_facts(case), held=held)


def _facts(case: Case) -> dict[str, str]:
    """What the conditions of the checklist may read."""
    return {
        "case_class": case.case_class,
        "customer_kind": case.customer.kind,
        "importance": case.importance,
        "special_load": "yes" if case.is_special_load else "no",
        "residential_community": "yes" if case.is_residential_community else "no",
    }


def checklist(case: Case) -> list[tuple[str, str]]:
    """Codes and names of every paper the checklist knows for a case, in the reader's language."""
    is_zh = (get_language() or "zh").startswith("zh")
    rows = papers(case.process_key, on=local_day(case.applied_at))
    return [(row.code, row.name_zh if is_zh else row.name_en) for row in rows]


@dataclass(frozen=True)
class EarlyPaper:
    """A paper that can be handed in before acceptance: its code and name, and what has come of it, if anything."""

    code: str
    name: str
    paper: Paper | None


def early_papers(case: Case) -> tuple[EarlyPaper, ...]:
    """Papers a customer may hand in while his application waits for acceptance; none afterwards."""
    if case.accepted_at or not case.is_open:
        return ()
    is_zh = (get_language() or "zh").startswith("zh")
    kept = {paper.code: paper for paper in case.papers.all()}
    return tuple(
        EarlyPaper(row.code, row.name_zh if is_zh else row.name_en, kept.get(row.code))
        for row in assessment(case, set()).asked
    )


def paper_words(case: Case, code: str, language: str) -> dict[str, str]:
    """Name of a paper and why it was sent back, for a message in the customer's language."""
    row = next((row for row in papers(case.process_key, on=None) if row.code == code), None)
    name = (row.name_zh if language.startswith("zh") else row.name_en) if row else code
    kept = Paper.objects.filter(case=case, code=code).first()
    return {"paper": name, "reason": kept.reason if kept else ""}


def class_in(case: Case, language: str) -> str:
    """The class in the language of the letter, whatever language the clerk reads."""
    with override(language):
        return str(case.get_case_class_display())
