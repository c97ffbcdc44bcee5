"""Drawings as SVG, made on the server: they print, scale and need no script."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from urllib.parse import quote

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from jiedian.core.gantt import Bar, CaseBar

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
    """The Gantt of one case: plan pale, what happened solid; today, promise, need, and each step's latest day."""
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
        parts += _row(bar, TOP + ROW * index, x, scale, latest=words["latest"])
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


def _row(bar: Bar, y: int, x: object, scale: float, *, latest: str) -> list[str]:
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


def _svg(width: int, height: int, label: str, parts: Sequence[str]) -> SafeString:
    return mark_safe(  # noqa: S308 - every text in the parts is escaped by its drawer
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">'
        + "".join(parts)
        + "</svg>"
    )


def share_curve(
    series: Sequence[tuple[str, Sequence[tuple[float | None, float | None, float | None]]]],
    places: Sequence[str],
    *,
    title: str,
) -> SafeString:
    """Shares (0 to 1) with their intervals over places, one line a series; the second line is dashed."""
    left, top, width, height = 44, 26, 620, 200
    step = (width - left - 60) / max(len(places) - 1, 1)
    parts = []
    for tick in range(0, 101, 25):
        y = top + height * (1 - tick / 100)
        parts.append(
            f'<path d="M{left} {y:.0f}H{width}" style="stroke:var(--line)"/>'
            f'<text class="t" x="{left - 8}" y="{y + 4:.0f}" text-anchor="end">{tick}%</text>'
        )
    for index, place in enumerate(places):
        x = left + 30 + step * index
        parts.append(f'<text x="{x:.0f}" y="{top + height + 20}" text-anchor="middle">{escape(place)}</text>')
    for number, (name, points) in enumerate(series):
        style = f"stroke:var({('--green', '--blue', '--amber')[number % 3]})"
        spots = [
            (left + 30 + step * i, *(None if v is None else top + height * (1 - v) for v in point))
            for i, point in enumerate(points)
        ]
        parts += _line(spots, style, dash="6 4" if number else "", shift=4 * number)
        parts.append(
            f'<path d="M{left + 150 * number} 10h22" style="{style}" stroke-width="3"/>'
            f'<text x="{left + 28 + 150 * number}" y="14">{escape(name)}</text>'
        )
    return _svg(width, top + height + 30, title, parts)


def _line(spots: Sequence[tuple[float | None, ...]], style: str, *, dash: str, shift: int) -> list[str]:
    """A line through what is known, with whiskers from low to high. A spot: x, y, low, high."""
    known = [spot for spot in spots if spot[1] is not None]
    way = " ".join(f"{'L' if i else 'M'}{x:.1f} {y:.1f}" for i, (x, y, _low, _high) in enumerate(known))
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    parts = [f'<path d="{way}" fill="none" stroke-width="2.5"{dashes} style="{style}"/>'] if known else []
    for x, y, low, high in known:
        if x is not None and low is not None and high is not None:
            parts.append(
                f'<path d="M{x + shift:.1f} {low:.1f}V{high:.1f}" stroke-width="1.5" style="{style}"/>'
            )
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" style="fill:var(--card);{style}" stroke-width="2"/>'
        )
    return parts


def delay_bars(
    rows: Sequence[tuple[str, float | None, float | None]], *, title: str, unit: str
) -> SafeString:
    """Median (solid) and 90th percentile (pale) of a delay, one bar a place."""
    width, left, row = 620, 120, 34
    longest = max((p90 for _, _, p90 in rows if p90), default=1) or 1
    parts = []
    for index, (name, median, p90) in enumerate(rows):
        y = 8 + row * index
        parts.append(f'<text x="0" y="{y + 16}">{escape(name)}</text>')
        if median is None or p90 is None:
            parts.append(f'<text x="{left}" y="{y + 16}">—</text>')
            continue
        scale = (width - left - 210) / longest
        parts.append(
            f'<rect x="{left}" y="{y + 4}" width="{p90 * scale:.1f}" height="16" rx="3" style="fill:var(--well);stroke:var(--ink-3)"/>'
            f'<rect x="{left}" y="{y + 7}" width="{median * scale:.1f}" height="10" rx="3" style="fill:var(--green)"/>'
            f'<text x="{left + p90 * scale + 8:.1f}" y="{y + 16}">{median:.0f} / {p90:.0f} {escape(unit)}</text>'
        )
    return _svg(width, 8 + row * len(rows), title, parts)


def step_bars(
    rows: Sequence[tuple[str, float, float, str]], *, until: float, title: str, unit: str
) -> SafeString:
    """Steps as bars over working days on a scale that two drawings can share. A row: name, start, days, fill."""
    width, left, row = 620, 170, 22
    scale = (width - left - 40) / max(until, 1)
    height = 10 + row * len(rows)
    parts = []
    for tick in range(0, int(until) + 1, 10):
        x = left + tick * scale
        parts.append(
            f'<path d="M{x:.1f} 4V{height}" style="stroke:var(--line)"/>'
            f'<text class="t" x="{x:.1f}" y="{height + 15}" text-anchor="middle">{tick}</text>'
        )
    for index, (name, start, days, fill) in enumerate(rows):
        y = 6 + row * index
        parts.append(
            f'<text x="0" y="{y + 13}">{escape(name)}</text>'
            f'<rect x="{left + start * scale:.1f}" y="{y + 3}" width="{max(days * scale, 3):.1f}" height="12" rx="3" '
            f'style="{FILLS[fill]}"><title>{escape(name)} {days:g} {escape(unit)}</title></rect>'
        )
    parts.append(f'<text class="t" x="{width}" y="{height + 15}" text-anchor="end">{escape(unit)}</text>')
    return _svg(width, height + 22, title, parts)


def quadrant_svg(
    dots: Sequence[tuple[str, float, float, str]], *, mean_x: float, mean_y: float, words: dict[str, str]
) -> SafeString:
    """Importance over performance: (label, performance, importance, quadrant) with the two means as a cross.

    ``words`` holds title, x, y and the names of the quadrants act, keep, easy, less.
    """
    width, height, edge = 720, 420, 46
    x, y = _axis([d[1] for d in dots], edge, width - edge), _axis([d[2] for d in dots], height - edge, edge)
    cross = f"M{x(mean_x)} {edge / 2}V{height - edge}M{edge} {y(mean_y)}H{width - edge / 2}"
    parts = [f'<path d="{cross}" style="stroke:var(--ink-3)" stroke-dasharray="4 4"/>']
    for name, at_x, at_y, anchor in (
        ("act", edge + 6, edge / 2 + 12, "start"),
        ("keep", width - edge / 2 - 6, edge / 2 + 12, "end"),
        ("easy", edge + 6, height - edge - 8, "start"),
        ("less", width - edge / 2 - 6, height - edge - 8, "end"),
    ):
        parts.append(f'<text x="{at_x}" y="{at_y}" text-anchor="{anchor}">{escape(words[name])}</text>')
    fills = {"act": "var(--red)", "keep": "var(--green)", "easy": "var(--slate)", "less": "var(--blue)"}
    taken: list[tuple[float, float]] = []
    for label, performance, importance, quadrant in dots:
        px, py = x(performance), y(importance)
        at_y = _free(px, py + 4, taken)
        side, shift = ("end", -9) if px > width * 0.75 else ("start", 9)
        shape = (
            f'<path d="M{px} {py - 7}L{px + 7} {py + 5}H{px - 7}Z" style="fill:{fills[quadrant]}"/>'
            if quadrant == "act"
            else f'<circle cx="{px}" cy="{py}" r="5.5" style="fill:{fills[quadrant]}"/>'
        )
        title = f"<title>{escape(label)} {performance:.2f} / {importance:.2f}</title>"
        text = f'<text class="b" x="{px + shift}" y="{at_y}" text-anchor="{side}">{escape(label)}</text>'
        parts.append(f"<g>{title}{shape}{text}</g>")
    axes = (
        f'<text x="{width / 2}" y="{height - 12}" text-anchor="middle">{escape(words["x"])} →</text>'
        f'<text x="14" y="{height / 2}" transform="rotate(-90 14 {height / 2})" text-anchor="middle">'
        f"{escape(words['y'])} →</text>"
    )
    return _svg(width, height, words["title"], [*parts, axes])


def _free(x: float, y: float, taken: list[tuple[float, float]]) -> float:
    """The height at which a label covers no label written before."""
    while any(abs(x - other_x) < 110 and abs(y - other_y) < 13 for other_x, other_y in taken):
        y += 13
    taken.append((x, y))
    return y


def trend_svg(points: Sequence[tuple[str, float, float, float]], *, title: str) -> SafeString:
    """A value over time with its interval: (label, value, low, high); zero is drawn as a line."""
    width, height, edge = 380, 200, 34
    known = [v for point in points for v in point[1:] if v == v]
    y = _axis([0.0, *known], height - edge, edge / 2)
    gap = (width - 2.4 * edge) / max(len(points) - 1, 1)
    zero = f'<path d="M{edge} {y(0)}H{width - edge / 2}" style="stroke:var(--ink-3)"/><text x="4" y="{y(0) + 4}">0</text>'
    parts = [zero]
    line = " ".join(f"{edge + gap * i:.1f},{y(p[1])}" for i, p in enumerate(points))
    parts.append(f'<polyline points="{line}" fill="none" style="stroke:var(--green)" stroke-width="2"/>')
    for index, (label, value, low, high) in enumerate(points):
        px = round(edge + gap * index, 1)
        if low == low:
            parts.append(
                f'<path d="M{px} {y(low)}V{y(high)}" style="stroke:var(--green)" stroke-width="1.5"/>'
            )
        parts.append(
            f'<circle cx="{px}" cy="{y(value)}" r="4" style="fill:var(--green)"><title>{escape(label)} '
            f"{value:+.2f}</title></circle>"
            f'<text x="{px}" y="{height - 12}" text-anchor="middle">{escape(label)}</text>'
            f'<text class="b" x="{px + 8}" y="{y(value) - 6}">{value:+.2f}</text>'
        )
    return _svg(width, height, title, parts)


def _axis(values: Sequence[float], start: float, end: float) -> Callable[[float], float]:
    """A scale from values to pixels with a little air at both ends."""
    low, high = min(values), max(values)
    air = (high - low) * 0.12 or 0.5
    low, high = low - air, high + air
    return lambda value: round(start + (value - low) / (high - low) * (end - start), 1)


BLOCK_ROWS, BLOCK_ROW, BLOCK_LEFT, BLOCK_WIDTH = 40, 18, 290, 1200
WINDOW_DAYS = 183
"""Bars of cases are drawn half a year to either side of today; what lies beyond is cut at the edge."""


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
    label = f"{bar.title[:11]}{'…' if len(bar.title) > 11 else ''}"
    style = ' style="fill:var(--red)"' if bar.is_late else ""
    parts = [
        f'<a href="/cases/{quote(bar.number)}/"><text x="0" y="{y + 13}"{style}>{escape(label)}</text>'
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
