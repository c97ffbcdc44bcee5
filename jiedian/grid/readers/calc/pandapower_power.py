"""Power that a pandapower network draws and feeds in: loads, generators, wards, motors, shunts."""

import numpy as np

from jiedian.grid.circuit.calc.network import Injections, Ints, Reals, Shunts

from .pandapower_grid import Grid
from .pandapower_tables import Table
from .pandapower_taps import tabled_values

PHASES = "abc"


def loads(grid: Grid) -> tuple[Injections, Shunts]:
    """All that draws constant power, and the share of it that depends on the voltage as shunts.

    pandapower takes the mean share of a bus's loads and applies it to everything at that bus; a constant-current share
    is read as half constant power, half constant impedance (its tangent at nominal voltage).
    """
    table = grid.table("load")
    parts = [_power(grid, "load", prefix=""), _wards(grid, "ward"), _wards(grid, "xward")]
    parts += [_power(grid, "storage", prefix="storage "), _phases(grid, "asymmetric_load"), _motors(grid)]
    drawn = _joined(parts)
    if not any(table.has(name) for name in ("const_z_percent", "const_z_p_percent", "const_i_p_percent")):
        return drawn, Shunts(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    return _voltage_dependent(grid, table, drawn)


def _voltage_dependent(grid: Grid, table: Table, drawn: Injections) -> tuple[Injections, Shunts]:
    at = grid.buses(table, "bus")
    ok = np.flatnonzero(table.flags("in_service") & grid.live(at))
    count = np.maximum(np.bincount(at[ok], minlength=len(grid.kv)), 1)
    share = {}
    for part in "pq":
        z = table.reals(f"const_z_{part}_percent", 0.0) + table.reals("const_z_percent", 0.0)
        i = table.reals(f"const_i_{part}_percent", 0.0) + table.reals("const_i_percent", 0.0)
        if part == "p":
            grid.count("grid.const_current", np.array(table.index)[ok][i[ok] != 0], of="load")
        share[part] = np.bincount(at[ok], weights=(z + i / 2)[ok], minlength=len(grid.kv)) / count / 100
    p, q = drawn.p_kw * share["p"][drawn.bus], drawn.q_kvar * share["q"][drawn.bus]
    k = np.flatnonzero((p != 0) | (q != 0))
    rest = Injections(drawn.id, drawn.bus, drawn.p_kw - p, drawn.q_kvar - q)
    return rest, Shunts(drawn.bus[k], p[k], q[k])


def generators(grid: Grid) -> Injections:
    """All that feeds in. The voltage that generators hold stands in ``held_pu``; here is their power."""
    gens, known = grid.table("gen"), grid.table("res_gen")
    at = grid.buses(gens, "bus")
    i = np.flatnonzero(gens.flags("in_service") & ~gens.flags("slack", default=False) & grid.live(at))
    grid.count("grid.voltage_held", np.array(gens.index, np.int64)[i], of="gen")
    reactive = dict(zip(known.index, known.reals("q_mvar", 0.0), strict=True))
    q = np.array([reactive.get(gens.index[k], 0.0) for k in i], np.float64)
    p = (gens.reals("p_mw") * gens.reals("scaling", 1.0))[i]
    held = Injections(tuple(f"gen {gens.index[k]}" for k in i), at[i], p * 1000, q * 1000)
    return _joined([_power(grid, "sgen", prefix=""), _phases(grid, "asymmetric_sgen"), held])


def shunts(grid: Grid) -> Shunts:
    """Shunts and the constant-impedance part of wards, as power drawn at the bus's nominal voltage."""
    table = grid.table("shunt")
    at = grid.buses(table, "bus")
    i = np.flatnonzero(table.flags("in_service") & grid.live(at))
    kv = table.reals("vn_kv")[i]
    ratio = np.square(grid.kv[at[i]] / np.where(np.isnan(kv), grid.kv[at[i]], kv))
    p, q = (values[i] * ratio for values in _stepped(grid, table))
    parts = [(at[i], p, q)]
    for name in ("ward", "xward"):
        ward = grid.table(name)
        where = grid.buses(ward, "bus")
        k = np.flatnonzero(ward.flags("in_service") & grid.live(where))
        parts.append((where[k], ward.reals("pz_mw")[k], ward.reals("qz_mvar")[k]))
    bus, p, q = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Shunts(bus.astype(np.int64), p * 1000, q * 1000)


def _stepped(grid: Grid, table: Table) -> tuple[Reals, Reals]:
    """MW and Mvar of the shunts at their steps: so many times that of one, or what their table has for the step."""
    tabled = table.flags("step_dependency_table", default=False)
    steps, found = table.reals("step", 1.0), []
    for name, default in (("p_mw", 0.0), ("q_mvar", np.nan)):
        given = tabled_values(grid, table, "step", name) if tabled.any() else steps
        found.append(np.where(tabled, np.nan_to_num(given), table.reals(name, default) * steps))
        if name == "p_mw":
            grid.count("grid.tap_table", np.array(table.index)[tabled & np.isnan(given)], of="shunt")
    return found[0], found[1]


def _power(grid: Grid, element: str, *, prefix: str) -> Injections:
    table = grid.table(element)
    scaling = table.reals("scaling", 1.0)
    return _rows(grid, element, prefix, table.reals("p_mw") * scaling, table.reals("q_mvar", 0.0) * scaling)


def _wards(grid: Grid, element: str) -> Injections:
    table = grid.table(element)
    return _rows(grid, element, f"{element} ", table.reals("ps_mw"), table.reals("qs_mvar"))


def _phases(grid: Grid, element: str) -> Injections:
    """Single-phase powers, summed: the calculation is balanced, and a finding says so."""
    table = grid.table(element)
    scaling = table.reals("scaling", 1.0)
    grid.count("grid.unbalanced_power", table.index, of=element)
    p, q = (
        sum((table.reals(f"{kind}_{ph}_{unit}", 0.0) for ph in PHASES), np.zeros(len(table)))
        for kind, unit in (("p", "mw"), ("q", "mvar"))
    )
    return _rows(grid, element, f"{element} ", p * scaling, q * scaling)


def _motors(grid: Grid) -> Injections:
    table = grid.table("motor")
    efficiency = table.reals("efficiency_percent", 100.0) / 100
    p = table.reals("pn_mech_mw") / efficiency * table.reals("loading_percent", 100.0) / 100
    p = p * table.reals("scaling", 1.0)
    phi = np.arccos(np.clip(table.reals("cos_phi"), 1e-3, 1))
    return _rows(grid, "motor", "motor ", p, p * np.tan(phi))


def _rows(grid: Grid, element: str, prefix: str, p_mw: Reals, q_mvar: Reals) -> Injections:
    """The rows in service, in kW; a power that is no number is a finding and stays."""
    table = grid.table(element)
    at = grid.buses(table, "bus")
    i: Ints = np.flatnonzero(table.flags("in_service") & grid.live(at))
    wrong = i[~np.isfinite(p_mw[i] + q_mvar[i])]
    grid.count("grid.bad_power", np.array(table.index, np.int64)[wrong], of=element)
    ids = tuple(f"{prefix}{table.index[k]}" for k in i)
    return Injections(ids, at[i], p_mw[i] * 1000, q_mvar[i] * 1000)


def _joined(parts: list[Injections]) -> Injections:
    return Injections(
        tuple(id_ for part in parts for id_ in part.id),
        *(np.concatenate([getattr(part, c) for part in parts]) for c in ("bus", "p_kw", "q_kvar")),
    )
