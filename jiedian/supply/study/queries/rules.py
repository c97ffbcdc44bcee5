"""The tables under rules/schemes/ as one typed value."""

import math
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Literal

from jiedian.cases.papers.rows import papers
from jiedian.core.closed import Ids, ValueOf
from jiedian.core.decisions import AmountRow
from jiedian.core.sourced import Sourced
from jiedian.grid.circuit.calc.corridor import Factors
from jiedian.grid.circuit.calc.newline import ConductorRow, Hold
from jiedian.ground.rulebook.services import load
from jiedian.process.rows import milestone_step
from jiedian.supply.menu.calc.builds import PieceRow
from jiedian.supply.menu.calc.menu import BandRow, BlockRow, ConflictRow, FieldRow, ModuleRow
from jiedian.supply.menu.calc.metering import ClassRow
from jiedian.supply.menu.calc.quality import FlickerRow, FluctuationRow, HarmonicRow
from jiedian.supply.menu.calc.radius import reach_id
from jiedian.supply.menu.calc.receiving import RatingRow
from jiedian.supply.menu.calc.supply import FeeRow, PriceRow, ReliabilityRow, WorksRow
from jiedian.supply.menu.calc.voltages import VoltageRow

from ..calc.scheme import Rules, SourceRow

JURISDICTION = "山东"
"""Whose rates of the high-reliability fee apply."""


@dataclass(frozen=True)
class AutomaticRow(Sourced):
    """A fact that must have this value before the system answers a customer without a person."""

    id: str
    fact: Annotated[str, Ids("schemes/facts.csv")]
    value: Annotated[str, ValueOf("schemes/facts.csv", "fact")]
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class LiftRow(Sourced):
    """Lift of a binding element."""

    id: Literal["voltage", "line", "transformer", "base", "formula", "hand", "above", "collapse", "none"]
    zh: str
    en: str


@dataclass(frozen=True)
class UseRow(Sourced):
    """Words in a customer's name that tell what he uses power for; ``is_head``: only where the name ends with them.

    The cheap tariffs are head rows: 农业机械 is no farm, and who trades at the gate of an estate does not live in it.
    """

    id: str
    use: Literal["residential", "agriculture", "business", "industry"]
    words: str
    is_head: bool


ASIDE = re.compile(r"[（(][^）)]*[）)]|\s")
"""What stands beside a name: an address in brackets, blanks."""
TAIL = re.compile(
    r"(股份|有限|责任|公司|集团|专业|合作社|基地|场|园|站|户|[\d一二三四五六七八九十#-]|号|楼|栋|幢|座|单元|室|期|区|项目|新装|增容|用电)*"
)
"""What may follow the word that tells: the legal form, the number of a house, what is asked for."""


def likely_use(*names: str) -> str:
    """Likely use of a customer's power, by the first of his names that tells: the word that ends last, of those the longest.

    >>> [likely_use(name) for name in ("鲁中精密制造", "中国农业银行城西支行", "王小明")]
    ['industry', 'business', '']
    """
    return next((use for name in names if (use := _use_in(ASIDE.sub("", name)))), "")


def _use_in(name: str) -> str:
    told = [
        (found.end(), len(word), row.use)
        for row in load("intake/uses.csv", UseRow)
        for word in row.words.split()
        for found in re.finditer(f"{word}(?![路街巷])", name)
        if not row.is_head or TAIL.fullmatch(name, found.end())
    ]
    return max(told, default=(0, 0, ""))[2]


@cache
def amounts() -> dict[str, AmountRow]:
    """Every figure of the schemes by its id."""
    return {row.id: row for row in load("schemes/amounts.csv", AmountRow)}


def amount(name: str) -> float:
    """One figure."""
    return float(amounts()[name].value)


def figures(name: str) -> tuple[float, ...]:
    """A figure that is a list."""
    return tuple(float(word) for word in amounts()[name].value.split())


def factors() -> Factors:
    """Factors by which lengths are estimated."""
    straight, corridor = figures("STRAIGHT-FACTOR"), figures("CORRIDOR-FACTOR")
    return Factors((straight[0], straight[1], straight[2]), (corridor[0], corridor[1], corridor[2]))


def conductors() -> tuple[ConductorRow, ...]:
    """The conductors new lines are built with."""
    return load("schemes/conductors.csv", ConductorRow)


def hold(kv: float, *, is_single_phase: bool) -> Hold:
    """Limits that must hold at the end of a new line of a voltage."""
    low = "END-LOW-1PH" if is_single_phase else "END-LOW"
    drop = amount("DROP-HV") if kv >= 30 else math.inf
    reach = amount(reach_id(amounts(), kv))
    return Hold(amount(low), amount("END-HIGH"), reach, amount("HOT"), drop_percent=drop)


def automatic() -> tuple[AutomaticRow, ...]:
    """Conditions of an answer by the system alone."""
    return load("schemes/automatic.csv", AutomaticRow)


@cache
def scheme_rules(on: date) -> Rules:
    """Every table a scheme is composed from, as in force on a day."""
    return Rules(
        on=on,
        bands=load("schemes/bands.csv", BandRow),
        modules=(*load("schemes/modules.csv", ModuleRow), *_papers_of_pv(on)),
        blocks=load("schemes/blocks.csv", BlockRow),
        fields=load("schemes/fields.csv", FieldRow),
        ratings=load("schemes/ratings.csv", RatingRow),
        conflicts=load("schemes/conflicts.csv", ConflictRow),
        voltages=load("schemes/voltages.csv", VoltageRow),
        sources=load("schemes/sources.csv", SourceRow),
        classes=load("schemes/classes.csv", ClassRow),
        conductors=conductors(),
        harmonics=load("schemes/harmonics.csv", HarmonicRow),
        fluctuations=load("schemes/fluctuations.csv", FluctuationRow),
        flickers=load("schemes/flicker.csv", FlickerRow),
        pieces=load("schemes/pieces.csv", PieceRow),
        prices=load("schemes/prices.csv", PriceRow),
        works=load("schemes/works.csv", WorksRow),
        reliability=load("schemes/reliability.csv", ReliabilityRow),
        fees=load("schemes/fees.csv", FeeRow),
        jurisdiction=JURISDICTION,
        ct_stock_a=tuple(int(size) for size in figures("CT-STOCK")),
        normal_share=amount("CT-NORMAL-SHARE"),
        emergency_share=amount("EMERGENCY-SHARE"),
        unbalance_percent=amount("UNBALANCE-USER"),
        amounts=amounts(),
    )


def _papers_of_pv(on: date) -> list[ModuleRow]:
    """Lines of the menu for the papers of the commissioning inspection (并网验收): those the checklist owes by it, in its order."""
    inspection = milestone_step("distributed", "inspected")
    rows = [row for row in papers("distributed", on=on) if row.defer_until_step == inspection]
    return [
        ModuleRow(
            source_id=row.source_id,
            clause=row.clause,
            grade=row.grade,
            id=row.id,
            block="completion",
            slot=f"paper-{row.code}",
            condition="only_feed_in == 'yes'",
            zh=f"并网验收资料：{row.name_zh}" + (f"（{row.when_zh}）" if row.when_zh else ""),
            en=f"Papers of the commissioning inspection: {row.name_en}"
            + (f" ({row.when_en})" if row.when_en else ""),
            effective_from=None,
        )
        for row in rows
    ]


def lift(binding: str, zh: str, en: str) -> tuple[str, str]:
    """Lift of a binding element, from the rows."""
    rows = {row.id: row for row in load("schemes/lifts.csv", LiftRow)}
    row = rows.get(binding) or rows["none"]
    return row.zh.format(element=zh), row.en.format(element=en)
