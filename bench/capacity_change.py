"""A reservation and an equipment change: only the touched section is calculated again (what is published of it), against all anew."""

from _grids import SECTION, network
from _measure import compare, cpu_seconds, say

from jiedian.grid.kernel.calc.capacity import open_capacity, prepare, with_demand
from jiedian.grid.kernel.calc.change import with_line, with_transformer
from jiedian.grid.kernel.calc.prepared import CapacityLimits, Prepared

LIMITS = CapacityLimits()
LARGE = "1-MVLV-urban-all-0-sw"


def again(prepared: Prepared, part: int, buses: list[int]) -> None:
    """The capacities of one section."""
    open_capacity(prepared, limits=LIMITS, buses=buses)


def main() -> None:
    for code in (SECTION, LARGE):
        grid = network(code)
        before = prepare(grid)
        bus = int(open_capacity(before, limits=LIMITS).bus[40])
        part = before.part_of(bus)
        section = before.tree(part).section
        bars = set(grid.transformers.lv_bus.tolist())
        own = [
            b for b in range(len(grid.buses.id))
            if before.part_of(b) == part and (1 <= grid.buses.kv[b] < 60 or b in bars)
        ]  # fmt: skip
        branches = before.circuit.branches
        line = next(int(branches.element[b]) for b in section.branches if branches.kind[b] == 0)
        trafo = next(int(branches.element[b]) for b in section.branches if branches.kind[b] == 1)

        def everything() -> None:
            open_capacity(prepare(grid), limits=LIMITS)  # noqa: B023

        changes = {
            "a reservation": lambda: with_demand(before, bus, p_kw=100, q_kvar=33),  # noqa: B023
            "a line replaced": lambda: with_line(before, line, rated_a=500.0, r_ohm=0.05),  # noqa: B023
            "a transformer replaced": lambda: with_transformer(before, trafo, rated_kva=50_000.0),  # noqa: B023
        }
        for name, change in changes.items():
            case = f"{code}: {name}, the {len(own)} MV nodes and LV busbars of its section of {section.size} again; peer: every bus anew"
            compare("capacity_change", case, lambda: again(change(), part, own), everything, rounds=3)  # noqa: B023
            only = sorted(cpu_seconds(lambda: again(change(), part, own)) for _ in range(5))[2]  # noqa: B023
            say("capacity_change", f"{code}: {name}, CPU seconds allowed 0.05", only, 0.05, unit="cpu s")
        every = [b for b in range(len(grid.buses.id)) if before.part_of(b) == part and grid.buses.kv[b] < 60]
        reserve = changes["a reservation"]
        whole = sorted(cpu_seconds(lambda: again(reserve(), part, every)) for _ in range(5))[2]  # noqa: B023
        case = f"{code}: a reservation, all {len(every)} buses of its section, CPU seconds allowed 0.05"
        say("capacity_change", case, whole, 0.05, unit="cpu s")


if __name__ == "__main__":
    main()
