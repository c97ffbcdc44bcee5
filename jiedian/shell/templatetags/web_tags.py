"""Values as pages write them, in the reader's language."""

from datetime import date, datetime
from math import isnan
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext

from jiedian.core.masking import mask_number, mask_phone

from ..kit.names import name_of as name
from ..kit.table import heading
from ..models import SavedFilter
from ..tables import kept_query

register = template.Library()
WEEKDAYS = "一二三四五六日"


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


register.filter("name", name)


@register.filter
def remark(row: Any) -> str:
    """The remark of a rule row."""
    return str(row.note_zh if _is_zh() else row.note_en)


@register.filter
def day(value: date | datetime | None) -> str:
    """A day as people say it, with its year: pages are kept, printed and sent on."""
    if not value:  # a template hands over an empty word where it finds nothing
        return "—"
    that = localtime(value).date() if isinstance(value, datetime) else value
    if _is_zh():
        return f"{that.year}年{that.month}月{that.day}日（周{WEEKDAYS[that.weekday()]}）"
    return f"{that:%a} {that.day} {that:%b %Y}"


@register.filter
def to_day(first: date | datetime | None, last: date | datetime | None) -> str:
    """Span of days from one to another; one day where both are the same."""
    return day(first) if day(first) == day(last) else f"{day(first)} – {day(last)}"


@register.filter
def workdays(n: float | str | None) -> str:
    """Number of working days with their name: one is no plural in English."""
    return (
        gettext("1 个工作日") if str(n) == "1" else gettext("%(n)s 个工作日") % {"n": "—" if n is None else n}
    )


@register.filter
def moment(value: datetime | None) -> str:
    """A day and the minute."""
    return f"{day(value)} {localtime(value):%H:%M}" if value else "—"


@register.filter
def phone(text: str) -> str:
    return mask_phone(text)


@register.filter
def identity(text: str) -> str:
    return mask_number(text)


@register.filter
def percent(share: float) -> str:
    """A share in percent; what is not all never reads 100%.

    >>> percent(0.984), percent(0.9996), percent(1.0)
    ('98%', '99.9%', '100%')
    """
    if 0.995 <= share < 1:
        return f"{int(1000 * share) / 10:g}%"
    return f"{100 * share:.0f}%"


@register.filter
def tenth(share: float) -> str:
    """A share in percent with one decimal."""
    return f"{100 * share:.1f}%"


@register.filter
def marks(value: float) -> str:
    """Two decimals, or a dash."""
    return "—" if isnan(value) else f"{value:.2f}"


@register.filter
def chance(value: float) -> str:
    """A p-value as people read it."""
    if isnan(value):
        return "—"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


@register.inclusion_tag("shell/_table_bar.html", takes_context=True)
def table_bar(context: dict[str, Any]) -> dict[str, Any]:
    """Bar of a list, beside its title: one's saved filters, a form to save this one, CSV and XLSX."""
    request = context["request"]
    is_known = request.user.is_authenticated and not request.resolver_match.kwargs
    listed = request.resolver_match.url_name if is_known else ""
    return {
        "saved": SavedFilter.objects.filter(user_id=request.user.pk or 0, page=listed) if listed else [],
        "kept": kept_query(request.GET),
        "listed": listed,
        "csrf_token": context.get("csrf_token"),
        "request": request,
    }


@register.simple_tag(takes_context=True)
def head(context: dict[str, Any], label: str, key: str = "") -> SafeString:
    """A heading; where the list sorts by ``key`` it is a link, up first and then down."""
    return heading(context, label, key)


@register.filter
def share(value: float | None) -> str:
    """A share in percent; a dash where it is not known."""
    return "—" if value is None or isnan(value) else percent(value)
