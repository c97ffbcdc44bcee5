"""Evidence of a row of a rule table: the grade of its source, in one order of strength, and what a grade may do."""

import re
from collections.abc import Iterable
from enum import StrEnum


class Grade(StrEnum):
    """Grade of a source: how well it is known, the strongest first. A result is as strong as the weakest thing it was made from."""

    VERBATIM = "verbatim"
    ISSUER = "issuer"
    MIRROR = "mirror"
    SECOND_HAND = "second_hand"
    RECALLED = "recalled"
    OURS = "ours"


STRENGTH = tuple(Grade)
"""The grades from the strongest to the weakest."""


def weakest(grades: Iterable[Grade]) -> Grade:
    """The grade of a result made from things of these grades; of nothing, the strongest.

    >>> weakest([Grade.VERBATIM, Grade.RECALLED, Grade.ISSUER])
    <Grade.RECALLED: 'recalled'>
    """
    return max(grades, key=STRENGTH.index, default=Grade.VERBATIM)


def binds(grade: Grade) -> bool:
    """True if a row of this grade may forbid, and be called law or promise; a weaker one advises.

    >>> [grade.value for grade in Grade if binds(grade)]
    ['verbatim', 'issuer']
    """
    return grade in (Grade.VERBATIM, Grade.ISSUER)


def asks_a_reason(grade: Grade) -> bool:
    """True if whoever goes against a row of this grade says why: certain in the field, but only recalled by us.

    >>> [grade.value for grade in Grade if asks_a_reason(grade)]
    ['mirror', 'second_hand', 'recalled']
    """
    return not binds(grade) and grade != Grade.OURS


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
