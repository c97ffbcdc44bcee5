"""客户负担 of the processes in the rules, or of a file beside them. Reads rules only, no database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from jiedian.cases.papers.calc.checklist import PaperRow
from jiedian.clocks.calc.promises import Limit, profile_of
from jiedian.core.closed import CaseClass, Process, ProcessFact, RuleFile
from jiedian.core.findings import refuse
from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import RULES, load
from jiedian.process.calc.bpmn import Graph, graph_of
from jiedian.process.rows import StepRow, cards, steps

from ..calc.burden import Burden, Ruled, Typical, Work, burden_of


@dataclass(frozen=True)
class ProfileRow(Sourced):
    """A typical case of a class, as the gateways and checklists read it; the first process is today's."""

    id: str
    name_zh: str
    name_en: str
    case_class: CaseClass
    processes: tuple[Process, ...]
    voltage_kv: Decimal
    facts: tuple[ProcessFact, ...]

    def facts_by_name(self) -> dict[str, str]:
        return dict(pair.split("=", 1) for pair in self.facts)


@dataclass(frozen=True)
class VersionRow(Sourced):
    """A version of a process that can be compared, and the day whose limits go with it (empty: the day asked for)."""

    id: Process
    name_zh: str
    name_en: str
    file: Annotated[str, RuleFile()]
    in_force_on: date | None


def profiles() -> dict[str, ProfileRow]:
    """The typical cases by id."""
    return {row.id: row for row in load("burden/profiles.csv", ProfileRow)}


def versions() -> dict[str, VersionRow]:
    """The versions that come with the rules, by process key."""
    return {row.id: row for row in load("burden/versions.csv", VersionRow)}


def graph_of_version(key: str) -> Graph:
    """The process of a version in the rules."""
    if key not in versions():
        raise refuse("burden.version", key=key)
    return graph_of((RULES / versions()[key].file).read_bytes(), where=key)


def works_of(key: str) -> dict[str, Work]:
    """The steps of a process that comes with the rules, by code; of any other, whatever some process knows."""
    known = cards(key) if key in versions() else every_step()
    return {row.id: work_of(row) for row in known.values()}


def work_of(row: StepRow) -> Work:
    """Burden of a step, as its card says it."""
    return Work(row.id, row.name_zh, row.performer, row.typical_wd, row.contact, row.milestone)


def every_step() -> dict[str, StepRow]:
    """Every step of today's processes and of those of before, by code; today's speaks first."""
    old = {code: row for key in versions() for code, row in cards(key).items()}
    return old | steps()


@dataclass(frozen=True)
class Tried:
    """Rules tried in place of those in force; what is None comes from them."""

    works: Mapping[str, Work] | None = None
    papers: Iterable[PaperRow] | None = None
    limits: Iterable[Limit] | None = None


AS_RULED = Tried()


def burden(
    graph: Graph,
    profile_id: str,
    *,
    on: date,
    changed: Mapping[str, str] | None = None,
    tried: Tried = AS_RULED,
) -> Burden:
    """Burden of a typical case of a class in a process. What is not given comes from the rules.

    Raises Refused for an unknown class.
    """
    profile = profiles().get(profile_id)
    if profile is None:
        known = ", ".join(profiles())
        raise refuse("burden.class", profile=profile_id, known=known)
    version = versions().get(graph.key)
    ruled = Ruled(
        tried.works or works_of(graph.key),
        list(tried.papers) if tried.papers is not None else papers_for(graph.key, profile, on=on),
        tried.limits if tried.limits is not None else load("clocks/limits.csv", Limit),
    )
    bound = profile_of(profile.case_class, voltage_kv=profile.voltage_kv)
    typical = Typical(profile_id, profile.facts_by_name() | dict(changed or {}), bound)
    return burden_of(graph, typical, ruled, on=version.in_force_on if version and version.in_force_on else on)


def papers_for(key: str, profile: ProfileRow, *, on: date) -> list[PaperRow]:
    """The checklist of a version; of a process that has none, the one of the class today."""
    rows = load("checklists/papers.csv", PaperRow) + load("process/legacy/serial_hv/papers.csv", PaperRow)
    asked = key if any(key in row.processes for row in rows) else profile.processes[0]
    return [row for row in rows if asked in row.processes and row.holds_on(on)]
