"""Lists of cases on the day's pages: what is shown, searched, sorted, exported and drawn."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from jiedian.cases.case.models.case import Case
from jiedian.core.workdays import local_day
from jiedian.people.models import User
from jiedian.people.templatetags.people_tags import area_name
from jiedian.process.models import Step
from jiedian.process.templatetags.process_tags import step_name
from jiedian.shell.draw import mini_gantt
from jiedian.shell.tables import table_response

from ..queries.cases import SOON_WD, Line
from ..queries.standing import DayRows, Standing, day_rows


def is_manager(me: User) -> bool:
    """True if a person's day is his own cases; other roles see everybody's."""
    return "account_manager" in me.roles


def own_lines(me: User, *, at: datetime) -> dict[str, DayRows]:
    """The running cases of a person's day, all of them and by what presses."""
    cases = Case.objects.filter(state=Case.State.RUNNING)
    rows = day_rows(cases.filter(account_manager_id=me.pk) if is_manager(me) else cases, at=at)

    def those(chosen: Callable[[Standing], bool]) -> DayRows:
        return DayRows([row for row in rows.standings if chosen(row)], at=at)

    return {
        "all": rows,
        "late": those(lambda row: row.is_late),
        "due": those(lambda row: row.left_wd == 0),
        "soon": those(lambda row: 0 < row.left_wd <= SOON_WD and not row.is_late),
        "waiting": those(lambda row: row.is_waiting),
    }


PRESSES = ("due", "late", "soon", "waiting", "rest")
"""The groups of a day, what has to move today first."""


def by_presses(rows: DayRows) -> DayRows:
    """The lines of a day group by group; within a group they keep their order."""
    return DayRows(sorted(rows.standings, key=lambda row: PRESSES.index(row.presses)), at=rows.at)


def ranges(chosen: Mapping[str, DayRows]) -> list[tuple[str, str]]:
    """Ranges of a day that can be looked at, with the number of cases in each."""
    words = {
        "": _("全部"),
        "late": _("已超时"),
        "due": _("今天到期"),
        "soon": _("五日内到期"),
        "waiting": _("等客户"),
    }
    return [(name, f"{label} {len(chosen[name or 'all'])}") for name, label in words.items()]


LINE_SORTS = ("due", "title", "capacity", "applied", "progress")


def day_lines(chosen: Mapping[str, DayRows], request: HttpRequest) -> DayRows:
    """Lines of a day, searched and sorted as asked."""
    text, sort = request.GET.get("q", "").strip(), request.GET.get("sort", "")
    rows = chosen.get(request.GET.get("show", ""), chosen["all"])
    if text:
        found = set(_told(text).values_list("pk", flat=True))
        rows = DayRows([row for row in rows.standings if row.pk in found], at=rows.at)
    by = sort.removeprefix("-")
    if by not in LINE_SORTS:
        return rows
    keys = _sort_keys(by, rows)
    order = sorted(rows.standings, key=lambda row: keys[row.pk], reverse=sort.startswith("-"))
    return DayRows(order, at=rows.at)


def _told(text: str) -> QuerySet[Case]:
    """The running cases that a word is found in: number, title, customer, who answers, who works on it."""
    held = Step.objects.filter(state=Step.State.OPEN, owner_name__icontains=text).values("run__subject")
    words = ("number", "title", "customer__name", "account_manager_name")
    told = Q(number__in=held)
    for name in words:
        told |= Q(**{f"{name}__icontains": text})
    return Case.objects.filter(told, state=Case.State.RUNNING)


def _sort_keys(by: str, rows: DayRows) -> dict[int, Any]:
    """What a list is sorted by, case by case."""
    if by == "due":
        return {row.pk: row.due_on or date.max for row in rows.standings}
    if by == "progress":
        return {line.case.pk: line.done_share for line in rows}
    column = {"title": "title", "capacity": "capacity_kva", "applied": "applied_at"}[by]
    keys = dict(Case.objects.filter(state=Case.State.RUNNING).values_list("pk", column))
    last = max(keys.values(), default=None)
    made = {row.pk: keys.get(row.pk, last) for row in rows.standings}
    return {pk: str(key).encode("gb18030", "replace") for pk, key in made.items()} if by == "title" else made


def lines_file(rows: Iterable[Line], kind: str) -> HttpResponse:
    """Cases as a file: what a list shows, a column a value."""
    heads = [
        _("工单"),
        _("项目"),
        _("户名"),
        _("类别"),
        _("容量（kVA，光伏为 kW）"),
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
            "、".join(step_name(step.code, row.case.process_key) for step in row.steps)
            or row.case.outside_department,
            "、".join(step.owner_name for step in row.steps) or row.case.outside_holder,
            row.case.account_manager_name,
            local_day(row.case.applied_at),
            row.pressing.due_on if row.pressing else None,
            row.left_wd if row.pressing else None,
            _("是") if row.is_late else "",
        )
        for row in rows
    )
    return table_response("cases", heads, cells, kind=kind, title=_("工单"))


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
