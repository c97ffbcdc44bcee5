"""内转外不转: which words to a customer send him on to another office."""

import re

from jiedian.core.decisions import PatternRow
from jiedian.ground.rulebook.services import load


def sends_on(text: str) -> list[PatternRow]:
    """The rows of the 内转外不转 table that a text to the customer trips."""
    rows = load("decisions/sent_on.csv", PatternRow)
    return [row for row in rows if re.search(row.pattern, text, re.IGNORECASE)]
