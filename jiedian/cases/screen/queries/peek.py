"""The chosen case of a list, opened beside it: what its customer cares about, where it is stuck, the last word said."""

from dataclasses import dataclass
from datetime import datetime

from jiedian.cases.case.models.case import Case, Point
from jiedian.cases.coordination.models import Message

from .cases import Line, lines
from .talk import Turn, talk_of

SHOWN = 3
"""Answers and open questions that are shown."""


@dataclass(frozen=True)
class Peek:
    """A case beside a list of cases."""

    line: Line
    points: list[Point]
    waiting: list[Turn]
    answered: list[Turn]
    last: Message | None

    @property
    def case(self) -> Case:
        return self.line.case


def peek_of(case: Case, *, at: datetime) -> Peek:
    """A case as it is shown beside a list."""
    talk = talk_of(case)
    return Peek(
        lines([case], at=at)[0],
        list(case.points.order_by("-weight", "id")),
        talk.waiting[:SHOWN],
        talk.answered[:SHOWN],
        talk.messages[-1] if talk.messages else None,
    )
