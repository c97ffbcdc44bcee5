"""设备异动: what is different between two networks, and which buses it touches."""

from typing import Any

import numpy as np

from .circuit import circuit_of, groups
from .network import Network

TABLES = ("buses", "lines", "transformers", "links", "loads", "generators")
NAMED = 50


def differences(before: Network | None, after: Network) -> dict[str, Any]:
    """Changes between two versions: counts, and up to 50 names each of what came, went or is different."""
    if before is None:
        return {"first": True}
    found: dict[str, Any] = {}
    for table in TABLES:
        old, new = _rows(before, table), _rows(after, table)
        came, went = sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys())
        other = sorted(name for name in old.keys() & new.keys() if old[name] != new[name])
        for word, names in (("came", came), ("went", went), ("changed", other)):
            if names:
                found[f"{table}.{word}"] = {"count": len(names), "names": names[:NAMED]}
    return found


def _rows(network: Network, table: str) -> dict[str, tuple[Any, ...]]:
    rows, bus = getattr(network, table), network.buses.id
    columns = [
        [bus[i] for i in values.tolist()] if name.endswith("bus") else values.tolist()
        for name, values in vars(rows).items()
        if name != "id"
    ]
    return {str(name): tuple(cells) for name, *cells in zip(rows.id, *columns, strict=True)}


def supplied_kw(network: Network) -> float:
    """Load of a network that hangs at a source, kW; what is no number is left out."""
    circuit = circuit_of(network)
    branches = circuit.branches
    label = groups(circuit.size, branches.from_node, branches.to_node)
    is_fed = np.isin(label[circuit.node[network.loads.bus]], label[circuit.source_node])
    return float(np.nansum(network.loads.p_kw[is_fed]))


def touched(before: Network, after: Network) -> set[str] | None:
    """The ids of the buses at which something came, went or changed; None when the two cannot be compared bus by bus."""
    if before.buses.id != after.buses.id or not np.array_equal(before.buses.kv, after.buses.kv):
        return None
    for table in ("shunts", "sources"):
        old, new = vars(getattr(before, table)), vars(getattr(after, table))
        if not all(np.array_equal(old[name], new[name]) for name in old):
            return None
    found: set[str] = set()
    for table in TABLES[1:]:
        old_rows, new_rows = _rows(before, table), _rows(after, table)
        for name in old_rows.keys() | new_rows.keys():
            if old_rows.get(name) != new_rows.get(name):
                cells = (*old_rows.get(name, ()), *new_rows.get(name, ()))
                found |= {cell for cell in cells if isinstance(cell, str)}
    return found
