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


def width_of(words: str) -> float:
    """Width of words in the font of the diagram, about: a Chinese letter is a square, a Latin one half of it."""
    return sum(10.0 if ord(letter) > 0x2E80 else 5.4 for letter in words)


def in_two(words: str, width: float) -> list[str]:
    """Words as one line where they fit into a width, else as two, parted where both are about as long.

    >>> in_two("园区变 10kVⅠ母", 200), in_two("main 110kV Beijiao Substation, 35kV Beiliu Line 1 311, #24 tower", 260)
    (['园区变 10kVⅠ母'], ['main 110kV Beijiao Substation,', '35kV Beiliu Line 1 311, #24 tower'])
    """
    gaps = [n for n, letter in enumerate(words) if letter == " "]
    if width_of(words) <= width or not gaps:
        return [words]
    middle = min(gaps, key=lambda n: abs(n - len(words) / 2))
    return [words[:middle], words[middle + 1 :]]
