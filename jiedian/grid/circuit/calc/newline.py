"""新建线路: the line from a point to the customer, its conductor, and the voltage he sees at his end of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from jiedian.core.sourced import Ground, Sourced

from .corridor import Length

SINGLE_PHASE_KV = 0.22
Kind = Literal["overhead", "cable"]
KINDS: tuple[Kind, ...] = ("overhead", "cable")
Binds = Literal["", "low", "high", "feed", "current", "drop", "length", "collapse", "unknown"]
"""What a new line cannot hold: the lower or upper limit of voltage at the customer's end, the upper one while he feeds in, its conductor's rating, the whole
spread of voltage by its drop alone, the supply radius of its voltage, any voltage at all; ``unknown`` where nobody knows the voltage it begins with; empty where it holds."""


@dataclass(frozen=True)
class ConductorRow(Sourced):
    """A conductor of the catalogue: between which voltages it is used, ohm per km at 20 °C, amperes it carries."""

    id: str
    kind: Kind
    from_kv: Decimal
    below_kv: Decimal
    mm2: Decimal
    r_ohm_km: Decimal
    x_ohm_km: Decimal
    rated_a: Decimal
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Load:
    """Load at the customer's end: capacity in kVA, power in kW, tangent of its angle, between one phase and neutral or not; and
    the power he wants to feed in, kW. ``is_drawn`` is False for who has power already and draws nothing by this line."""

    kva: float
    kw: float
    tangent: float
    is_single_phase: bool = False
    feed_in_kw: float = 0.0
    is_drawn: bool = True


@dataclass(frozen=True)
class Node:
    """Node where a new line begins: nominal kV, per-unit voltage with the whole load drawn there, and its change by the load."""

    kv: float
    u_pu: float
    du_pu: float


@dataclass(frozen=True)
class Hold:
    """Limits that must hold at a customer's end: voltages in pu, metres from the transformer that feeds it; ``hot`` is resistance at
    work over that at 20 °C. ``before_m`` is what of these metres stands already (None: not known); ``drop_percent`` what the new line
    alone may drop where the voltage it begins with is not known. ``is_drawn`` is False where nothing is drawn: then neither the lower
    limit nor the drop nor the radius binds, for all three are rules of supplying a load.
    """

    low_pu: float
    high_pu: float
    reach_m: float
    hot: float
    before_m: float | None = None
    drop_percent: float = math.inf
    is_drawn: bool = True


@dataclass(frozen=True)
class NewLine:
    """New line with its worst case: its longest likely length, its conductor warm, all of the load at the end.

    ``u_pu`` is the voltage at the customer's end, None where there is none or nobody knows; ``drop_percent`` that along the new
    line, by the linear formula where it collapses; ``loss_kw`` what the line itself takes; ``feed_pu`` the voltage at his end while
    he feeds in what he asked for; ``before_m`` the existing line between transformer and point, None where nobody knows it.
    """

    kind: Kind
    conductor: str
    name_zh: str
    name_en: str
    length_m: float
    worst_m: float
    current_a: float
    rated_a: float
    u_pu: float | None
    drop_percent: float
    loss_kw: float
    low_pu: float
    high_pu: float
    reach_m: float
    binds: Binds
    grounds: tuple[Ground, ...] = ()
    feed_pu: float | None = None
    before_m: float | None = None

    @property
    def holds(self) -> bool:
        """True if everything holds, or nobody knows the voltage it begins with and nothing else stands against it."""
        return self.binds in ("", "unknown")

    @property
    def radius_m(self) -> float:
        """Supply radius: the new line and what is known of the existing one before it."""
        return self.length_m + (self.before_m or 0.0)

    @property
    def end_pu(self) -> float | None:
        """Voltage at the customer's end that comes nearer to a limit, while he draws or while he feeds in; None where unknown."""
        ends = [u for u in (self.u_pu, self.feed_pu) if u is not None]
        return min(ends, key=self._room, default=None)

    @property
    def is_low(self) -> bool:
        """True if the nearer limit of ``end_pu`` is the lower one."""
        u = self.end_pu
        return u is not None and u - self.low_pu <= self.high_pu - u

    @property
    def margin_pu(self) -> float:
        """Room of ``end_pu`` to the nearer of both limits; nothing where his voltage is not known."""
        return 0.0 if self.end_pu is None else self._room(self.end_pu)

    def _room(self, u: float) -> float:
        return min(u - self.low_pu, self.high_pu - u)


def chosen_line(
    rows: Sequence[ConductorRow], kind: Kind, load: Load, node: Node, length: Length, hold: Hold
) -> NewLine | None:
    """New line with the smallest conductor that holds; where none does, with the largest. None without a catalogue for it."""
    found: NewLine | None = None
    for row in sizes(rows, kind, node.kv):
        found = line_of(row, load, node, length, hold, end_of(row, load, node, length.high_m, hold.hot))
        if found.holds:
            return found
    return found


def sizes(rows: Sequence[ConductorRow], kind: str, kv: float) -> list[ConductorRow]:
    """The conductors of a kind and voltage, the smallest first."""
    fit = [row for row in rows if row.kind == kind and row.from_kv <= Decimal(str(kv)) < row.below_kv]
    return sorted(fit, key=lambda row: row.rated_a)


End = tuple[float | None, float, float, float]
"""Voltage at the far end (pu; None: no solution), drop along the line (%), its loss (kW), amperes."""


def line_of(row: ConductorRow, load: Load, node: Node, length: Length, hold: Hold, end: End) -> NewLine:
    """New line of a conductor, judged by what is seen at its end."""
    u_pu, drop, loss, current = end
    binds = _binds(end, float(row.rated_a), node, length, hold)
    return NewLine(
        kind=row.kind,
        conductor=row.id,
        name_zh=row.name_zh,
        name_en=row.name_en,
        length_m=length.mid_m,
        worst_m=length.high_m,
        current_a=current,
        rated_a=float(row.rated_a),
        u_pu=None if math.isnan(node.u_pu) else u_pu,
        drop_percent=drop,
        loss_kw=loss,
        low_pu=hold.low_pu,
        high_pu=hold.high_pu,
        reach_m=hold.reach_m,
        binds=binds,
        grounds=(Ground.of(row),),
        before_m=hold.before_m,
    )


def _binds(end: "End", rated: float, node: Node, length: Length, hold: Hold) -> Binds:
    """Voltage first: it says most. The customer is also there when he draws nothing, so the voltage before counts as well."""
    u_pu, drop, _loss, current = end
    if u_pu is None:
        return "collapse"
    is_known = not math.isnan(node.u_pu)
    if is_known and hold.is_drawn and u_pu < hold.low_pu:
        return "low"
    if is_known and max(u_pu, node.u_pu - node.du_pu) > hold.high_pu:
        return "high"
    if current > rated:
        return "current"
    return ("" if is_known else "unknown") if not hold.is_drawn else _far(drop, is_known, length, hold)


def _far(drop: float, is_known: bool, length: Length, hold: Hold) -> Binds:
    """What the length of a line that supplies a load cannot hold: its drop where nothing else is known, the supply radius."""
    if not is_known and drop > hold.drop_percent:
        return "drop"
    if length.mid_m + (hold.before_m or 0.0) > hold.reach_m:
        return "length"
    return "" if is_known else "unknown"


def fed(line: NewLine, feed_pu: float) -> NewLine:
    """New line with the voltage at its end while the customer feeds in (pu, NaN: no solution)."""
    is_held = feed_pu <= line.high_pu
    return replace(
        line,
        feed_pu=None if math.isnan(feed_pu) else feed_pu,
        binds=line.binds if is_held or not line.holds else "feed",
    )


def rated_end(
    row: ConductorRow, load: Load, node: Node, metres: float, hot: float, flow: tuple[float, float, float]
) -> End:
    """End of a line as the flow of the whole section sees it: ``flow`` is voltage at the end (pu, NaN: no solution), drop along
    the line (%) and amperes.

    Nobody draws less current than his capacity at nominal voltage, so the larger of both counts.
    """
    u_pu, drop, amps = flow
    estimated = end_of(row, load, node, metres, hot)
    if math.isnan(u_pu):
        return None, *estimated[1:]
    wires = 2 if load.is_single_phase else 3
    loss = wires * amps**2 * float(row.r_ohm_km) * hot * metres / 1e6
    return u_pu, drop, loss, max(amps, estimated[3])


def end_of(row: ConductorRow, load: Load, node: Node, metres: float, hot: float) -> End:
    """End of a line by the node's own voltage: near what the flow of the section says, and enough to choose a conductor by.

    The end draws constant power; what the line loses is drawn from the node too, whose voltage moves on with it as it did under
    the load. Single-phase: go and return conductor (2·z) on the phase voltage, six times the drop of the same power in three
    phases; so it is along the lines to the node, whose change counts six times. Nominal voltage where the node's is not known.
    """
    six = 6.0 if load.is_single_phase else 1.0
    km, base = metres / 1000, 1000 * node.kv**2  # kW at which one ohm is one per unit
    r, x = (six * km * float(z) / base for z in (float(row.r_ohm_km) * hot, row.x_ohm_km))
    p, q = load.kw, load.kw * load.tangent
    known = not math.isnan(node.u_pu)
    before = node.u_pu - node.du_pu if known else 1.0
    change = six * node.du_pu if known else 0.0
    amps = load.kva / SINGLE_PHASE_KV if load.is_single_phase else load.kva / (node.kv * math.sqrt(3))
    linear, loss, u_end, u_node = 100 * (p * r + q * x), 0.0, math.nan, before + change
    for _ in range(30):
        end = _solved(u_node, p * r + q * x, (p * p + q * q) * (r * r + x * x))
        if end is None or u_node <= 0:
            return None, linear, loss, amps
        loss = r * (p * p + q * q) / end**2
        if abs(end - u_end) < 1e-9:
            break
        u_end, u_node = end, before + change * (1 + loss / p if p else 1)
    return u_end, 100 * (u_node - u_end), loss, amps


def _solved(u_node: float, drop: float, square: float) -> float | None:
    """The upper root of u⁴ + (2·drop − u_node²)·u² + square = 0; None beyond the most a line can carry."""
    b = u_node**2 - 2 * drop
    inside = b * b - 4 * square
    return math.sqrt((b + math.sqrt(inside)) / 2) if b > 0 and inside >= 0 else None
