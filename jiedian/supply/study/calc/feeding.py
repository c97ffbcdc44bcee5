"""上网: what a scheme says of PV, and which rows are left where a customer has power already and only feeds in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .supply import SupplyPoint, Wish

if TYPE_CHECKING:
    from .scheme import Rules

KEPT = {
    ("boundary", "boundary"),
    ("notice", "free"),
    ("notice", "licence"),
    ("notice", "valid"),
    ("notice", "object"),
}
"""Fields of a scheme for power that a scheme for PV has as well: block and slot."""
OWN = "only_feed_in"
"""The fact by whose name a row says that it is written for PV."""
JUDGED = ("C-END", "C-FEED", "C-HAND")
"""Conflicts that feeding in can have: with the voltage at the customer's end and with what the point takes."""


def rules_for(wish: Wish, rules: "Rules") -> "Rules":
    """Rows a scheme is composed from: for who only feeds in, those of PV alone; nothing is built for him and nothing charged."""
    if not wish.is_only_feed_in:
        return rules
    return replace(
        rules,
        modules=tuple(
            row
            for row in rules.modules
            if (row.block, row.slot) in KEPT or row.block == "feed_in" or OWN in row.condition
        ),
        fields=tuple(
            row for row in rules.fields if (row.block, row.slot) in KEPT or row.block in ("feed_in", "fee")
        ),
        blocks=tuple(
            row for row in rules.blocks if row.id in {"feed_in", "fee", "completion"} | _KEPT_BLOCKS
        ),
        conflicts=tuple(row for row in rules.conflicts if row.id.startswith(JUDGED)),
        pieces=tuple(row for row in rules.pieces if row.piece in ("line", "meter")),
        prices=(),
        works=(),
        fees=(),
    )


_KEPT_BLOCKS = {block for block, _slot in KEPT}


def feeding_facts(wish: Wish, legs: Sequence[SupplyPoint]) -> dict[str, str]:
    """Facts of feeding in: ``feed_in`` whether the grid takes it (``none`` asked, ``ok``, ``short``, ``by_hand``), how, and whether that is all."""
    return {
        "feed_in": feed_fact(legs, wish.feed_in_kw),
        "feed_mode": wish.feed_mode or ("surplus" if wish.feed_in_kw > 0 else "none"),
        OWN: "yes" if wish.is_only_feed_in else "no",
    }


def feed_fact(legs: Sequence[SupplyPoint], feed_in_kw: float) -> str:
    """Fact of feeding in, whether the grid takes it: ``none`` asked, ``ok``, ``short``, or ``by_hand`` where nobody knows."""
    if feed_in_kw <= 0:
        return "none"
    if any(leg.feed_kw != leg.feed_kw for leg in legs):
        return "by_hand"
    return "ok" if min(leg.feed_kw for leg in legs) >= feed_in_kw else "short"


def feeding_words(wish: Wish, legs: Sequence[SupplyPoint]) -> Mapping[str, str]:
    """Figures of feeding in for the rows: kW asked, kW the points take at light load, and what binds."""
    return {
        "feed_in_kw": f"{wish.feed_in_kw:g}",
        "feed_kw": "、".join("—" if leg.feed_kw != leg.feed_kw else f"{leg.feed_kw:.0f}" for leg in legs),
        "feed_binding": "、".join(dict.fromkeys(leg.feed_element for leg in legs if leg.feed_element)) or "—",
    }
