"""File of a case: its papers and notices, and its events, told shortly."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from jiedian.cases.case.models.case import Case
from jiedian.cases.papers.calc.checklist import PaperRow
from jiedian.cases.papers.models import Notice, Paper
from jiedian.cases.papers.queries import not_yet
from jiedian.cases.papers.rows import paper_rows
from jiedian.core.workdays import local_day
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.journal.rows import FactLine, lines_of
from jiedian.process.models import Step

TOLD, READ = 40, 200
"""Events that are shown, and facts that are read for them."""


@dataclass(frozen=True)
class PaperView:
    """A paper of a case and the row of the checklist it was asked by."""

    paper: Paper
    rule: PaperRow | None
    comes_with: str = ""
    """The step with which a paper comes that cannot be there yet."""

    @property
    def is_held(self) -> bool:
        """True if the company has it."""
        return self.paper.state == Paper.State.HELD

    @property
    def look(self) -> str:
        """Its state as a look: what is here is done, what was promised is owed, what was sent back is refused."""
        return "done" if self.is_held else str(self.paper.state)


@dataclass(frozen=True)
class CaseFile:
    """The papers and the notices of a case."""

    papers: list[PaperView]
    notices: list[Notice]

    @property
    def n_owed(self) -> int:
        """Number of papers that are still to come."""
        return sum(not view.is_held for view in self.papers)


@dataclass(frozen=True)
class Event:
    """Something that happened: what, at which step, by whom, and how often in a row on one day."""

    kind: str
    step: str
    role: str
    name: str
    at: datetime
    n: int


def file_of(case: Case) -> CaseFile:
    """The file of a case."""
    rules = paper_rows()
    papers = list(Paper.objects.filter(case=case).select_related("upload"))
    late = not_yet(case, papers)
    return CaseFile(
        [PaperView(paper, rules.get(paper.rule_id), late.get(paper.pk, "")) for paper in papers],
        list(Notice.objects.filter(case=case).order_by("id")),
    )


def events_of(case: Case) -> list[Event]:
    """Events of a case, the newest first; the same thing by the same person on one day is one event."""
    facts = facts_of(case.stream).order_by("-seq")[:READ]
    events = []
    for (kind, step, role, name, _day), group in groupby(facts, key=_alike):
        same = list(group)
        events.append(Event(kind, step, role, name, same[0].occurred_at, len(same)))
    return events[:TOLD]


def decided_at(case: Case, step: Step) -> list[FactLine]:
    """Facts written as a step was done, by whoever did it: what was decided; none while it is open."""
    if step.done_at is None:
        return []
    said = facts_of(case.stream).filter(occurred_at=step.done_at).exclude(actor_role="system")
    return lines_of(said.order_by("seq"))


def _alike(fact: Fact) -> tuple[str, str, str, str, object]:
    return fact.kind, fact.data.get("step", ""), fact.actor_role, fact.actor_name, local_day(fact.occurred_at)
