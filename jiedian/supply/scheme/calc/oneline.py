"""一次接线示意图: a scheme as a one-line diagram in SVG, drawn from the same lists as the reply form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

WIDTH = 560
TOP, LINE_END, SWITCH, METER, BUS, UNIT, LOW = 34, 104, 128, 162, 200, 236, 296
"""Heights of the drawing: public busbar, end of the new line, breaker, meter, customer's busbar, transformers, low voltage."""
NEAR = ("branch_pole", "cable_grid", "first_pole")
"""Boundaries at the grid's end of the new line; the others lie at the customer's end. One in a person's words is not drawn."""
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


def one_line(content: Mapping[str, Any], *, is_zh: bool) -> str:
    """The diagram of a reply form's content as SVG; empty where a version kept before has none, and for who only feeds in."""
    sources = content.get("sources") or []
    if not sources or content.get("only_feed_in"):
        return ""
    pen = Pen()
    is_low = content["level"] == "lv"
    columns = [WIDTH * (2 * n + 1) / (2 * len(sources)) for n in range(len(sources))]
    for x, source in zip(columns, sources, strict=True):
        _source(pen, x, source, content, is_zh=is_zh)
    height = METER + 62 if is_low else LOW + 34
    if not is_low:
        _busbar(pen, columns, content, is_zh=is_zh)
    title = "一次接线示意图" if is_zh else "One-line diagram"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" class="oneline">'
    )
    return "".join([head, f"<title>{title}</title>", *pen.parts, "</svg>"])


def _source(
    pen: Pen, x: float, source: Mapping[str, Any], content: Mapping[str, Any], *, is_zh: bool
) -> None:
    said = 0 if is_zh else 1
    pen.line(x - 44, TOP, x + 44, TOP, width=3)
    role = {"main": ("主供", "main"), "standby": ("备供", "standby")}[source["role"]][said]
    many = len(content["sources"]) > 1
    pen.text(x, TOP - 8, (f"{role} " if many else "") + source["name"][said], anchor="middle")
    pen.line(x, TOP, x, SWITCH - (10 if content["level"] == "lv" else 6))
    kind = {"overhead": ("架空", "overhead"), "cable": ("电缆", "cable")}[source["entry"]][said]
    length = "" if source["length_m"] is None else f" {source['length_m']:.0f} m"
    pen.text(
        x + 8, (TOP + LINE_END) / 2 + 6, " ".join(filter(None, (kind + length, source["conductor"][said])))
    )
    is_low = content["level"] == "lv"
    if is_low:
        _low(pen, x, content, is_zh=is_zh)
        return
    if content["boundary"]:
        _boundary(pen, x, TOP + 16 if content["boundary"] in NEAR else LINE_END, is_zh=is_zh)
    pen.box(x, SWITCH)
    pen.text(x + 12, SWITCH + 4, "进线断路器" if is_zh else "incoming breaker")
    pen.line(x, SWITCH + 6, x, METER - 10)
    if content["metering"] == "hv_hv":
        pen.meter(x, METER)
        pen.text(x + 12, METER + 4, "计量（CT、VT）" if is_zh else "metering (CT, VT)")
        pen.line(x, METER + 10, x, BUS)
    else:
        pen.line(x, METER - 10, x, BUS)


def _low(pen: Pen, x: float, content: Mapping[str, Any], *, is_zh: bool) -> None:
    """Low voltage: the meter, the boundary on its load side or before it, and the main switch."""
    pen.meter(x, SWITCH)
    has_ct = bool(content["meters"][0]["ct_ratio"])
    what = ("电能表（经互感器）" if has_ct else "电能表") if is_zh else ("meter (CT)" if has_ct else "meter")
    pen.text(x + 14, SWITCH + 4, what)
    pen.line(x, SWITCH + 10, x, METER + 12)
    if content["boundary"]:
        _boundary(pen, x, SWITCH + 20 if content["boundary"] == "lv_meter" else LINE_END, is_zh=is_zh)
    pen.box(x, METER + 18)
    pen.text(x + 12, METER + 22, "进线总开关" if is_zh else "main switch")
    pen.line(x, METER + 24, x, METER + 44)
    pen.text(x + 8, METER + 46, "用电人负荷" if is_zh else "customer's load")


def _boundary(pen: Pen, x: float, y: float, *, is_zh: bool) -> None:
    pen.line(x - 60, y, x + 60, y, dash="5 3")
    pen.text(x - 62, y + 3.5, "产权分界" if is_zh else "boundary", anchor="end")


def _busbar(pen: Pen, columns: list[float], content: Mapping[str, Any], *, is_zh: bool) -> None:
    """The customer's busbar, a section for each source, and his transformers below, shared out among the sections."""
    units, half = content["units"] or [content["kva"]], WIDTH / (2 * len(columns)) - 14
    for n, x in enumerate(columns):
        shown = half if len(units) > 1 or len(columns) > 1 else 60
        pen.line(x - shown, BUS, x + shown, BUS, width=3)
        mine = units[n :: len(columns)] if len(units) >= len(columns) else (units if n == 0 else [])
        for k, kva in enumerate(mine):
            at = x - half + (2 * k + 1) * half / len(mine)
            _transformer(pen, at, kva, content, is_zh=is_zh)
        if n:
            middle = (columns[n - 1] + x) / 2
            pen.line(middle - 16, BUS, middle + 16, BUS, dash="4 3")
            pen.box(middle, BUS, 5)
            pen.text(middle, BUS - 9, "联络（闭锁）" if is_zh else "tie (interlocked)", anchor="middle")


def _transformer(pen: Pen, x: float, kva: float, content: Mapping[str, Any], *, is_zh: bool) -> None:
    pen.line(x, BUS, x, UNIT - 14)
    pen.circle(x, UNIT - 6, 8)
    pen.circle(x, UNIT + 6, 8)
    pen.text(x + 12, UNIT + 3, f"{kva:g} kVA")
    is_metered = content["metering"] == "hv_lv"
    pen.line(x, UNIT + 14, x, LOW - (32 if is_metered else 0))
    if is_metered:
        pen.meter(x, LOW - 22)
        pen.text(x + 14, LOW - 18, "计量" if is_zh else "metering")
        pen.line(x, LOW - 12, x, LOW)
    pen.line(x - 24, LOW, x + 36, LOW, width=2)
    kvar = next(((low, high) for unit, low, high in content["unit_kvar"] if unit == kva), None)
    if kvar:
        pen.line(x + 24, LOW, x + 24, LOW + 8)
        pen.line(x + 17, LOW + 8, x + 31, LOW + 8, width=1.8)
        pen.line(x + 17, LOW + 12, x + 31, LOW + 12, width=1.8)
        pen.text(x + 14, LOW + 26, f"{kvar[0]:.0f}–{kvar[1]:.0f} kvar", anchor="middle")
