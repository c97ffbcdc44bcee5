"""Schemes: until when a reply holds, what can be measured, the list with its counts and the table to take away."""

from datetime import date

from django.db.models import Avg, Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.case import Case
from jiedian.core.decisions import AmountRow
from jiedian.core.workdays import add_months
from jiedian.grid.network.queries.basemap import device_name
from jiedian.ground.rulebook.services import load
from jiedian.process.rows import level_of

from ..models import Scheme
from .countersigns import why_of

ITEMS = {
    "u_pu": _("供电点电压（标幺值）"),
    "line_percent": _("线路负载率（%）"),
    "trafo_percent": _("变压器负载率（%）"),
    "cost": _("客户费用（元）"),
    "days": _("工期（工作日）"),
}
"""What a scheme predicts and somebody can measure."""

ORDERS = {
    "depth": "depth",
    "-depth": "-depth",
    "valid": "valid_until_on",
    "-valid": "-valid_until_on",
    "case": "case__number",
}


def listed(text: str = "", *, state: str = "", order: str = "", automatic: str = "") -> QuerySet[Scheme]:
    """Schemes by case number, title or point; ``automatic`` yes keeps those the system answered alone."""
    rows = Scheme.objects.select_related("case").prefetch_related("outcomes")
    if text.strip():
        rows = rows.filter(
            Q(case__number__icontains=text.strip())
            | Q(case__title__icontains=text.strip())
            | Q(supply_point__icontains=text.strip())
        )
    if state:
        rows = rows.filter(state=state)
    if automatic == "yes":
        rows = rows.filter(is_automatic=True)
    return rows.order_by(ORDERS.get(order, "-drafted_at"), "-id")


def counts_of() -> dict[str, float]:
    """Counts of schemes, how deep on average, how many the system answered alone, how many lapsed or were declined."""
    return Scheme.objects.aggregate(
        n=Count("id"),
        depth=Avg("depth", filter=~Q(state=Scheme.State.DRAFT)),
        automatic=Count("id", filter=Q(is_automatic=True)),
        declined=Count("id", filter=Q(state=Scheme.State.DECLINED)),
        lapsed=Count("id", filter=Q(state=Scheme.State.LAPSED)),
    )


def rows_of(schemes: QuerySet[Scheme]) -> list[list[str]]:
    """The list as a table, for export."""
    head = [
        _("工单"),
        _("版本"),
        _("状态"),
        _("供电电源点"),
        _("备用电源点"),
        _("电压（kV）"),
        _("容量（kVA）"),
    ]
    head += [_("深度"), _("精度"), _("系统自动答复"), _("有效期至"), _("客户费用（元）"), _("工期（工作日）")]
    head += [_("为什么选这一种")]
    rows = [[str(name) for name in head]]
    for row in schemes:
        accuracy = row.accuracy
        predicted = row.predicted
        rows.append(
            [
                row.case.number,
                str(row.version),
                str(row.get_state_display()),
                device_name(row.supply_point),
                device_name(row.standby_point),
                f"{row.voltage_kv.normalize():f}",
                f"{row.capacity_kva:g}",
                f"{row.depth:.3f}",
                "" if accuracy is None else f"{accuracy:.3f}",
                str(_("是") if row.is_automatic else _("否")),
                str(row.valid_until_on or ""),
                f"{predicted['cost'][1]:.2f}" if "cost" in predicted else "",
                f"{predicted['days'][1]:g}" if "days" in predicted else "",
                why_of(row),
            ]
        )
    return rows


def valid_until(case: Case, replied_on: date) -> date:
    """The day until which a reply holds."""
    wanted = f"SCHEME_VALID_{level_of(case.case_class)}"
    row = next(row for row in load("decisions/amounts.csv", AmountRow) if row.id == wanted)
    return add_months(replied_on, int(row.value))


def may_redo(case: Case) -> bool:
    """True if a case stands with a signed scheme that lapsed."""
    newest = case.schemes.first()
    is_lapsed = newest is not None and newest.state == Scheme.State.LAPSED and newest.accepted_at is not None
    return bool(case.is_open and is_lapsed)
