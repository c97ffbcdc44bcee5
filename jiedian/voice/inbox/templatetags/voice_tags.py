"""Names of channels, ways and expectations on pages, and texts with their phone numbers covered."""

from math import isfinite
from typing import Any

from django import template
from django.utils.translation import get_language, gettext, gettext_lazy

from jiedian.cases.case.models.case import Case
from jiedian.cases.papers.calc.checklist import PaperRow
from jiedian.clocks.queries import limits
from jiedian.ground.rulebook.services import load
from jiedian.people.queries import DepartmentRow, areas
from jiedian.process.rows import steps

from ..calc.contacts import without_phones
from ..queries.channels import channels
from ..queries.leaves import leaves, phases

register = template.Library()
BRANCHES = {
    "step": gettext_lazy("环节"),
    "department": gettext_lazy("部门"),
    "paper": gettext_lazy("资料"),
    "feeder": gettext_lazy("供电线路"),
    "rule": gettext_lazy("未守的时限"),
}
AUTHORS = {"one": gettext_lazy("作者一"), "two": gettext_lazy("作者二"), "three": gettext_lazy("作者三")}


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


@register.filter
def channel_name(code: str) -> str:
    """The name of a channel; an unknown one shows itself."""
    row = channels().get(code)
    return code if row is None else row.name_zh if _is_zh() else row.name_en


@register.filter
def way_name(code: str) -> str:
    """How a channel is answered."""
    row = channels().get(code)
    return "" if row is None else row.answered_zh if _is_zh() else row.answered_en


@register.filter
def leaf_name(code: str) -> str:
    """The name of an expectation."""
    row = leaves().get(code)
    return code if row is None else row.name_zh if _is_zh() else row.name_en


@register.simple_tag
def leaf_choices() -> list[tuple[str, str]]:
    """The expectations for a select."""
    return [(row.id, row.name_zh if _is_zh() else row.name_en) for row in leaves().values()]


@register.filter
def covered(text: str) -> str:
    """A text with the middle of its phone numbers covered."""
    return without_phones(text)


@register.filter
def phase_name(code: str) -> str:
    """The name of a step that a concern may be about."""
    row = phases().get(code)
    return code if row is None else row.name_zh if _is_zh() else row.name_en


@register.simple_tag
def phase_choices() -> list[tuple[str, str]]:
    """The steps for a select."""
    return [(row.id, row.name_zh if _is_zh() else row.name_en) for row in phases().values()]


@register.filter
def author_name(code: str) -> str:
    """An author of the training corpus."""
    return str(AUTHORS.get(code, code))


@register.filter
def tenth(share: float) -> str:
    """A share in percent with one decimal."""
    return f"{100 * share:.1f}%"


@register.filter
def times(value: float | None) -> str:
    """How many times as often; endless when there was none before."""
    return "∞" if value is None or not isfinite(value) else f"{value:.1f}×"


@register.filter
def place_name(code: str) -> str:
    """An area of the city, or that it is not known."""
    return dict(areas()).get(code, code) if code else gettext("地点未明")


@register.filter
def feeder_name(feeder: int, names: dict[int, str]) -> str:
    """A feeder by the names that were read with the page."""
    return names.get(feeder, f"#{feeder}")


@register.filter
def class_name(code: str) -> str:
    """A class of customers."""
    return str(dict(Case.Class.choices).get(code, code))


@register.filter
def per_week(count: int, weeks: int) -> str:
    """A count over some weeks as so many a week."""
    return f"{count / weeks:.1f}"


@register.filter
def branch_name(code: str) -> str:
    """A branch of the cause tree."""
    return str(BRANCHES.get(code, code))


@register.filter
def cause_name(value: str, branch: str) -> str:
    """The value of a cause in words; what has no name shows itself."""
    rows: dict[str, Any] = {}
    if branch == "step":
        rows = dict(phases())
    elif branch == "department":
        rows = {row.id: row for row in load("people/departments.csv", DepartmentRow)}
    elif branch == "paper":
        rows = {row.code: row for row in load("checklists/papers.csv", PaperRow)}
    elif branch == "rule" and value in limits():
        value, rows = limits()[value].step, dict(steps())
    row = rows.get(value)
    return value if row is None else str(row.name_zh if _is_zh() else row.name_en)
