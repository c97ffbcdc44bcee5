"""Figures of questionnaires as pages write them: a gap with its sign, a chance, an interval; nothing known is a dash."""

from math import isfinite, isnan

from django import template
from django.utils.translation import get_language, gettext_lazy

from jiedian.cases.case.models.case import Case
from jiedian.clocks.calc.promises import Limit
from jiedian.people.queries import areas
from jiedian.people.templatetags.people_tags import department_name
from jiedian.process.rows import steps

from ..queries import dimensions

register = template.Library()


@register.filter
def tenths(value: float) -> str:
    """One decimal, for points out of a hundred."""
    return "—" if isnan(value) else f"{value:.1f}"


@register.filter
def signed(value: float) -> str:
    """Two decimals with the sign that says which way."""
    if isnan(value):
        return "—"
    return f"{value:+.2f}".replace("-", "−") if isfinite(value) else ("∞" if value > 0 else "−∞")


@register.filter
def span(found: tuple[Limit, ...]) -> str:
    """The working days of some limits, lowest to highest."""
    if not found:
        return "—"
    low, high = found[0].value, found[-1].value
    return f"{low}" if low == high else f"{low}–{high}"


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


@register.filter
def survey_step(code: str) -> str:
    """The name of a step."""
    row = steps().get(code)
    return code if row is None else row.name_zh if _is_zh() else row.name_en


@register.filter
def dimension_name(code: str) -> str:
    """The name of a dimension."""
    row = dimensions().get(code)
    return "—" if row is None else row.name_zh if _is_zh() else row.name_en


@register.filter
def survey_channel(code: str) -> str:
    """The name of a channel by which a case came."""
    return str(CHANNELS.get(code, code))


@register.filter
def group_name(code: str, by: str) -> str:
    """The name of a group of answers."""
    if by == "case_class":
        return str(dict(Case.Class.choices).get(code, code))
    if by == "area":
        return dict(areas()).get(code, code)
    names = {"department": department_name, "step": survey_step, "channel": survey_channel}
    return names[by](code)


@register.filter
def aspect_name(code: str) -> str:
    """Grönroos's technical, functional and image quality."""
    return str(ASPECTS.get(code, "—"))


@register.filter
def quadrant_name(code: str) -> str:
    """A corner of importance over performance: what to do with what stands there."""
    return str(QUADRANTS.get(code, code))


@register.filter
def kano_name(code: str) -> str:
    """Kano's class in words."""
    return str(KANO.get(code, "—"))


CHANNELS = {
    "hall": gettext_lazy("营业厅"),
    "web": gettext_lazy("网页"),
    "hotline": gettext_lazy("热线"),
    "visit": gettext_lazy("上门"),
    "kiosk": gettext_lazy("自助屏"),
}
ASPECTS = {
    "technical": gettext_lazy("技术质量（得到什么）"),
    "functional": gettext_lazy("功能质量（怎样得到）"),
    "image": gettext_lazy("形象"),
}
QUADRANTS = {
    "act": gettext_lazy("优先改进"),
    "keep": gettext_lazy("继续保持"),
    "less": gettext_lazy("可少投入"),
    "easy": gettext_lazy("次要"),
}
KANO = {
    "A": gettext_lazy("魅力型"),
    "O": gettext_lazy("期望型"),
    "M": gettext_lazy("必备型"),
    "I": gettext_lazy("无差异"),
    "R": gettext_lazy("反向型"),
    "Q": gettext_lazy("可疑"),
}
