"""CIM clocks: they turn no angle of a solved state, but round a closed loop they must agree."""

from collections.abc import Sequence

from jiedian.grid.circuit.calc.network import Lines, Links, Transformers

from .cim_lines import say
from .cim_objects import Objects


def say_clocks(
    objects: Objects, trafos: Transformers, clocks: Sequence[float], others: tuple[Lines, Links]
) -> None:
    """Name the transformers whose clock disagrees with the way that is closed beside them: they could not be joined."""
    lines, links = others
    on = lines.from_closed & lines.to_closed
    live = trafos.hv_closed & trafos.lv_closed
    edges = [
        (a, b, 0.0, "") for a, b in zip(lines.from_bus[on].tolist(), lines.to_bus[on].tolist(), strict=True)
    ]
    shut = links.is_closed
    edges += [
        (a, b, 0.0, "") for a, b in zip(links.a_bus[shut].tolist(), links.b_bus[shut].tolist(), strict=True)
    ]
    rows = zip(trafos.hv_bus.tolist(), trafos.lv_bus.tolist(), clocks, trafos.id, live.tolist(), strict=True)
    edges += [(a, b, clock, name) for a, b, clock, name, is_live in rows if is_live]
    hours = _Hours()
    odd = [name for a, b, clock, name in edges if not hours.agree(a, b, clock) and name]
    say(objects, "grid.clocks", odd, "PowerTransformer")


class _Hours:
    """Buses joined so far, each with its hour against the first of its group."""

    def __init__(self) -> None:
        self.above: dict[int, tuple[int, float]] = {}

    def root(self, bus: int) -> tuple[int, float]:
        """The first bus of a group, and the hour against it; the way there is made short."""
        way: list[int] = []
        while bus in self.above:
            way.append(bus)
            bus = self.above[bus][0]
        hour = 0.0
        for one in reversed(way):
            hour += self.above[one][1]
            self.above[one] = (bus, hour)
        return bus, hour

    def agree(self, a: int, b: int, clock: float) -> bool:
        """Join two buses that lie so many hours apart; False where they are joined already and lie otherwise."""
        (first, hour_a), (second, hour_b) = self.root(a), self.root(b)
        if first == second:
            return (hour_a + clock - hour_b) % 12 == 0
        self.above[second] = (first, hour_a + clock - hour_b)
        return True
