"""上网: which rows of a scheme are left where a customer has power already and only feeds in."""

from dataclasses import replace

from jiedian.supply.menu.calc.feeding import OWN
from jiedian.supply.menu.calc.supply import Wish

from .scheme import Rules

KEPT = {
    ("boundary", "boundary"),
    *(("duties", slot) for slot in ("meter", "harmonics", "care", "touch", "parallel")),
    ("notice", "free"),
    ("notice", "licence"),
    ("notice", "valid"),
}
"""Fields of a scheme for power that a scheme for PV has as well: block and slot. Its validity is a row of its own."""
STANDS = ("station", "incoming")
"""Pieces that who has power already has: neither built nor priced for PV."""
JUDGED = ("C-END", "C-FEED", "C-HAND")
"""Conflicts that feeding in can have: with the voltage at the customer's end and with what the point takes."""


def rules_for(wish: Wish, rules: Rules) -> Rules:
    """Rows a scheme is composed from: for who only feeds in, those of PV alone; nothing is charged, and at low voltage
    nothing is built: his line stands."""
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
        prices=tuple(row for row in rules.prices if "'lv'" not in row.condition and row.piece not in STANDS),
        pieces=tuple(row for row in rules.pieces if row.piece not in STANDS),
        works=tuple(row for row in rules.works if "level ==" in row.condition),
        fees=(),
    )


_KEPT_BLOCKS = {block for block, _slot in KEPT}
