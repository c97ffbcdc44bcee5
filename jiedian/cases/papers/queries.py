"""Checklist of a case, and how a letter about it names its class."""

from django.utils.translation import get_language, override

from jiedian.cases.case.models.case import Case
from jiedian.core.workdays import local_day

from .calc.checklist import Assessment, assess
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


def class_in(case: Case, language: str) -> str:
    """The class in the language of the letter, whatever language the clerk reads."""
    with override(language):
        return str(case.get_case_class_display())
