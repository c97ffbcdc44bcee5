"""电能质量: what a customer may inject, and what his load would do at the point of supply."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from jiedian.core.evidence import Grade, weakest
from jiedian.core.sourced import Ground, Sourced


@dataclass(frozen=True)
class HarmonicRow(Sourced):
    """Harmonic current allowed at a voltage for one order, at the reference short-circuit capacity."""

    id: str
    kv: Decimal
    reference_mva: Decimal
    order: int
    allowed_a: Decimal


@dataclass(frozen=True)
class FluctuationRow(Sourced):
    """Voltage change allowed (%) up to a number of changes an hour, at voltages from ``from_kv`` to below ``below_kv``."""

    id: str
    from_kv: Decimal
    below_kv: Decimal
    up_to_per_hour: Decimal
    allowed_percent: Decimal


@dataclass(frozen=True)
class FlickerRow(Sourced):
    """Long-term flicker Plt allowed at voltages from ``from_kv`` to below ``below_kv``."""

    id: str
    from_kv: Decimal
    below_kv: Decimal
    allowed_plt: Decimal


@dataclass(frozen=True)
class Disturbance:
    """Disturbance by the customer's equipment: harmonic currents (order → A), the largest sudden change of load (kVA)
    and how often an hour, and the largest single-phase load (kVA)."""

    harmonics_a: Mapping[int, float]
    step_kva: float = 0.0
    steps_per_hour: float = 0.0
    single_phase_kva: float = 0.0


@dataclass(frozen=True)
class Check:
    """One figure against its limit. ``item`` is harmonic | fluctuation | flicker | unbalance; ``detail`` the order where it has one."""

    item: str
    detail: str
    value: float
    limit: float
    unit: str
    grounds: tuple[Ground, ...]

    @property
    def grade(self) -> Grade:
        """The grade of the weakest row it was made with."""
        return weakest(ground.grade for ground in self.grounds)

    @property
    def is_kept(self) -> bool:
        return self.value <= self.limit + 1e-12


def phase_exponent(order: int) -> float:
    """α of the sharing rule: how harmonics of several customers add. Domain reference 5.7 (R-H).

    >>> [phase_exponent(h) for h in (3, 5, 7, 11, 13, 4, 9, 17)]
    [1.1, 1.2, 1.4, 1.8, 1.9, 2.0, 2.0, 2.0]
    """
    return {3: 1.1, 5: 1.2, 7: 1.4, 11: 1.8, 13: 1.9}.get(order, 2.0)


def allowed_current_a(
    row: HarmonicRow, *, short_circuit_mva: float, agreed_mva: float, supply_mva: float
) -> float:
    """The harmonic current one customer may inject: the table's value scaled by short-circuit capacity and by his share,

    which is his agreed capacity over the rated capacity of the equipment that supplies the point of common coupling
    (GB/T 14549 as in domain reference 5.7, R-H), never more than the whole.

    >>> row = HarmonicRow("h", Decimal(10), Decimal(100), 5, Decimal(20), source_id="GBT-14549", clause="", grade=Grade.SECOND_HAND)
    >>> round(allowed_current_a(row, short_circuit_mva=150, agreed_mva=1.26, supply_mva=10), 2)
    5.34
    """
    whole = float(row.allowed_a) * short_circuit_mva / float(row.reference_mva)
    share = min(agreed_mva / supply_mva, 1.0)
    return float(whole * share ** (1 / phase_exponent(row.order)))


def six_pulse_a(rectifier_kva: float, kv: float) -> dict[int, float]:
    """Currents of an ideal six-pulse rectifier: 1/h of the fundamental at h = 6k ± 1 up to 25. An upper estimate.

    >>> six_pulse_a(0, 10)
    {}
    """
    if rectifier_kva <= 0:
        return {}
    fundamental = rectifier_kva / (3**0.5 * kv)
    return {h: fundamental / h for k in range(1, 5) for h in (6 * k - 1, 6 * k + 1)}


def flicker(change_percent: float, per_hour: float) -> float:
    """Plt of equal sudden voltage changes: each is felt for 2.3·d^3.2 seconds (IEC 61000-3-3's way by hand; recalled).

    >>> round(flicker(2.724, 60), 2), round(flicker(1.459, 420), 2)
    (0.98, 0.97)
    """
    return float((2.3 * per_hour / 3600) ** (1 / 3.2) * change_percent)


@dataclass(frozen=True)
class QualityRules:
    """The tables of power quality, and how much unbalance one customer may cause."""

    harmonics: Iterable[HarmonicRow]
    fluctuations: Iterable[FluctuationRow]
    flickers: Iterable[FlickerRow]
    unbalance_percent: float
    unbalance_ground: Ground


@dataclass(frozen=True)
class Connection:
    """Connection of the load: voltage, short-circuit capacity, what is agreed and what the supply can give."""

    kv: float
    short_circuit_mva: float
    agreed_mva: float
    supply_mva: float


def checks(rules: QualityRules, load: Disturbance, at: Connection) -> tuple[Check, ...]:
    """Every check that the stated load calls for, harmonics by order first. MVA throughout; percent of nominal voltage.

    Without a known ``supply_mva`` (NaN) no harmonic is judged, since nobody can say what the customer's share is.
    """
    found = []
    table = {row.order: row for row in rules.harmonics if abs(float(row.kv) - at.kv) < 0.05 * at.kv + 0.02}
    for order, value in sorted(load.harmonics_a.items()):
        if order in table and at.supply_mva > 0:
            limit = allowed_current_a(
                table[order],
                short_circuit_mva=at.short_circuit_mva,
                agreed_mva=at.agreed_mva,
                supply_mva=at.supply_mva,
            )
            row = table[order]
            found.append(Check("harmonic", str(order), value, limit, "A", (Ground.of(row),)))
    if load.step_kva > 0 and load.steps_per_hour > 0:
        found += _steps(rules, load, kv=at.kv, short_circuit_mva=at.short_circuit_mva)
    if load.single_phase_kva > 0:
        unbalance = load.single_phase_kva / 1000 / at.short_circuit_mva * 100
        allowed, ground = rules.unbalance_percent, rules.unbalance_ground
        found.append(Check("unbalance", "", unbalance, allowed, "%", (ground,)))
    return tuple(found)


def _steps(rules: QualityRules, load: Disturbance, *, kv: float, short_circuit_mva: float) -> list[Check]:
    """Sudden changes of load: the voltage change, and the flicker of so many an hour."""
    change, often = load.step_kva / 1000 / short_circuit_mva * 100, load.steps_per_hour
    own = [row for row in rules.fluctuations if float(row.from_kv) <= kv < float(row.below_kv)]
    rising = sorted(own, key=lambda row: row.up_to_per_hour)
    found = []
    step = next((r for r in rising if often <= float(r.up_to_per_hour)), None)
    step = step or (rising[-1] if rising else None)  # more often than the table goes: its strictest row
    if step:
        limit = float(step.allowed_percent)
        found.append(Check("fluctuation", "", change, limit, "%", (Ground.of(step),)))
    row = next((r for r in rules.flickers if float(r.from_kv) <= kv < float(r.below_kv)), None)
    if row:
        plt = flicker(change, often)
        found.append(Check("flicker", "", plt, float(row.allowed_plt), "Plt", (Ground.of(row),)))
    return found
