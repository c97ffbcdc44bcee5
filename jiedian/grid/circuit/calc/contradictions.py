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


def _say(code: str, names: list[str], zh: str, en: str, where: str) -> list[Finding]:
    if not names:
        return []
    first = ", ".join(names[:SHOWN])
    return [
        Finding(f"grid.{code}", f"{zh}（{len(names)} 个：{first}）", f"{en} ({len(names)}: {first})", where)
    ]


def _names(network: Network) -> list[Finding]:
    found = []
    for table in ("buses", "lines", "transformers", "links"):
        twice = [name for name, times in Counter(getattr(network, table).id).items() if times > 1]
        found += _say("twice", twice, "编号重复", "the same id twice", table)
    return found


BAD_WORDS = {
    "bad_bus": ("额定电压无效", "nominal voltage is not positive"),
    "bad_line": (
        "长度或阻抗无效，所在片区须人工核定",
        "length or impedance is invalid: its section is for a person",
    ),
    "zero_impedance": ("阻抗为零，视为直接相连", "no impedance, taken as joined"),
    "line_voltages": ("两端电压不同", "joins two voltages"),
    "bad_trafo": (
        "容量或短路阻抗无效，所在片区须人工核定",
        "rating or impedance is invalid: its section is for a person",
    ),
    "bad_load": ("负荷不是数", "load is not a number"),
}


def _values(network: Network) -> list[Finding]:
    lines, trafos, buses, loads = network.lines, network.transformers, network.buses, network.loads
    with np.errstate(invalid="ignore"):
        bad_line = ~(np.isfinite(lines.r_ohm) & np.isfinite(lines.x_ohm))
        bad_line |= (lines.r_ohm < 0) | (lines.length_m < 0)
        good_trafo = (trafos.rated_kva > 0) & (trafos.rated_hv_kv > 0) & (trafos.rated_lv_kv > 0)
        good_trafo &= np.isfinite(trafos.vk_percent) & (trafos.vk_percent != 0)
        near = np.abs(buses.kv[lines.from_bus] - buses.kv[lines.to_bus])
        found = (
            ("bad_bus", "buses", ~(buses.kv > 0)),
            ("bad_line", "lines", bad_line),
            ("zero_impedance", "lines", (lines.r_ohm == 0) & (lines.x_ohm == 0)),
            ("line_voltages", "lines", near > 0.25 * buses.kv[lines.from_bus]),
            ("bad_trafo", "transformers", ~good_trafo),
            ("bad_load", "loads", ~(np.isfinite(loads.p_kw) & np.isfinite(loads.q_kvar))),
        )
    return [
        finding
        for code, table, rows in found
        for finding in _say(code, _pick(getattr(network, table).id, rows), *BAD_WORDS[code], table)
    ]


def _pick(names: tuple[str, ...], rows: np.ndarray) -> list[str]:
    return [names[row] for row in np.flatnonzero(rows).tolist()]


def _supply(network: Network) -> list[Finding]:
    found = []
    if not len(network.sources.bus):
        found.append(Finding("grid.no_source", "电网没有电源", "The network has no source", "sources"))
    land = territory(network)
    dark = _pick(network.buses.id, ~land.is_fed) if len(network.sources.bus) else []
    found += _say(
        "island", dark, "没有电源到达的节点（孤岛）", "buses that no source reaches (islands)", "buses"
    )
    loops = [network.lines.id[row] for row in land.closing]
    found += _say("loop", loops, "合环运行，按网状计算", "loops are closed: calculated as a mesh", "lines")
    return found + _say(
        "two_sources", _several(network), "同一片网有多个电源", "several sources feed one part", "sources"
    )


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
