"""供电方案: compose one option for a wish from supply points and rule rows; say what contradicts and why."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from jiedian.core.decisions import AmountRow
from jiedian.core.sourced import Ground, Sourced
from jiedian.grid.circuit.calc.naming import place_words
from jiedian.grid.circuit.calc.newline import ConductorRow
from jiedian.supply.menu.calc import boundary, feeding, menu, metering, quality
from jiedian.supply.menu.calc.builds import Builds, PieceRow, builds
from jiedian.supply.menu.calc.estimate import fee_fact, fee_of, fee_words, km_of, quantities
from jiedian.supply.menu.calc.menu import (
    BandRow,
    BlockRow,
    Conflict,
    ConflictRow,
    FieldRow,
    Module,
    ModuleRow,
)
from jiedian.supply.menu.calc.newlines import lines_words
from jiedian.supply.menu.calc.receiving import RatingRow, Receiving, builds_words, receiving, receiving_words
from jiedian.supply.menu.calc.supply import (
    USES,
    Choices,
    CostLine,
    FeeRow,
    Interval,
    PriceRow,
    ReliabilityRow,
    SupplyPoint,
    Wish,
    WorksRow,
    apart,
    cost_lines,
    days,
    reliability,
    total,
)
from jiedian.supply.menu.calc.units import proposed_units, unit_facts, unit_words
from jiedian.supply.menu.calc.voltages import (
    VoltageRow,
    above,
    at_meter,
    at_voltage,
    fit,
    fitting,
    is_other_kv,
    used_kv,
)

from . import ends

CT_LOW = 0.2
"""Below this share of its primary current an S-class transformer is outside its range (GB/T 50063, second hand)."""

APART = ("none", "feeder", "section", "station")
"""From nearest to farthest apart."""


@dataclass(frozen=True)
class SourceRow(Sourced):
    """Number of sources a grade of importance needs and how far apart they are."""

    id: str
    importance: Literal["ordinary", "temporary", "second", "first", "special"]
    sources: int
    apart: Literal["", "feeder", "section", "station"]
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Rules:
    """Every table a scheme is composed from, and the day for which it is composed."""

    on: date
    bands: tuple[BandRow, ...]
    modules: tuple[ModuleRow, ...]
    blocks: tuple[BlockRow, ...]
    fields: tuple[FieldRow, ...]
    ratings: tuple[RatingRow, ...]
    conflicts: tuple[ConflictRow, ...]
    voltages: tuple[VoltageRow, ...]
    sources: tuple[SourceRow, ...]
    classes: tuple[metering.ClassRow, ...]
    conductors: tuple[ConductorRow, ...]
    harmonics: tuple[quality.HarmonicRow, ...]
    fluctuations: tuple[quality.FluctuationRow, ...]
    flickers: tuple[quality.FlickerRow, ...]
    pieces: tuple[PieceRow, ...]
    prices: tuple[PriceRow, ...]
    works: tuple[WorksRow, ...]
    reliability: tuple[ReliabilityRow, ...]
    fees: tuple[FeeRow, ...]
    jurisdiction: str
    ct_stock_a: tuple[int, ...]
    normal_share: float
    emergency_share: float
    unbalance_percent: float
    amounts: Mapping[str, AmountRow]


@dataclass(frozen=True)
class Option:
    """One way to supply a customer, whole: points, modules with their rules, conflicts, cost, time, reliability, depth."""

    legs: tuple[SupplyPoint, ...]
    choices: Choices
    facts: Mapping[str, str]
    figures: Mapping[str, str]
    modules: tuple[Module, ...]
    conflicts: tuple[Conflict, ...]
    checks: tuple[quality.Check, ...]
    builds: Builds
    receiving: Receiving
    costs: tuple[CostLine, ...]
    days: Interval
    reliability: ReliabilityRow
    depth: float
    missing: tuple[str, ...]
    rank: tuple[int, int] = (1, 1)

    @property
    def key(self) -> str:
        """Key of an option: its points and its kind of line."""
        return "+".join(leg.bus for leg in self.legs) + "|" + self.choices.line

    @property
    def customer(self) -> Interval:
        return total(self.costs, "customer")

    @property
    def company(self) -> Interval:
        return total(self.costs, "utility")

    @property
    def to_explain(self) -> tuple[Conflict, ...]:
        """Conflicts that have to be mended, or explained in writing."""
        return tuple(conflict for conflict in self.conflicts if not conflict.is_advice)


def source_row(rules: Rules, importance: str) -> SourceRow:
    return next(row for row in rules.sources if row.importance == importance)


def compose(
    wish: Wish, legs: Sequence[SupplyPoint], rules: Rules, choices: Choices, *, base_wd: int
) -> Option:
    """Option put together for points and choices: every contradiction is listed. ``base_wd``: working days of the steps every choice needs."""
    units = choices.transformers or wish.transformers or proposed_units(wish, legs)
    given = _given(wish, legs, rules, choices, units)
    known, why = menu.facts_from_bands(rules.bands, _numbers(wish, legs, units), given, on=rules.on)
    ct = _current_transformer(wish, legs, units, rules, known)
    inside, found = receiving(wish, legs, units, rules.ratings), _quality(wish, legs, rules)
    fee = fee_of(wish, legs, rules.fees, choices, place=(rules.jurisdiction, rules.on))
    known |= _checked(wish, rules, known, ct, found) | inside.facts
    why |= _grounds(wish, legs, rules, found) | {"new_line": ends.line_grounds(legs, choices.line)}
    made = builds(rules.pieces, boundary.facts_of_each(known, legs))
    known |= boundary.built_facts(made) | {"fee": fee_fact(wish, legs, fee)}
    each = boundary.facts_of_each(known, legs, made)
    why |= {**inside.grounds, "boundary": made.grounds}
    figures = _words(wish, legs, units, rules, known, ct) | fee_words(wish, legs, fee)
    figures |= ends.homes(legs) | place_words(legs) | receiving_words(inside) | builds_words(made)
    need = max(leg.takes(wish.load_kw, choices.line) for leg in legs)
    figures |= ends.line_words(legs, choices.line, _next_kv(rules, wish, legs), used_kv(wish, legs[0].kv))
    figures |= lines_words(legs, choices.line, rules.amounts) | unit_words(wish, units, len(legs))
    figures["need_kw"] = f"{math.ceil(round(need, 3))}"
    said = list(zip(each, legs, strict=True))
    lines = boundary.lines_of(rules.modules, known, said, figures=figures, why=why, on=rules.on)
    return Option(
        tuple(legs),
        replace(choices, transformers=units),
        known,
        figures,
        lines,
        menu.conflicts(rules.conflicts, known, figures, why, on=rules.on),
        found,
        made,
        inside,
        cost_lines(rules.prices, each, quantities(wish, legs, units), made) + ((fee,) if fee else ()),
        days(rules.works, known, km_of(legs), made=made, base_wd=base_wd),
        reliability(rules.reliability, known),
        *menu.depth(rules.fields, [(line.block, line.slot) for line in lines], known),
    )


def _grounds(
    wish: Wish, legs: Sequence[SupplyPoint], rules: Rules, found: Sequence[quality.Check]
) -> dict[str, tuple[Ground, ...]]:
    needed = source_row(rules, wish.importance)
    return ends.grounds(
        needed=needed,
        is_counted=needed.sources >= wish.sources,
        voltages=_voltages(wish, legs, rules),
        amounts=rules.amounts,
        checks=found,
    )


def _voltages(wish: Wish, legs: Sequence[SupplyPoint], rules: Rules) -> list[VoltageRow]:
    return at_voltage(rules.voltages, used_kv(wish, legs[0].kv), on=rules.on)


def _next_kv(rules: Rules, wish: Wish, legs: Sequence[SupplyPoint]) -> str:
    """The next voltage above the one used; 66 kV stands beside 35 kV and is no step of its own."""
    steps = above(rules.voltages, used_kv(wish, legs[0].kv), on=rules.on)
    return next((f"{kv:g}" for kv in steps if kv != 66), "—")


def _numbers(wish: Wish, legs: Sequence[SupplyPoint], units: Sequence[float]) -> dict[str, float]:
    return {
        "kva": wish.kva,
        "load_kw": wish.load_kw,
        "kv": legs[0].kv,
        "units": float(len(units)),
        "biggest_kva": max(units),
        "current_a": metering.rated_current_a(wish.kva, used_kv(wish, legs[0].kv)),
    }


def _given(
    wish: Wish, legs: Sequence[SupplyPoint], rules: Rules, choices: Choices, units: Sequence[float]
) -> dict[str, str]:
    needed = source_row(rules, wish.importance)
    apartness = apart(legs)
    far = apartness == "single" or APART.index(apartness) >= APART.index(needed.apart or "none")
    given = {
        "importance": wish.importance,
        "use": wish.use,
        "use_told": _yes(wish.is_use_told),
        "supply_kv": "other" if is_other_kv(wish.kv, [leg.kv for leg in legs]) else "asked",
        "special_load": _yes(wish.is_special_load),
        "single_phase": _yes(wish.is_single_phase),
        "reviewed": _yes(wish.is_reviewed),
        "sources": str(len(legs)),
        "apart": apartness,
        "line": choices.line,
        "needed_sources": str(needed.sources),
        "sources_short": _yes(len({leg.feeder for leg in legs}) < max(needed.sources, wish.sources)),
        "sources_near": _yes(len(legs) > 1 and not far),
        "capacity_short": _yes(any(leg.is_short(wish.load_kw, choices.line) for leg in legs)),
        "days_left": "" if wish.days_left is None else str(wish.days_left),
        **feeding.feeding_facts(wish, legs),
        "new_line": ends.line_fact(legs, choices.line),
        "by_hand": _yes(any(leg.is_by_hand for leg in legs)),
        "transfer": _transferable(wish, legs),
        "voltage_fit": fit(wish, _voltages(wish, legs, rules)),
        "security_load": _yes(wish.security_kw > 0),
        "owner": "unknown" if any(leg.owner.side == "unknown" for leg in legs) else "public",
        "inspected": _yes(wish.is_inspected),
        **boundary.whole(legs),
        "external_payer": "utility" if wish.is_within_red_line or legs[0].kv < 1 else "customer",
    }
    given |= unit_facts(wish, legs[0].kv, units)
    if choices.metering:
        given["metering"] = choices.metering
    if len(legs) > 1 and choices.transfer:
        given["changeover"] = choices.transfer
    return given


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _transferable(wish: Wish, legs: Sequence[SupplyPoint]) -> str:
    """Whether the grid still feeds the point with the feeder's head open: yes, no, or unknown when nobody calculated it."""
    known = [leg.transfer_kw for leg in legs if not math.isnan(leg.transfer_kw)]
    return _yes(min(known) >= wish.load_kw) if known else "unknown"


def meter_kva(wish: Wish, units: Sequence[float], facts: Mapping[str, str]) -> float:
    """Capacity one meter measures: behind each transformer its own, else the whole."""
    return max(units) if facts.get("metering") == "hv_lv" else wish.kva


def _device(
    wish: Wish, legs: Sequence[SupplyPoint], rules: Rules, facts: Mapping[str, str]
) -> metering.ClassRow | None:
    return metering.class_of(rules.classes, at_meter(wish, legs[0].kv, facts))


def _current_transformer(
    wish: Wish, legs: Sequence[SupplyPoint], units: Sequence[float], rules: Rules, facts: Mapping[str, str]
) -> metering.CurrentTransformer | None:
    if facts.get("lv_meter") == "direct" and legs[0].kv < 1:
        return None
    rated = metering.rated_current_a(meter_kva(wish, units, facts), at_meter(wish, legs[0].kv, facts))
    return metering.current_transformer(rated, rules.ct_stock_a, normal_share=rules.normal_share)


def _quality(wish: Wish, legs: Sequence[SupplyPoint], rules: Rules) -> tuple[quality.Check, ...]:
    weakest = min(
        (leg.short_circuit_mva for leg in legs if not math.isnan(leg.short_circuit_mva)), default=0.0
    )
    if weakest <= 0:
        return ()
    supply = [leg.supply_mva for leg in legs]
    tables = quality.QualityRules(
        rules.harmonics,
        rules.fluctuations,
        rules.flickers,
        rules.unbalance_percent,
        Ground.of(rules.amounts["UNBALANCE-USER"]),
    )
    whole = math.nan if any(map(math.isnan, supply)) else max(supply)
    at = quality.Connection(legs[0].kv, weakest, wish.kva / 1000, whole)
    return quality.checks(tables, wish.disturbance, at)


def _unjudged(wish: Wish, found: Sequence[quality.Check]) -> set[str]:
    """Orders of harmonics that are stated but have no limit in the tables at this voltage."""
    stated = {str(order) for order, amps in wish.disturbance.harmonics_a.items() if amps > 0}
    return stated - {check.detail for check in found if check.item == "harmonic"}


def _checked(
    wish: Wish,
    rules: Rules,
    facts: Mapping[str, str],
    ct: metering.CurrentTransformer | None,
    found: Sequence[quality.Check],
) -> dict[str, str]:
    generator = wish.generator_kw
    change = {} if facts["sources"] == "1" else {"changeover": facts.get("changeover", "manual")}
    return change | {
        "accuracy": _yes(bool(rules.classes)),
        "ct": "direct" if facts.get("lv_meter") == "direct" else _yes(ct is not None),
        "ct_low": _yes(ct is not None and ct.used_at_normal < CT_LOW),
        "quality_over": _yes(any(not check.is_kept for check in found)),
        "quality_open": _yes(wish.is_special_load and (not found or bool(_unjudged(wish, found)))),
        "emergency_missing": _yes(
            facts["importance"] != "ordinary" and generator <= 0 and wish.security_kw > 0
        ),
        "emergency_small": _yes(0 < generator < rules.emergency_share * wish.security_kw),
        "security_open": _yes(facts["importance"] != "ordinary" and wish.security_kw <= 0),
    }


def _owner_words(legs: Sequence[SupplyPoint]) -> dict[str, str]:
    """Points whose owner is open, each with what leaves it open."""
    open_legs = [leg for leg in legs if leg.owner.side == "unknown"]
    return {
        "owner_open": "、".join(f"{leg.name_zh}（{leg.owner.words[0]}）" for leg in open_legs) or "—",
        "owner_open_en": ", ".join(f"{leg.name_en} ({leg.owner.words[1]})" for leg in open_legs) or "—",
    }


def _words(
    wish: Wish,
    legs: Sequence[SupplyPoint],
    units: Sequence[float],
    rules: Rules,
    facts: Mapping[str, str],
    ct: metering.CurrentTransformer | None,
) -> dict[str, str]:
    meter_kv, device = at_meter(wish, legs[0].kv, facts), _device(wish, legs, rules, facts)
    current = metering.rated_current_a(meter_kva(wish, units, facts), meter_kv)
    return {
        "kva": f"{wish.kva:g}",
        "load_kw": f"{round(wish.load_kw, 1):g}",
        "kv": f"{used_kv(wish, legs[0].kv):g}",
        "ct_ratio": ct.ratio if ct else "",
        "current_a": f"{current:.1f}",
        "ct_used": f"{100 * ct.used_at_normal:.0f}" if ct else "",
        "vt_ratio": metering.voltage_ratio(legs[0].kv, facts.get("wires", "")),
        "meter_active": device.active if device else "",
        "meter_reactive": device.reactive if device else "",
        "vt_class": device.vt if device else "",
        "ct_class": device.ct if device else "",
        "security_kw": f"{wish.security_kw:g}",
        "emergency_kw": f"{rules.emergency_share * wish.security_kw:.0f}",
        "generator_kw": f"{wish.generator_kw:g}",
        "needed_sources": facts["needed_sources"],
        **_owner_words(legs),
        "next_steps": wish.next_steps[0],
        "next_steps_en": wish.next_steps[1],
        "asked_kv": f"{wish.kv:g}",
        "point_kv": "、".join(f"{kv:g}" for kv in dict.fromkeys(leg.kv for leg in legs)),
        **dict(zip(("use_name", "use_name_en"), USES.get(wish.use, (wish.use, wish.use)), strict=True)),
        "fitting_kv": fitting(wish, rules.voltages, on=rules.on),
        **feeding.feeding_words(wish, legs),
        "capacity_kw": "、".join("—" if leg.is_by_hand else f"{math.floor(leg.capacity_kw)}" for leg in legs),
        **feeding.binding_words("binding", [(leg, leg.element) for leg in legs]),
        "lift_zh": "；".join(dict.fromkeys(leg.lift_zh for leg in legs if leg.lift_zh)) or "—",
        "lift_en": "; ".join(dict.fromkeys(leg.lift_en for leg in legs if leg.lift_en)) or "—",
    }
