"""供电方案的组成: what a customer wishes, the points that could supply him, and what a choice costs, takes and is worth."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from jiedian.core.closed import Jurisdiction, SchemeCondition
from jiedian.core.conditions import holds
from jiedian.core.sourced import Sourced
from jiedian.grid.circuit.calc.corridor import Length
from jiedian.grid.circuit.calc.ground import Point
from jiedian.grid.circuit.calc.newline import KINDS, NewLine

from .builds import Builds, PieceName
from .quality import Disturbance

STANDARD_KVA = (
    30,
    50,
    63,
    80,
    100,
    125,
    160,
    200,
    250,
    315,
    400,
    500,
    630,
    800,
    1000,
    1250,
    1600,
    2000,
    2500,
    3150,
    4000,
    5000,
    6300,
    8000,
    10000,
    12500,
    16000,
    20000,
    25000,
    31500,
    40000,
    50000,
    63000,
)
"""Rated capacities of transformers (R10 series), kVA."""

MOST_MV_KVA = 2500.0
"""The largest transformer customers build at 10 (6, 20) kV."""


CABINETS = ("环网", "分支箱", "箱变", "配电室", "开关站", "开闭所")
"""Words by which dispatchers call what stands on the ground."""


@dataclass(frozen=True)
class Wish:
    """Wish for supply. ``sources`` is how many the customer asks for; powers in kW, capacities in kVA."""

    kva: float
    load_kw: float
    importance: str = "ordinary"
    sources: int = 1
    transformers: tuple[float, ...] = ()
    use: str = "business"
    is_special_load: bool = False
    is_single_phase: bool = False
    security_kw: float = 0.0
    generator_kw: float = 0.0
    disturbance: Disturbance = field(default_factory=lambda: Disturbance({}))
    is_within_red_line: bool = False
    is_reviewed: bool = False
    feed_in_kw: float = 0.0
    is_only_feed_in: bool = False
    """True where the customer has power already and only installs PV: nothing more is drawn."""
    feed_mode: str = ""
    """How he feeds in: self (nothing), surplus or full; empty where nobody asked."""
    has_fee: bool = False
    days_left: int | None = None
    """Working days until the day on which the customer wants power; None where he named none."""


@dataclass(frozen=True)
class SupplyPoint:
    """A place on the network that could supply a customer, with what binds there.

    ``capacity_kw`` is what the point can still take (NaN: to be answered by hand, ``lift`` says why); voltages in
    pu, loadings in percent with the wish added; ``lines`` are the new line to the customer, overhead and by cable; ``feed_kw`` is what the
    point can still take of generation, beside what is asked; ``transfer_kw`` what still gets through when the feeder's head is open;
    ``supply_mva`` the rated capacity of the transformers that feed the point (NaN: not known), by which harmonics are shared.
    """

    bus: str
    name_zh: str
    name_en: str
    kv: float
    station: str
    section: str
    feeder: str
    place: Point | None
    length: Length
    capacity_kw: float
    binding: str = ""
    element: str = ""
    lift_zh: str = ""
    lift_en: str = ""
    u_pu: float = float("nan")
    du_percent: float = float("nan")
    line_percent: float = float("nan")
    trafo_percent: float = float("nan")
    short_circuit_mva: float = float("nan")
    supply_mva: float = float("nan")
    transfer_kw: float = float("nan")
    lines: tuple[NewLine, ...] = ()
    feed_kw: float = float("nan")
    feed_element: str = ""
    feed_asked_kw: float = 0.0

    @property
    def is_cabinet(self) -> bool:
        """True where lines leave in the ground, by the name: no pole stands there to hang a line on."""
        return any(word in self.name_zh for word in CABINETS)

    @property
    def is_by_hand(self) -> bool:
        return self.capacity_kw != self.capacity_kw

    def carries(self, load_kw: float) -> bool:
        return self.capacity_kw >= load_kw

    def line(self, kind: str) -> NewLine | None:
        """New line of a kind to the customer; None where none was computed."""
        return next((line for line in self.lines if line.kind == kind), None)

    def by(self, kind: str) -> "SupplyPoint":
        """The point with the new line of one kind alone, as a version keeps it."""
        return replace(self, lines=tuple(line for line in self.lines if line.kind == kind))

    def takes(self, load_kw: float, kind: str) -> float:
        """Power drawn here for a load at the customer's end, with what the new line loses."""
        line = self.line(kind)
        return load_kw + (line.loss_kw if line else 0.0)

    def needs(self, load_kw: float) -> float:
        """Least power drawn here for a load, by the kinds of line that hold at its end; the load alone where none does."""
        held = [kind for kind in KINDS if (line := self.line(kind)) is None or line.holds]
        return min((self.takes(load_kw, kind) for kind in held), default=load_kw)

    def supplies(self, load_kw: float, kind: str) -> bool:
        """True if the point carries a load with the loss of its new line and what is fed in, and that line holds at its end."""
        line = self.line(kind)
        if self.feed_asked_kw > 0 and self.feed_kw < self.feed_asked_kw:
            return False
        return self.carries(self.takes(load_kw, kind)) and (line is None or line.holds)

    def is_able(self, load_kw: float) -> bool:
        """True if the point supplies a load by some kind of line."""
        return any(self.supplies(load_kw, kind) for kind in KINDS)


@dataclass(frozen=True)
class Choices:
    """Choices of a planner from the menu; empty takes what the rules propose."""

    line: str = "overhead"
    metering: str = ""
    transformers: tuple[float, ...] = ()
    transfer: str = ""


@dataclass(frozen=True)
class PriceRow(Sourced):
    """A unit price of the catalogue with the interval it may lie in, and when it counts. Assumptions say so by their status."""

    id: str
    condition: SchemeCondition
    quantity: Literal["line_m", "sources", "kva", "more_sources", "generator_kw", "once"]
    unit: Literal["m", "set", "kVA", "kW"]
    cny: Decimal
    low: Decimal
    high: Decimal
    piece: PieceName
    name_zh: str
    name_en: str
    effective_from: date | None


@dataclass(frozen=True)
class WorksRow(Sourced):
    """Working days to build a piece: a fixed part and a part per kilometre."""

    id: str
    condition: SchemeCondition
    piece: PieceName
    fixed_wd: Decimal
    per_km_wd: Decimal
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class ReliabilityRow(Sourced):
    """A grade of reliability and the facts that give it; the first that holds is taken."""

    id: str
    condition: SchemeCondition
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class FeeRow(Sourced):
    """高可靠性供电费: the rate of a jurisdiction by voltage and kind of line, yuan per kVA."""

    id: str
    jurisdiction: Jurisdiction
    kv: Decimal
    line: Literal["overhead", "cable"]
    is_own_built: bool
    cny_per_kva: Decimal
    effective_from: date | None


@dataclass(frozen=True)
class CostLine:
    """One line of the estimate, in yuan, with its interval and who pays."""

    rule: str
    name_zh: str
    name_en: str
    quantity: float
    unit: str
    low_cny: Decimal
    mid_cny: Decimal
    high_cny: Decimal
    payer: str


@dataclass(frozen=True)
class Interval:
    """A figure and between what it may lie."""

    low: float
    mid: float
    high: float


CENT = Decimal("0.01")


def split_transformers(kva: float, *, at_least: int = 1, most_kva: float = math.inf) -> tuple[float, ...]:
    """Standard transformers that make up a capacity, none above ``most_kva``: one, else two equal, else two of unlike size, else
    three or four equal; the whole as one when none do. Two that can stand in for each other are what planners build.

    >>> split_transformers(1260), split_transformers(630), split_transformers(630, at_least=2), split_transformers(777)
    ((630.0, 630.0), (630.0,), (315.0, 315.0), (777.0,))
    >>> split_transformers(12_000), split_transformers(4000, most_kva=2500), split_transformers(6000, most_kva=2500)
    ((8000.0, 4000.0), (2000.0, 2000.0), (2000.0, 2000.0, 2000.0))
    """
    sizes = [size for size in STANDARD_KVA if size <= most_kva]
    for count in range(at_least, 5):
        if any(abs(kva / count - size) < 0.05 for size in sizes):
            return (float(round(kva / count, 1)),) * count
        if count == 2:
            unlike = [(a, kva - a) for a in sizes if kva / 2 < a <= 2 * kva / 3 + 0.05 and kva - a in sizes]
            if unlike:
                return (float(unlike[0][0]), float(unlike[0][1]))
    return (float(kva),)


def proposed_units(kva: float, legs: Sequence[SupplyPoint]) -> tuple[float, ...]:
    """Transformers proposed for a capacity: two at least where there are several sources."""
    most = MOST_MV_KVA if legs[0].kv < 30 else math.inf
    return split_transformers(kva, at_least=min(len(legs), 2), most_kva=most)


def apart(legs: Sequence[SupplyPoint]) -> str:
    """Distance of the sources: ``single``, or the largest of station, section, feeder that differs; ``none`` if none does."""
    if len(legs) < 2:
        return "single"
    for name in ("station", "section", "feeder"):
        if len({getattr(leg, name) for leg in legs}) > 1:
            return name
    return "none"


def cost_lines(
    rows: Iterable[PriceRow], facts: Mapping[str, str], quantities: Mapping[str, Interval], made: Builds
) -> tuple[CostLine, ...]:
    """The estimate: each price row whose condition holds, times its quantity; exact to the cent. Who pays is whose piece it is."""
    found = []
    for row in rows:
        quantity = quantities.get(row.quantity)
        if quantity is None or quantity.high <= 0 or (row.condition and not holds(row.condition, facts)):
            continue
        low, mid, high = (
            (Decimal(str(round(amount, 3))) * price).quantize(CENT)
            for amount, price in zip(
                (quantity.low, quantity.mid, quantity.high), (row.low, row.cny, row.high), strict=True
            )
        )
        payer = made.payer(row.piece)
        found.append(
            CostLine(row.id, row.name_zh, row.name_en, quantity.mid, row.unit, low, mid, high, payer)
        )
    return tuple(found)


@dataclass(frozen=True)
class Circuits:
    """Circuits a fee is asked for: so many sources that each carry the capacity, their voltage and kind of line."""

    kva: float
    sources: int
    kv: float
    line: str


def fee_line(rows: Iterable[FeeRow], circuits: Circuits, *, jurisdiction: str, on: date) -> CostLine | None:
    """The high-reliability fee: every circuit but the largest, at the rate of the place; none where no rate is entered.

    Every circuit can carry the whole capacity here, so the basis is capacity times (sources - 1). Exact to the cent.
    """
    fits = [
        row
        for row in rows
        if row.jurisdiction == jurisdiction
        and row.line == circuits.line
        and abs(float(row.kv) - circuits.kv) < 0.06 * circuits.kv
        and not row.is_own_built
        and (row.effective_from is None or row.effective_from <= on)
    ]
    if circuits.sources < 2 or not fits:
        return None
    row = max(fits, key=lambda row: row.effective_from or date.min)
    basis = Decimal(str(round(circuits.kva, 1))) * (circuits.sources - 1)
    amount = (basis * row.cny_per_kva).quantize(CENT, ROUND_HALF_UP)
    return CostLine(
        row.id,
        "高可靠性供电费",
        "high-reliability fee",
        float(basis),
        "kVA",
        amount,
        amount,
        amount,
        "customer",
    )


def total(lines: Iterable[CostLine], payer: str = "") -> Interval:
    """The sum in yuan, of one payer or of all."""
    chosen = [line for line in lines if not payer or line.payer == payer]
    return Interval(
        float(sum(line.low_cny for line in chosen)),
        float(sum(line.mid_cny for line in chosen)),
        float(sum(line.high_cny for line in chosen)),
    )


def days(
    rows: Iterable[WorksRow], facts: Mapping[str, str], km: Interval, *, made: Builds, base_wd: int
) -> Interval:
    """Working days from the signed scheme to the energised meter: the steps, and the longer of grid's and customer's works."""
    sums = {"utility": [0.0, 0.0, 0.0], "customer": [0.0, 0.0, 0.0]}
    for row in rows:
        if row.condition and not holds(row.condition, facts):
            continue
        found = made.of(row.piece)
        who = found.builder if found else "customer"
        for i, length in enumerate((km.low, km.mid, km.high)):
            sums[who][i] += float(row.fixed_wd) + float(row.per_km_wd) * length
    low, mid, high = (base_wd + max(sums["utility"][i], sums["customer"][i]) for i in range(3))
    return Interval(round(low), round(mid), round(high))


def reliability(rows: Iterable[ReliabilityRow], facts: Mapping[str, str]) -> ReliabilityRow:
    """The grade of a choice."""
    return next(row for row in rows if not row.condition or holds(row.condition, facts))
