"""会签: which departments are asked about a draft and why, in which order, and who has not spoken yet."""

from dataclasses import dataclass

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from jiedian.cases.case.models.case import Case
from jiedian.core.closed import DepartmentId
from jiedian.core.decisions import DecisionRow, reasons
from jiedian.core.evidence import Grade
from jiedian.core.words import Text
from jiedian.core.workdays import local_day
from jiedian.ground.rulebook.queries import STANDINGS
from jiedian.ground.rulebook.services import load
from jiedian.process.rows import card
from jiedian.supply.bench.queries.why import interval_words
from jiedian.supply.menu.calc.supply import Interval
from jiedian.supply.study.queries.high import HIGH_KV
from jiedian.supply.study.queries.studies import sources_of

from ..models import Countersign, Scheme


@dataclass(frozen=True)
class AskedRow(DecisionRow):
    """Department that countersigns besides the one of the step, and the fact of a case that asks for it."""

    department: DepartmentId


@dataclass(frozen=True)
class Estimate:
    """Estimate of a version: what the customer and the company pay (yuan), working days, reliability, how well its prices are known.

    ``words`` are its figures by name, each with its interval, in the reader's language; ``standing`` is empty where none is kept.
    """

    words: dict[str, str]
    standing: str


@dataclass(frozen=True)
class Change:
    """Thing that a version has otherwise than the one before it, by its name; a dash stands for nothing."""

    name: str
    before: str
    after: str


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
        "open_capacity": "no" if is_capacity_by_hand(scheme) else "",
    }
    rows = reasons(load("decisions/countersign.csv", AskedRow), facts, on=local_day(case.applied_at))
    own = card(case.process_key, code).owner_department
    why: dict[str, list[Text]] = {own: []}
    for row in rows:
        why.setdefault(row.department, []).append(Text(row.name_zh, row.name_en))
    said = {one.department: one for one in scheme.countersigns.order_by("id")}
    return tuple(Countersigner(name, tuple(words), said.get(name)) for name, words in why.items())


def is_capacity_by_hand(scheme: Scheme) -> bool:
    """True where nobody computed what a point of a version can take: the network ends below it, or measures too little.

    A version by hand has no points of the network; up to 30 kV its survey has asked the network for the capacity.
    """
    if not scheme.sources:
        return float(scheme.voltage_kv) >= HIGH_KV
    return any(source["capacity_kw"] is None for source in scheme.sources)


def silent(case: Case, scheme: Scheme, code: str) -> list[str]:
    """Departments that were asked about a version and have not spoken yet, whose turn it is first."""
    return [one.department for one in asked_about(case, scheme, code) if one.said is None]


def why_of(scheme: Scheme) -> str:
    """Sentence on why the way of a version was taken, as it was said that day; nothing of one that kept none."""
    is_zh = (get_language() or "zh").startswith("zh")
    return str(scheme.why.get("zh" if is_zh else "en", ""))


def estimate_of(scheme: Scheme) -> Estimate | None:
    """Estimate of a version as it was kept; None where none was made, as of one that a person wrote."""
    if not scheme.costs and not scheme.predicted:
        return None
    words = {}
    for payer, name in (("customer", _("客户出资")), ("utility", _("公司投资"))):
        words[name] = interval_words(_sum(scheme, payer))
    if days := scheme.predicted.get("days"):
        low, mid, high = (round(n) for n in days)
        told = "%(mid)s 个工作日（%(low)s–%(high)s）"
        words[_("工期")] = ngettext(told, told, mid) % {"mid": mid, "low": low, "high": high}
    if rows := scheme.why.get("reliability"):
        is_zh = (get_language() or "zh").startswith("zh")
        words[_("可靠性")] = rows[0 if is_zh else 1]
    grade = scheme.why.get("grade")
    return Estimate(words, str(STANDINGS[Grade(grade)]) if grade else "")


def _sum(scheme: Scheme, payer: str) -> Interval:
    lines = [line for line in scheme.costs if line["payer"] == payer]
    low, mid, high = (sum(float(line[part]) for line in lines) for part in ("low_cny", "mid_cny", "high_cny"))
    return Interval(low, mid, high)
