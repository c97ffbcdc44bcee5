"""Drawings of the case screen as SVG, made on the server: the Gantt of a case and of many."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from urllib.parse import quote

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from jiedian.shell.draw import (
    BLOCK_LEFT,
    BLOCK_ROW,
    BLOCK_ROWS,
    BLOCK_WIDTH,
    FILLS,
    LEFT,
    ROW,
    TOP,
    WINDOW_DAYS,
    _svg,
    fitted,
    text_width,
)

from .calc.gantt import Bar, CaseBar

HEAD = TOP + 34
"""Room above the rows, where the marks have their words."""
FAR = date(9999, 12, 29)
"""A promise of another system may name the last day there is; the drawing needs some room behind it."""


def gantt_svg(
    bars: Sequence[Bar],
    *,
    today: date,
    promised_on: date | None,
    needed_on: date | None,
    words: dict[str, str],
) -> SafeString:
    """The Gantt of one case: what happened solid with its plan as a line below, what is to come pale from today on."""
    marks = [day for day in (today, promised_on, needed_on) if day]
    spans = [span for bar in bars for span in (bar.actual and bar.planned, bar.actual, bar.expected) if span]
    days = [day for span in spans for day in span] + marks
    first, last = min(days), min(max(days), FAR) + timedelta(days=2)
    width = 860
    scale = (width - LEFT - 12) / max((last - first).days, 1)
    height = HEAD + ROW * len(bars)

    def x(day: date) -> float:
        return round(LEFT + (day - first).days * scale, 1)

    parts = [*_grid(first, last, x, height)]
    for index, bar in enumerate(bars):
        parts += _row(bar, HEAD + ROW * index, x, scale, latest=words["latest"])
    parts += _marks(
        [
            (today, "var(--green)", words["today"]),
            (promised_on, "var(--red)", words["promised"]),
            (needed_on, "var(--amber)", words["needed"]),
        ],
        x,
        height,
        width=width,
    )
    label = escape(words["title"])
    return mark_safe(  # noqa: S308 - every text above is escaped
        f'<svg class="gantt" viewBox="0 0 {width} {height + 22}" role="img" aria-label="{label}">'
        + "".join(parts)
        + "</svg>"
    )


def _marks(
    marks: Sequence[tuple[date | None, str, str]], x: Callable[[date], float], height: int, *, width: float
) -> list[str]:
    """Lines down the whole drawing, each with its word at its head; words that would meet stand one below the other.

    A word that would run over the right edge stands left of its line.
    """
    parts, taken = [], [list[tuple[float, float]]() for _ in range(3)]
    for day, style, word in sorted((mark for mark in marks if mark[0]), key=lambda mark: str(mark[0])):
        assert day is not None
        wide = text_width(word)
        start = x(day) + 4 if x(day) + 4 + wide <= width else x(day) - 4 - wide
        place = (start, start + wide + 4)
        free = [not any(place[0] < end and begin < place[1] for begin, end in row) for row in taken]
        line = free.index(True) if True in free else len(taken) - 1
        taken[line].append(place)
        parts.append(
            f'<path d="M{x(day)} 2V{height}" style="stroke:{style}" stroke-width="1.5">'
            f"<title>{escape(word)} {day}</title></path>"
            f'<text class="t m" x="{start:.1f}" y="{12 + 12 * line}">{escape(word)}</text>'
        )
    return parts


def _grid(first: date, last: date, x: object, height: int) -> list[str]:
    assert callable(x)
    span = (last - first).days
    step = next((n for n in (1, 7, 14, 28, 91, 365, 3650) if span / n <= 11), span // 10 + 1)
    parts = []
    for day in (first + timedelta(days=n) for n in range(0, span + 1, step)):
        word = f"{day:%Y}" if step >= 365 else f"{day:%m/%d}"
        parts.append(
            f'<path d="M{x(day)} 4V{height}" style="stroke:var(--line)"/>'
            f'<text class="t" x="{x(day)}" y="{height + 16}" text-anchor="middle">{word}</text>'
        )
    return parts


def _row(bar: Bar, y: int, x: object, scale: float, *, latest: str) -> list[str]:
    assert callable(x)
    title = f"<title>{escape(bar.label)}</title>"
    weight = ' class="b"' if bar.is_critical else ""
    lines = fitted(bar.label, LEFT - 8, lines=2)
    parts = [
        f'<text x="0" y="{y + 18 + 12 * n - 6 * (len(lines) - 1)}"{weight}>{escape(line)}{title}</text>'
        for n, line in enumerate(lines)
    ]
    if bar.planned and bar.actual:  # what was to be, under what came of it
        start, end = bar.planned
        parts.append(
            f'<path d="M{x(start)} {y + 24}h{_width(start, end, scale)}" style="stroke:var(--ink-3)" '
            f'stroke-width="2">{title}</path>'
        )
    if bar.expected:
        start, end = bar.expected
        dash = "stroke:var(--blue)" if bar.is_customer else "stroke:var(--ink-3)"
        parts.append(
            f'<rect x="{x(start)}" y="{y + 6}" width="{_width(start, end, scale)}" height="16" rx="3" '
            f'style="fill:var(--well);{dash}" stroke-dasharray="3 3">{title}</rect>'
        )
    if bar.actual:
        start, end = bar.actual
        style = FILLS["customer"] if bar.is_customer and bar.state != "done" else FILLS[bar.state]
        parts.append(
            f'<rect x="{x(start)}" y="{y + 9}" width="{_width(start, end, scale)}" height="10" rx="3" '
            f'style="{style}">{title}</rect>'
        )
    if bar.latest_on and x(bar.latest_on) >= LEFT:
        parts.append(_latest(x(bar.latest_on), y, f"{latest} {bar.latest_on}"))
    return parts


def _latest(x: float, y: int, words: str) -> str:
    """The last day a step may end for power to be there in time."""
    return (
        f'<path d="M{x} {y + 4}V{y + 24}" style="stroke:var(--amber)" stroke-width="2">'
        f"<title>{escape(words)}</title></path>"
    )


def _width(start: date, end: date, scale: float) -> float:
    return round(max((end - start).days * scale, 5), 1)


def portfolio_svg(bars: Sequence[CaseBar], *, today: date, words: dict[str, str]) -> list[SafeString]:
    """Many cases, a row each, in blocks of forty with an axis of their own: a thousand stay readable, and print."""
    days = [day for bar in bars for day in (bar.begun_on, bar.promised_on, bar.needed_on) if day]
    first = max(min([*days, today]), today - timedelta(days=WINDOW_DAYS))
    last = min(max([*days, today]), today + timedelta(days=WINDOW_DAYS)) + timedelta(days=3)
    scale = (BLOCK_WIDTH - BLOCK_LEFT - 12) / max((last - first).days, 1)

    def x(day: date) -> float:
        return round(BLOCK_LEFT + (min(max(day, first), last) - first).days * scale, 1)

    blocks = []
    for start in range(0, len(bars), BLOCK_ROWS):
        block = bars[start : start + BLOCK_ROWS]
        height = TOP + BLOCK_ROW * len(block)
        parts = _grid(first, last, x, height)
        for index, bar in enumerate(block):
            parts += _case_row(bar, TOP + BLOCK_ROW * index, x, words)
        parts.append(
            f'<path d="M{x(today)} 2V{height}" style="stroke:var(--green)" stroke-width="1.5">'
            f"<title>{escape(words['today'])} {today}</title></path>"
        )
        blocks.append(
            _svg(BLOCK_WIDTH, height + 22, f"{words['title']} {start + 1}–{start + len(block)}", parts)
        )
    return blocks


def _case_row(bar: CaseBar, y: int, x: Callable[[date], float], words: dict[str, str]) -> list[str]:
    """Label with its link, the promise pale, the steps solid, and a mark each for promise and need."""
    (label,) = fitted(bar.title, BLOCK_LEFT - 16 - text_width(bar.number))
    style = ' style="fill:var(--red)"' if bar.is_late else ""
    parts = [
        f'<a href="/cases/{quote(bar.number)}/"><text x="0" y="{y + 13}"{style}>{escape(label)}'
        f"<title>{escape(bar.title)}</title></text>"
        f'<text class="t" x="{BLOCK_LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(bar.number)}</text></a>'
    ]
    if bar.promised_on:
        wide = max(x(bar.promised_on) - x(bar.begun_on), 2)
        parts.append(
            f'<rect x="{x(bar.begun_on)}" y="{y + 3}" width="{wide:.1f}" height="12" rx="3" style="fill:var(--well)"/>'
        )
    for span in bar.spans:
        wide = max(x(span.end) - x(span.start), 3)
        told = escape(f"{span.label} {span.start} – {span.end} {bar.who}")
        parts.append(
            f'<rect x="{x(span.start)}" y="{y + 5}" width="{wide:.1f}" height="8" rx="2" '
            f'style="{FILLS[span.state]};stroke:var(--card)" stroke-width=".6"><title>{told}</title></rect>'
        )
    for day, colour, word in ((bar.promised_on, "red", "promised"), (bar.needed_on, "amber", "needed")):
        if day:
            parts.append(
                f'<path d="M{x(day)} {y + 2}v14" style="stroke:var(--{colour})" stroke-width="2">'
                f"<title>{escape(words[word])} {day}</title></path>"
            )
    return parts
