"""Drawings of concerns: how sure a guess is, how many a week."""

from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString

from . import _svg


def coverage_svg(
    points: Sequence[tuple[float, float]],
    marks: Sequence[tuple[str, float, float]],
    *,
    title: str,
    axes: tuple[str, str],
) -> SafeString:
    """Accuracy over coverage (both 0 to 1) as a line, with named marks beside it."""
    width, height, edge = 620, 300, 44

    def spot(coverage: float, accuracy: float) -> tuple[float, float]:
        return round(edge + coverage * (width - 2 * edge), 1), round(
            height - edge - accuracy * (height - edge - 20), 1
        )

    parts = []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        x, y = spot(tick, tick)
        parts.append(
            f'<path d="M{edge} {y}H{width - edge}" style="stroke:var(--line)"/>'
            f'<text class="t" x="{edge - 6}" y="{y + 4}" text-anchor="end">{tick:.0%}</text>'
            f'<text class="t" x="{x}" y="{height - edge + 18}" text-anchor="middle">{tick:.0%}</text>'
        )
    way = " ".join(f"{x},{y}" for x, y in (spot(*point) for point in points))
    parts.append(f'<polyline points="{way}" fill="none" style="stroke:var(--green)" stroke-width="2.5"/>')
    for name, coverage, accuracy in marks:
        x, y = spot(coverage, accuracy)
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="5" style="fill:var(--card);stroke:var(--blue)" stroke-width="2"/>'
            f'<text x="{x - 10}" y="{y + 16}" text-anchor="end">{escape(name)} {accuracy:.0%}</text>'
        )
    parts.append(f'<text x="{width / 2}" y="{height - 6}" text-anchor="middle">{escape(axes[0])} →</text>')
    parts.append(f'<text x="{edge}" y="12">{escape(axes[1])} ↑</text>')
    return _svg(width, height, title, parts)


def week_bars(rows: Sequence[tuple[str, int]], *, title: str) -> SafeString:
    """A count a week; the last week stands out."""
    width, height, edge = 620, 190, 26
    most, gap = max([1, *(n for _, n in rows)]), (width - 2 * edge) / max(len(rows), 1)
    parts = []
    for index, (name, n) in enumerate(rows):
        x, tall = edge + gap * index, (height - 2 * edge - 10) * n / most
        fill = "var(--green)" if index == len(rows) - 1 else "var(--ink-3)"
        parts.append(
            f'<rect x="{x + gap * 0.15:.1f}" y="{height - edge - tall:.1f}" width="{gap * 0.7:.1f}" '
            f'height="{max(tall, 1):.1f}" rx="3" style="fill:{fill}"/>'
            f'<text class="b" x="{x + gap / 2:.1f}" y="{height - edge - tall - 5:.1f}" text-anchor="middle">{n}</text>'
            f'<text class="t" x="{x + gap / 2:.1f}" y="{height - 8}" text-anchor="middle">{escape(name)}</text>'
        )
    return _svg(width, height, title, parts)
