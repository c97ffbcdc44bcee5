"""pandapower → Network: the same model that pandapower 3.5 itself solves, with a finding for whatever is not taken over."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from jiedian.core.findings import Finding
from jiedian.grid.circuit.calc.network import (
    Bools,
    Buses,
    Ints,
    Lines,
    Links,
    Network,
    Reals,
    Shunts,
    Sources,
)

from .pandapower_grid import Grid
from .pandapower_power import generators, loads, shunts
from .pandapower_tables import NOT_READ, from_json, from_net
from .pandapower_trafos import transformers

ENDS: Mapping[str, tuple[str, ...]] = {
    "trafo": ("hv_bus", "lv_bus"),
    "trafo3w": ("hv_bus", "mv_bus", "lv_bus"),
    "impedance": ("from_bus", "to_bus"),
    **dict.fromkeys(
        (
            *("ext_grid", "gen", "load", "sgen", "storage", "motor", "ward", "xward", "shunt"),
            *("asymmetric_load", "asymmetric_sgen"),
        ),
        ("bus",),
    ),
}
"""The columns that name a bus, by element."""


def read(source: bytes | Mapping[str, Any], *, name: str = "") -> tuple[Network, list[Finding]]:
    """A pandapower network (its JSON as bytes, or the net in memory) as a Network, and what a reader must know of it.

    Bus ids are the row numbers of pandapower's bus table as text; star points of three-winding transformers are extra
    buses behind them. What is out of service is left out. Values that cannot be used (NaN, negative length) stay in
    the arrays and are named in the findings; the calculation refuses the sections they lie in.
    Raises Refused when the file is not a pandapower network.
    """
    grid = Grid(from_json(source) if isinstance(source, bytes) else from_net(source))
    _left_out(grid)
    links, impedant = _links(grid)
    trafos, stars = transformers(grid)
    wards, behind = _extended_wards(grid, len(grid.kv) + len(stars))
    lines = _joined(_lines(grid), _impedances(grid), impedant, wards)
    buses = _buses(grid, stars | {name: kv for name, (kv, _) in behind.items()})
    drawn, part = loads(grid)
    fixed = shunts(grid)
    network = Network(
        name=name or _title(grid),
        buses=buses,
        lines=lines,
        transformers=trafos,
        links=links,
        loads=drawn,
        generators=generators(grid),
        shunts=Shunts(
            *(np.concatenate([getattr(s, c) for s in (fixed, part)]) for c in ("bus", "p_kw", "q_kvar"))
        ),
        sources=_sources(grid),
        hz=grid.hz,
        places=_places(grid),
        routes=_routes(grid),
        stars=tuple(stars),
        held_pu=_held(grid) | {name: pu for name, (_, pu) in behind.items()},
    )
    _cells(grid)
    return network, grid.findings


def _buses(grid: Grid, extra: dict[str, float]) -> Buses:
    """pandapower's buses and those of ours behind them."""
    numbers = grid.bus.index
    grid.count(
        "grid.bad_voltage", [n for n, kv in zip(numbers, grid.kv, strict=True) if not kv > 0], of="bus"
    )
    return Buses(tuple(str(n) for n in numbers) + tuple(extra), np.concatenate([grid.kv, [*extra.values()]]))


def _left_out(grid: Grid) -> None:
    """What is not read, or stands at a bus that does not exist; lines and switches are judged where they are read."""
    for element in NOT_READ:
        grid.count("grid.not_supported", grid.table(element).index, of=element)
    for element, columns in ENDS.items():
        table = grid.table(element)
        at = np.array([grid.buses(table, column) for column in columns])
        lost = np.flatnonzero((at < 0).any(axis=0) & table.flags("in_service"))
        grid.count("grid.no_such_bus", np.array(table.index, np.int64)[lost], of=element)


def _cells(grid: Grid) -> None:
    """Of every column that was read: cells that are no number, and empty ones that were read as something."""
    for element in (*ENDS, "bus", "line", "switch"):
        table = grid.table(element)
        for column, default in table.asked.items():
            odd = np.array(table.index, np.int64)[table.odd(column)]
            grid.count("grid.no_number", odd, of=f"{element}.{column}")
            is_flag = column in ("in_service", "closed")
            if is_flag or np.isfinite(default):
                value = "true" if is_flag else f"{default:g}"
                grid.count("grid.guessed", table.empty(column), of=f"{element}.{column} = {value}")


def _title(grid: Grid) -> str:
    words = grid.tables.get("name")
    return words if isinstance(words, str) and words else "pandapower"


def _links(grid: Grid) -> tuple[Links, Lines]:
    """Bus-to-bus switches: links, and those closed with an impedance as short lines."""
    table = grid.table("switch")
    kind = np.array(table.words("et"), object)
    a, b = grid.buses(table, "bus"), grid.buses(table, "element")
    is_bus = kind == "b"
    lost = is_bus & ((a < 0) | (b < 0))
    grid.count("grid.no_such_bus", [n for n, bad in zip(table.index, lost, strict=True) if bad], of="switch")
    is_bus &= ~lost
    _unlike(grid, "switch", (a, b), is_bus)
    closed = table.flags("closed") & grid.live(a) & grid.live(b)
    z = table.reals("z_ohm", 0.0)
    impedant = is_bus & closed & ~(z <= 0)
    pick = np.flatnonzero(is_bus & ~impedant)
    ids = tuple(str(table.index[i]) for i in pick)
    links = Links(ids, a[pick], b[pick], closed[pick])
    pick = np.flatnonzero(impedant)
    r = z[pick] * 2 / np.sqrt(5)  # pandapower's switch_rx_ratio = 2
    return links, _plain_lines(tuple(f"switch {table.index[i]}" for i in pick), a[pick], b[pick], r, r / 2)


def _unlike(grid: Grid, element: str, ends: tuple[Ints, Ints], ok: Bools) -> None:
    """Name what joins unlike nominal voltages, for pandapower solves that as if an ideal transformer stood there."""
    differs = ok & (np.abs(grid.kv[ends[0]] - grid.kv[ends[1]]) > 1e-6)
    grid.count("grid.pandapower_voltages", np.array(grid.table(element).index, np.int64)[differs], of=element)


def _plain_lines(ids: tuple[str, ...], a: Ints, b: Ints, r: Reals, x: Reals) -> Lines:
    """Branches of pure impedance without a rating."""
    none, unlimited, yes = np.zeros(len(ids)), np.full(len(ids), np.inf), np.ones(len(ids), np.bool_)
    return Lines(ids, a, b, r, x, none, none, unlimited, none, yes, yes)


def _lines(grid: Grid) -> Lines:
    table = grid.table("line")
    a, b = grid.buses(table, "from_bus"), grid.buses(table, "to_bus")
    lost = (a < 0) | (b < 0)
    grid.count("grid.no_such_bus", [n for n, bad in zip(table.index, lost, strict=True) if bad], of="line")
    km, parallel = table.reals("length_km"), table.reals("parallel", 1.0)
    r, x = (table.reals(f"{part}_ohm_per_km") * km / parallel for part in "rx")
    rated_a = table.reals("max_i_ka") * table.reals("df", 1.0) * parallel * 1000
    is_read = table.flags("in_service") & ~lost
    numbers = np.array(table.index, np.int64)
    unrated = is_read & ((rated_a <= 0) | np.isnan(table.reals("max_i_ka")) & ~table.odd("max_i_ka"))
    grid.count("grid.no_rating", numbers[unrated], of="line")
    rated_a[unrated] = np.inf
    wrong = is_read & ~((km >= 0) & (r >= 0) & np.isfinite(x) & (parallel > 0))
    grid.count("grid.bad_line", numbers[wrong], of="line")
    _unlike(grid, "line", (a, b), is_read)
    grid.count("grid.zero_impedance", numbers[is_read & (r == 0) & (x == 0)], of="line")
    open_a, open_b = grid.open_ends("l", table, ("from_bus", "to_bus"))
    from_closed, to_closed = grid.live(a) & ~open_a, grid.live(b) & ~open_b
    b_us = 2 * np.pi * grid.hz * table.reals("c_nf_per_km", 0.0) * 1e-3 * km * parallel
    g_us = table.reals("g_us_per_km", 0.0) * km * parallel
    i = np.flatnonzero(is_read)
    columns: tuple[Any, ...] = (a, b, r, x, b_us, g_us, rated_a, km * 1000, from_closed, to_closed)
    return Lines(
        tuple(str(table.index[k]) for k in i),
        *(column[i] for column in columns),
    )


def _impedances(grid: Grid) -> Lines:
    """Impedance elements between buses of one voltage, as lines; the mean where the two directions differ."""
    table = grid.table("impedance")
    a, b = grid.buses(table, "from_bus"), grid.buses(table, "to_bus")
    base = np.square(grid.kv[a]) / table.reals("sn_mva") if len(table) else np.zeros(0)
    old = {part: table.reals(f"{part}_pu") for part in "rx"}
    two = {
        part: [np.where(np.isnan(v := table.reals(f"{part}{way}_pu")), old[part], v) for way in ("ft", "tf")]
        for part in "rx"
    }
    ok = table.flags("in_service") & grid.live(a) & grid.live(b)
    differs = ok & (np.abs(grid.kv[a] - grid.kv[b]) > 1e-6) if len(table) else ok
    numbers = np.array(table.index, np.int64)
    grid.count("grid.impedance_voltages", numbers[differs], of="impedance")
    ends = {f"{part}{end}": table.reals(f"{part}{end}_pu", 0.0) for part in "gb" for end in "ft"}
    uneven = ok & ((two["r"][0] != two["r"][1]) | (two["x"][0] != two["x"][1]))
    uneven |= ok & ((ends["gf"] != ends["gt"]) | (ends["bf"] != ends["bt"]))
    grid.count("grid.uneven_impedance", numbers[uneven], of="impedance")
    i = np.flatnonzero(ok & ~differs)
    r, x = (((two[part][0] + two[part][1]) / 2 * base)[i] for part in "rx")
    found = _plain_lines(tuple(f"impedance {table.index[k]}" for k in i), a[i], b[i], r, x)
    g_us, b_us = (((ends[f"{part}f"] + ends[f"{part}t"]) * 1e6)[i] / base[i] for part in "gb")
    return replace(found, g_us=g_us, b_us=b_us)


def _extended_wards(grid: Grid, first: int) -> tuple[Lines, dict[str, tuple[float, float]]]:
    """The impedances of extended wards, and behind each a bus of its own (id → kV, the voltage kept there)."""
    table = grid.table("xward")
    at = grid.buses(table, "bus")
    i = np.flatnonzero(table.flags("in_service") & grid.live(at))
    r, x = (table.reals(f"{part}_ohm")[i] for part in "rx")
    names = [f"xward {table.index[k]}" for k in i]
    numbers = np.array(table.index, np.int64)[i]
    grid.count("grid.bad_line", numbers[~np.isfinite(r + x)], of="xward")
    lines = _plain_lines(tuple(names), at[i], first + np.arange(len(i)), r, x)
    kept = zip(grid.kv[at[i]].tolist(), table.reals("vm_pu", 1.0)[i].tolist(), strict=True)
    return lines, dict(zip(names, kept, strict=True))


def _joined(*parts: Lines) -> Lines:
    columns = Lines.__dataclass_fields__
    ids = tuple(id_ for part in parts for id_ in part.id)
    return Lines(ids, *(np.concatenate([getattr(p, c) for p in parts]) for c in columns if c != "id"))


def _sources(grid: Grid) -> Sources:
    """External grids, and generators that hold the slack."""
    table, gens = grid.table("ext_grid"), grid.table("gen")
    at, at_gen = grid.buses(table, "bus"), grid.buses(gens, "bus")
    i = np.flatnonzero(table.flags("in_service") & grid.live(at))
    k = np.flatnonzero(gens.flags("in_service") & gens.flags("slack", default=False) & grid.live(at_gen))
    vm = np.concatenate([table.reals("vm_pu", 1.0)[i], gens.reals("vm_pu", 1.0)[k]])
    va = np.concatenate([table.reals("va_degree", 0.0)[i], np.zeros(len(k))])
    if not len(vm):
        grid.findings.append(Finding("grid.no_source"))
    return Sources(np.concatenate([at[i], at_gen[k]]), vm, va)


def _held(grid: Grid) -> dict[str, float]:
    """The voltages that generators keep; their limits of reactive power are not read, as pandapower by default does."""
    gens = grid.table("gen")
    at, vm = grid.buses(gens, "bus"), gens.reals("vm_pu", 1.0)
    kept = np.flatnonzero(gens.flags("in_service") & ~gens.flags("slack", default=False) & grid.live(at))
    return {str(grid.bus.index[at[k]]): float(vm[k]) for k in kept[::-1]}


def _places(grid: Grid) -> dict[str, tuple[float, float]]:
    """Longitude and latitude of the buses, from the geo column or the older table."""
    import json

    places = {}
    for number, words in zip(grid.bus.index, grid.bus.words("geo"), strict=True):
        try:
            x, y = json.loads(words)["coordinates"][:2]
            places[str(number)] = (float(x), float(y))
        except (ValueError, TypeError, KeyError):
            continue
    older = grid.table("bus_geodata")
    for number, x, y in zip(older.index, older.reals("x"), older.reals("y"), strict=True):
        places.setdefault(str(number), (float(x), float(y)))
    return {number: place for number, place in places.items() if np.isfinite(place).all()}


def _routes(grid: Grid) -> dict[str, tuple[tuple[float, float], ...]]:
    """The routes of the lines, from the geo column or the older table."""
    import json

    table, older = grid.table("line"), grid.table("line_geodata")
    drawn: list[tuple[int, Any]] = []
    for number, words in zip(table.index, table.words("geo"), strict=True):
        try:
            drawn.append((number, json.loads(words)["coordinates"]))
        except (ValueError, TypeError, KeyError):
            continue
    drawn += zip(older.index, older.columns.get("coords", ()), strict=False)
    routes = {}
    for number, points in drawn:
        try:
            routes[str(number)] = tuple((float(x), float(y)) for x, y, *_ in points)
        except (ValueError, TypeError):
            continue
    return {number: way for number, way in routes.items() if np.isfinite(way).all()}
