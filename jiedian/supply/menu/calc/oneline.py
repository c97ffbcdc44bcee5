"""一次接线示意图: a scheme as a one-line diagram in SVG, drawn from the same lists as the reply form."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from .pen import WIDTH, Pen, in_two
from .pvline import feeding

TOP, LINE_END, SWITCH, METER, BUS, UNIT, LOW = 34, 104, 128, 162, 200, 236, 316
"""Heights of the drawing: public busbar, end of the new line, breaker, meter, customer's busbar, transformers, low voltage."""
GENERATOR = 42
"""Height of what hangs below the low-voltage busbar where there is an emergency source."""
NEAR = ("branch_pole", "first_pole", "cable_grid", "cable_pole", "site")
"""Boundaries at the grid's end of the new line; the others lie at the customer's end. One in a person's words is not drawn."""
GEAR = {
    "switch": ("分界断路器", "boundary breaker"),
    "bay": ("公用设备出线", "outlet of the public gear"),
    "station_bay": ("站内出线间隔", "bay in the substation"),
}
"""What a line leaves the grid by, as the diagram names it."""


def one_line(content: Mapping[str, Any], *, is_zh: bool) -> str:
    """The diagram of a reply form's content as SVG; empty where a version kept before has none."""
    sources = content.get("sources") or []
    is_pv = bool(content.get("only_feed_in"))
    if not sources or (is_pv and not content.get("feed_mode")):
        return ""
    pen = Pen()
    if is_pv:
        return _drawing(pen, feeding(pen, content, is_zh=is_zh), is_zh=is_zh)
    is_low, has_generator = content["level"] == "lv", bool(content.get("generator_kw"))
    columns = [WIDTH * (2 * n + 1) / (2 * len(sources)) for n in range(len(sources))]
    for x, source in zip(columns, sources, strict=True):
        _source(pen, x, source, content, is_zh=is_zh)
    if is_low:
        _low_side(pen, columns, content, is_zh=is_zh)
    else:
        _busbar(pen, columns, content, is_zh=is_zh)
    height = (METER + 62 if is_low else LOW + 34) + (GENERATOR if has_generator else 0)
    return _drawing(pen, height, is_zh=is_zh)


def _drawing(pen: Pen, height: float, *, is_zh: bool) -> str:
    title = "一次接线示意图" if is_zh else "One-line diagram"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img" class="oneline">'
    return "".join([head, f"<title>{title}</title>", *pen.parts, "</svg>"])


def _source(
    pen: Pen, x: float, source: Mapping[str, Any], content: Mapping[str, Any], *, is_zh: bool
) -> None:
    said = 0 if is_zh else 1
    pen.line(x - 44, TOP, x + 44, TOP, width=3)
    role = {"main": ("主供", "main"), "standby": ("备供", "standby")}[source["role"]][said]
    many = len(content["sources"]) > 1
    name = (f"{role} " if many else "") + source["name"][said]
    for n, words in enumerate(reversed(in_two(name, WIDTH / len(content["sources"]) - 12))):
        pen.text(x, TOP - 8 - 12 * n, words, anchor="middle")
    pen.line(x, TOP, x, SWITCH - (10 if content["level"] == "lv" else 6))
    is_near = source.get("boundary") in NEAR
    for n, words in enumerate(_line_words(source, is_zh=is_zh)):
        pen.text(x + 8, TOP + (47 if is_near else 36) + 13 * n, words)
    if content["level"] == "lv":
        _low(pen, x, content, is_zh=is_zh)
        return
    _leaving(pen, x, source, content, is_zh=is_zh)
    pen.box(x, SWITCH)
    amps, kilo = source.get("breaker") or ("", "")
    rated = " ".join(filter(None, (amps and f"{amps} A", kilo and f"{kilo} kA")))
    breaker = "进线断路器" if is_zh else "incoming breaker"
    for n, words in enumerate((breaker, rated) if many else (f"{breaker} {rated}",)):
        pen.text(x + 12, SWITCH + 4 + 12 * n, words)
    pen.line(x, SWITCH + 6, x, METER - 10)
    if content["metering"] == "hv_hv":
        pen.meter(x, METER)
        pen.text(x + 12, METER + 4, "计量（CT、VT）" if is_zh else "metering (CT, VT)")
        pen.line(x, METER + 10, x, BUS)
    else:
        pen.line(x, METER - 10, x, BUS)


def _leaving(
    pen: Pen, x: float, source: Mapping[str, Any], content: Mapping[str, Any], *, is_zh: bool
) -> None:
    """What the line leaves the grid by and where the customer's begins: a public bay before the boundary, a boundary breaker
    behind it on his own line, before it on the company's."""
    gear = source.get("gear", "")
    boundary = content["boundary"] and source.get("boundary", content["boundary"])
    is_near = boundary in NEAR or not boundary
    at, parts = TOP + 13, 17
    if boundary and is_near:
        _boundary(pen, x, at if gear == "switch" else at + parts, is_zh=is_zh)
    elif boundary:
        _boundary(pen, x, LINE_END + 6, is_zh=is_zh)
    if gear:
        is_far = gear == "switch" and not is_near and source["entry"] == "overhead"
        y = LINE_END - 8 if is_far else at + (parts if gear == "switch" else 0)
        pen.box(x, y)
        pen.text(x + 12, y + 4, GEAR[gear][0 if is_zh else 1])


def _line_words(source: Mapping[str, Any], *, is_zh: bool) -> list[str]:
    """What stands beside the new line of a source: kind and length, conductor with its drop."""
    said = 0 if is_zh else 1
    kind = {"overhead": ("架空", "overhead"), "cable": ("电缆", "cable")}[source["entry"]][said]
    length = "" if source["length_m"] is None else f" {source['length_m']:.0f} m"
    drop = source.get("drop_percent")
    dropped = "" if drop is None else (f"压降 {drop:g}%" if is_zh else f"drops {drop:g}%")
    return list(filter(None, (kind + length, source["conductor"][said], dropped)))


def _low(pen: Pen, x: float, content: Mapping[str, Any], *, is_zh: bool) -> None:
    """Low voltage: the meter, the boundary on its load side or before it, and the main switch."""
    pen.meter(x, SWITCH)
    has_ct = bool(content["meters"][0]["ct_ratio"])
    what = ("电能表（经互感器）" if has_ct else "电能表") if is_zh else ("meter (CT)" if has_ct else "meter")
    pen.text(x + 14, SWITCH + 4, what)
    pen.line(x, SWITCH + 10, x, METER + 12)
    if content["boundary"]:
        near = TOP + 16 if content["boundary"] in NEAR else LINE_END
        _boundary(pen, x, SWITCH + 20 if content["boundary"] == "lv_meter" else near, is_zh=is_zh)
    pen.box(x, METER + 18)
    pen.text(x + 12, METER + 22, "进线总开关" if is_zh else "main switch")
    pen.line(x, METER + 24, x, METER + 44)


def _low_side(pen: Pen, columns: list[float], content: Mapping[str, Any], *, is_zh: bool) -> None:
    """The customer's low-voltage board: one load, whatever the number of sources, whose switches are interlocked."""
    y, has_generator = METER + 44, bool(content.get("generator_kw"))
    if len(columns) > 1:
        _interlock(pen, columns, METER + 18, is_zh=is_zh)
    if len(columns) > 1 or has_generator:
        pen.line(columns[0] - (90 if has_generator else 0), y, columns[-1] + 30, y, width=2)
    pen.text(columns[-1] + 8, y + 14, "用电人负荷" if is_zh else "customer's load")
    if has_generator:
        _generator(pen, columns[0] - 70, y, (columns[0], METER + 18), content, is_zh=is_zh)


def _boundary(pen: Pen, x: float, y: float, *, is_zh: bool) -> None:
    pen.line(x - 60, y, x + 60, y, dash="5 3")
    pen.text(x - 62, y + 3.5, "产权分界" if is_zh else "boundary", anchor="end")


def _interlock(pen: Pen, at: list[float], y: float, *, is_zh: bool) -> None:
    """A dashed line between switches of which only one may be closed."""
    for left, right in pairwise(at):
        pen.line(left + 6, y + 10, right - 6, y + 10, dash="2 3")
        pen.text((left + right) / 2, y + 22, "进线闭锁" if is_zh else "interlocked", anchor="middle")


def _busbar(pen: Pen, columns: list[float], content: Mapping[str, Any], *, is_zh: bool) -> None:
    """The customer's busbar in as many sections as sources and transformers both fill, and his transformers below."""
    units, half = content["units"] or [content["kva"]], WIDTH / (2 * len(columns)) - 14
    sections = min(len(columns), len(units))
    ends: list[tuple[float, float]] = []
    for n in range(sections):
        mine = columns[n:] if n == sections - 1 else columns[n : n + 1]
        alone = len(units) == 1 and len(columns) == 1
        left, right = (mine[0] - half, mine[-1] + half) if not alone else (mine[0], mine[0])
        pen.line(left, BUS, right, BUS, width=3)
        _interlock(pen, mine, SWITCH, is_zh=is_zh)
        hung = units[n::sections]
        for k, kva in enumerate(hung):
            at = left + (2 * k + 1) * (right - left) / (2 * len(hung))
            if sections == 1 and not alone:
                _feeder_panel(pen, at, is_zh=is_zh)
            _transformer(pen, at, kva, content, is_first=n == k == 0, is_zh=is_zh)
        ends.append((left, right))
    for (_left, before), (after, _right) in pairwise(ends):
        middle = (before + after) / 2
        pen.line(before, BUS, after, BUS, dash="4 3")
        pen.box(middle, BUS, 5)
        pen.text(middle, BUS - 9, "联络（闭锁）" if is_zh else "tie (interlocked)", anchor="middle")


def _feeder_panel(pen: Pen, x: float, *, is_zh: bool) -> None:
    """The panel by which a transformer leaves an undivided busbar, as the lines on the main wiring say."""
    pen.box(x, BUS + 11)
    pen.text(x + 12, BUS + 15, "出线柜" if is_zh else "feeder panel")


def _transformer(
    pen: Pen, x: float, kva: float, content: Mapping[str, Any], *, is_first: bool, is_zh: bool
) -> None:
    pen.line(x, BUS, x, UNIT - 14)
    pen.circle(x, UNIT - 6, 8)
    pen.circle(x, UNIT + 6, 8)
    pen.text(x + 12, UNIT + 3, f"{kva:g} kVA")
    is_metered = content["metering"] == "hv_lv"
    pen.line(x, UNIT + 14, x, LOW - (52 if is_metered else 0))
    if is_metered:
        pen.meter(x, LOW - 42)
        pen.text(x + 14, LOW - 38, "计量" if is_zh else "metering")
        pen.line(x, LOW - 32, x, LOW)
    has_generator = is_first and bool(content.get("generator_kw"))
    pen.line(x - (80 if has_generator else 24), LOW, x + 36, LOW, width=2)
    if has_generator:
        pen.box(x, LOW - 16)
        _generator(pen, x - 60, LOW, (x, LOW - 16), content, is_zh=is_zh)
    kvar = next(((low, high) for unit, low, high in content["unit_kvar"] if unit == kva), None)
    if kvar:
        pen.line(x + 24, LOW, x + 24, LOW + 8)
        pen.line(x + 17, LOW + 8, x + 31, LOW + 8, width=1.8)
        pen.line(x + 17, LOW + 12, x + 31, LOW + 12, width=1.8)
        pen.text(x + 14, LOW + 26, f"{kvar[0]:.0f}–{kvar[1]:.0f} kvar", anchor="middle")


def _generator(
    pen: Pen, x: float, y: float, mains: tuple[float, float], content: Mapping[str, Any], *, is_zh: bool
) -> None:
    """The emergency source below a low-voltage busbar, its switch interlocked with that of the mains (``mains``: where it stands)."""
    pen.line(x, y, x, y + 16)
    pen.box(x, y + 22)
    pen.line(x, y + 28, x, y + 36)
    pen.circle(x, y + 46, 10)
    pen.text(x, y + 49.5, "G", anchor="middle")
    pen.line(x + 6, y + 22, mains[0] - 6, mains[1], dash="2 3")
    asked = (content.get("is_generator_asked") and ("不小于 " if is_zh else "at least ")) or ""
    kilo = f"{asked}{content['generator_kw']:g} kW"
    if asked and (has := content.get("generator_has")):
        kilo += f"（现有 {has:g} kW）" if is_zh else f" (has {has:g} kW)"
    pen.text(x + 14, y + 44, ("自备应急电源 " if is_zh else "emergency source ") + kilo)
    pen.text(x + 14, y + 57, "与市电机械、电气闭锁" if is_zh else "interlocked with the mains")
