"""菜单: a supply scheme put together from rows. Bands turn figures into facts, conditions on facts choose the modules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from jiedian.core.closed import Ids, SchemeCondition, Status, ValueOf
from jiedian.core.conditions import holds
from jiedian.core.evidence import decides


@dataclass(frozen=True)
class BandRow:
    """A figure within ``from_value`` ≤ figure < ``below_value`` gives a fact its value; the first row of a fact that fits wins."""

    id: str
    fact: Annotated[str, Ids("schemes/facts.csv")]
    figure: Literal["kv", "units", "kva", "current_a", "biggest_kva"]
    from_value: Decimal
    below_value: Decimal
    condition: SchemeCondition
    value: Annotated[str, ValueOf("schemes/facts.csv", "fact")]
    effective_from: date | None
    source: str
    status: Status


@dataclass(frozen=True)
class ModuleRow:
    """One line of the menu: stands in its block when its condition holds; of a slot the first row that holds is taken."""

    id: str
    block: Annotated[str, Ids("schemes/blocks.csv")]
    slot: str
    condition: SchemeCondition
    zh: str
    en: str
    effective_from: date | None
    source: str
    status: Status


@dataclass(frozen=True)
class BlockRow:
    """A part of the scheme, and whether a reply without it is too shallow."""

    id: str
    name_zh: str
    name_en: str
    is_required: bool
    source: str
    status: Status


@dataclass(frozen=True)
class ConflictRow:
    """Conflict of a scheme: the facts under which it contradicts a rule, and what would lift it."""

    id: str
    condition: SchemeCondition
    zh: str
    en: str
    lift_zh: str
    lift_en: str
    effective_from: date | None
    source: str
    status: Status


@dataclass(frozen=True)
class Module:
    """One line of a scheme as composed: the words in both languages, the rules behind them, and whether they only advise."""

    block: str
    zh: str
    en: str
    rules: tuple[str, ...]
    source: str
    status: str

    @property
    def is_advice(self) -> bool:
        return not decides(self.status)


@dataclass(frozen=True)
class Conflict:
    """One contradiction, with the rule it breaks and what would lift it. Advice warns, it does not forbid."""

    id: str
    zh: str
    en: str
    lift_zh: str
    lift_en: str
    source: str
    status: str

    @property
    def is_advice(self) -> bool:
        return not decides(self.status)


def in_force(effective_from: date | None, on: date) -> bool:
    return effective_from is None or effective_from <= on


def facts_from_bands(
    rows: Iterable[BandRow], figures: Mapping[str, float], facts: Mapping[str, str], *, on: date
) -> tuple[dict[str, str], dict[str, BandRow]]:
    """The facts that the bands give to the figures, and the row behind each. What is given already stays.

    A band may look at facts of earlier rows, so the order of the table matters.
    """
    known, why = dict(facts), {}
    for row in rows:
        if row.fact in known or row.figure not in figures or not in_force(row.effective_from, on):
            continue
        figure = figures[row.figure]
        fits = float(row.from_value) <= figure < float(row.below_value)
        if fits and (not row.condition or holds(row.condition, known)):
            known[row.fact], why[row.fact] = row.value, row
    return known, why


def modules(
    rows: Iterable[ModuleRow],
    facts: Mapping[str, str],
    figures: Mapping[str, str],
    why: Mapping[str, BandRow],
    *,
    on: date,
) -> tuple[Module, ...]:
    """The lines of a scheme. A line rests on its own row and on the bands whose facts its condition names."""
    taken: set[tuple[str, str]] = set()
    found = []
    for row in rows:
        key = (row.block, row.slot)
        if key in taken or not in_force(row.effective_from, on):
            continue
        if row.condition and not holds(row.condition, facts):
            continue
        taken.add(key)
        bands = [band for fact, band in why.items() if fact in row.condition]
        found.append(
            Module(
                row.block,
                row.zh.format_map(figures),
                row.en.format_map(figures),
                (row.id, *(band.id for band in bands)),
                "; ".join(dict.fromkeys([row.source, *(band.source for band in bands)])),
                "; ".join(dict.fromkeys([row.status, *(band.status for band in bands)])),
            )
        )
    return tuple(found)


def conflicts(
    rows: Iterable[ConflictRow], facts: Mapping[str, str], figures: Mapping[str, str], *, on: date
) -> tuple[Conflict, ...]:
    """Every rule that the facts contradict, those that forbid before those that advise."""
    found = [
        Conflict(
            row.id,
            row.zh.format_map(figures),
            row.en.format_map(figures),
            row.lift_zh.format_map(figures),
            row.lift_en.format_map(figures),
            row.source,
            row.status,
        )
        for row in rows
        if in_force(row.effective_from, on) and holds(row.condition, facts)
    ]
    return tuple(sorted(found, key=lambda conflict: conflict.is_advice))


def depth(blocks: Iterable[BlockRow], filled: Iterable[str]) -> tuple[float, tuple[str, ...]]:
    """The share of the required parts that a scheme fills, and the parts it leaves empty.

    >>> rows = [BlockRow(b, b, b, True, "s", "A") for b in ("source", "metering")]
    >>> depth(rows, ["source", "tariff"])
    (0.5, ('metering',))
    """
    wanted, have = [row.id for row in blocks if row.is_required], set(filled)
    missing = tuple(block for block in wanted if block not in have)
    return (1 - len(missing) / len(wanted) if wanted else 1.0), missing
