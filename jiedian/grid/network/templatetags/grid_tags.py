"""How figures of the grid are written on pages."""

from typing import Any

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def kw(value: float | None) -> str:
    """A power without decimals; a dash when it is not known."""
    return "—" if value is None else f"{value:,.0f}"


@register.filter
def kv(value: float) -> str:
    """A voltage without needless zeros."""
    return f"{value:g}"


@register.filter
def margin(value: float, binding: str) -> str:
    """What the binding element has left: a voltage in per unit, a loading in per cent."""
    return f"{value:.3f} pu" if binding == "voltage" else f"{100 * value:.0f} %"


@register.filter
def said(finding: Any) -> str:
    """A finding in the reader's language, whether an object or a kept row."""
    if not finding:
        return ""
    is_zh = (get_language() or "zh").startswith("zh")
    if isinstance(finding, dict):
        return str(finding["zh"] if is_zh else finding["en"])
    return str(finding.zh if is_zh else finding.en)


@register.filter
def binding_word(code: str) -> str:
    """What comes to its limit first."""
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
