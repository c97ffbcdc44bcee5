"""The list of schemes: what can be measured, which step a choice fills, rows, counts, the table to take away."""

from django.db.models import Avg, Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ..models import Scheme

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
    head = ["case", "version", "state", "supply_point", "standby_point", "kV", "kVA", "depth", "accuracy"]
    head += ["automatic", "valid_until", "customer_cny", "days"]
    rows = [head]
    for row in schemes:
        accuracy = row.accuracy
        predicted = row.predicted
        rows.append(
            [
                row.case.number,
                str(row.version),
                row.state,
                row.supply_point,
                row.standby_point,
                f"{row.voltage_kv.normalize():f}",
                f"{row.capacity_kva:g}",
                f"{row.depth:.3f}",
                "" if accuracy is None else f"{accuracy:.3f}",
                "yes" if row.is_automatic else "no",
                str(row.valid_until_on or ""),
                f"{predicted['cost'][1]:.2f}" if "cost" in predicted else "",
                f"{predicted['days'][1]:g}" if "days" in predicted else "",
            ]
        )
    return rows
