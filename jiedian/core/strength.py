"""Strength of a rule: what is verbatim or from its issuer binds, what is found or recalled advises, what is ours proposes."""

from collections.abc import Iterable
from enum import IntEnum

from .evidence import is_draft


class Strength(IntEnum):
    """From weakest to strongest. A result is as strong as its weakest input."""

    OURS = 0
    RECALLED = 1
    FOUND = 2
    ISSUER = 3


def strength(status: str) -> Strength:
    """Strength of a status; of several marks the weakest counts, and a draft is no more than recalled.

    >>> [strength(s).name for s in ("F (verbatim)", "A", "F 53", "F 53; R-H", "F (verbatim); D", "F 18(draft)")]
    ['ISSUER', 'ISSUER', 'FOUND', 'RECALLED', 'OURS', 'RECALLED']
    """
    return min((_of(mark.strip()) for mark in status.split(";")), default=Strength.OURS)


def _of(mark: str) -> Strength:
    if mark.startswith(("D", "?")):
        return Strength.OURS
    if mark.startswith("R-") or is_draft(mark):
        return Strength.RECALLED
    return Strength.ISSUER if mark == "A" or "verbatim" in mark else Strength.FOUND


def merged(texts: Iterable[str]) -> str:
    """Statuses or sources of several rows as one, each once.

    >>> merged(["F 53", "R-H; F 53"])
    'F 53; R-H'
    """
    return "; ".join(
        dict.fromkeys(part.strip() for text in texts for part in text.split(";") if part.strip())
    )
