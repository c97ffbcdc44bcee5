"""上一级电压: why a voltage does not reach a customer, and which next one does."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from jiedian.cases.case.models.case import Case
from jiedian.core.closed import SOLAR
from jiedian.core.findings import Finding
from jiedian.core.words import Text
from jiedian.grid.circuit.calc.newline import KINDS, NewLine
from jiedian.grid.network.queries.basemap import english
from jiedian.process.rows import level_of
from jiedian.supply.menu.calc.radius import area_words
from jiedian.supply.menu.calc.supply import SupplyPoint, Wish
from jiedian.supply.menu.calc.voltages import above

from ..calc.ends import volts_at, weakest_line
from ..calc.options import options
from ..calc.scheme import Option, Rules, source_row
from ..models import Site
from .points import Surroundings, points_around
from .rules import amounts

BESIDE = 66.0
"""kV that stand beside 35 kV where a grid has them, and are no step of their own."""


@dataclass(frozen=True)
class NextVoltage:
    """The next voltage that reaches a customer, and its best option; by hand (None) where nobody can compute it."""

    kv: float
    point: SupplyPoint
    option: Option | None

    @property
    def line(self) -> NewLine | None:
        """Its new line."""
        return weakest_line(self.option.legs, self.option.choices.line) if self.option else None

    @property
    def finding(self) -> Finding:
        """Finding that says what is offered, in one sentence."""
        name, metres = Text(self.point.name_zh, self.point.name_en), self.point.length.mid_m
        if self.line is None or self.line.u_pu is None:
            return Finding("scheme.next_by_hand", kv=self.kv, point=name, metres=metres)
        return Finding(
            "scheme.next_kv", kv=self.kv, point=name, metres=metres, end=volts_at(self.kv, self.line.u_pu)
        )


HIGH_KV = 10.0
"""From here on a customer is of another class than at low voltage."""


def class_at(case_class: str, kv: float) -> str:
    """Class a customer belongs to at another voltage."""
    higher = "PVH" if case_class in SOLAR else "HV1"
    return higher if level_of(case_class) == "LV" and kv >= HIGH_KV else case_class


def correction_query(case: Case, kv: float) -> str:
    """The correction of an application (更正申请) filled in for another voltage, as a query of its page."""
    return urlencode({"case_class": class_at(case.case_class, kv), "voltage_kv": f"{kv:g}"})


def next_voltage(
    site: Site, wishes: Iterable[tuple[float, Wish]], rules: Rules, *, base_wd: int, on: date
) -> NextVoltage | None:
    """The first voltage of ``wishes`` (kV and the wish at it, the lowest first) by which a customer can be supplied."""
    for kv, wish in wishes:
        needed = source_row(rules, wish.importance).apart
        around = points_around(site, wish, kv=kv, apart=needed, on=on)
        found = options(wish, around.points, rules, base_wd=base_wd, wanted=1)
        if found:
            return NextVoltage(kv, found[0].legs[0], found[0])
        near = [p for p in around.points if p.is_by_hand and abs(p.kv - kv) <= 0.06 * kv]
        if near and near[0].length.mid_m <= near_reach(near[0]):
            return NextVoltage(kv, near[0], None)
    return None


FAR = {
    "low": "scheme.far_low",
    "high": "scheme.far_high",
    "feed": "scheme.far_feed",
    "current": "scheme.far_current",
    "drop": "scheme.far_drop",
    "length": "scheme.far_length",
    "collapse": "scheme.far_collapse",
}
"""What a new line cannot hold → how it is said."""


def near_reach(point: SupplyPoint) -> float:
    """The longest new line of a point's voltage (m)."""
    return max((line.reach_m for line in point.lines), default=float("inf"))


def steps_above(rules: Rules, kv: float, on: date) -> list[float]:
    """The voltages a customer goes up to, one by one."""
    return [each for each in above(rules.voltages, kv, on=on) if each != BESIDE]


def why_none(wish: Wish, around: Surroundings, kv: float) -> list[Finding]:
    """Findings that say why no point supplies: the new line before the capacity, since no larger transformer mends a drop; and of
    the nearest point that it is full, where the line is too long only from another."""
    if far := too_far(wish, around, kv):
        return [*_near_short(wish, around.points), *far]
    known = [point for point in around.points if not point.is_by_hand]
    if known and not wish.feed_in_kw and all(_best(point) is not None for point in known):
        return _far(wish, known, kv)
    return short(wish, around.points)


def _near_short(wish: Wish, points: Sequence[SupplyPoint]) -> list[Finding]:
    """Finding that the nearest point has not the capacity: of it the customer is told first, it is his neighbours' own."""
    near = min(points, key=lambda point: point.length.mid_m)
    if wish.is_only_feed_in or near.is_by_hand or near.carries(wish.load_kw):
        return []
    return [
        Finding(
            "scheme.near_short",
            point=Text(near.name_zh, near.name_en),
            capacity_kw=math.floor(near.capacity_kw),
            load_kw=wish.load_kw,
            lift=Text(near.lift_zh or "—", near.lift_en or "—"),
        )
    ]


def too_far(wish: Wish, around: Surroundings, kv: float) -> list[Finding]:
    """Findings that say why no new line holds although some point has the capacity; empty where none has, which is another reason."""
    able = [p for p in around.points if p.carries(wish.load_kw) and not p.feed_kw < wish.feed_in_kw]
    return _far(wish, able, kv)


def _far(wish: Wish, able: Sequence[SupplyPoint], kv: float) -> list[Finding]:
    """What the best new line from some points cannot hold; empty where one holds, or none was computed."""
    found = [(line, point) for point in able for line in (_best(point),) if line is not None]
    if not found:
        return []
    line, point = min(found, key=lambda pair: (pair[0].drop_percent, pair[1].length.mid_m))
    return [
        Finding(
            FAR[line.binds],
            kv=kv,
            point=Text(point.name_zh, point.name_en),
            metres=line.length_m,
            worst=line.worst_m,
            conductor=Text(line.name_zh, line.name_en),
            drop=line.drop_percent,
            end=volts_at(kv, line.u_pu or 0.0),
            feed=volts_at(kv, line.feed_pu or 0.0),
            feed_kw=wish.feed_in_kw,
            low=volts_at(kv, line.low_pu),
            high=volts_at(kv, line.high_pu),
            amps=line.current_a,
            rated=line.rated_a,
            reach=line.reach_m,
            radius=line.radius_m,
            area=_area(point.kv),
        )
    ]


def _area(kv: float) -> Text:
    """By which class of area the radius was taken; nothing where there is one for all."""
    zh, en = area_words(amounts(), kv)
    return Text(f"（{zh}）" if zh else "", f" ({en})" if en else "")


def _best(point: SupplyPoint) -> NewLine | None:
    """The new line of a point that comes nearest to holding; None where one holds, or none was computed."""
    lines: Sequence[NewLine] = [line for kind in KINDS if (line := point.line(kind)) is not None]
    if not lines or any(line.holds for line in lines):
        return None
    return min(lines, key=lambda line: line.drop_percent)


def short(wish: Wish, points: Sequence[SupplyPoint]) -> list[Finding]:
    """Findings that say that no point carries the load with the loss of its new line; of those that do, how much they take back."""
    carrying = [p for p in points if p.carries(p.needs(wish.load_kw)) and p.feed_kw < wish.feed_in_kw]
    if carrying:
        return [_no_feed(wish, max(carrying, key=lambda p: p.feed_kw))]
    known = [p for p in points if not p.is_by_hand]
    if not known:
        why_zh, why_en = points[0].lift_zh, points[0].lift_en
        return [Finding("scheme.by_hand", count=len(points), why=Text(why_zh or "—", why_en or "—"))]
    best = max(known, key=lambda p: p.capacity_kw - p.needs(wish.load_kw))
    return [
        Finding(
            "scheme.short",
            load_kw=wish.load_kw,
            need_kw=math.ceil(round(best.needs(wish.load_kw), 3)),
            count=len(points),
            capacity_kw=math.floor(best.capacity_kw),
            best=Text(best.name_zh, best.name_en),
            lift=Text(best.lift_zh or "—", best.lift_en or "—"),
        )
    ]


def _no_feed(wish: Wish, best: SupplyPoint) -> Finding:
    """That no point which carries the load takes what is fed in, and the one that takes most."""
    return Finding(
        "scheme.feed_short",
        asked_kw=wish.feed_in_kw,
        best=Text(best.name_zh, best.name_en),
        feed_kw=best.feed_kw,
        element=Text(best.feed_element or "—", english(best.feed_element) or "—"),
    )


def beyond(around: Surroundings, kv: float) -> list[Finding]:
    """Findings that say how far the nearest point is where none lies within the radius."""
    if not around.points:
        return [Finding("scheme.only_own" if around.left_out else "scheme.no_point", kv=kv)]
    if not around.is_beyond:
        return []
    near = min(around.points, key=lambda point: point.length.mid_m)
    return [
        Finding(
            "scheme.beyond",
            kv=kv,
            radius=around.radius_m,
            point=Text(near.name_zh, near.name_en),
            metres=near.length.mid_m,
        )
    ]
