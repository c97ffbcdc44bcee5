"""变压器组合: the transformers a capacity is made of: what is proposed, and what is unusual about what somebody chose."""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence

from .supply import SupplyPoint, Wish

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

LEAST_OF_SEVERAL_KVA = 50
"""The smallest transformer proposed beside others: nobody builds two of 30 kVA. Ours, no text has it; by hand any size may be written."""

MOST_UNITS = 4
"""More transformers of one customer than are usual."""


def plain_units(text: str) -> str:
    """Transformers with ``*`` and ``+`` alone, however they were typed: ``2×630``, ``2 x 630``, full-width, with kVA and 、 between.

    A comma before three figures parts thousands, as in every other power people type; else it parts transformers.

    >>> plain_units("2×630kVA、1台315"), plain_units("2×1,250 kVA"), plain_units("1250,630"), plain_units("630, 315")
    ('2*630+1*315', '2*1250', '1250+630', '630+315')
    >>> plain_units("2台×630kVA"), plain_units("630kVA×2"), plain_units("630×2＋315")
    ('2*630', '2*630', '2*630+315')
    """
    narrow = unicodedata.normalize("NFKC", text).lower().replace("kva", "")
    narrow = re.sub(r"(?<!\d)([1-9]\d?),(?=\d{3}(?!\d))", r"\1", narrow)
    plain = re.sub(r"台[×x✕·*]?|[×x✕·*]", "*", re.sub(r"[,、;和]", "+", re.sub(r"\s", "", narrow)))
    return re.sub(r"(?<![\d.*])(\d{2,}(?:\.\d+)?)\*([1-9])(?![\d.*])", r"\2*\1", plain)


def split_transformers(kva: float, *, at_least: int = 1, most_kva: float = math.inf) -> tuple[float, ...]:
    """Standard transformers that make up a capacity, none above ``most_kva``: one, else two equal, else two of unlike size, else
    three or four equal; the whole as one when none do. Two that can stand in for each other are what planners build.

    >>> split_transformers(1260), split_transformers(630), split_transformers(630, at_least=2), split_transformers(777)
    ((630.0, 630.0), (630.0,), (315.0, 315.0), (777.0,))
    >>> split_transformers(12_000), split_transformers(4000, most_kva=2500), split_transformers(6000, most_kva=2500)
    ((8000.0, 4000.0), (2000.0, 2000.0), (2000.0, 2000.0, 2000.0))
    """
    return next(_splits(kva, at_least, most_kva), (float(kva),))


def _splits(kva: float, at_least: int, most_kva: float) -> Iterator[tuple[float, ...]]:
    """Every standard composition of a capacity, the usual first; several are none below ``LEAST_OF_SEVERAL_KVA``."""
    for count in range(at_least, MOST_UNITS + 1):
        least = LEAST_OF_SEVERAL_KVA if count > 1 else 0
        sizes = [size for size in STANDARD_KVA if least <= size <= most_kva]
        if any(abs(kva / count - size) < 0.05 for size in sizes):
            yield (float(round(kva / count, 1)),) * count
        if count == 2:
            unlike = [(a, kva - a) for a in sizes if kva / 2 < a <= 2 * kva / 3 + 0.05 and kva - a in sizes]
            if unlike:
                yield (float(unlike[0][0]), float(unlike[0][1]))


def proposed_units(wish: Wish, legs: Sequence[SupplyPoint]) -> tuple[float, ...]:
    """Transformers proposed for a wish: two at least where there are several sources, and where his capacity is made of such, so many
    that those left carry what must run when the largest is out.
    """
    most = MOST_MV_KVA if legs[0].kv < 30 else math.inf
    found = list(_splits(wish.kva, min(len(legs), 2), most)) or [(float(wish.kva),)]
    return next((units for units in found if is_carried(wish, units)), found[0])


def is_carried(wish: Wish, units: Sequence[float]) -> bool:
    """True if the security load runs on when the largest of several transformers is out; one kVA carries one kW at most."""
    return len(units) < 2 or wish.security_kw <= sum(units) - max(units)


def unit_facts(wish: Wish, kv: float, units: Sequence[float]) -> dict[str, str]:
    """Facts on a composition: whether it adds up, whether its number and sizes are usual, and whether what is left when one is out carries
    what must run; at low voltage there is none.
    """
    is_low = kv < 1
    told = {
        "units_left": is_low or is_carried(wish, units),
        "units_match": is_low or abs(sum(units) - wish.kva) < 0.1,
        "units_standard": is_low or all(unit in STANDARD_KVA for unit in units),
        "units_usual": is_low or (len(units) <= MOST_UNITS and (kv >= 30 or max(units) <= MOST_MV_KVA)),
    }
    return {name: "yes" if holds else "no" for name, holds in told.items()}


def unit_words(wish: Wish, units: Sequence[float], sources: int) -> dict[str, str]:
    """Transformers, their sum, and how sources and sections of the customer's busbar go together, for the lines of the menu."""
    return {
        "units": " + ".join(f"{units.count(size)}×{size:g}" for size in dict.fromkeys(units)),
        "units_kva": f"{sum(units):g}",
        "units_odd": "、".join(f"{u:g}" for u in dict.fromkeys(units) if u not in STANDARD_KVA) or "—",
        "units_left": f"{sum(units) - max(units):g}",
        "unit_one": f"{_standard(wish.kva):g}",
        "unit_two": f"{_standard(max(wish.kva / 2, LEAST_OF_SEVERAL_KVA)):g}",
        "most_units": str(MOST_UNITS),
        "most_kva": f"{MOST_MV_KVA:g}",
        **_sections(min(sources, len(units)), sources),
    }


def _standard(kva: float) -> float:
    """The smallest standard size that is enough; the capacity itself beyond the series."""
    return next((float(size) for size in STANDARD_KVA if size >= kva - 0.05), kva)


def _sections(sections: int, sources: int) -> dict[str, str]:
    """Which source stands on which section: one on each, and those left over on the last, interlocked with its own."""
    if sources <= sections:
        return {"sections": "各段分别接一路电源", "sections_en": "one source on each"}
    first = "、".join(map(str, range(1, sections + 1)))
    rest = "、".join(map(str, range(sections + 1, sources + 1)))
    return {
        "sections": f"电源 {first} 各接一段，电源 {rest} 接入第 {sections} 段，与电源 {sections} 的进线开关互相闭锁",
        "sections_en": f"sources {first.replace('、', ', ')} on one each, source {rest.replace('、', ', ')} on section {sections}, interlocked with source {sections}",
    }
