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
class Inlet:
    """Inlet of one source: fault level at its point (MVA, kA; NaN: not known) and its breaker; empty: none of the series fits."""

    short_circuit_mva: float
    short_circuit_ka: float
    device_kv: str
    switch_a: str
    break_ka: str

    @property
    def is_fault_known(self) -> bool:
        return not math.isnan(self.short_circuit_ka)

    @property
    def is_rated(self) -> bool:
        """True if a breaker of the series carries the whole capacity, and breaks the fault level where that is known."""
        return bool(self.switch_a and (self.break_ka or not self.is_fault_known))


@dataclass(frozen=True)
class Receiving:
    """Sizes on the customer's side. Kvar over all transformers (least, most) and for each of them; None or NaN: not known.

    ``inlets`` has one for each source, in their order; none at low voltage, where ``main_a`` is the main switch.
    """

    kvar: tuple[float, float] | None = None
    unit_kvar: tuple[tuple[float, float, float], ...] = ()
    """Of every transformer: kVA, least kvar, most kvar."""
    main_a: str = ""
    inlets: tuple[Inlet, ...] = ()
    is_single_phase: bool = False
    grounds: Mapping[str, tuple[Ground, ...]] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, str]:
        """Facts of the receiving system that are known, for the conditions of the menu."""
        known = {
            "kvar": self.kvar is not None,
            "incoming": bool(self.inlets) and all(inlet.is_rated for inlet in self.inlets),
            "fault": any(inlet.is_fault_known for inlet in self.inlets),
        }
        return {name: "yes" if holds else "no" for name, holds in known.items()}


def receiving(
    wish: Wish, legs: Sequence[SupplyPoint], units: Sequence[float], rows: Iterable[RatingRow]
) -> Receiving:
    """Sizes for a wish at its points with its transformers (kVA).

    Each source's breaker carries the whole capacity (every source can) and breaks the fault level of its own point.
    """
    kv = used_kv(wish, legs[0].kv)
    at = {row.item: row for row in rows if float(row.from_kv) <= kv < float(row.below_kv)}
    amps = rated_current_a(wish.kva, kv)
    if kv < 1:
        main = _least(at.get("main_a"), amps)
        made = _grounds(at, incoming=("main_a",))
        return Receiving(main_a=main, is_single_phase=wish.is_single_phase, grounds=made)
    share = [float(size) / 100 for size in at["kvar_percent"].values] if "kvar_percent" in at else []
    return Receiving(
        kvar=(share[0] * sum(units), share[1] * sum(units)) if share else None,
        unit_kvar=tuple((unit, share[0] * unit, share[1] * unit) for unit in units) if share else (),
        inlets=tuple(_inlet(leg, at, kv, amps) for leg in legs),
        grounds=_grounds(at, kvar=("kvar_percent",), incoming=("device_kv", "switch_a", "break_ka")),
    )


def _inlet(leg: SupplyPoint, at: Mapping[Item, RatingRow], kv: float, amps: float) -> Inlet:
    mva = leg.short_circuit_mva if leg.short_circuit_mva > 0 else math.nan
    kilo = mva / (math.sqrt(3) * kv)
    return Inlet(
        short_circuit_mva=mva,
        short_circuit_ka=kilo,
        device_kv=_least(at.get("device_kv"), kv),
        switch_a=_least(at.get("switch_a"), amps),
        break_ka="" if math.isnan(kilo) else _least(at.get("break_ka"), kilo),
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
        **_inlet_words(found.inlets),
    }


def _inlet_words(inlets: Sequence[Inlet]) -> dict[str, str]:
    """Breaker and fault level of each source; said once where they are the same at all."""
    breakers, faults = [_breaker(inlet) for inlet in inlets], [_fault(inlet) for inlet in inlets]
    return {
        "breakers": of_each(
            [words[0] for words in breakers],
            "进线断路器：",
            "各路进线断路器：",
            "电源 {n} 进线断路器：",
            "；",
        ),
        "breakers_en": of_each(
            [words[1] for words in breakers],
            "Incoming breaker: ",
            "Each incoming breaker: ",
            "Incoming breaker of source {n}: ",
            "; ",
        ),
        "faults": of_each([words[0] for words in faults], "", "各路均为 ", "电源 {n} ", "；"),
        "faults_en": of_each([words[1] for words in faults], "", "each ", "source {n} ", "; "),
    }


def of_each(said: Sequence[str], alone: str, alike: str, one: str, between: str) -> str:
    """Sentence on each source: ``alone`` before it where there is one, ``alike`` where all are the same, else ``one`` with its number.

    >>> of_each(["a"], "", "all ", "{n} ", "; "), of_each(["a", "a"], "", "all ", "{n} ", "; ")
    ('a', 'all a')
    >>> of_each(["a", "b"], "", "all ", "{n} ", "; ")
    '1 a; 2 b'
    """
    if len(set(said)) < 2:
        return (alone if len(said) == 1 else alike) + said[0] if said else ""
    return between.join(one.format(n=n) + words for n, words in enumerate(said, start=1))


def _breaker(inlet: Inlet) -> tuple[str, str]:
    kv, amps, kilo = inlet.device_kv, inlet.switch_a, inlet.break_ka
    if kilo:
        return (
            f"额定电压 {kv} kV，额定电流不小于 {amps} A，额定短路开断电流不小于 {kilo} kA",
            f"rated {kv} kV, at least {amps} A, breaking at least {kilo} kA",
        )
    return (
        f"额定电压 {kv} kV，额定电流不小于 {amps} A，额定短路开断电流按供电企业书面提供的短路容量选定",
        f"rated {kv} kV, at least {amps} A, its breaking current by the fault level the company gives in writing",
    )


def _fault(inlet: Inlet) -> tuple[str, str]:
    if not inlet.is_fault_known:
        return "由供电企业在受电工程设计前书面提供", "given by the company in writing before the design"
    mva, kilo = f"{inlet.short_circuit_mva:.0f}", f"{inlet.short_circuit_ka:.1f}"
    return f"{mva} MVA，三相短路电流 {kilo} kA", f"{mva} MVA, three-phase {kilo} kA"


def builds_words(made: Builds) -> dict[str, str]:
    """Works of each side, and who pays, as the lines of the menu name it; a generator is the customer's own affair."""
    words: dict[str, str] = {}
    for side in ("utility", "customer"):
        pieces = [piece for piece in made.pieces if piece.payer == side and piece.piece != "generator"]
        words[f"{side}_builds"] = "、".join(piece.name_zh for piece in pieces) or "无"
        words[f"{side}_builds_en"] = ", ".join(piece.name_en for piece in pieces) or "nothing"
    return words
