"""Help: the words of the house in both languages, and a tour of three minutes for each role."""

import re
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from jiedian.core.closed import Role
from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import load


@dataclass(frozen=True)
class TourRow(Sourced):
    """One stop of a role's tour: where one goes, and what one does there."""

    id: str
    role: Role
    view: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Term:
    """A word of the house in Chinese and in English."""

    zh: str
    en: str


def tour_of(role: str) -> list[TourRow]:
    """The stops of a role's tour, in order."""
    return [row for row in load("people/tours.csv", TourRow) if row.role == role]


@cache
def glossary() -> tuple[Term, ...]:
    """The words of docs/glossary.md that people meet on pages; how the code is kept is left out."""
    text = (settings.BASE_DIR / "docs" / "glossary.md").read_text("utf-8").partition("\n## The house")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    return tuple(Term(zh, en.replace("`", "")) for zh, en in rows if zh != "中文")
