"""Drawings as SVG, made on the server: they print, scale and need no script."""

from collections.abc import Callable, Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

LEFT, ROW, TOP = 168, 30, 8
FILLS = {
    "done": "fill:var(--ink-3)",
    "open": "fill:var(--green)",
    "late": "fill:var(--red)",
    "customer": "fill:var(--blue)",
}


LINE, A_DAY, MOST_DAYS = 120, 2, 30
"""Of a row's bar: where the promise ends, the width of a working day beyond it, and how many of them are drawn."""


def text_width(text: str, size: float = 12.0) -> float:
    """Width of a text in a drawing, in its units: a Chinese letter is as wide as high, another one some 0.6 of it.

    >>> text_width("申请"), text_width("ab", 10)
    (24.0, 12.0)
    """
    return round(sum(size if ord(c) > 0x2E80 else size * 0.6 for c in text), 1)


def fitted(text: str, room: float, *, size: float = 12.0, lines: int = 1) -> list[str]:
    """Text in at most so many lines of a width; only what still does not fit is cut, with a mark that it was.

    >>> fitted("Grid works and meter installation", 132, lines=2), fitted("淄博市第一中学新校区", 60)
    (['Grid works and', 'meter installation'], ['淄博市第…'])
    """
    if text_width(text, size) <= room:
        return [text]
    if lines > 1:
        cuts = [n for n, c in enumerate(text) if c == " " or ord(c) > 0x2E80]
        cut = max((n for n in cuts if n and text_width(text[:n], size) <= room), default=0)
        if cut:
            return [text[:cut], *fitted(text[cut:].strip(), room, size=size, lines=lines - 1)]
    kept = text
    while kept and text_width(kept, size) + size > room:
        kept = kept[:-1]
    return [f"{kept.rstrip()}…"]


def mini_gantt(*, done: float, share: float, is_late: bool, is_waiting: bool, over_wd: int = 0) -> SafeString:
    """A row's progress: how much of the process is done, how much of the promise is used, and by how many days it is late."""
    used = min(max(share, 0), 1) * LINE + min(over_wd, MOST_DAYS) * A_DAY
    style = FILLS["late"] if is_late else FILLS["customer"] if is_waiting else FILLS["open"]
    return mark_safe(  # noqa: S308 - numbers only
        '<svg class="mini" width="190" height="26" aria-hidden="true">'
        '<rect y="3" width="180" height="6" rx="3" style="fill:var(--well)"/>'
        f'<rect y="3" width="{180 * min(done, 1):.0f}" height="6" rx="3" style="fill:var(--ink-3)"/>'
        f'<rect y="14" width="{used:.0f}" height="8" rx="3" style="{style}"/>'
        f'<path d="M{LINE} 1v24" style="stroke:var(--red)"/></svg>'
    )


def _svg(width: int, height: int, label: str, parts: Sequence[str]) -> SafeString:
    drawn = "".join(parts)
    # to a screen reader a picture is one thing: the links in it would be lost
    role = "group" if "<a " in drawn else "img"
    return mark_safe(  # noqa: S308 - every text in the parts is escaped by its drawer
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="{role}" aria-label="{escape(label)}">{drawn}</svg>'
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


def _name(name: str, left: float, y: float) -> str:
    """Name of a row left of its bar, read whole where it had to be cut."""
    (shown,) = fitted(name, left - 6)
    whole = f"<title>{escape(name)}</title>" if shown != name else ""
    return f'<text x="0" y="{y}">{escape(shown)}{whole}</text>'


def delay_bars(
    rows: Sequence[tuple[str, float | None, float | None]], *, title: str, unit: str
) -> SafeString:
    """Median (solid) and 90th percentile (pale) of a delay, one bar a place."""
    width, left, row = 620, 120, 34
    longest = max((p90 for _, _, p90 in rows if p90), default=1) or 1
    parts = []
    for index, (name, median, p90) in enumerate(rows):
        y = 8 + row * index
        parts.append(_name(name, left, y + 16))
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
            f"{_name(name, left, y + 13)}"
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
