"""Rises as marks on a grid: where their concerns lie, how much they rose, how sure that is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..calc.hotspots import Change
from .hotspots import Cell, Line, Rises, in_cell
from .places import Spot

UNSURE = 0.05
"""A single test at or below this is drawn as a rise, though it may be chance among so many."""


@dataclass(frozen=True)
class Mark:
    """A cell that rose, at the place of the most central of its new concerns.

    ``level`` says how sure: hot (q within the share of false alarms allowed), rise (p alone would say so), calm.
    ``located`` of the ``change.new`` concerns have a place on this grid.
    """

    number: int
    change: Change[Cell]
    level: str
    spot: Spot
    located: int


def marks_on(found: Rises, grid: str) -> list[Mark]:
    """Marks of what rose and has a place on a grid, the most surprising first: by leaf and place, and by leaf and feeder."""
    marks: list[Mark] = []
    taken: set[Spot] = set()
    for change in found.changes:
        if change.key.step or change.key.customer_class or change.ratio <= 1:
            continue
        spots = [
            spot for line in found.lines if (spot := _spot(line, grid)) and in_cell(line.cell, change.key)
        ]
        if spots:
            spot = _central(spots, taken)
            taken.add(spot)
            marks.append(Mark(len(marks) + 1, change, _level(change, found), spot, len(spots)))
    return marks


def concerns_by_grid(found: Rises) -> Counter[str]:
    """Number of concerns of the new week on each grid."""
    return Counter(line.spot.grid for line in found.lines if line.spot)


def _spot(line: Line, grid: str) -> Spot | None:
    return line.spot if line.spot and line.spot.grid == grid else None


def _level(change: Change[Cell], found: Rises) -> str:
    if change in found.hot:
        return "hot"
    return "rise" if change.p <= UNSURE else "calm"


def _central(spots: Sequence[Spot], taken: set[Spot]) -> Spot:
    """The place nearest to the middle that no mark stands at yet."""
    lon, lat = sum(s.lon for s in spots) / len(spots), sum(s.lat for s in spots) / len(spots)
    order = sorted(spots, key=lambda spot: (spot.lon - lon) ** 2 + (spot.lat - lat) ** 2)
    return next((spot for spot in order if spot not in taken), order[0])
