"""Burden of a customer: two versions of a process side by side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.cases.case.models.case import Case
from jiedian.core.workdays import local_day
from jiedian.shell.draw import step_bars
from jiedian.shell.kit.names import name_of
from jiedian.shell.shell import business_now, page

from ..calc.burden import FIGURES, Burden, difference
from ..queries.burden import ProfileRow, burden, every_step, graph_of_version, profiles, versions

DEFAULT = ("HV1", "high_voltage", "serial_hv")


@page("burden.view")
def burden_page(request: HttpRequest) -> HttpResponse:
    """One class on two versions: a picture each, a table, every step with its source."""
    chosen = _chosen(request)
    on = local_day(business_now())
    one, other = (burden(graph_of_version(key), chosen["class"], on=on) for key in (chosen["a"], chosen["b"]))
    until = max(one.total_wd, other.total_wd)
    names = _step_names()
    sides = [
        {
            "version": versions()[key],
            "svg": _picture(side, names, until=until),
            "steps": [
                (names.get(step.code, step.name), step, _contacts()[step.contact]) for step in side.steps
            ],
        }
        for key, side in ((chosen["a"], one), (chosen["b"], other))
    ]
    less, profile = difference(one, other), profiles()[chosen["class"]]
    figures = _figures()
    context = {
        "sides": sides,
        "rows": [(figures[name], getattr(one, name), getattr(other, name), less[name]) for name in FIGURES],
        "chosen": chosen,
        "profiles": [(row.id, name_of(row)) for row in profiles().values()],
        "versions": [(key, name_of(versions()[key])) for key in profile.processes],
        "profile": profile,
        "assumed": _assumed(profile),
        "every": _every(on),
    }
    return render(request, "attenuation/burden.html", context)


def _chosen(request: HttpRequest) -> dict[str, str]:
    """What was asked for, where it exists: a class runs only on the processes of its row."""
    known = dict(zip(("class", "a", "b"), DEFAULT, strict=True))
    asked = {name: request.GET.get(name, "") for name in known}
    if asked["class"] in profiles():
        known["class"] = asked["class"]
    possible = profiles()[known["class"]].processes
    known["a"], known["b"] = possible[0], possible[-1]
    return known | {name: asked[name] for name in ("a", "b") if asked[name] in possible}


def _assumed(profile: ProfileRow) -> list[tuple[str, str]]:
    """What is taken for granted of the typical case, in words."""
    names = {
        "three_zero": _("三零服务"),
        "sources": _("电源"),
        "review": _("设计审查"),
        "open_capacity": _("可开放容量充足"),
        "grid_works": _("需要配套工程"),
        "fee": _("有费用"),
        "customer_works": _("客户自建工程"),
        "importance": _("重要性"),
        "special_load": _("特殊负荷"),
    }
    words = {
        "yes": _("是"),
        "no": _("否"),
        "single": _("单电源"),
        "dual": _("双电源"),
    } | {value: str(label) for value, label in Case.Importance.choices}
    return [
        (names[key], words[value])
        for key, value in profile.facts_by_name().items()
        if key in names and value in words
    ]


def _every(on: object) -> list[tuple[object, object, Burden]]:
    return [
        (profile, versions()[key], burden(graph_of_version(key), profile.id, on=on))  # type: ignore[arg-type]
        for profile in profiles().values()
        for key in profile.processes
    ]


def _picture(side: Burden, names: dict[str, str], *, until: float) -> str:
    fills = {True: "customer", False: "open"}
    rows = [
        (
            names.get(step.code, step.name),
            step.start,
            step.days,
            fills[step.is_customer] if step.is_critical else "done",
        )
        for step in side.steps
    ]
    return step_bars(rows, until=until, title=_("各环节所占工作日"), unit=_("工作日"))


def _step_names() -> dict[str, str]:
    is_zh = (get_language() or "zh").startswith("zh")
    return {code: row.name_zh if is_zh else row.name_en for code, row in every_step().items()}


def _contacts() -> dict[str, str]:
    return {
        "none": _("不惊动客户"),
        "act": _("客户远程办理"),
        "present": _("客户须在场"),
        "come": _("客户须到访"),
    }


def _figures() -> dict[str, str]:
    return {
        "n_steps": _("环节数"),
        "steps_to_archive": _("其中受理到归档（论文的计法：至少 16 个）"),
        "customer_steps": _("客户参与的环节"),
        "papers": _("资料份数"),
        "hand_ins": _("交资料次数"),
        "trips": _("到访次数"),
        "presences": _("须在场次数"),
        "total_wd": _("关键路径（工作日）"),
        "waiting_wd": _("其中等公司（工作日）"),
        "customer_wd": _("其中客户自办（工作日）"),
        "to_power_wd": _("到送电（工作日）"),
        "serial_wd": _("若全部串行（工作日）"),
        "limit_wd": _("时限允许（工作日）"),
    }
