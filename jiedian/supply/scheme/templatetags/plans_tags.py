"""Schemes as pages write them."""

from typing import Any

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.ground.rulebook.services import load
from jiedian.shell.kit.looks import look_of
from jiedian.supply.study.calc.menu import BlockRow
from jiedian.supply.study.calc.quality import Check
from jiedian.supply.study.calc.supply import Interval, SupplyPoint

from ..models import Scheme
from ..queries import bench, panel
from ..queries.schemes import ITEMS

register = template.Library()


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


@register.filter
def words(row: Any) -> str:
    """A module, conflict or finding in the reader's language."""
    return str(row.zh if _is_zh() else row.en)


@register.filter
def lift(row: Any) -> str:
    """Lift of a conflict or a binding element, in words."""
    return str(row.lift_zh if _is_zh() else row.lift_en)


@register.filter
def scheme_chip(state: str) -> str:
    """The look of a state."""
    return look_of(state)


@register.filter
def scheme_blocks(scheme: Scheme) -> tuple[tuple[BlockRow, tuple[panel.Line, ...]], ...]:
    """The parts of a kept version in the order of the menu, each with its lines in the reader's language."""
    return panel.blocks_of(scheme)


@register.filter
def block_names(codes: list[str]) -> str:
    """Parts of the menu by name."""
    rows = {row.id: row for row in load("schemes/blocks.csv", BlockRow)}
    names = [(rows[c].name_zh if _is_zh() else rows[c].name_en) if c in rows else c for c in codes]
    return ("、" if _is_zh() else ", ").join(names)


@register.filter
def item_name(item: str) -> str:
    """A figure that can be measured."""
    return str(ITEMS.get(item, item))


@register.filter
def yuan(interval: Interval) -> str:
    """An amount with its interval: in ten thousand yuan in Chinese, thousands in English; nothing is 0."""
    if not interval.high:
        return "0"
    unit, divisor = ("万元", 10_000) if _is_zh() else ("k CNY", 1_000)
    low, mid, high = (f"{value / divisor:,.1f}" for value in (interval.low, interval.mid, interval.high))
    return f"{mid} {unit}（{low}–{high}）" if _is_zh() else f"{mid} {unit} ({low}–{high})"


@register.filter
def about(interval: Interval) -> str:
    """The middle of an amount alone, for a large figure."""
    return yuan(interval).split("（")[0].split(" (")[0]


@register.filter
def place(rank: tuple[int, int]) -> str:
    """A place, or the places an interval allows."""
    best, worst = rank
    return f"{best}" if best == worst else f"{best}–{worst}"


@register.filter
def figure(value: float | None, digits: int = 0) -> str:
    """A number, or a dash for what nobody knows."""
    return "—" if value is None or value != value else f"{value:,.{digits}f}"


@register.filter
def check_name(check: Check) -> str:
    """Name of a check of power quality; a harmonic by its order."""
    words = {
        "harmonic": _("谐波"),
        "fluctuation": _("电压变动"),
        "flicker": _("长时间闪变"),
        "unbalance": _("不平衡度"),
    }
    return f"{words[check.item]} {check.detail}".strip()


@register.filter
def payer_word(payer: str) -> str:
    """Name of the one who pays."""
    return _("客户") if payer == "customer" else _("供电公司")


@register.filter
def quantity_unit(unit: str) -> str:
    """The unit of a quantity in the estimate."""
    return {"set": _("套"), "m": _("米")}.get(unit, unit)


register.filter("way_name", bench.way_name)


@register.filter
def line_word(line: str) -> str:
    """Overhead or cable."""
    return _("电缆") if line == "cable" else _("架空")


@register.filter
def leg_name(point: SupplyPoint) -> str:
    """A supply point in the reader's language."""
    return point.name_zh if _is_zh() else point.name_en
