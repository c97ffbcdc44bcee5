"""费用与工期的数量: what the estimate of an option is computed from: metres of each source, circuits that pay a fee, sets."""

from collections.abc import Sequence
from datetime import date

from jiedian.supply.menu.calc.supply import (
    Choices,
    Circuits,
    CostLine,
    FeeRow,
    Interval,
    SupplyPoint,
    Wish,
    fee_line,
)


def km_of(legs: Sequence[SupplyPoint]) -> Interval:
    """New line of all sources together, km."""
    return Interval(
        sum(leg.length.low_m for leg in legs) / 1000,
        sum(leg.length.mid_m for leg in legs) / 1000,
        sum(leg.length.high_m for leg in legs) / 1000,
    )


def fee_of(
    wish: Wish,
    legs: Sequence[SupplyPoint],
    rows: Sequence[FeeRow],
    choices: Choices,
    *,
    place: tuple[str, date],
) -> CostLine | None:
    """The high-reliability fee by the rates of a jurisdiction on a day (``place``); None where none is asked or entered."""
    circuits = Circuits(wish.kva, len(legs), legs[0].kv, choices.line)
    return fee_line(rows, circuits, jurisdiction=place[0], on=place[1])


def fee_fact(wish: Wish, legs: Sequence[SupplyPoint], fee: CostLine | None) -> str:
    """Fact of the fee: ``rate`` known, ``by_hand``, found by the ``survey``, or ``none``."""
    if fee:
        return "rate"
    return "by_hand" if len(legs) > 1 else "survey" if wish.has_fee else "none"


def fee_words(wish: Wish, legs: Sequence[SupplyPoint], fee: CostLine | None) -> dict[str, str]:
    """Capacity a fee is asked for and its amount, as the lines of the menu name them."""
    return {"fee_kva": f"{wish.kva * (len(legs) - 1):g}", "fee_cny": str(fee.mid_cny) if fee else ""}


def quantities(
    wish: Wish, legs: Sequence[SupplyPoint], units: Sequence[float]
) -> dict[str, tuple[Interval, ...]]:
    """Quantities of the estimate; metres of line for each source."""
    metres = [Interval(leg.length.low_m, leg.length.mid_m, leg.length.high_m) for leg in legs]
    counted = {
        "kva": wish.kva,
        "more_sources": len(legs) - 1,
        "units": len(units),
        "generator_kw": wish.generator_kw,
        "once": 1,
    }
    told = {name: (Interval(value, value, value),) for name, value in counted.items()}
    return {"line_m": tuple(metres), **told}
