"""受电系统: what stands on the customer's side: compensation, incoming switch and fault level, and the words for them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from jiedian.core.sourced import Ground, Sourced

from .builds import Builds
from .metering import rated_current_a
from .supply import SupplyPoint, Wish
from .voltages import used_kv

Item = Literal["kvar_percent", "main_a", "device_kv", "switch_a", "break_ka"]


@dataclass(frozen=True)
class RatingRow(Sourced):
    """Standard sizes of a thing at a voltage, smallest first; for ``kvar_percent`` the least and the most."""

    id: str
    item: Item
    from_kv: Decimal
    below_kv: Decimal
    values: tuple[Decimal, ...]
    unit: Literal["A", "kA", "kV", "%"]
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Receiving:
    """Sizes on the customer's side. Kvar over all transformers (least, most) and for each of them; None or NaN: not known."""

    kvar: tuple[float, float] | None = None
    unit_kvar: tuple[tuple[float, float, float], ...] = ()
    """Of every transformer: kVA, least kvar, most kvar."""
    main_a: str = ""
    device_kv: str = ""
    switch_a: str = ""
    break_ka: str = ""
    short_circuit_mva: float = math.nan
    short_circuit_ka: float = math.nan
    is_single_phase: bool = False
    grounds: Mapping[str, tuple[Ground, ...]] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, str]:
        """Facts of the receiving system that are known, for the conditions of the menu."""
        known = {
            "kvar": self.kvar is not None,
            "incoming": bool(self.switch_a and (self.break_ka or math.isnan(self.short_circuit_ka))),
            "fault": not math.isnan(self.short_circuit_ka),
        }
        return {name: "yes" if holds else "no" for name, holds in known.items()}


def receiving(
    wish: Wish, legs: Sequence[SupplyPoint], units: Sequence[float], rows: Iterable[RatingRow]
) -> Receiving:
    """Sizes for a wish at its points with its transformers (kVA).

    The breaker carries the whole capacity (every source can) and breaks the largest of the points' fault levels.
    """
    kv = used_kv(wish, legs[0].kv)
    at = {row.item: row for row in rows if float(row.from_kv) <= kv < float(row.below_kv)}
    amps = rated_current_a(wish.kva, kv)
    strong = max((leg.short_circuit_mva for leg in legs if leg.short_circuit_mva > 0), default=math.nan)
    kilo = strong / (math.sqrt(3) * kv) if kv >= 0.3 else math.nan
    if kv < 1:
        main = _least(at.get("main_a"), amps)
        made = _grounds(at, incoming=("main_a",))
        return Receiving(main_a=main, is_single_phase=wish.is_single_phase, grounds=made)
    share = [float(size) / 100 for size in at["kvar_percent"].values] if "kvar_percent" in at else []
    return Receiving(
        kvar=(share[0] * sum(units), share[1] * sum(units)) if share else None,
        unit_kvar=tuple((unit, share[0] * unit, share[1] * unit) for unit in units) if share else (),
        device_kv=_least(at.get("device_kv"), kv),
        switch_a=_least(at.get("switch_a"), amps),
        break_ka="" if math.isnan(kilo) else _least(at.get("break_ka"), kilo),
        short_circuit_mva=strong,
        short_circuit_ka=kilo,
        grounds=_grounds(at, kvar=("kvar_percent",), incoming=("device_kv", "switch_a", "break_ka")),
    )


def _least(row: RatingRow | None, wanted: float) -> str:
    """The smallest size that is enough; empty where the series ends below it."""
    return next((f"{size:f}" for size in row.values if float(size) >= wanted), "") if row else ""


def _grounds(at: Mapping[Item, RatingRow], **items: tuple[Item, ...]) -> dict[str, tuple[Ground, ...]]:
    return {fact: tuple(Ground.of(at[item]) for item in named if item in at) for fact, named in items.items()}


def receiving_words(found: Receiving) -> dict[str, str]:
    """The sizes as the lines of the menu name them."""
    low, high = found.kvar or (math.nan, math.nan)
    sizes = list(dict.fromkeys(found.unit_kvar))
    return {
        "kvar_low": f"{low:.0f}",
        "kvar_high": f"{high:.0f}",
        "kvar_units": "、".join(
            f"每台 {kva:g} kVA 变压器 {least:.0f}–{most:.0f} kvar" for kva, least, most in sizes
        ),
        "kvar_units_en": ", ".join(
            f"{least:.0f}–{most:.0f} kvar for each {kva:g} kVA transformer" for kva, least, most in sizes
        ),
        "main_a": found.main_a or "—",
        "main_poles": "两极" if found.is_single_phase else "四极",
        "main_poles_en": "two-pole" if found.is_single_phase else "four-pole",
        "device_kv": found.device_kv,
        "switch_a": found.switch_a,
        "break_ka": found.break_ka,
        "sk_mva": f"{found.short_circuit_mva:.0f}",
        "ik_ka": f"{found.short_circuit_ka:.1f}",
    }


def builds_words(made: Builds) -> dict[str, str]:
    """Works of each side, and who pays, as the lines of the menu name it; a generator is the customer's own affair."""
    words: dict[str, str] = {}
    for side in ("utility", "customer"):
        pieces = [piece for piece in made.pieces if piece.payer == side and piece.piece != "generator"]
        words[f"{side}_builds"] = "、".join(piece.name_zh for piece in pieces) or "无"
        words[f"{side}_builds_en"] = ", ".join(piece.name_en for piece in pieces) or "nothing"
    return words
