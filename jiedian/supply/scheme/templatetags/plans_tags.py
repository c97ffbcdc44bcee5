"""Schemes as pages write them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.core.words import volts
from jiedian.grid.circuit.calc.newline import NewLine
from jiedian.ground.rulebook.services import load
from jiedian.shell.kit.looks import look_of
from jiedian.supply.bench.queries import bench
from jiedian.supply.bench.queries.candidates import line_load, trafo_load
from jiedian.supply.bench.queries.why import interval_words
from jiedian.supply.menu.calc import oneline
from jiedian.supply.menu.calc.menu import BlockRow, FieldRow, Module
from jiedian.supply.menu.calc.ownership import Owner
from jiedian.supply.menu.calc.quality import Check
from jiedian.supply.menu.calc.supply import Interval, SupplyPoint
from jiedian.supply.study.calc.ends import volts_at
from jiedian.supply.study.calc.scheme import Option

from ..models import Scheme
from ..queries import panel
from ..queries.countersigns import estimate_of, why_of
from ..queries.schemes import ITEMS
from ..queries.sheet import field_names

register = template.Library()
register.filter(volts)


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
    """Fields of the form by name, and parts of the menu as versions before named them."""
    blocks, fields = load("schemes/blocks.csv", BlockRow), load("schemes/fields.csv", FieldRow)
    names = {row.id: row.name_zh if _is_zh() else row.name_en for row in (*blocks, *fields)}
    return ("、" if _is_zh() else ", ").join(names.get(code, code) for code in codes)


@register.filter
def field_name(module: Module) -> str:
    """The field of the form that a line fills."""
    return field_names(_is_zh()).get((module.block, module.slot), "")


@register.filter
def one_line(scheme: Scheme) -> str:
    """The one-line diagram of a version; nothing where it was kept before there was one."""
    return mark_safe(oneline.one_line(scheme.content, is_zh=_is_zh()))  # noqa: S308  drawn by us, every word escaped


@register.filter
def item_name(item: str) -> str:
    """A figure that can be measured."""
    return str(ITEMS.get(item, item))


register.filter("yuan", interval_words)


@register.filter
def about(interval: Interval) -> str:
    """The middle of an amount alone, for a large figure."""
    return interval_words(interval).split("（")[0].split(" (")[0]


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
register.filter(line_load)
register.filter(trafo_load)
register.filter(why_of)
register.filter(estimate_of)


@register.filter
def line_word(line: str) -> str:
    """Overhead or cable."""
    return _("电缆") if line == "cable" else _("架空")


@register.filter
def end_word(leg: Mapping[str, Any]) -> str:
    """Voltage at the customer's end of a kept point, by its lines: of each kind that was computed, the lowest."""
    ends = [line["u_pu"] for line in leg.get("lines", ()) if line.get("u_pu") is not None]
    return f"{min(ends):.3f}" if ends else "—"


@register.filter
def limit_word(line: NewLine | None) -> str:
    """The limit of the voltage at the customer's end that is nearer."""
    if line is None or line.end_pu is None:
        return _("未核算")
    limit = line.low_pu if line.is_low else line.high_pu
    return (_("下限 %(limit)s") if line.is_low else _("上限 %(limit)s")) % {"limit": f"{limit:g}"}


@register.filter
def end_words(line: NewLine, kv: float) -> str:
    """Voltage at the customer's end in volts, beside the limit that is nearer; ``kv`` is his nominal one."""
    limit = volts_at(float(kv), line.low_pu if line.is_low else line.high_pu)
    told = {"volts": volts_at(float(kv), line.end_pu or 0.0), "limit": limit}
    return (_("%(volts)s，下限 %(limit)s") if line.is_low else _("%(volts)s，上限 %(limit)s")) % told


@register.filter
def conductor_words(line: NewLine) -> str:
    """Conductor of a new line with its drop and current."""
    told = {
        "name": line.name_zh if _is_zh() else line.name_en,
        "drop": f"{line.drop_percent:.1f}",
        "amps": f"{line.current_a:.0f}",
        "rated": f"{line.rated_a:.0f}",
    }
    return _("%(name)s，压降 %(drop)s%%，电流 %(amps)s A（载流量 %(rated)s A）") % told


@register.filter
def transfer_word(option: Option) -> str:
    """Transfer of the customer when his line fails, in a word."""
    words = {"yes": _("可转供"), "no": _("不能转供"), "unknown": _("转供未校核")}
    apart = {
        "station": _("双站可转"),
        "section": _("不同母线段"),
        "feeder": _("不同线路"),
        "none": _("同一线路"),
    }
    return apart.get(option.facts["apart"]) or words[option.facts["transfer"]]


@register.filter
def leg_name(point: SupplyPoint) -> str:
    """A supply point in the reader's language."""
    return point.name_zh if _is_zh() else point.name_en


@register.filter
def owner_words(legs: Sequence[SupplyPoint]) -> str:
    """Owners of the points of an option and the evidence they rest on; said once where it is the same for all."""
    return ("；" if _is_zh() else "; ").join(dict.fromkeys(owner_word(leg) for leg in legs))


@register.filter
def owner_word(leg: SupplyPoint | Mapping[str, Any]) -> str:
    """Owner of a point and how that is known, of a point as computed or as a version keeps it; a dash where it kept nothing."""
    kept = leg.owner if isinstance(leg, SupplyPoint) else leg.get("owner")
    if not kept:
        return "—"
    owner = kept if isinstance(kept, Owner) else Owner(**kept)
    sides = {"public": _("公用"), "customer": _("用户自有"), "unknown": _("未核实")}
    told = {"side": sides[owner.side], "by": owner.words[0 if _is_zh() else 1]}
    return _("%(side)s（依据：%(by)s）") % told
