"""Value of an indicator: a part of a whole, so that nobody reads a percent without its number of cases."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """Part of a whole, both counted.

    >>> Share(3, 4).percent, Share(0, 0).percent
    (75.0, None)
    """

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """The part in a hundred; None when there was nothing to count."""
        return 100 * self.part / self.whole if self.whole else None
