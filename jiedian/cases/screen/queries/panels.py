"""Panels and abouts: what other rooms show on the screen of a case, each by a query; a panel has a template of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from django.conf import settings
from django.utils.module_loading import import_string

from jiedian.cases.case.models.case import Case
from jiedian.cases.papers.queries import due_by
from jiedian.process.models import Step
from jiedian.process.steps import Doing


@dataclass(frozen=True)
class Panel:
    """A card of another room on the screen of a case: its template, and what the template reads as ``panel``."""

    template: str
    content: object


def beside(case: Case, way: Doing, *, at: datetime) -> Panel | None:
    """Panel of the room of a step beside its form, so that nobody decides blind."""
    if way.beside is None:
        return None
    query, template = way.beside
    return Panel(template, import_string(query)(case, at=at))


def panels_of(case: Case, *, at: datetime) -> list[Panel]:
    """The panels of a case in the order of the rooms; a room that has nothing to say about it is left out."""
    panels = []
    for query, template in import_string(f"{settings.WIRING}.PANELS"):
        content = import_string(query)(case, at=at) if query else None
        if content is not None or not query:
            panels.append(Panel(template, content))
    return panels


@dataclass(frozen=True)
class About:
    """Word of one room about a step (or of the whole case, without a step): a sum owed or paid, defects, an objection, papers.

    ``how`` are the papers without which the step cannot end, the ways to pay, or who answers; ``words`` what the sum is for, the receipt, or what was written.
    """

    kind: Literal["owed", "paid", "defects", "objected", "answered", "papers"]
    words: str
    step: str = ""
    amount_cny: Decimal | None = None
    on: date | None = None
    how: tuple[str, ...] = ()


def abouts_of(case: Case, standing: Sequence[Step]) -> tuple[About, ...]:
    """Words of every room about the open steps of a case, the papers that block one first."""
    rooms = [import_string(name) for name in import_string(f"{settings.WIRING}.ABOUTS")]
    blocked = due_by(case, {step.code for step in standing})
    papers = [About("papers", "", code, how=tuple(names)) for code, names in blocked.items()]
    return (*papers, *(about for told in rooms for about in told(case, standing)))
