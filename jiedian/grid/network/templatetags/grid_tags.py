"""Figures of the grid as pages write them."""

from typing import Any

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ..queries.basemap import device_mark, device_name, grid_title

register = template.Library()


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


@register.filter
def device(name: str) -> str:
    """Name of a device in the reader's language; one that stays Chinese says so, an English one shows the Chinese when pointed at."""
    return device_mark(name or "")


@register.filter
def device_text(name: str) -> str:
    """The same as plain text, within a sentence."""
    return device_name(name or "")


@register.filter
def grid_name(grid: str) -> str:
    """Name of a grid in the reader's language."""
    return grid_title(grid)


@register.filter
def kw(value: float | None) -> str:
    """A power without decimals; a dash when it is not known."""
    return "—" if value is None else f"{value:,.0f}"


@register.filter
def kv(value: float) -> str:
    """A voltage without needless zeros."""
    return f"{value:g}"


@register.filter
def margin(value: float, kind: str) -> str:
    """Margin of the binding element: a voltage in per unit, a loading in per cent."""
    return f"{value:.3f} pu" if kind == "voltage" else f"{100 * value:.0f} %"


@register.filter
def finding_words(finding: Any) -> str:
    """A finding in the reader's language, whether an object or a kept row."""
    if not finding:
        return ""
    if isinstance(finding, dict):
        return str(finding["zh"] if _is_zh() else finding["en"])
    return str(finding.zh if _is_zh() else finding.en)


@register.filter
def binding_kind(code: str) -> str:
    """Kind of what is over its limit."""
    return {"voltage": _("电压"), "line": _("线路"), "transformer": _("变压器")}.get(code, "")


@register.filter
def binding_word(code: str) -> str:
    """Name of the limit that is reached first."""
    words = {
        "voltage": _("电压到限"),
        "line": _("线路到限"),
        "transformer": _("变压器到限"),
        "collapse": _("电压失稳"),
        "base": _("现状已越限"),
        "none": _("无限制"),
        "source": _("电源处"),
        "upstream": _("上级电网"),
        "unsupplied": _("无电源"),
        "data": _("数据不可用"),
        "unsolved": _("潮流无解"),
    }
    return words.get(code, "")


FORMATS = {"pandapower": "pandapower JSON", "cim": "CGMES / CIM-XML", "simbench": "SimBench"}
"""Formats that have a name of their own; tables and arrays are said in words."""


@register.filter
def format_word(code: str) -> str:
    """The format of a file that was read in."""
    return FORMATS.get(code, "") or (_("表格") if code == "tables" else _("网络数据") if code else "")


@register.filter
def formula_word(code: str) -> str:
    """Edition of the formula, by the month from which it is used: ``7-D-2026-11`` is that of November 2026."""
    *_edition, year, month = ["", "", *code.split("-")]
    if not (year.isdecimal() and month.isdecimal()):
        return code
    return _("%(year)s年%(month)s月版") % {"year": year, "month": int(month)}


@register.filter
def changes(found: dict[str, Any]) -> str:
    """Changes between a version and the one before it, in words."""
    if "first" in found:
        return _("首版")
    things = {
        "buses": _("节点"),
        "lines": _("线路"),
        "transformers": _("变压器"),
        "links": _("开关"),
        "loads": _("负荷"),
        "generators": _("发电"),
    }
    ways = {"came": _("新增"), "went": _("减少"), "changed": _("变动")}
    said = []
    for name, row in found.items():
        thing, _dot, way = name.partition(".")
        said.append(f"{things.get(thing, thing)}{'' if _is_zh() else ' '}{ways.get(way, way)} {row['count']}")
    return ("、" if _is_zh() else ", ").join(said) or _("无变化")


@register.filter
def unit_word(unit: str) -> str:
    """The unit of a parameter in words; a plain number has none."""
    return {"1": "", "month": _("个月"), "day": _("日")}.get(unit, unit)
