"""各路新建线路: the new line of every source as a scheme tells it: conductor, length and how it was found, drop, current, radius."""

from collections.abc import Mapping, Sequence

from jiedian.core.decisions import AmountRow
from jiedian.grid.circuit.calc.corridor import Length
from jiedian.grid.circuit.calc.newline import NewLine

from .radius import area_words
from .receiving import of_each
from .supply import SupplyPoint

HOW = {
    "corridor": ("沿既有线路通道估算", "along existing lines, estimated"),
    "given": ("长度为给定值", "length as given"),
    "straight": ("直线距离乘路径系数估算", "straight distance times a factor of the route"),
}
"""How the length of a new line was found."""


def how_words(length: Length) -> tuple[str, str]:
    """Words for how a length was found, in both languages."""
    return HOW.get(length.how, HOW["straight"])


def lines_words(legs: Sequence[SupplyPoint], kind: str, amounts: Mapping[str, AmountRow]) -> dict[str, str]:
    """The new lines of all sources, each with its own figures; which of them is the weakest is told elsewhere."""
    found = [(leg, line) for leg in legs if (line := leg.line(kind)) is not None]
    said = [_told(leg, line) for leg, line in found]
    if len(said) < len(legs):
        return {"new_lines": "—", "new_lines_en": "—", "area": "", "area_en": ""}
    area = area_words(amounts, legs[0].kv)
    limit = _limit(found[0][1], area)
    told = of_each([zh for zh, _en in said], "新建线路", "各路新建线路", "电源 {n} 新建线路", "；")
    told_en = of_each(
        [en for _zh, en in said], "New line of ", "Each new line of ", "New line of source {n}: ", "; "
    )
    return {
        "new_lines": told + limit[0],
        "new_lines_en": told_en + limit[1],
        "area": f"（{area[0]}）" if area[0] else "",
        "area_en": f" ({area[1]})" if area[1] else "",
    }


def _told(leg: SupplyPoint, line: NewLine) -> tuple[str, str]:
    how, radius = how_words(leg.length), _radius(leg, line)
    zh = (
        f"选用 {line.name_zh}，长约 {line.length_m:.0f} m（{how[0]}），按全部负荷校核：线路压降 {line.drop_percent:.1f}%，"
        f"载流量 {line.rated_a:.0f} A（校核电流 {line.current_a:.0f} A）{radius[0]}"
    )
    en = (
        f"{line.name_en}, some {line.length_m:.0f} m ({how[1]}), checked with the whole load: it drops {line.drop_percent:.1f}% "
        f"and carries {line.rated_a:.0f} A ({line.current_a:.0f} A with the whole load){radius[1]}"
    )
    if line.u_pu is None:
        zh += "；供电点电压由供电企业核定，设计时一并校核"
        en += "; the voltage at its point is settled by the company and checked with the design"
    return zh, en


def _radius(leg: SupplyPoint, line: NewLine) -> tuple[str, str]:
    """The supply radius with the existing line before the point, where its length is known; said where it is not."""
    if leg.kv >= 30:
        return "", ""
    if line.before_m is None:
        return (
            "，既有线路长度资料不全，未计入供电半径",
            "; the length of the existing line is not on record and not counted",
        )
    radius = f"{line.radius_m:.0f} m"
    return (
        f"，连同既有线路供电半径约 {radius}",
        f"; with the existing line the supply radius is some {radius}",
    )


def _limit(line: NewLine, area: tuple[str, str]) -> tuple[str, str]:
    """The limit of the radius, and by which class of area it was taken."""
    if not area[0]:
        return "", ""
    limit = f"{line.reach_m:.0f} m"
    return f"。供电半径限值 {limit}（{area[0]}）", f". The radius is limited to {limit} ({area[1]})"
