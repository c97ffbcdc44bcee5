"""Likeness of two tellings in their wish: independent signs joined into one score, each with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """One sign that two tellings belong together: its rule row and its strength, 0 to 1."""

    rule_id: str
    strength: float


def score(evidence: list[Evidence], weights: Mapping[str, float]) -> float:
    """1 − ∏(1 − weight × strength): each sign removes a share of the doubt that is left.

    >>> weights = {"same_sender": 0.45, "text": 0.9}
    >>> round(score([Evidence("same_sender", 1.0), Evidence("text", 0.5)], weights), 4)
    0.6975
    >>> score([], weights)
    0.0
    """
    doubt = 1.0
    for sign in evidence:
        doubt *= 1 - weights[sign.rule_id] * sign.strength
    return 1 - doubt
