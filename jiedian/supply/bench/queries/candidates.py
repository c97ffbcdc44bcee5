"""候选供电点: every point around a customer in one line: whether it supplies him, why not, and what stands behind that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.grid.circuit.calc.naming import is_busbar
from jiedian.grid.circuit.calc.newline import KINDS, NewLine
from jiedian.grid.network.queries.basemap import device_name
from jiedian.supply.menu.calc.supply import SupplyPoint
from jiedian.supply.study.calc.ends import volts_at
from jiedian.supply.study.queries.studies import Study

from .maps import state_of


@dataclass(frozen=True)
class Candidate:
    """Candidate around the customer, numbered as on the map: its state, the reason in a line, what stands behind it by name.

    ``home`` is the busbar section where the point's own name does not say it.
    """

    n: int
    p: SupplyPoint
    state: str
    home: str
    reason: str
    details: tuple[tuple[str, str], ...]
    is_chosen: bool
    is_added: bool

    @property
    def query(self) -> str:
        """The page of the scheme with this point alone chosen."""
        return urlencode({"bus": self.p.bus})


@dataclass(frozen=True)
class Group:
    """Group of candidates that cannot supply the customer for one reason, by its name."""

    title: str
    rows: tuple[Candidate, ...]


def candidates_of(study: Study, chosen: frozenset[str]) -> tuple[Candidate, ...]:
    """Candidates of a study, numbered by the length of the way to it."""
    return tuple(_row(n, point, study, chosen) for n, point in enumerate(study.around.points, start=1))


def grouped(rows: Sequence[Candidate]) -> tuple[Group, ...]:
    """Groups of those that cannot supply, by reason; the reason most of them share first."""
    titles = {
        "far": _("新建线路带不到"),
        "over": _("现状已越限"),
        "short": _("可开放容量不足"),
        "feed": _("可接上网容量不足"),
        "hand": _("须人工核定"),
    }
    found = [Group(title, tuple(r for r in rows if r.state == state)) for state, title in titles.items()]
    return tuple(sorted((group for group in found if group.rows), key=lambda group: -len(group.rows)))


def _row(n: int, point: SupplyPoint, study: Study, chosen: frozenset[str]) -> Candidate:
    load_kw = study.wish.load_kw
    state, kv = reason_state(point, load_kw), float(study.site.case.voltage_kv)
    return Candidate(
        n=n,
        p=point,
        state=state,
        home=_home(point),
        reason=_reason(point, state, load_kw, kv),
        details=tuple(pair for pair in _details(point, kv) if pair[1]),
        is_chosen=point.bus in chosen,
        is_added=point.bus in study.site.added,
    )


def reason_state(point: SupplyPoint, load_kw: float) -> str:
    """Reason state of a point as the list sorts it: able, by hand, or what stands against it first: over, feed, short, far."""
    state = state_of(point, load_kw)
    if state != "short":
        return state
    if point.binding == "base":
        return "over"
    if point.feed_asked_kw > 0 and point.feed_kw < point.feed_asked_kw:
        return "feed"
    return "far" if point.carries(point.needs(load_kw)) else "short"


def _home(point: SupplyPoint) -> str:
    return "" if is_busbar(point) or point.section in point.name_zh else device_name(point.section)


def _reason(point: SupplyPoint, state: str, load_kw: float, kv: float) -> str:
    """Why a point is in its state, in one line."""
    told = {"element": device_name(point.element) or "—"}
    if state == "able":
        return _("限在 %(element)s") % told if point.element else ""
    if state == "hand":
        return _lift(point)
    if state == "over":
        return _("%(element)s 现在已经越限") % told
    if state == "feed":
        asked = {"kw": f"{point.feed_kw:,.0f}", "element": device_name(point.feed_element) or "—"}
        return _("上网只能接 %(kw)s kW，限在 %(element)s") % asked
    if state == "short":
        need = {"kw": f"{max(1.0, point.needs(load_kw) - point.capacity_kw):,.0f}"}
        return _("差 %(kw)s kW，限在 %(element)s") % (told | need)
    lines = [line for kind in KINDS if (line := point.line(kind)) is not None]
    return _far(min(lines, key=lambda line: line.drop_percent), kv) if lines else ""


def _far(line: NewLine, kv: float) -> str:
    """What a new line that would come nearest cannot hold."""
    told = {
        "m": f"{line.length_m:,.0f}",
        "end": "" if line.end_pu is None else volts_at(kv, line.end_pu),
        "low": volts_at(kv, line.low_pu),
        "high": volts_at(kv, line.high_pu),
        "drop": f"{line.drop_percent:.1f}",
        "amps": f"{line.current_a:,.0f}",
        "rated": f"{line.rated_a:,.0f}",
        "radius": f"{line.radius_m:,.0f}",
        "reach": f"{line.reach_m:,.0f}",
    }
    words = {
        "low": _("新建 %(m)s m，客户处电压只有 %(end)s，下限 %(low)s"),
        "high": _("客户处电压 %(end)s，高出上限 %(high)s"),
        "feed": _("上网时客户处电压 %(end)s，高出上限 %(high)s"),
        "current": _("新建线路电流 %(amps)s A，最大的导线只能承载 %(rated)s A"),
        "drop": _("新建 %(m)s m，自身压降 %(drop)s%%"),
        "length": _("供电半径 %(radius)s m，限 %(reach)s m"),
    }
    return words.get(line.binds, _("新建 %(m)s m，带上负荷后电压不能稳定")) % told


def _details(point: SupplyPoint, kv: float) -> list[tuple[str, str]]:
    """What stands behind the line, by name; what nobody knows is left out."""
    length = point.length
    how = _("沿通道") if length.how == "corridor" else _("直线折算")
    span = f"{length.mid_m:,.0f} m（{length.low_m:,.0f}–{length.high_m:,.0f}，{how}）"
    if not _is_zh():
        span = f"{length.mid_m:,.0f} m ({length.low_m:,.0f}–{length.high_m:,.0f}, {how})"
    known = point.u_pu == point.u_pu
    return [
        (_("路径"), span),
        (_("接入后电压"), volts_at(min(kv, point.kv) if kv < 1 else point.kv, point.u_pu) if known else ""),
        (_("线路"), load_words(point.line_percent, point.line_before, point.line_at)),
        (_("变压器"), load_words(point.trafo_percent, point.trafo_before, point.trafo_at)),
        (_("怎样解除"), "" if point.is_by_hand else _lift(point)),
    ]


def load_words(percent: float | None, before: float | None, at: Sequence[str] | None) -> str:
    """Words for what is loaded the most with the load added, the rating its percentage is of, and where it is too much, how it was before."""
    name, rating = at or ("", "")
    if not name or percent is None or percent != percent:
        return ""
    told = {"name": device_name(name), "percent": f"{percent:.0f}", "rating": rating}
    said = _("%(name)s %(percent)s%%，额定 %(rating)s") % told
    if percent <= 100 or before is None or before != before:
        return said
    was = {"said": said, "before": f"{before:.0f}"}
    if before > 100:
        return _("%(said)s；接入前已是 %(before)s%%，不是本户所致") % was
    return _("%(said)s；接入前 %(before)s%%") % was


def line_load(leg: SupplyPoint | Mapping[str, Any]) -> str:
    """Line load in words: the line loaded the most with a point chosen, of a point as computed or as a version keeps it."""
    return load_words(*(_of(leg, name) for name in ("line_percent", "line_before", "line_at")))


def trafo_load(leg: SupplyPoint | Mapping[str, Any]) -> str:
    """Transformer load in words: the one loaded the most with a point chosen."""
    return load_words(*(_of(leg, name) for name in ("trafo_percent", "trafo_before", "trafo_at")))


def _of(leg: SupplyPoint | Mapping[str, Any], name: str) -> Any:
    return leg.get(name) if isinstance(leg, Mapping) else getattr(leg, name)


def _lift(point: SupplyPoint) -> str:
    return point.lift_zh if _is_zh() else point.lift_en


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")
