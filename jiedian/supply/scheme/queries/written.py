"""手工填写的方案: what a person wrote down as an option of the same form, and his words in the place of the menu's."""

import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from jiedian.cases.case.models.case import Case
from jiedian.core.closed import SOLAR
from jiedian.grid.circuit.calc.corridor import Length
from jiedian.supply.menu.calc.menu import Conflict, Module, conflicts
from jiedian.supply.menu.calc.said import is_one_point, said_facts
from jiedian.supply.menu.calc.supply import Choices, SupplyPoint, Wish
from jiedian.supply.menu.calc.units import plain_units
from jiedian.supply.study.calc.feeding import rules_for
from jiedian.supply.study.calc.scheme import CT_LOW, Option, Rules, compose
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.rules import amount
from jiedian.supply.study.queries.studies import wish_of
from jiedian.supply.study.queries.uses import use_of

FIELDS = (
    "supply_point",
    "standby_point",
    "capacity_kva",
    "boundary",
    "metering",
    "ct_ratio",
    "meter_class",
    "tariff",
    "protection",
    "power_quality",
    "duties",
)
HIS_WORDS = {
    "boundary": ("boundary", "boundary"),
    "protection": ("protection", "in"),
    "ct_ratio": ("metering", "ct"),
    "meter_class": ("metering", "accuracy"),
    "tariff": ("tariff", "tariff"),
    "power_quality": ("quality", "study"),
    "duties": ("duties", "agreed"),
}
"""Which field of the form what he wrote fills: block and slot."""
SPOKEN_FOR = {"protection": (("protection", "unit"), ("protection", "sources"))}
"""Fields that his words on another one speak of as well, so that nothing of the menu contradicts them."""
UNKNOWN_BY_HAND = ("C-HAND", "C-CAP", "C-FEED-HAND")
"""Contradictions about the grid: of points a person wrote down the network says nothing."""
UNKNOWN_APART = ("C-STATION", "C-STATION-1", "C-SECTION")
"""Contradictions about how far apart the sources are, while nobody has said it."""
MENUS_RATIO = ("C-CT", "C-CT-LOW")
"""Contradictions of the ratio the menu proposes, where he wrote another."""
LOW_KV = 0.4


def units_of(text: str) -> tuple[float, ...]:
    """Transformers as a planner writes them, in kVA.

    >>> units_of("2*630+315"), units_of("２×160 ＋ 315"), units_of("")
    ((630.0, 630.0, 315.0), (160.0, 160.0, 315.0), ())
    """
    found: list[float] = []
    for part in filter(None, plain_units(text).split("+")):
        count, _star, size = part.rpartition("*")
        found += [float(size)] * min(int(count or 1), 20)
    return tuple(found)


def scheme_by_hand(case: Case, values: Mapping[str, Any], rules: Rules, *, on: date) -> tuple[Wish, Option]:
    """Scheme that a person wrote, as a wish and an option of its points."""
    wish = _wish(case, values, on)
    names = _names(values)
    apart = "none" if is_one_point(names) else str(values.get("apart") or "feeder")
    legs = [_leg(case, name, n, apart) for n, name in enumerate(names)]
    choices = Choices(
        line=str(values.get("line") or "overhead"),
        metering=str(values.get("metering") or ""),
        transfer=str(values.get("transfer") or ("open" if len(names) > 1 else "")),
    )
    return wish, compose(wish, legs, rules_for(wish, rules), choices, base_wd=0)


def _names(values: Mapping[str, Any]) -> list[str]:
    """Points that he wrote down, the main one first."""
    return [str(name) for name in (values.get("supply_point"), values.get("standby_point")) if name]


def _wish(case: Case, values: Mapping[str, Any], on: date) -> Wish:
    """The wish of the case with the capacity, sources and transformers that he wrote."""
    site = Site.objects.filter(case=case).first() or Site(case=case, use=use_of(case) or Site.Use.BUSINESS)
    if said := str(values.get("use") or ""):
        site.use, site.is_use_told = said, True
    kva = float(values["capacity_kva"])
    return replace(
        wish_of(case, site, on=on),
        kva=kva,
        load_kw=0.0 if case.case_class in SOLAR else kva * amount("PF") * amount("LOAD-SHARE"),
        sources=2 if values.get("standby_point") else 1,
        transformers=units_of(str(values.get("units") or "")),
    )


def _leg(case: Case, name: str, n: int, apart: str) -> SupplyPoint:
    """A point of which only the name is known, and how far it is from the other."""
    homes = ("station", "section", "feeder")
    differs = homes[homes.index(apart) :] if apart in homes else ()
    own = {home: f"{n}" if home in differs else "" for home in homes}
    kv = float(case.voltage_kv)
    return SupplyPoint(
        bus="",
        name_zh=name,
        name_en=name,
        kv=kv if kv >= 1 else LOW_KV,
        station=own["station"],
        section=own["section"],
        feeder=own["feeder"],
        place=None,
        length=Length(0.0, 0.0, 0.0, "straight"),
        capacity_kw=math.nan,
    )


def known_conflicts(option: Option, values: Mapping[str, Any], rules: Rules) -> list[Conflict]:
    """The contradictions that can be known of what he wrote, those of his own figures last."""
    unknown = {*UNKNOWN_BY_HAND, *(() if values.get("apart") else UNKNOWN_APART)}
    unknown |= set(MENUS_RATIO) if values.get("ct_ratio") else set()
    facts, words = said_facts(
        values,
        option.figures,
        kv=option.legs[0].kv,
        names=_names(values),
        normal_share=rules.normal_share,
        low=CT_LOW,
    )
    said = conflicts(rules.conflicts, facts, {**option.figures, **words}, {}, on=rules.on)
    return [conflict for conflict in option.conflicts if conflict.id not in unknown] + list(said)


def spoken_for(values: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Fields that the words on another one speak of as well."""
    return {field for name, fields in SPOKEN_FOR.items() if values.get(name) for field in fields}


def in_his_words(option: Option, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lines of the menu as a version keeps them, his own words in the place of those he wrote."""
    said = {HIS_WORDS[name]: str(values[name]).strip() for name in HIS_WORDS if values.get(name)}
    silent = spoken_for(values)
    if not values.get("apart") and option.facts["apart"] != "none":
        silent.add(("source", "apart"))
    kept = [
        said_line(module.block, module.slot, said.pop((module.block, module.slot)))
        if (module.block, module.slot) in said
        else kept_line(module)
        for module in option.modules
        if (module.block, module.slot) not in silent
    ]
    return kept + [said_line(block, slot, words) for (block, slot), words in said.items()]


def said_line(block: str, slot: str, words: str) -> dict[str, Any]:
    """A line in a person's words: it rests on no row."""
    return {"block": block, "slot": slot, "zh": words, "en": words, "rules": [], "grounds": [], "grade": ""}


def kept_line(module: Module) -> dict[str, Any]:
    """A line of the menu as a version keeps it, with the rows behind it."""
    told = {"rules": module.rules, "grade": module.grade, "is_advice": module.is_advice}
    return asdict(module) | told
