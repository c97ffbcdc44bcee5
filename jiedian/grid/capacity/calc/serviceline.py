"""接入线: a line to a customer that is not built yet, as part of the flow: what he gets at his end, and the most it can carry.

The whole section is solved with the line in it, so that its losses are drawn at the bus and lower the voltage there too.
See docs/algorithms/open-capacity.md, "a new line".
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from jiedian.grid.circuit.calc.circuit import LINE, Branches, Circuit, Complexes
from jiedian.grid.circuit.calc.network import Bools, Ints, Lines, Network, Reals
from jiedian.grid.circuit.calc.sections import Mesh, Section, Split, tree_of
from jiedian.grid.kernel.calc.capacity import open_capacity
from jiedian.grid.kernel.calc.meshed import flow_of
from jiedian.grid.kernel.calc.prepared import CapacityLimits, Direction, Prepared, voltage_bound

LEAST_OHM = 1e-7
"""A line of no length is given this much, so that its two ends stay two."""
END = "@"
"""The customer's end of the k-th line is the bus ``@k``, the line itself ``@k``."""


@dataclass(frozen=True)
class ServiceLine:
    """接入线: a line from ``bus`` (row of the network's buses) to a customer who asks ``kw`` (takes or feeds in) at its end.

    ``r_ohm``, ``x_ohm`` and ``b_us`` are those of one phase's conductor over the whole length, as in Lines; ``rated_a`` its
    current. Single phase: the current also returns (twice the impedance), and the grid is judged by the phase it hangs on,
    as if the other two took the same.
    """

    bus: int
    r_ohm: float
    x_ohm: float
    kw: float
    b_us: float = 0.0
    rated_a: float = float("inf")
    is_single_phase: bool = False


@dataclass(frozen=True)
class ServiceFlow:
    """Flow of a service line: what is seen at the customer's end with his ``kw`` flowing, and the most the line can carry.

    ``u_pu`` at his end and ``u_bus_pu`` at the bus are per unit of the nominal voltage, ``drop_percent`` what the line takes of
    it (negative: it rises), ``amps`` and ``loading_percent`` those of the line's more loaded end; NaN when the flow has no solution.
    ``capacity_kw`` is the largest power at his end that keeps every limit, there and in the grid; NaN with the reason in
    ``binding`` where a person must answer (as in Capacity). ``element`` names what binds; ``@`` is the line or its end.
    ``is_fit``: his power is carried, and his voltage lies within both limits: an added load never raises a voltage, yet it may stay too high.
    """

    is_solved: bool
    u_pu: float
    u_bus_pu: float
    drop_percent: float
    amps: float
    loading_percent: float
    capacity_kw: float
    binding: str
    element: str
    is_fit: bool


def served(
    prepared: Prepared,
    lines: Sequence[ServiceLine],
    *,
    limits: CapacityLimits,
    direction: Direction = "load",
) -> list[ServiceFlow]:
    """Every line by itself, in the present state, with ``limits`` (whose ``pf`` is the customer's). ValueError for a value that is none.

    >>> served(prepared, [ServiceLine(17, 1.5, 1.9, 57.0)], limits=limits)[0].u_pu  # doctest: +SKIP
    nan
    """
    for line in lines:
        given = (line.r_ohm, line.x_ohm, line.b_us, line.kw)
        if not (np.isfinite(given).all() and min(given) >= 0 and line.rated_a > 0):
            raise ValueError(f"{line}: impedance, power and rating must be numbers, none negative")
    found: list[ServiceFlow | None] = [None] * len(lines)
    buses = np.array([line.bus for line in lines], np.int64)
    parts = prepared.split.part[prepared.circuit.node[buses]].tolist()
    groups: dict[tuple[int, int], list[int]] = {}
    for k, (line, part) in enumerate(zip(lines, parts, strict=True)):
        # a line that charges its bus must not be seen by the others, and the busbar of a source has no section to share
        alone = k if line.b_us or part < 0 else -1
        groups.setdefault((int(part), alone), []).append(k)
    for (part, _), rows in groups.items():
        flows = _together(prepared, part, [lines[k] for k in rows], limits, direction)
        for row, flow in zip(rows, flows, strict=True):
            found[row] = flow
    return [flow for flow in found if flow is not None]


def _together(
    prepared: Prepared, part: int, lines: list[ServiceLine], limits: CapacityLimits, direction: Direction
) -> list[ServiceFlow]:
    first, node = len(prepared.network.buses.id), prepared.circuit.size
    longer = _with_lines(prepared, part, lines)
    if longer is None:
        reason = prepared.split.reason[int(prepared.circuit.node[lines[0].bus])]
        nothing = (np.nan,) * 6
        return [ServiceFlow(False, *nothing, reason, "", False) for _line in lines]
    own = {
        node + k: (limits.single_vmin_pu, limits.single_vmax_pu)
        for k, line in enumerate(lines)
        if line.is_single_phase
    }
    buses = np.arange(first, first + len(lines))
    answer = open_capacity(longer, limits=replace(limits, own=own), direction=direction, buses=buses)
    sense = 1.0 if direction == "load" else -1.0
    times = np.array([3.0 if line.is_single_phase else 1.0 for line in lines])
    asked = np.array([line.kw for line in lines])
    powers = (sense * asked * times / 1000 * (1 + 1j * limits.tan_phi)).astype(np.complex128)
    ends = longer.circuit.node[buses]
    seen = _seen(
        longer, longer.part_of(first), ends, longer.circuit.node[[line.bus for line in lines]], powers
    )
    most = answer.capacity_kw / times
    inside = _inside(longer.circuit, ends, seen[0], replace(limits, own=own))
    flows = []
    for k, line in enumerate(lines):
        u, above, amps = (float(column[k]) for column in seen)
        name = END if answer.element[k] == f"{END}{k}" else answer.element[k]
        flows.append(
            ServiceFlow(
                bool(np.isfinite(u)), u, above, (above - u) * 100, amps, amps / line.rated_a * 100,
                float(most[k]), answer.binding[k], name, bool(inside[k] and most[k] >= line.kw),
            )
        )  # fmt: skip
    return flows


def _inside(circuit: Circuit, ends: Ints, u: Reals, limits: CapacityLimits) -> Bools:
    """Whether the voltage at every end lies within both of its limits."""
    found: Bools = u >= voltage_bound(circuit, ends, limits, "load")
    found &= u <= voltage_bound(circuit, ends, limits, "generation")
    return found


def _seen(
    prepared: Prepared, part: int, ends: Ints, above: Ints, powers: Complexes
) -> tuple[Reals, Reals, Reals]:
    """Voltage at every end and at its bus, and the line's current in A, each with only its own power flowing."""
    circuit, place, each = prepared.circuit, prepared.split.place, np.arange(len(ends))
    found = prepared.split.parts[part]
    if isinstance(found, Section):
        tree = prepared.tree(part)
        demand = np.repeat(found.demand[None], len(ends), axis=0)
        demand[each, place[ends]] += powers
        flow = tree.base(demand)
        v, j = flow.v / found.scale, flow.j[each, place[ends]] * found.scale[place[ends]]
        parent = found.parent[place[ends]]
        upper = v[each, parent]
        half = circuit.branches.y_end[_rows_of(circuit, ends)]
        below = j - half * v[each, place[ends]]
        size = np.maximum(np.abs(j + half * upper), np.abs(below))
    else:
        v = flow_of(prepared, found).probe(place[ends], powers)
        at = np.full(circuit.size, -1, np.int64)
        at[found.nodes] = np.arange(found.size)
        upper = v[each, at[above]]
        rows = _rows_of(circuit, ends)
        z, half = circuit.branches.z[rows], circuit.branches.y_end[rows]
        own = v[each, place[ends]]
        through = (upper - own) / z
        size = np.maximum(np.abs(through + half * upper), np.abs(through - half * own))
    u = np.abs(v[each, place[ends]])
    return u, np.where(np.isnan(u), np.nan, np.abs(upper)), size * 1000 / (np.sqrt(3) * circuit.kv[ends])


def _rows_of(circuit: Circuit, ends: Ints) -> Ints:
    """The branches of the new lines: the last ones, in the order of their ends."""
    return np.arange(len(circuit.branches.z) - len(ends), len(circuit.branches.z))


def _with_lines(prepared: Prepared, part: int, lines: list[ServiceLine]) -> Prepared | None:
    """The prepared network with the lines in it, only their section made anew; None where nothing can be calculated."""
    old, split = prepared.circuit, prepared.split
    above = old.node[[line.bus for line in lines]]
    if part < 0 and split.reason[int(above[0])] != "source":
        return None
    circuit = _longer(old, lines, above)
    new = np.arange(old.size, circuit.size)
    rows = np.arange(len(old.branches.z), len(circuit.branches.z))
    parts = list(split.parts)
    if part < 0:
        root = int(above[0])
        root_v = float(abs(old.source_v[np.flatnonzero(old.source_node == root)[0]]))
        part = len(parts)
        tree = tree_of(circuit, new, rows, root, root_v)
        parts.append(tree)  # type: ignore[arg-type]
    else:
        parts[part] = _longer_part(circuit, split.parts[part], new, rows)
    found = parts[part]
    is_tree = isinstance(found, Section)
    own = found.nodes[1:] if is_tree else found.nodes[: found.size - len(found.held)]  # type: ignore[union-attr]
    part_of = np.concatenate([split.part, np.full(len(new), part, np.int64)])
    place = np.concatenate([split.place, np.zeros(len(new), np.int64)])
    place[own] = np.arange(len(own)) + is_tree
    return Prepared(circuit, Split(tuple(parts), part_of, place, (*split.reason, *[""] * len(new))))


def _longer_part(circuit: Circuit, found: Section | Mesh, new: Ints, rows: Ints) -> Section | Mesh:
    every = np.concatenate([found.branches, rows])
    if isinstance(found, Section):
        nodes = np.concatenate([found.nodes[1:], new])
        tree = tree_of(circuit, nodes, every, int(found.nodes[0]), found.root_v, held=found.is_upstream_held)
        assert tree is not None
        return tree
    inner = found.size - len(found.held)
    return replace(
        found, nodes=np.concatenate([found.nodes[:inner], new, found.nodes[inner:]]), branches=every
    )


def _longer(old: Circuit, lines: list[ServiceLine], above: Ints) -> Circuit:
    """The circuit with a node and a branch for every line."""
    count = len(lines)
    new = np.arange(old.size, old.size + count)
    kv = old.kv[above]
    base = np.square(kv)
    around = np.array([2.0 if line.is_single_phase else 1.0 for line in lines])
    z = around * np.array([max(line.r_ohm, LEAST_OHM) + 1j * line.x_ohm for line in lines]) / base
    y_end: Complexes = np.array([1j * line.b_us for line in lines], np.complex128) * 1e-6 * base / 2
    limit = np.array([line.rated_a for line in lines]) / 1000 * np.sqrt(3) * kv
    first = len(old.network.lines.id)
    made = Branches(
        above, new, np.ones(count, np.complex128), z, y_end, limit, limit,
        np.full(count, LINE), np.arange(first, first + count),
    )  # fmt: skip
    branches = Branches(
        *(np.concatenate([getattr(old.branches, c), getattr(made, c)]) for c in Branches.__dataclass_fields__)
    )
    nothing = np.zeros(count, np.complex128)
    return replace(
        old,
        network=_longer_network(old.network, lines),
        node=np.concatenate([old.node, new]),
        kv=np.concatenate([old.kv, kv]),
        demand=np.concatenate([old.demand, nothing]),
        y=np.concatenate([old.y, nothing]),
        is_bad=np.concatenate([old.is_bad, np.zeros(count, np.bool_)]),
        branches=branches,
    )


def _longer_network(old: Network, lines: list[ServiceLine]) -> Network:
    """Names and ratings of the new lines and ends, so that what binds can be named; the circuit holds their values."""
    names = tuple(f"{END}{k}" for k in range(len(lines)))
    kv = old.buses.kv[[line.bus for line in lines]]
    buses = replace(old.buses, id=(*old.buses.id, *names), kv=np.concatenate([old.buses.kv, kv]))
    known: dict[str, Any] = {
        "r_ohm": [line.r_ohm for line in lines],
        "x_ohm": [line.x_ohm for line in lines],
        "b_us": [line.b_us for line in lines],
        "rated_a": [line.rated_a for line in lines],
        "from_bus": [line.bus for line in lines],
        "to_bus": np.arange(len(old.buses.id), len(buses.id)),
        "from_closed": [True] * len(lines),
        "to_closed": [True] * len(lines),
    }
    columns = {}
    for column in fields(Lines):
        if column.name != "id":
            was = getattr(old.lines, column.name)
            more = np.asarray(known.get(column.name, np.zeros(len(lines))))
            columns[column.name] = np.concatenate([was, more.astype(was.dtype)])
    return replace(old, buses=buses, lines=Lines(id=(*old.lines.id, *names), **columns))
