"""可开放容量: what the grid says of a case, and what it takes to say otherwise."""

from dataclasses import dataclass
from typing import Literal

from jiedian.core.words import Text


@dataclass(frozen=True)
class Carried:
    """Answer of the grid to a case: ``yes`` or ``no``, empty where it cannot say; the figure and the reason in words."""

    value: Literal["yes", "no", ""]
    words: Text

    def asks_a_reason(self, said: str) -> bool:
        """True if whoever says this has to say why: against the grid's answer, or where it has none."""
        return said != self.value
