"""图模检查: what in a network contradicts itself or hangs free, whoever read it."""

from collections import Counter

import numpy as np

from jiedian.core.findings import Finding

from .network import Bools, Network, Reals, unusable, unusable_lines
from .territory import groups, territory

SHOWN = 5
UNLIKE = 0.12
"""Nominal voltages farther apart than this are no two names of one level (10 and 10.5, 35 and 38.5 kV are); our own figure."""
RATED = 0.25
"""A winding rated farther than this from its bus is to be checked; beyond twice or half it is not calculated; ours."""


def contradictions(network: Network) -> list[Finding]:
    """Islands, loops, several sources on one island, values that cannot be, names used twice. Empty when all is well."""
    return [*_names(network), *_values(network), *_supply(network)]


def say(code: str, names: list[str], where: str) -> list[Finding]:
    """One finding for all with the same trouble; says how many and names the first few."""
    return [Finding(code, where, count=len(names), first=names[:SHOWN])] if names else []


def _names(network: Network) -> list[Finding]:
    found = []
    for table in ("buses", "lines", "transformers", "links"):
        twice = [name for name, times in Counter(getattr(network, table).id).items() if times > 1]
        found += say("grid.twice", twice, table)
    return found


def _values(network: Network) -> list[Finding]:
    lines, links, trafos = network.lines, network.links, network.transformers
    buses, loads, fed, shunts = network.buses, network.loads, network.generators, network.shunts
    high, low = buses.kv[trafos.hv_bus], buses.kv[trafos.lv_bus]
    with np.errstate(invalid="ignore"):
        bad_line = unusable_lines(lines)
        good_trafo = ~unusable(trafos, high, low)
        odd_trafo = _unlike(high, trafos.rated_hv_kv, RATED) | _unlike(low, trafos.rated_lv_kv, RATED)
        odd_trafo |= np.abs(trafos.ratio_pu - 1) > RATED
        odd_line = _unlike(buses.kv[lines.from_bus], buses.kv[lines.to_bus])
        odd_link = _unlike(buses.kv[links.a_bus], buses.kv[links.b_bus])
        found = (
            ("grid.bad_bus", "buses", ~(buses.kv > 0)),
            ("grid.bad_line", "lines", bad_line),
            ("grid.line_negative", "lines", ~bad_line & (lines.r_ohm < 0)),
            ("grid.zero_impedance", "lines", (lines.r_ohm == 0) & (lines.x_ohm == 0)),
            ("grid.line_voltages", "lines", odd_line),
            ("grid.line_voltages", "links", odd_link),
            ("grid.same_ends", "lines", lines.from_bus == lines.to_bus),
            ("grid.same_ends", "transformers", trafos.hv_bus == trafos.lv_bus),
            (
                "grid.no_held_voltage",
                "sources",
                ~(np.abs(network.sources.vm_pu - 1) < 0.5) | ~np.isfinite(network.sources.va_deg),
            ),
            ("grid.bad_trafo", "transformers", ~good_trafo),
            ("grid.rated_voltages", "transformers", good_trafo & odd_trafo),
            ("grid.bad_load", "loads", ~(np.isfinite(loads.p_kw) & np.isfinite(loads.q_kvar))),
            ("grid.bad_power", "generators", ~np.isfinite(fed.p_kw + fed.q_kvar)),
            ("grid.bad_power", "shunts", ~np.isfinite(shunts.p_kw + shunts.q_kvar)),
        )
    kept = [name for name, pu in network.held_pu.items() if not abs(pu - 1) < 0.5]
    return say("grid.no_held_voltage", kept, "generators") + [
        finding
        for code, table, rows in found
        for finding in say(code, _pick(_ids(network, table), rows), table)
    ]


def _unlike(a: Reals, b: Reals, share: float = UNLIKE) -> Bools:
    found: Bools = np.abs(a - b) > share * np.maximum(a, b)
    return found


def _ids(network: Network, table: str) -> tuple[str, ...]:
    """What the rows of a table are called; a source or a shunt by its bus."""
    if table in ("sources", "shunts"):
        return tuple(network.buses.id[bus] for bus in getattr(network, table).bus.tolist())
    return tuple(getattr(network, table).id)


def _pick(names: tuple[str, ...], rows: np.ndarray) -> list[str]:
    return [names[row] for row in np.flatnonzero(rows).tolist()]


def _supply(network: Network) -> list[Finding]:
    found = []
    if not len(network.sources.bus):
        found.append(Finding("grid.no_source", "sources"))
    land = territory(network)
    dark = _pick(network.buses.id, ~land.is_fed) if len(network.sources.bus) else []
    found += say("grid.island", dark, "buses")
    loops = [network.lines.id[row] for row in land.closing]
    found += say("grid.loop", loops, "lines")
    found += say("grid.loop", [network.transformers.id[row] for row in land.twice], "transformers")
    return found + say("grid.two_sources", _several(network), "sources")


def _several(network: Network) -> list[str]:
    """Sources whose low-voltage reach is one and the same, main transformers apart."""
    n = len(network.buses.id)
    lines, links, trafos = network.lines, network.links, network.transformers
    on = lines.from_closed & lines.to_closed
    live = trafos.hv_closed & trafos.lv_closed
    pairs = [
        *zip(lines.from_bus[on].tolist(), lines.to_bus[on].tolist(), strict=True),
        *zip(links.a_bus[links.is_closed].tolist(), links.b_bus[links.is_closed].tolist(), strict=True),
        *zip(trafos.hv_bus[live].tolist(), trafos.lv_bus[live].tolist(), strict=True),
    ]
    part = groups(n, pairs)
    times = Counter(part[network.sources.bus].tolist())
    return [network.buses.id[bus] for bus in network.sources.bus.tolist() if times[int(part[bus])] > 1]
