"""供电方案的组成: what a customer wishes, the points that could supply him, and what a choice costs, takes and is worth."""

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
from .ownership import Owner, is_in_ground
from .quality import Disturbance

USES = {
    "industry": ("工业", "industry"),
    "business": ("商业及其他", "business and others"),
    "agriculture": ("农业", "agriculture"),
    "residential": ("居民", "residential"),
}
"""What power is used for, in both languages."""


@dataclass(frozen=True)
class Wish:
    """Wish for supply. ``sources`` is how many the customer asks for; powers in kW, capacities in kVA."""

    kva: float
    load_kw: float
    importance: str = "ordinary"
    sources: int = 1
    transformers: tuple[float, ...] = ()
    use: str = "business"
    is_use_told: bool = True
    """False while nobody has said what the power is used for: then ``use`` is only assumed."""
    kv: float = 0.0
    """Voltage of the application; 0 where none was given."""
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
    is_inspected: bool = True
    """False where the process of his class has no receiving works of his own, so that nothing is inspected at the end."""
    next_steps: tuple[str, str] = ("按受理后的办理流程", "By the process of the case")
    """What comes after the reply, by the process of his case, in both languages."""


@dataclass(frozen=True)
class SupplyPoint:
    """A place on the network that could supply a customer, with what binds there.

    ``capacity_kw`` is what the point can still take (NaN: to be answered by hand, ``lift`` says why); voltages in
    pu, loadings in percent with the wish added; ``lines`` are the new line to the customer, overhead and by cable; ``feed_kw`` is what the
    point can still take of generation, beside what is asked; ``transfer_kw`` what still gets through when the feeder's head is open;
    ``supply_mva`` the rated capacity of the transformers that feed the point (NaN: not known), by which harmonics are shared; ``feeding_m``
    the existing line between point and transformer (NaN: not known); ``owner`` whose the point is and how that is known.
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
    feeding_m: float = float("nan")
    owner: Owner = Owner("public", "kind")
    spelt: tuple[tuple[str, str], ...] = ()
    """Names around the point (where it hangs, what binds it) with their English."""
    line_at: tuple[str, str] = ("", "")
    """Line that is loaded the most with the wish added, and its rating in words; as ``trafo_at``, the transformer."""
    trafo_at: tuple[str, str] = ("", "")
    line_before: float = float("nan")
    """Loading of that line before the wish is added (%); as ``trafo_before``."""
    trafo_before: float = float("nan")

    @property
    def is_cabinet(self) -> bool:
        """True where lines leave in the ground, by the name: no pole stands there to hang a line on."""
        return is_in_ground(self.name_zh)

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

    def is_short(self, load_kw: float, kind: str) -> bool:
        """True where it is known that the point cannot carry a load with what the new line loses."""
        return not self.is_by_hand and not self.carries(self.takes(load_kw, kind))

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


def apart(legs: Sequence[SupplyPoint]) -> str:
    """Distance of the sources: ``single``, or the largest of station, section, feeder that differs; ``none`` if none does."""
    if len(legs) < 2:
        return "single"
    for name in ("station", "section", "feeder"):
        if len({getattr(leg, name) for leg in legs}) > 1:
            return name
    return "none"


def cost_lines(
    rows: Iterable[PriceRow],
    each: Sequence[Mapping[str, str]],
    quantities: Mapping[str, Sequence[Interval]],
    made: Builds,
) -> tuple[CostLine, ...]:
    """The estimate: each price row whose condition holds, times its quantity; exact to the cent. Who pays is whose piece it is.

    ``each`` are the facts of every source: what is counted by sources is so for those alone where it holds; what has a quantity for each
    source stands there once for each.
    """
    return tuple(
        _cost_line(row, quantity, made.payer(row.piece), source=n if len(asked) > 1 else 0)
        for row in rows
        for asked in (_asked(row, each, quantities),)
        for n, quantity in enumerate(asked, start=1)
        if quantity.high > 0
    )


def _asked(
    row: PriceRow, each: Sequence[Mapping[str, str]], quantities: Mapping[str, Sequence[Interval]]
) -> Sequence[Interval]:
    """Quantities a price is asked for; none where its condition holds nowhere."""
    held = sum(not row.condition or holds(row.condition, facts) for facts in each)
    if row.quantity == "sources":
        return (Interval(held, held, held),)
    return quantities.get(row.quantity, ()) if held else ()


def _cost_line(row: PriceRow, quantity: Interval, payer: str, *, source: int) -> CostLine:
    low, mid, high = (
        (Decimal(str(round(amount, 3))) * price).quantize(CENT)
        for amount, price in zip(
            (quantity.low, quantity.mid, quantity.high), (row.low, row.cny, row.high), strict=True
        )
    )
    zh = f"{row.name_zh}（电源 {source}）" if source else row.name_zh
    en = f"{row.name_en} (source {source})" if source else row.name_en
    return CostLine(row.id, zh, en, quantity.mid, row.unit, low, mid, high, payer)


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
