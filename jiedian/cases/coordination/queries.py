"""内转外不转: which words to a customer send him on to another office."""

from functools import cache

from jiedian.core.decisions import PatternRow
from jiedian.ground.rulebook.services import load

from .calc.sent_on import sent_on

OFFICE = "{office}"
"""Stands in a wording for every name of an office."""


@cache
def wordings() -> dict[str, str]:
    """Each wording of the table by its id, with the names of the offices in it."""
    offices = "|".join(row.pattern for row in load("decisions/sent_on_offices.csv", PatternRow))
    rows = load("decisions/sent_on.csv", PatternRow)
    return {row.id: row.pattern.replace(OFFICE, f"(?:{offices})") for row in rows}


def sends_on(text: str) -> list[PatternRow]:
    """The rows of the 内转外不转 table that a text to the customer trips."""
    rows = {row.id: row for row in load("decisions/sent_on.csv", PatternRow)}
    return [rows[key] for key in sent_on(text, wordings())]
