"""新建线路入潮流: the new line from every point to the customer, chosen from the catalogue and checked as part of the flow."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from jiedian.grid.capacity.queries.capacity import Ledger
from jiedian.grid.capacity.queries.present import Present, limits
from jiedian.grid.circuit.calc.newline import (
    KINDS,
    ConductorRow,
    Hold,
    Load,
    NewLine,
    Node,
    chosen_line,
    fed,
    line_of,
    rated_end,
    sizes,
)
from jiedian.grid.network.queries.basemap import english
from jiedian.supply.menu.calc.supply import SupplyPoint

from .rules import amount, conductors, hold

THICKER = ("low", "collapse", "current", "feed", "drop")
"""What a bigger conductor may mend."""


def drawn(point: SupplyPoint, load: Load) -> SupplyPoint:
    """The point with its new line to the customer, overhead and by cable, with the conductor that the node's voltage asks for."""
    held = _held(point, load)
    lines = (chosen_line(conductors(), kind, load, _node(point), point.length, held) for kind in KINDS)
    return replace(point, lines=tuple(line for line in lines if line is not None))


def _held(point: SupplyPoint, load: Load) -> Hold:
    """Limits at the end of a new line from a point, with the existing line before it; who draws nothing is not held to those of a load."""
    before = None if math.isnan(point.feeding_m) else point.feeding_m
    held = hold(point.kv, is_single_phase=load.is_single_phase)
    return replace(held, before_m=before, is_drawn=load.is_drawn)


def _node(point: SupplyPoint) -> Node:
    return Node(point.kv, point.u_pu, point.du_percent / 100)


def checked(
    present: Present, points: Sequence[SupplyPoint], buses: Sequence[int], load: Load
) -> list[SupplyPoint]:
    """The points with their new lines as part of the flow; where one does not hold, the next bigger conductor is tried."""
    rough = [drawn(point, load) for point in points]
    known = {row.id: row for row in conductors()}
    lines = {(n, line.kind): line for n, point in enumerate(rough) for line in point.lines}
    trying = {key: known[line.conductor] for key, line in lines.items() if not math.isnan(rough[key[0]].u_pu)}
    while trying:
        asked = [(buses[n], rough[n], row) for (n, _kind), row in trying.items()]
        seen, feeding = _flows(present, asked, load), _flows(present, asked, load, is_feeding=True)
        bigger: dict[tuple[int, Any], ConductorRow] = {}
        for (key, row), flow, back in zip(trying.items(), seen, feeding, strict=True):
            line = _line(rough[key[0]], row, load, flow)
            lines[key] = fed(line, back[0]) if load.feed_in_kw > 0 else line
            rest = [
                each for each in sizes(conductors(), row.kind, rough[key[0]].kv) if each.rated_a > row.rated_a
            ]
            if lines[key].binds in THICKER and rest:
                bigger[key] = rest[0]
        trying = bigger
    kinds = [[lines[n, kind] for kind in KINDS if (n, kind) in lines] for n in range(len(rough))]
    return [replace(point, lines=tuple(found)) for point, found in zip(rough, kinds, strict=True)]


def _line(point: SupplyPoint, row: ConductorRow, load: Load, flow: tuple[float, float, float]) -> NewLine:
    held = _held(point, load)
    end = rated_end(row, load, _node(point), point.length.high_m, held.hot, flow)
    return line_of(row, load, _node(point), point.length, held, end)


def _flows(
    present: Present,
    asked: Sequence[tuple[int, SupplyPoint, ConductorRow]],
    load: Load,
    *,
    is_feeding: bool = False,
) -> list[tuple[float, float, float]]:
    """Voltage at the end (pu), drop (%) and amperes of each new line at its longest and warmest, the line standing in its section;
    feeding in, with what the customer wants to feed.
    """
    from jiedian.grid.capacity.calc.serviceline import ServiceLine, served

    hot = amount("HOT")
    lines = [
        ServiceLine(
            bus,
            float(row.r_ohm_km) * hot * point.length.high_m / 1000,
            float(row.x_ohm_km) * point.length.high_m / 1000,
            load.feed_in_kw if is_feeding else load.kw,
            rated_a=float(row.rated_a),
            is_single_phase=load.is_single_phase,
        )
        for bus, point, row in asked
    ]
    if is_feeding and load.feed_in_kw <= 0:
        return [(math.nan, math.nan, math.nan)] * len(lines)
    held = replace(limits(), pf=amount("PF"))
    prepared = present.prepared_light if is_feeding else present.prepared
    found = served(prepared, lines, limits=held, direction="generation" if is_feeding else "load")
    return [(flow.u_pu, flow.drop_percent, flow.amps) for flow in found]


def by_device_names(found: Any, book: Ledger) -> Any:
    """Result of the flow at a point, its remedy at the name people give the element."""
    if found.lift is None:
        return found
    element = book.element_name(found.lift.kind, found.lift.element)
    return replace(found, lift=replace(found.lift, element=element))


def screened(point: SupplyPoint, found: Any) -> SupplyPoint:
    """Point with what the flow with the wish added says of it."""
    need_zh = need_en = ""
    if lift := found.lift:
        has, needs, unit = lift.figures
        zh, en = ("接入后", "connected") if lift.unit == "pu" else ("现", "has")
        need_zh = f"（{lift.element}：{zh} {has}，需 {needs} {unit}）"
        need_en = f" ({english(lift.element)}: {en} {has}, needs {needs} {unit})"
    return replace(
        point,
        u_pu=found.u_pu,
        du_percent=100 * found.du_pu,
        line_percent=found.max_line_percent,
        trafo_percent=found.max_transformer_percent,
        lift_zh=point.lift_zh + need_zh,
        lift_en=point.lift_en + need_en,
    )
