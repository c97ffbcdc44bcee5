"""谁建谁出资: who builds, pays for, owns and keeps every piece of a connection; estimate, duties and boundary follow from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from jiedian.core.closed import SchemeCondition
from jiedian.core.conditions import holds
from jiedian.core.sourced import Ground, Sourced

from .spots import CABINETS

Side = Literal["customer", "utility"]
OwnedBy = Literal["customer", "utility", "agreed"]
"""``agreed``: what a customer paid for inside a public substation; the rule says who keeps it, whose it is stands in the agreement of both."""
PieceName = Literal[
    "line", "switch", "bay", "station_bay", "meter", "incoming", "station", "changeover", "generator"
]
Boundary = Literal[
    "lv_meter",
    "fence",
    "fence_pole",
    "branch_pole",
    "first_pole",
    "cable_grid",
    "cable_pole",
    "cable_user",
    "site",
]
"""Where the customer's property begins: at the load side of the meter; at the first breaker or support, or the first pole, before the
fence; at the branch pole of the public line; at the first pole outside the substation; at the cable terminals in the grid's cabinet,
on its pole, or in his own panel; or where his line meets the grid, settled on site because nobody knows what stands there."""


@dataclass(frozen=True)
class PieceRow(Sourced):
    """A piece of a connection and whose it is under a condition; of one piece the first row that holds is taken.

    ``keeper`` is who runs and maintains it, which for what stands in a public substation is not its owner (art. 49).
    """

    id: str
    piece: PieceName
    condition: SchemeCondition
    builder: Side
    payer: Side
    owner: OwnedBy
    keeper: Side
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Piece:
    """One piece of a connection with whose it is, and the rows that say so."""

    piece: str
    builder: Side
    payer: Side
    owner: OwnedBy
    keeper: Side
    name_zh: str
    name_en: str
    grounds: tuple[Ground, ...]


@dataclass(frozen=True)
class Builds:
    """Everything a connection consists of outside and inside the fence, and the boundary of property that follows from it."""

    pieces: tuple[Piece, ...]
    boundaries: tuple[Boundary, ...]
    """Boundary of each source, in their order."""
    by_source: tuple[tuple[str, ...], ...]
    """Names of the pieces each source has, in their order."""

    @property
    def boundary(self) -> Boundary:
        """Boundary of the main source."""
        return self.boundaries[0]

    def of(self, piece: str) -> Piece | None:
        """The piece of that name; None where the connection has none."""
        return next((each for each in self.pieces if each.piece == piece), None)

    def payer(self, piece: str) -> Side:
        """Payer of a piece: the customer for what the table does not know, so that nobody is promised a gift."""
        found = self.of(piece)
        return found.payer if found else "customer"

    def owned_by(self, side: OwnedBy) -> tuple[Piece, ...]:
        """Pieces of one side."""
        return tuple(piece for piece in self.pieces if piece.owner == side)

    @property
    def grounds(self) -> tuple[Ground, ...]:
        """Rows behind the boundary: those that say whose the line and the meter are."""
        found = [self.of("line"), self.of("meter")]
        return tuple(ground for piece in found if piece for ground in piece.grounds)


def builds(rows: Sequence[PieceRow], each: Sequence[Mapping[str, str]]) -> Builds:
    """Builds of a scheme: whose every piece is, from the facts of each of its sources (``level``, ``line``, ``spot``, ``external_payer`` …).

    The boundary is where what the customer owns begins, so it never contradicts who paid for the line. Pieces all sources need stand once.
    """
    found: dict[str, Piece] = {}
    by_source: list[tuple[str, ...]] = []
    for facts in each:
        taken: set[str] = set()
        for row in rows:
            if row.piece not in taken and (not row.condition or holds(row.condition, facts)):
                taken.add(row.piece)
                whose = (row.builder, row.payer, row.owner, row.keeper)
                found[row.id] = Piece(row.piece, *whose, row.name_zh, row.name_en, (Ground.of(row),))
        by_source.append(tuple(taken))
    pieces = tuple(found[row.id] for row in rows if row.id in found)
    line: OwnedBy = next((piece.owner for piece in pieces if piece.piece == "line"), "customer")
    return Builds(pieces, tuple(boundary_of(facts, line) for facts in each), tuple(by_source))


def boundary_of(facts: Mapping[str, str], owner: OwnedBy) -> Boundary:
    """供电营业规则 2024 art. 50, read for a line whose owner is known: his own line begins where it leaves the grid, the company's ends at him."""
    level, is_cable, spot = facts.get("level"), facts.get("line") == "cable", facts.get("spot", "unknown")
    if owner == "utility":
        if level == "lv":
            return "lv_meter"
        return "cable_user" if is_cable else "fence_pole" if level == "hv" else "fence"
    if is_cable:
        return "cable_pole" if spot == "pole" else "cable_grid" if spot in CABINETS else "site"
    if spot == "station" and level != "lv":
        return "first_pole"
    return "branch_pole" if spot in ("pole", "line") else "site"
