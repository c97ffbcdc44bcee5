"""Pen of one-line diagrams: lines, circles, boxes, words and meters as SVG."""

from dataclasses import dataclass, field
from html import escape

WIDTH = 560
FONT = 'font-family="Noto Sans SC, sans-serif" font-size="10"'


@dataclass
class Pen:
    """Pen of the diagram, with everything drawn so far."""

    parts: list[str] = field(default_factory=list)

    def line(self, x: float, y: float, x2: float, y2: float, *, width: float = 1.2, dash: str = "") -> None:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<line x1="{x:g}" y1="{y:g}" x2="{x2:g}" y2="{y2:g}" stroke="currentColor" stroke-width="{width:g}"{dashed}/>'
        )

    def circle(self, x: float, y: float, r: float) -> None:
        self.parts.append(
            f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="none" stroke="currentColor" stroke-width="1.2"/>'
        )

    def box(self, x: float, y: float, half: float = 6) -> None:
        self.parts.append(
            f'<rect x="{x - half:g}" y="{y - half:g}" width="{2 * half:g}" height="{2 * half:g}" fill="none" stroke="currentColor" stroke-width="1.2"/>'
        )

    def text(self, x: float, y: float, words: str, *, anchor: str = "start") -> None:
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="currentColor" {FONT}>{escape(words)}</text>'
        )

    def meter(self, x: float, y: float) -> None:
        self.circle(x, y, 10)
        self.text(x, y + 3.5, "Wh", anchor="middle")
