"""Lists of cases on the day's pages: what is shown, searched, sorted, exported and drawn."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from jiedian.cases.case.models.case import Case
from jiedian.core.workdays import local_day
from jiedian.people.models import User
from jiedian.people.templatetags.people_tags import area_name
from jiedian.process.templatetags.process_tags import step_name
from jiedian.shell.draw import mini_gantt
from jiedian.shell.tables import table_response

from ..queries.cases import SOON_WD, Line, lines


def is_manager(me: User) -> bool:
    """True if a person's day is his own cases; other roles see everybody's."""
    return "account_manager" in me.roles


def own_lines(me: User, *, at: datetime) -> dict[str, list[Line]]:
    """The running cases of a person's day, all of them and by what presses."""
    cases = Case.objects.filter(state=Case.State.RUNNING).select_related("customer")
    rows = lines(cases.filter(account_manager_id=me.pk) if is_manager(me) else cases, at=at)
    return {
        "all": rows,
        "late": [row for row in rows if row.is_late],
        "due": [row for row in rows if row.left_wd == 0],
        "soon": [row for row in rows if 0 < row.left_wd <= SOON_WD and not row.is_late],
        "waiting": [row for row in rows if row.is_waiting],
    }


PRESSES = ("due", "late", "soon", "waiting", "rest")
"""The groups of a day, what has to move today first."""


def by_presses(rows: list[Line]) -> list[Line]:
    """The lines of a day group by group; within a group they keep their order."""
    return sorted(rows, key=lambda row: PRESSES.index(row.presses))


def ranges(chosen: dict[str, list[Line]]) -> list[tuple[str, str]]:
    """Ranges of a day that can be looked at, with the number of cases in each."""
    words = {
        "": _("全部"),
        "late": _("已超时"),
        "due": _("今天到期"),
        "soon": _("五日内到期"),
        "waiting": _("等客户"),
    }
    return [(name, f"{label} {len(chosen[name or 'all'])}") for name, label in words.items()]


LINE_SORTS: dict[str, Callable[[Line], Any]] = {
    "due": lambda row: row.pressing.due_on if row.pressing else date.max,
    "title": lambda row: row.case.title.encode("gb18030", "replace"),
    "capacity": lambda row: row.case.capacity_kva,
    "applied": lambda row: row.case.applied_at,
    "progress": lambda row: row.done_share,
}


def day_lines(chosen: dict[str, list[Line]], request: HttpRequest) -> list[Line]:
    """Lines of a day, searched and sorted as asked."""
    text, sort = request.GET.get("q", "").strip().lower(), request.GET.get("sort", "")
    rows = [row for row in chosen.get(request.GET.get("show", ""), chosen["all"]) if text in row.words()]
    by = LINE_SORTS.get(sort.removeprefix("-"))
    return sorted(rows, key=by, reverse=sort.startswith("-")) if by else rows


def lines_file(rows: Iterable[Line], kind: str) -> HttpResponse:
    """Cases as a file: what a list shows, a column a value."""
    heads = [
        _("工单"),
        _("项目"),
        _("户名"),
        _("类别"),
        _("容量（kVA）"),
        _("区域"),
        _("状态"),
        _("办理中"),
        _("承接人"),
    ]
    heads += [_("客户经理"), _("申请"), _("到期"), _("剩余工作日"), _("已超时")]
    cells = (
        (
            row.case.number,
            row.case.title,
            row.case.customer.name,
            row.case.get_case_class_display(),
            row.case.capacity_kva or "",
            area_name(row.case.area),
            row.case.get_state_display(),
            "、".join(step_name(step.code) for step in row.steps) or row.case.outside_department,
            "、".join(step.owner_name for step in row.steps) or row.case.outside_holder,
            row.case.account_manager_name,
            local_day(row.case.applied_at),
            row.pressing.due_on if row.pressing else None,
            row.left_wd if row.pressing else None,
            _("是") if row.is_late else "",
        )
        for row in rows
    )
    return table_response("cases", heads, cells, kind=kind)


def drawn(rows: list[Line]) -> list[tuple[Line, str]]:
    return [
        (
            row,
            mini_gantt(
                done=row.done_share,
                share=row.pressing.share if row.pressing else 0,
                is_late=row.is_late,
                is_waiting=row.is_waiting,
                over_wd=max(-row.left_wd, 0) if row.is_late else 0,
            ),
        )
        for row in rows
    ]
