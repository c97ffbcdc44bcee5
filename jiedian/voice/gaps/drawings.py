"""The quadrant as drawn: where each dimension stands between importance and performance, and how its mark looks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .calc.importance import Place

LEFT, RIGHT, TOP, BOTTOM = 40, 540, 20, 340
ASIDE, ABOVE = 26, 46
"""How far marks stay from the frame; the corners hold the names of the quadrants."""
LABEL, LINE = 120, 15
"""How wide a label may be, and how far below each other two labels stand."""
LOOKS = {"act": "soon", "keep": "good"}


@dataclass(frozen=True)
class Dot:
    """A mark with its label: ``x`` and ``y`` of the mark, ``down`` from it to the label, which may stand left of it."""

    label: str
    dimension: str
    words: str
    look: str
    x: float
    y: float
    down: float = 4
    is_left: bool = False


@dataclass(frozen=True)
class Quadrant:
    """The marks and the two means as a cross."""

    dots: tuple[Dot, ...]
    x: float
    y: float


def quadrant(
    places: Sequence[tuple[Place, str, str]], *, mean_x: float, mean_y: float, worst: str = ""
) -> Quadrant | None:
    """Places with a label and the dimension they belong to; nothing with fewer than two. ``worst`` is the id of the worst."""
    if len(places) < 2:
        return None
    x = _scale([place.performance for place, *_ in places], LEFT + ASIDE, RIGHT - ASIDE)
    y = _scale([place.importance for place, *_ in places], BOTTOM - ABOVE, TOP + ABOVE)
    dots: list[Dot] = []
    for place, label, dimension in places:
        look = "worst" if place.id == worst else LOOKS.get(place.quadrant, "rest")
        words = f"{label} {place.performance:.2f} / {place.importance:.2f}"
        at_x, at_y = _at(x, place.performance), _at(y, place.importance)
        dot = Dot(label, dimension, words, look, at_x, at_y, is_left=at_x > RIGHT - LABEL)
        dots.append(_free(dot, dots))
    return Quadrant(tuple(dots), _at(x, mean_x), _at(y, mean_y))


Scale = tuple[float, float, float]


def _scale(values: Sequence[float], start: float, end: float) -> Scale:
    """From a value to a place: the lowest value, where it stands, and the way for one more."""
    low, high = min(values), max(values)
    return low, start, (end - start) / ((high - low) or 1)


def _at(scale: Scale, value: float) -> float:
    low, start, step = scale
    return round(start + (value - low) * step, 1)


def _free(dot: Dot, others: Sequence[Dot]) -> Dot:
    """The mark with its label moved down until it covers no other."""
    while any(abs(dot.x - o.x) < LABEL and abs(dot.y + dot.down - o.y - o.down) < LINE for o in others):
        dot = replace(dot, down=dot.down + LINE)
    return dot
