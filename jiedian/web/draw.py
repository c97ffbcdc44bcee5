"""Drawings as SVG, made on the server: they print, scale and need no script."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from jiedian.core.gantt import Bar

LEFT, ROW, TOP = 168, 30, 8
FILLS = {
    "done": "fill:var(--ink-3)",
    "open": "fill:var(--green)",
    "late": "fill:var(--red)",
    "customer": "fill:var(--blue)",
}


def gantt_svg(
    bars: Sequence[Bar],
    *,
    today: date,
    promised_on: date | None,
    needed_on: date | None,
    words: dict[str, str],
) -> SafeString:
    """The Gantt of one case: plan pale, what happened solid, today, the promise and the day power is needed."""
    marks = [day for day in (today, promised_on, needed_on) if day]
    days = [d for bar in bars for span in (bar.planned, bar.actual) if span for d in span] + marks
    first, last = min(days), max(days) + timedelta(days=2)
    width = 860
    scale = (width - LEFT - 12) / max((last - first).days, 1)
    height = TOP + ROW * len(bars)

    def x(day: date) -> float:
        return round(LEFT + (day - first).days * scale, 1)

    parts = [*_grid(first, last, x, height)]
    for index, bar in enumerate(bars):
        parts += _row(bar, TOP + ROW * index, x, scale)
    for day, style, word in (
        (today, "var(--green)", words["today"]),
        (promised_on, "var(--red)", words["promised"]),
        (needed_on, "var(--amber)", words["needed"]),
    ):
        if day:
            parts.append(
                f'<path d="M{x(day)} 2V{height}" style="stroke:{style}" stroke-width="1.5">'
                f"<title>{escape(word)} {day}</title></path>"
            )
    label = escape(words["title"])
    return mark_safe(  # noqa: S308 - every text above is escaped
        f'<svg class="gantt" viewBox="0 0 {width} {height + 22}" role="img" aria-label="{label}">'
        + "".join(parts)
        + "</svg>"
    )


def _grid(first: date, last: date, x: object, height: int) -> list[str]:
    assert callable(x)
    span = (last - first).days
    step = next(n for n in (1, 7, 14, 28, 91, 365, 3650) if span / n <= 11)
    parts = []
    day = first
    while day <= last:
        parts.append(
            f'<path d="M{x(day)} 4V{height}" style="stroke:var(--line)"/>'
            f'<text class="t" x="{x(day)}" y="{height + 16}" text-anchor="middle">{day:%m/%d}</text>'
        )
        day += timedelta(days=step)
    return parts


def _row(bar: Bar, y: int, x: object, scale: float) -> list[str]:
    assert callable(x)
    title = f"<title>{escape(bar.label)}</title>"
    weight = ' class="b"' if bar.is_critical else ""
    parts = [f'<text x="0" y="{y + 18}"{weight}>{escape(bar.label)}</text>']
    if bar.planned:
        start, end = bar.planned
        dash = "stroke:var(--blue)" if bar.is_customer else "stroke:var(--ink-3)"
        parts.append(
            f'<rect x="{x(start)}" y="{y + 6}" width="{_width(start, end, scale)}" height="16" rx="3" '
            f'style="fill:var(--well);{dash}" stroke-dasharray="3 3">{title}</rect>'
        )
    if bar.actual:
        start, end = bar.actual
        style = FILLS["customer"] if bar.is_customer and bar.state == "open" else FILLS[bar.state]
        parts.append(
            f'<rect x="{x(start)}" y="{y + 9}" width="{_width(start, end, scale)}" height="10" rx="3" '
            f'style="{style}">{title}</rect>'
        )
    return parts


def _width(start: date, end: date, scale: float) -> float:
    return round(max((end - start).days * scale, 5), 1)


def mini_gantt(*, done: float, share: float, is_late: bool, is_waiting: bool) -> SafeString:
    """A row's progress: how much of the process is done, and how much of the promise is used."""
    used = min(max(share, 0), 1.2) / 1.2 * 180
    style = FILLS["late"] if is_late else FILLS["customer"] if is_waiting else FILLS["open"]
    return mark_safe(  # noqa: S308 - numbers only
        '<svg class="mini" width="190" height="26" aria-hidden="true">'
        '<rect y="3" width="180" height="6" rx="3" style="fill:var(--well)"/>'
        f'<rect y="3" width="{180 * min(done, 1):.0f}" height="6" rx="3" style="fill:var(--ink-3)"/>'
        f'<rect y="14" width="{used:.0f}" height="8" rx="3" style="{style}"/>'
        '<path d="M150 1v24" style="stroke:var(--red)"/></svg>'
    )
