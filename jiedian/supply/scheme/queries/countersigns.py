"""会签: which departments are asked about a draft and why, in which order, and who has not spoken yet."""

from dataclasses import dataclass

from jiedian.cases.case.models.case import Case
from jiedian.core.closed import DepartmentId
from jiedian.core.decisions import DecisionRow, reasons
from jiedian.core.words import Text
from jiedian.core.workdays import local_day
from jiedian.ground.rulebook.services import load
from jiedian.process.rows import card
from jiedian.supply.study.queries.studies import sources_of

from ..models import Countersign, Scheme


@dataclass(frozen=True)
class AskedRow(DecisionRow):
    """Department that countersigns besides the one of the step, and the fact of a case that asks for it."""

    department: DepartmentId


@dataclass(frozen=True)
class Countersigner:
    """Department that is asked about a draft, why, and what it said to this version; nothing yet where it has not spoken."""

    department: str
    why: tuple[Text, ...]
    said: Countersign | None


def asked_about(case: Case, scheme: Scheme, code: str) -> tuple[Countersigner, ...]:
    """Departments asked about a version, in their order: that of the step, then those that the facts of the case ask for."""
    facts = {
        "sources": "dual" if scheme.standby_point or sources_of(case) > 1 else "single",
        "importance": case.importance,
        "special_load": "yes" if case.is_special_load else "no",
    }
    rows = reasons(load("decisions/countersign.csv", AskedRow), facts, on=local_day(case.applied_at))
    own = card(case.process_key, code).owner_department
    why: dict[str, list[Text]] = {own: []}
    for row in rows:
        why.setdefault(row.department, []).append(Text(row.name_zh, row.name_en))
    said = {one.department: one for one in scheme.countersigns.order_by("id")}
    return tuple(Countersigner(name, tuple(words), said.get(name)) for name, words in why.items())


def silent(case: Case, scheme: Scheme, code: str) -> list[str]:
    """Departments that were asked about a version and have not spoken yet, whose turn it is first."""
    return [one.department for one in asked_about(case, scheme, code) if one.said is None]
