"""Small drawings of time that the customer sees: a range that narrows, days used against days promised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

LEFT, RIGHT, LINE = 110, 410, 26


@dataclass(frozen=True)
class Span:
    """Span expected at a moment: between which days, in words beside it."""

    label: str
    low: date
    high: date
    words: str


@dataclass(frozen=True)
class Bar:
    """A span as drawn; ``is_last`` is the one that holds now."""

    label: str
    words: str
    x: float
    width: float
    end: float
    y: int
    is_last: bool


@dataclass(frozen=True)
class Tick:
    """A day on the axis."""

    x: float
    day: date


def narrowing(spans: Sequence[Span]) -> tuple[list[Bar], list[Tick], int]:
    """Bars on one axis, first day left and last day right; the ticks of the axis; the height of the drawing."""
    first, last = min(span.low for span in spans), max(span.high for span in spans)
    scale = (RIGHT - LEFT - 50) / max((last - first).days, 1)
    bars = [_bar(span, first, scale, at, at == len(spans) - 1) for at, span in enumerate(spans)]
    middle = first + (last - first) / 2
    ticks = [Tick(round(LEFT + (day - first).days * scale, 1), day) for day in (first, middle, last)]
    return bars, ticks, len(spans) * LINE + 20


def _bar(span: Span, first: date, scale: float, line: int, is_last: bool) -> Bar:
    x = round(LEFT + (span.low - first).days * scale, 1)
    width = max(round((span.high - span.low).days * scale, 1), 6)
    return Bar(span.label, span.words, x, width, round(x + width + 8, 1), line * LINE + 9, is_last)


@dataclass(frozen=True)
class Part:
    """A part of a meter: ours, over, yours, and its share of the whole in percent."""

    look: str
    x: float
    share: float


def meter(parts: Sequence[tuple[str, float]]) -> list[Part]:
    """Parts of a bar from (look, amount).

    >>> meter([("ours", 20), ("over", 5)])
    [Part(look='ours', x=0, share=80.0), Part(look='over', x=80.0, share=20.0)]
    """
    whole = sum(amount for _, amount in parts) or 1
    drawn: list[Part] = []
    for look, amount in parts:
        share = round(100 * amount / whole, 1)
        drawn.append(Part(look, round(sum(part.share for part in drawn), 1), share))
    return drawn
