"""Names of a hot spot's cell and cause in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from jiedian.cases.case.models.case import Case
from jiedian.cases.papers.calc.checklist import PaperRow
from jiedian.clocks.queries import limits
from jiedian.ground.rulebook.services import load
from jiedian.people.queries import DepartmentRow, areas
from jiedian.process.rows import steps
from jiedian.shell.kit.names import name_of
from jiedian.voice.inbox.queries.leaves import leaf_of, phase_of, phases

from .hotspots import Cell

BRANCHES = {
    "step": gettext_lazy("环节"),
    "department": gettext_lazy("部门"),
    "paper": gettext_lazy("资料"),
    "feeder": gettext_lazy("供电线路"),
    "rule": gettext_lazy("未守的时限"),
}


def cell_name(cell: Cell, feeders: Mapping[int, str]) -> str:
    """Name of a cell: what rose, where, and what narrows it: step, class of customers, feeder (by the names given)."""
    parts = [name_of(leaf_of(cell.leaf)), place_name(cell.place), name_of(phase_of(cell.step))]
    parts.append(str(dict(Case.Class.choices).get(cell.customer_class, cell.customer_class)))
    if cell.feeder:
        parts.append(feeders.get(cell.feeder, gettext("一条供电线路")))
    return " · ".join(part for part in parts if part)


def place_name(code: str) -> str:
    """An area of the city, or that it is not known."""
    return dict(areas()).get(code, code) if code else gettext("地点未明")


def branch_name(code: str) -> str:
    """A branch of the cause tree; none is empty."""
    return str(BRANCHES.get(code, code))


def cause_name(branch: str, value: str) -> str:
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
    return name_of(rows.get(value, value))
