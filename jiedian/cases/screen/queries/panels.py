"""Panels that other rooms show on the screen of a case: each hands over a query and a template by name."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from jiedian.cases.case.models.case import Case
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
