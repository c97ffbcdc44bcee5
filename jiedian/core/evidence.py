"""Evidence of a row of a rule table: its status is a list of marks, and a row only recalled advises."""

import re

SOURCES = range(1, 92)
"""The numbers of the sources that ``F n`` refers to."""
MARKS = "A, D, F n (1–91), F, draft, verbatim, R-H, R-M, R-L, ?, each with an optional note (draft), (verbatim), (second hand)"
_MARK = re.compile(
    r"(?P<mark>A|D|F ?(?P<source>\d+)|F|draft|verbatim|R-[HML]|\?)"
    r" ?(?:\((?:draft|verbatim|second hand|rule exists F ?(?P<exists>\d+))\))?"
)


def is_status(text: str) -> bool:
    """True if a status is made of known marks, divided by ``;``.

    ``A`` the article, ``F n`` a source by its number, ``D`` our own decision, ``R-x`` recalled with high, medium or low
    confidence, ``?`` not found.

    >>> [is_status(text) for text in ("A", "F 56; R-H", "F18(draft);F16", "F (verbatim)", "draft", "ZZZ", "F 820", "")]
    [True, True, True, True, True, False, False, False]
    """
    return all(map(_is_mark, text.split(";")))


def _is_mark(text: str) -> bool:
    found = _MARK.fullmatch(text.strip())
    numbers = [found["source"], found["exists"]] if found else []
    return bool(found) and all(int(number) in SOURCES for number in numbers if number)


def decides(status: str) -> bool:
    """True if a row of this status may decide; a row only recalled, or taken from a draft, advises.

    >>> [decides(status) for status in ("A", "F 56", "D", "R-H", "F 5; R-H", "?", "F 18(draft)")]
    [True, True, True, False, False, False, False]
    """
    return not is_draft(status) and not any(
        mark.strip().startswith(("R-", "?")) for mark in status.split(";")
    )


def is_draft(status: str) -> bool:
    """True if a row of this status comes from a draft that was sent out for comments."""
    return "draft" in status
