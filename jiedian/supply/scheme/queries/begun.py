"""手工另拟: what a form by hand begins with, and what of it contradicts what was entered, each at its field."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.case import Case
from jiedian.supply.menu.calc.said import busbar_kv, core_of
from jiedian.supply.menu.calc.spots import CABINETS, spot_called
from jiedian.supply.menu.calc.voltages import is_other_kv

from ..models import Scheme
from .written import HIS_WORDS, units_of

POINTS = ("supply_point", "standby_point")
WORDS = ("boundary", "tariff", "protection", "power_quality", "duties")
"""What a planner writes in his own words."""
Against = Iterator[tuple[str, str | Promise]]


def begun_with(before: Scheme) -> dict[str, Any]:
    """Prefill of a version by hand from the one before: points, figures, and the words a person gave it; nothing that was composed."""
    content = before.content
    begun = {name: getattr(before, name) for name in (*POINTS, "capacity_kva", "metering")}
    begun |= {name: content.get(name, "") for name in ("industry", "contact")}
    if sources := content.get("sources"):
        begun["line"] = sources[0]["entry"]
    begun["units"] = "+".join(f"{kva:g}" for kva in content.get("units", ()))[:60]
    return begun | {name: getattr(before, name) for name in HIS_WORDS if _is_said(before, name)}


def _is_said(scheme: Scheme, name: str) -> bool:
    """True for words that a person wrote: their line rests on no row."""
    rows = [row for row in scheme.modules if (row["block"], row.get("slot")) == HIS_WORDS[name]]
    return bool(rows) and not rows[0]["rules"] and bool(getattr(scheme, name))


def against(case: Case, values: Mapping[str, Any]) -> Against:
    """Contradictions of a form by hand to the application, itself, or names what only the version before had; with its field."""
    yield from _figures(case, values)
    names = {name: str(values.get(name) or "") for name in POINTS}
    kv = float(case.voltage_kv)
    for field, name in names.items():
        told = busbar_kv(name)
        if told and is_other_kv(kv, [told]):
            words = _(
                "这里写的是 %(told)s kV 母线，申请的是 %(kv)s kV：与客户商定后先更正申请，或改写 %(kv)s kV 的供电点。"
            )
            yield field, words % {"told": f"{told:g}", "kv": f"{kv:g}"}
    in_ground = [name for name in names.values() if name and spot_called(name) in CABINETS]
    stood = [name for name in in_ground if spot_called(name) != "station"]
    if values.get("line") == "overhead" and stood:
        yield "line", _("%(name)s 没有电杆可挂线，进线只能用电缆。") % {"name": stood[0]}
    if before := case.schemes.order_by("version").last():
        yield from _stale(before, names, values)


def _figures(case: Case, values: Mapping[str, Any]) -> Against:
    kva, units, way = values.get("capacity_kva"), values.get("units"), values.get("metering")
    if kva and kva > case.capacity_kva:
        told = {"asked": f"{case.capacity_kva.normalize():f} {case.unit}"}
        yield "capacity_kva", _("客户申请的是 %(asked)s；要更多，请先更正申请。") % told
    if kva and units and abs(sum(units_of(units)) - float(kva)) > 0.05:
        yield "units", _("各台之和与供电容量不符。")
    if way and (way == Scheme.Metering.LV_LV) != (case.voltage_kv < 1):
        yield "metering", _("计量方式与供电电压不符。")


def _stale(before: Scheme, names: Mapping[str, str], values: Mapping[str, Any]) -> Against:
    """Words that still speak of a point this version does not have, or of the boundary of another one."""
    was = {name: str(getattr(before, name)) for name in POINTS}
    gone = [core for name in was.values() if name not in names.values() and (core := core_of(name))]
    for field in WORDS:
        said = str(values.get(field) or "")
        if left := next((core for core in gone if core in said and core not in "".join(names.values())), ""):
            yield (
                field,
                _("这里还写着上一版的供电点“%(name)s”：请重写，或留空按这一版拟写。") % {"name": left},
            )
        elif field == "boundary" and said and said == before.boundary and was != names:
            yield field, _("供电点改了，这还是上一版的产权分界点：请重写，或留空按这一版拟写。")
