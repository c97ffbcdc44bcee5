"""图模检查: what in a network contradicts itself or hangs free, whoever read it."""

from collections import Counter

import numpy as np

from jiedian.core.findings import Finding

from .network import Network
from .territory import groups, territory

SHOWN = 5


def contradictions(network: Network) -> list[Finding]:
    """Islands, loops, several sources on one island, values that cannot be, names used twice. Empty when all is well."""
    return [*_names(network), *_values(network), *_supply(network)]


def _say(code: str, names: list[str], where: str) -> list[Finding]:
    """One finding for all with the same trouble; says how many and names the first few."""
    return [Finding(code, where, count=len(names), first=names[:SHOWN])] if names else []


def _names(network: Network) -> list[Finding]:
    found = []
    for table in ("buses", "lines", "transformers", "links"):
        twice = [name for name, times in Counter(getattr(network, table).id).items() if times > 1]
        found += _say("grid.twice", twice, table)
    return found


def _values(network: Network) -> list[Finding]:
    lines, trafos, buses, loads = network.lines, network.transformers, network.buses, network.loads
    with np.errstate(invalid="ignore"):
        bad_line = ~(np.isfinite(lines.r_ohm) & np.isfinite(lines.x_ohm))
        bad_line |= (lines.r_ohm < 0) | (lines.length_m < 0)
        good_trafo = (trafos.rated_kva > 0) & (trafos.rated_hv_kv > 0) & (trafos.rated_lv_kv > 0)
        good_trafo &= np.isfinite(trafos.vk_percent) & (trafos.vk_percent != 0)
        near = np.abs(buses.kv[lines.from_bus] - buses.kv[lines.to_bus])
        found = (
            ("grid.bad_bus", "buses", ~(buses.kv > 0)),
            ("grid.bad_line", "lines", bad_line),
            ("grid.zero_impedance", "lines", (lines.r_ohm == 0) & (lines.x_ohm == 0)),
            ("grid.line_voltages", "lines", near > 0.25 * buses.kv[lines.from_bus]),
            ("grid.bad_trafo", "transformers", ~good_trafo),
            ("grid.bad_load", "loads", ~(np.isfinite(loads.p_kw) & np.isfinite(loads.q_kvar))),
        )
    return [
        finding
        for code, table, rows in found
        for finding in _say(code, _pick(getattr(network, table).id, rows), table)
    ]


def _pick(names: tuple[str, ...], rows: np.ndarray) -> list[str]:
    return [names[row] for row in np.flatnonzero(rows).tolist()]


def _supply(network: Network) -> list[Finding]:
    found = []
    if not len(network.sources.bus):
        found.append(Finding("grid.no_source", "sources"))
    land = territory(network)
    dark = _pick(network.buses.id, ~land.is_fed) if len(network.sources.bus) else []
    found += _say("grid.island", dark, "buses")
    loops = [network.lines.id[row] for row in land.closing]
    found += _say("grid.loop", loops, "lines")
    return found + _say("grid.two_sources", _several(network), "sources")


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
