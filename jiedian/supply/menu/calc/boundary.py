"""产权分界: what stands where each source leaves the grid, and the sentence on the boundary of property of every source."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from jiedian.grid.circuit.calc.naming import place_words

from .builds import Builds
from .menu import Grounds, Module, ModuleRow, modules
from .spots import spot_of
from .supply import SupplyPoint


def facts_of_each(
    facts: Mapping[str, str], legs: Sequence[SupplyPoint], made: Builds | None = None
) -> list[dict[str, str]]:
    """Facts of a scheme for each of its sources: what stands where it leaves the grid, whether its line is a dedicated one; its boundary."""
    each = [dict(facts) | spot_facts(leg) for leg in legs]
    for known, boundary in zip(each, made.boundaries if made else (), strict=False):
        known["boundary"] = boundary
    return each


def spot_facts(leg: SupplyPoint) -> dict[str, str]:
    """Facts of the place one source leaves the grid from."""
    spot = spot_of(leg)
    return {"spot": spot, "dedicated": "yes" if spot == "station" and leg.kv >= 1 else "no"}


def whole(legs: Sequence[SupplyPoint]) -> dict[str, str]:
    """The same for a scheme as a whole: the place of its main source; dedicated where every line is."""
    each = facts_of_each({}, legs)
    return each[0] | {"dedicated": min(facts["dedicated"] for facts in each)}


def built_facts(made: Builds) -> dict[str, str]:
    """Facts that follow from who builds what: the boundary of the main source, whose the line is, a bay of the customer's in a substation."""
    line = made.of("line")
    bay = any(piece.piece == "station_bay" and piece.payer == "customer" for piece in made.pieces)
    return {
        "boundary": made.boundary,
        "line_owner": line.owner if line else "customer",
        "own_bay": "yes" if bay else "no",
    }


def lines_of(
    rows: Sequence[ModuleRow],
    known: Mapping[str, str],
    sources: Sequence[tuple[Mapping[str, str], SupplyPoint]],
    *,
    figures: Mapping[str, str],
    why: Grounds,
    on: date,
) -> tuple[Module, ...]:
    """The lines of a scheme from its facts; where its sources (the facts of each, and its point) begin at unlike places, with a sentence on
    the boundary of every one.
    """
    lines = modules(rows, known, figures, why, on=on)
    if len({(facts["boundary"], facts["spot"]) for facts, _leg in sources}) < 2:
        return lines
    asked = [row for row in rows if row.block == "boundary"]
    told = [
        module
        for facts, leg in sources
        for module in modules(asked, facts, dict(figures) | place_words([leg]), why, on=on)
    ]
    said = replace(
        told[0],
        zh="".join(
            each.zh.replace("产权分界点", f"电源 {n} 产权分界点", 1) for n, each in enumerate(told, start=1)
        ),
        en=" ".join(
            each.en.replace("Boundary", f"Boundary of source {n}", 1) for n, each in enumerate(told, start=1)
        ),
        grounds=tuple(dict.fromkeys(ground for each in told for ground in each.grounds)),
    )
    return tuple(said if line.block == "boundary" else line for line in lines)
