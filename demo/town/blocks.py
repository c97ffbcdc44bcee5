"""Blocks of the made-up city: corners, what stands there and its name; the way round a block along its streets."""

from dataclasses import dataclass, field

from . import names
from .ground import Spot, along, apart, between
from .plan import BLOCKS, DRAWING, BlockRow
from .streets import Net, corner

NAMED = {
    "C": names.SHOPS, "S": names.SCHOOLS, "H": names.HOSPITALS, "G": names.OFFICES, "M": names.MARKETS, "T": names.TECH,
    "F": names.WORKS, "L": names.DEPOTS, "P": names.PARKS, "Z": (("示范火车站", "Shifan Railway Station"),),
}  # fmt: skip


@dataclass
class Block:
    """A block: column and row of its south-west corner, letter, name, corners from south-west against the clock."""

    at: tuple[int, int]
    letter: str
    name: str
    name_en: str
    corners: list[int]
    net: Net
    used: list[float] = field(default_factory=list)

    @property
    def row(self) -> BlockRow:
        return BLOCKS[self.letter]

    @property
    def kva(self) -> float:
        """Power at the peak, about."""
        public = sum(self.row.public) * self.row.loaded
        return public + self.row.own_kva * self.row.own_loaded

    @property
    def round(self) -> list[Spot]:
        """Way round it, closed."""
        return self.net.way([*self.corners, self.corners[0]])

    @property
    def middle(self) -> Spot:
        way = self.round[:-1]
        return sum(x for x, _ in way) / 4, sum(y for _, y in way) / 4

    def side(self, number: int) -> tuple[int, int]:
        return self.corners[number % 4], self.corners[(number + 1) % 4]

    def is_street(self, number: int) -> bool:
        a, b = self.side(number)
        return b in self.net.joined[a]

    def spot(self, number: int, share: float) -> Spot:
        """Spot on a side, by the share of its length."""
        a, b = self.side(number)
        way = self.net.way([a, b])
        return along(way, share * apart(*way))

    def reach(self, number: int, share: float, metres: float, *, forward: bool) -> list[Spot]:
        """Way from a spot along the block's streets, to where they end or ``metres`` away."""
        sides = [(number + (k if forward else -k)) % 4 for k in range(4)]
        way = [self.spot(number, share)]
        for k, side in enumerate(sides):
            if k and not self.is_street(side):
                break
            a, b = self.side(side)
            way.append(self.net.at[b if forward else a])
        return between(way, 0.0, metres)

    def lead(self, start: int, number: int, share: float) -> list[Spot]:
        """Shortest way from a corner of the net to a spot on a side."""
        a, b = self.side(number)
        spot = self.spot(number, share)
        ways = [[*self.net.way(self.net.route(start, end)), spot] for end in (a, b)]
        return min(ways, key=lambda way: sum(apart(p, q) for p, q in zip(way, way[1:], strict=False)))


def blocks(net: Net) -> list[Block]:
    """Every block of the drawing but the river, from the south-west."""
    found: list[Block] = []
    count: dict[str, int] = {}
    for row, line in enumerate(reversed(DRAWING)):
        for column, letter in enumerate(line):
            if letter == "~":
                continue
            group = letter if letter in NAMED else "R"
            n = count[group] = count.get(group, 0) + 1
            name, name_en = NAMED[letter][n - 1] if letter in NAMED else _estate(n - 1)
            corners = [
                corner(column, row), corner(column + 1, row), corner(column + 1, row + 1), corner(column, row + 1),
            ]  # fmt: skip
            found.append(Block((column, row), letter, name, name_en, corners, net))
    return found


def _estate(n: int) -> tuple[str, str]:
    word, word_en = names.ESTATES[(7 * n) % len(names.ESTATES)]
    end, end_en = names.ENDINGS[n // len(names.ESTATES)]
    return word + end, f"{word_en} {end_en}"
