"""设备变更: the same prepared network with one line or transformer changed; only its section is made anew."""

from dataclasses import replace
from typing import TypeVar

import numpy as np

from jiedian.grid.circuit.calc.circuit import LINE, TRANSFORMER, Branches, Circuit, branches_of
from jiedian.grid.circuit.calc.network import Lines, Network, Transformers
from jiedian.grid.circuit.calc.sections import Section, tree_of

from .capacity import prepare, with_part
from .prepared import Prepared

T = TypeVar("T", Lines, Transformers)


def with_line(prepared: Prepared, row: int, **values: float) -> Prepared:
    """One line with other ``values`` (columns of Lines, not its buses or switches).

    >>> stronger = with_line(prepared, 3, rated_a=420.0, r_ohm=0.12)  # doctest: +SKIP
    """
    network = replace(prepared.network, lines=_changed(prepared.network.lines, row, values))
    return _with_element(prepared, network, LINE, row)


def with_transformer(prepared: Prepared, row: int, **values: float) -> Prepared:
    """One transformer with other ``values`` (columns of Transformers, not its buses or switches)."""
    network = replace(prepared.network, transformers=_changed(prepared.network.transformers, row, values))
    return _with_element(prepared, network, TRANSFORMER, row)


def _changed(table: T, row: int, values: dict[str, float]) -> T:
    columns = {name: getattr(table, name).copy() for name in values}
    for name, value in values.items():
        columns[name][row] = value
    return replace(table, **columns)


def _with_element(prepared: Prepared, network: Network, kind: int, row: int) -> Prepared:
    old = prepared.circuit
    at = np.flatnonzero((old.branches.kind == kind) & (old.branches.element == row))
    branches = _replaced(old, network, kind, row, int(at[0])) if len(at) else None
    part = int(prepared.split.part[_inner_end(old, int(at[0]))]) if len(at) else -1
    found = prepared.split.parts[part] if part >= 0 else None
    if branches is None or not isinstance(found, Section):
        return prepare(network, transformer_model=old.transformer_model)
    circuit = replace(old, network=network, branches=branches)
    root, held = int(found.nodes[0]), found.is_upstream_held
    section = tree_of(circuit, found.nodes[1:], found.branches, root, found.root_v, held=held)
    if section is None:
        return prepare(network, transformer_model=old.transformer_model)
    return with_part(prepared, circuit, part, section)


def _inner_end(circuit: Circuit, branch: int) -> int:
    """The end of a branch that is no source, when there is one."""
    a, b = int(circuit.branches.from_node[branch]), int(circuit.branches.to_node[branch])
    return b if a in circuit.source_node else a


def _replaced(circuit: Circuit, network: Network, kind: int, row: int, at: int) -> Branches | None:
    """The branches with that of the element made anew; None when its values can no longer be used."""
    lines, trafos = network.lines, network.transformers
    one = replace(
        network,
        lines=_rows(lines, [row] if kind == LINE else []),
        transformers=_rows(trafos, [row] if kind == TRANSFORMER else []),
    )
    made = branches_of(one, circuit.node, circuit.kv, circuit.transformer_model)
    if not np.isfinite(made.z + made.y_end + made.ratio).all() or made.z[0] == 0:
        return None
    columns = {}
    for name in ("ratio", "z", "y_end", "limit_from", "limit_to"):
        columns[name] = getattr(circuit.branches, name).copy()
        columns[name][at] = getattr(made, name)[0]
    return replace(circuit.branches, **columns)


def _rows(table: T, rows: list[int]) -> T:
    """Some rows of a table."""
    columns = {name: getattr(table, name)[rows] for name in table.__dataclass_fields__ if name != "id"}
    return replace(table, id=tuple(table.id[k] for k in rows), **columns)
