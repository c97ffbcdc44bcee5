"""谁建谁出资: who builds, pays for, owns and keeps every piece of a connection; estimate, duties and boundary follow from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from jiedian.core.closed import SchemeCondition
from jiedian.core.conditions import holds
from jiedian.core.sourced import Ground, Sourced

Side = Literal["customer", "utility"]
PieceName = Literal[
    "line", "switch", "bay", "station_bay", "meter", "incoming", "station", "changeover", "generator"
]
Boundary = Literal[
    "lv_meter", "lv_support", "fence", "branch_pole", "first_pole", "fence_pole", "cable_grid", "cable_user"
]
"""Where the customer's property begins: at the load side of the meter; at the last support of the service line; at the first
breaker or support before the fence; at the branch pole of the public line; at the first pole outside the substation; at the first
pole before the fence; at the cable terminals in the grid's cabinet, or in his own."""


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
    owner: Side
    keeper: Side
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Piece:
    """One piece of a connection with whose it is, and the rows that say so."""

    piece: str
    builder: Side
    payer: Side
    owner: Side
    keeper: Side
    name_zh: str
    name_en: str
    grounds: tuple[Ground, ...]


@dataclass(frozen=True)
class Builds:
    """Everything a connection consists of outside and inside the fence, and the boundary of property that follows from it."""

    pieces: tuple[Piece, ...]
    boundary: Boundary

    def of(self, piece: str) -> Piece | None:
        """The piece of that name; None where the connection has none."""
        return next((each for each in self.pieces if each.piece == piece), None)

    def payer(self, piece: str) -> Side:
        """Payer of a piece: the customer for what the table does not know, so that nobody is promised a gift."""
        found = self.of(piece)
        return found.payer if found else "customer"

    def owned_by(self, side: Side) -> tuple[Piece, ...]:
        """Pieces of one side."""
        return tuple(piece for piece in self.pieces if piece.owner == side)

    @property
    def grounds(self) -> tuple[Ground, ...]:
        """Rows behind the boundary: those that say whose the line and the meter are."""
        found = [self.of("line"), self.of("meter")]
        return tuple(ground for piece in found if piece for ground in piece.grounds)


def builds(rows: Iterable[PieceRow], facts: Mapping[str, str]) -> Builds:
    """Builds of a scheme: whose every piece is, from the facts of a scheme (``level``, ``line``, ``external_payer``, ``dedicated`` and others).

    The boundary is where what the customer owns begins, so it never contradicts who paid for the line.
    """
    found: dict[str, Piece] = {}
    for row in rows:
        if row.piece not in found and (not row.condition or holds(row.condition, facts)):
            whose = (row.builder, row.payer, row.owner, row.keeper)
            found[row.piece] = Piece(row.piece, *whose, row.name_zh, row.name_en, (Ground.of(row),))
    line = found.get("line")
    return Builds(tuple(found.values()), _boundary(facts, line.owner if line else "customer"))


def _boundary(facts: Mapping[str, str], owner: Side) -> Boundary:
    """供电营业规则 2024 art. 50, read for a line whose owner is known."""
    if facts.get("level") == "lv":
        return "lv_meter" if owner == "utility" else "lv_support"
    if facts.get("line") == "cable":
        return "cable_user" if owner == "utility" else "cable_grid"
    if owner == "customer":
        is_own = facts.get("dedicated") == "yes" or facts.get("level") == "hv"
        return "first_pole" if is_own else "branch_pole"
    return "fence_pole" if facts.get("level") == "hv" else "fence"
