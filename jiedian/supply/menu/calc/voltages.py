"""电压等级: which voltage a customer uses, where it is metered, and whether the rules use it for his capacity."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from jiedian.core.evidence import binds
from jiedian.core.sourced import Sourced
from jiedian.grid.circuit.calc.newline import SINGLE_PHASE_KV

from .menu import in_force
from .supply import Wish

METERED_LOW_KV = 0.4


@dataclass(frozen=True)
class VoltageRow(Sourced):
    """Between which capacities a voltage is used; an upper load where the rule names one (kW). 0 names none."""

    id: str
    kv: Decimal
    from_kva: Decimal
    to_kva: Decimal
    to_kw: Decimal
    effective_from: date | None
    effective_to: date | None
    name_zh: str
    name_en: str


def used_kv(wish: Wish, point_kv: float) -> float:
    """The voltage the customer uses: a single-phase one takes 220 V between a phase and the neutral of a 380 V busbar."""
    return SINGLE_PHASE_KV if wish.is_single_phase and point_kv < 1 else point_kv


def at_meter(wish: Wish, point_kv: float, facts: Mapping[str, str]) -> float:
    """The voltage at the meter: behind the transformer where high voltage is metered low (高供低计)."""
    return METERED_LOW_KV if facts.get("metering") == "hv_lv" else used_kv(wish, point_kv)


def at_voltage(rows: Iterable[VoltageRow], kv: float, *, on: date) -> list[VoltageRow]:
    """The rows of a voltage in force on a day."""
    return [
        row
        for row in rows
        if abs(float(row.kv) - kv) <= 0.06 * kv and in_force(row.effective_from, on, row.effective_to)
    ]


def fit(wish: Wish, rows: Sequence[VoltageRow]) -> Literal["yes", "no", "advised", "unknown"]:
    """``yes`` when a row of the voltage admits the wish, ``advised`` when what speaks against it is no issuer's text."""
    if not rows:
        return "unknown"
    if any(_admits(row, wish) for row in rows):
        return "yes"
    return "no" if all(binds(row.grade) for row in rows) else "advised"


def above(rows: Iterable[VoltageRow], kv: float, *, on: date) -> list[float]:
    """The voltages above one, the next first: where a customer goes whom it does not reach."""
    held = {float(row.kv) for row in rows if in_force(row.effective_from, on, row.effective_to)}
    return sorted(each for each in held if each > 1.06 * kv)


def _admits(row: VoltageRow, wish: Wish) -> bool:
    within = float(row.from_kva) <= wish.kva and (not row.to_kva or wish.kva <= float(row.to_kva))
    return within and (not row.to_kw or wish.load_kw <= float(row.to_kw))


def fitting(wish: Wish, rows: Iterable[VoltageRow], *, on: date) -> str:
    """The voltages whose rows admit the wish, the lowest first."""
    held = [row for row in rows if in_force(row.effective_from, on, row.effective_to)]
    found = {row.kv for row in held if _admits(row, wish) and (row.kv >= 0.3 or wish.is_single_phase)}
    return " / ".join(f"{kv:f}" for kv in sorted(found)) or "—"


def is_other_kv(asked_kv: float, supplied_kv: Iterable[float]) -> bool:
    """True where power comes at another voltage than was asked for; below 1 kV all is one, and nothing asked is nothing against.

    >>> is_other_kv(35, [110.0]), is_other_kv(10, [10.5]), is_other_kv(0.22, [0.4]), is_other_kv(0.38, [10.0])
    (True, False, False, True)
    """
    if asked_kv < 1:
        return asked_kv > 0 and any(kv >= 1 for kv in supplied_kv)
    return any(abs(kv - asked_kv) > 0.06 * asked_kv for kv in supplied_kv)
