"""Checklist of a case, and how a letter about it names its class."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language, gettext, override

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.models.feed_in import FeedIn
from jiedian.cases.case.queries.reviews import review_reasons
from jiedian.core.closed import SOLAR
from jiedian.core.words import Text
from jiedian.core.workdays import local_day
from jiedian.process.queries import directly_before, run_of, steps_of
from jiedian.process.rows import cards

from .calc.checklist import Assessment, PaperRow, assess
from .models import Paper
from .rows import paper_rows, papers


def assessment(case: Case, held: set[str], *, is_by_agent: bool = False) -> Assessment:
    """Assessment of a case's checklist, given the papers held (codes) and whether somebody applies for the customer."""
    rows = papers(case.process_key, on=local_day(case.applied_at))
    has_title = any(row.group == "title" and row.code in held for row in rows)
    facts = _facts(case) | {
        "by_agent": _yes(is_by_agent or AGENTS & (held | _codes(case))),
        "title": "held" if has_title else "owed",
    }
    return assess(rows, facts=facts, held=held)


AGENTS = {"agent_authorisation", "agent_id"}
"""Papers of somebody who applies for the customer: who has one of them, or owes it, comes by an agent."""


def _codes(case: Case) -> set[str]:
    return set(case.papers.values_list("code", flat=True))


def held_codes(case: Case) -> set[str]:
    """Codes of the papers that are here."""
    return set(case.papers.filter(state=Paper.State.HELD).values_list("code", flat=True))


def without_file(case: Case, codes: Iterable[str]) -> set[str]:
    """Those of some papers of a case that nobody has handed in as a file."""
    return set(codes) - set(case.papers.exclude(upload=None).values_list("code", flat=True))


def _facts(case: Case) -> dict[str, str]:
    """What the conditions of the checklist may read."""
    return {
        "customer_kind": case.customer.kind,
        "importance": case.importance,
        "special_load": _yes(case.is_special_load),
        "residential_community": _yes(case.is_residential_community),
        "review": _yes(review_reasons(case)),
        "pv_level": "high" if case.voltage_kv >= 1 else "low",
        "roof": _roof(case),
    }


def _roof(case: Case) -> str:
    """Whose roof PV stands on; ``own`` where nobody said."""
    asked = FeedIn.objects.filter(case=case) if case.case_class in SOLAR else FeedIn.objects.none()
    return asked.values_list("roof", flat=True).first() or FeedIn.Roof.OWN


def _yes(holds: object) -> str:
    return "yes" if holds else "no"


def name_of(paper: Paper) -> Text:
    """Name of a paper in both languages, with the papers that would do as well."""
    row = paper_rows().get(paper.rule_id)
    if row is None:
        return Text(paper.code, paper.code)
    return assessment(paper.case, held_codes(paper.case)).name(row)


def due_by(case: Case, codes: Iterable[str]) -> dict[str, list[str]]:
    """Papers that are owed by steps (codes), by name: what those steps cannot end without."""
    found: dict[str, list[str]] = {}
    for paper in Paper.objects.filter(case=case, due_step__in=list(codes)).exclude(state=Paper.State.HELD):
        found.setdefault(paper.due_step, []).append(name_of(paper).in_language(get_language() or "zh"))
    return found


def comes_with(case: Case, row: PaperRow | None, due: str) -> str:
    """Step with which a paper comes that cannot be there yet; nothing for one that may be handed in now.

    Papers of finished works are reported with the customer's step before the one that needs them, as the diagram has it.
    """
    if row is None or not row.comes_late or not due:
        return ""
    definition = run_of(case.number).definition
    known = cards(definition.key)
    before = [code for code in directly_before(definition, due) if code in known]
    report = sorted(code for code in before if known[code].performer == "customer")
    begun = steps_of(case.number).filter(code__in=[*report, due])
    return report[0] if report and not begun.exists() else ""


def not_yet(case: Case, papers_of: Iterable[Paper]) -> dict[int, str]:
    """Papers that are owed and cannot be there yet, each with the step it comes with; asked once a step they are due by."""
    steps: dict[str, str] = {}
    found = {}
    for paper in papers_of:
        row = paper_rows().get(paper.rule_id)
        if paper.state == Paper.State.HELD or row is None or not row.comes_late:
            continue
        if paper.due_step not in steps:
            steps[paper.due_step] = comes_with(case, row, paper.due_step)
        if step := steps[paper.due_step]:
            found[paper.pk] = step
    return found


def askable(case: Case) -> tuple[PaperRow, ...]:
    """Papers that may still be asked of a customer: of this case's checklist, neither in the ledger nor covered by another."""
    ledger = dict(case.papers.values_list("code", "state"))
    held = {code for code, state in ledger.items() if state == Paper.State.HELD}
    found = assessment(case, held, is_by_agent=True)
    covered = {row.group for row in found.asked if row.group and row.code in ledger}
    return tuple(row for row in found.asked if row.code not in ledger and row.group not in covered - {""})


def checklist(case: Case) -> list[tuple[str, str]]:
    """Codes and names of the papers that may still be asked; what would count as a second notice says so."""
    return [(row.code, _offered(row)) for row in askable(case)]


def _offered(row: PaperRow) -> str:
    name = row.name_zh if (get_language() or "zh").startswith("zh") else row.name_en
    if row.is_knowable_at_acceptance:
        return gettext("%(paper)s（受理时可知，补要计一次二次告知）") % {"paper": name}
    return name


def awaited(case: Case) -> tuple[PaperRow, ...]:
    """Papers that this case does not need now but would, should the survey find an important user or a special load."""
    asked = {row.code for row in assessment(case, held_codes(case), is_by_agent=True).asked}
    rows = papers(case.process_key, on=local_day(case.applied_at))
    later = {row.code: row for row in rows if row.condition and not row.is_knowable_at_acceptance}
    return tuple(row for code, row in later.items() if code not in asked)


@dataclass(frozen=True)
class EarlyPaper:
    """A paper that can be handed in before acceptance: its code and name, and what has come of it, if anything."""

    code: str
    name: str
    paper: Paper | None
    is_proof: bool
    any_of: str
    """The papers of which one is enough, when there are others."""


def early_papers(case: Case) -> tuple[EarlyPaper, ...]:
    """Papers a customer may hand in while his application waits for acceptance; none afterwards."""
    if case.accepted_at or not case.is_open:
        return ()
    is_zh = (get_language() or "zh").startswith("zh")
    kept = {paper.code: paper for paper in case.papers.all()}
    found = assessment(case, set())
    rows = sorted((row for row in found.asked if not row.comes_late), key=lambda row: row.group or row.code)
    return tuple(
        EarlyPaper(
            row.code,
            row.name_zh if is_zh else row.name_en,
            kept.get(row.code),
            row in found.blocking,
            found.name(row).in_language("zh" if is_zh else "en") if row.group else "",
        )
        for row in rows
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


def replaceable(case: Case) -> set[int]:
    """Papers (ids) handed in with a file while the step they are for has not ended: another file may take their place."""
    if not case.is_open:
        return set()
    over = set(steps_of(case.number).filter(state="done").values_list("code", flat=True))
    held = case.papers.filter(state=Paper.State.HELD, upload__isnull=False)
    return {paper.pk for paper in held if paper.due_step not in over}
