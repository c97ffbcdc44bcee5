"""The authors' solved state beside ours: where they differ the reader says so, and at which nodes theirs does not add up."""

from typing import Any

import numpy as np

from jiedian.grid.circuit.calc.circuit import Circuit, Complexes, circuit_of
from jiedian.grid.circuit.calc.holding import HeldPart, Holding
from jiedian.grid.circuit.calc.network import Network, Reals

from .cim_objects import Objects

NEAR_PU = 5e-3
"""A difference of voltages worth a word."""


def say_difference(objects: Objects, network: Network, solved: dict[int, tuple[float, float]]) -> None:
    """Solve the network and compare it with ``solved`` (bus → kV and degrees); name the worst bus and the nodes whose power does not add up."""
    if not solved or not len(network.sources.bus):
        return
    circuit = circuit_of(network)
    if circuit.is_bad.any():
        return
    holding = Holding(
        HeldPart(
            circuit.branches, circuit.y, circuit.demand, circuit.source_node, circuit.source_v,
            circuit.hold_node, circuit.hold_v, circuit.hold_by, circuit.hold_of,
        )
    )  # fmt: skip
    ours, theirs = holding.solve(), _theirs(circuit, solved)
    if np.isnan(ours).all():
        objects.say("grid.solved_none", "SvVoltage", first=_worst(circuit, holding, theirs))
        return
    apart: Reals = np.nan_to_num(np.abs(np.abs(ours) - np.abs(theirs)))
    worst = int(np.argmax(apart))
    if apart[worst] > NEAR_PU:
        objects.say(
            "grid.solved_differs", "SvVoltage", count=int((apart > NEAR_PU).sum()),
            bus=_name(circuit, worst), pu=round(float(apart[worst]), 4), first=_worst(circuit, holding, theirs),
        )  # fmt: skip


def _theirs(circuit: Circuit, solved: dict[int, tuple[float, float]]) -> Complexes:
    v = np.full(circuit.size, np.nan + 0j)
    for bus, (kv, degrees) in solved.items():
        if kv > 0:
            v[circuit.node[bus]] = kv / circuit.kv[circuit.node[bus]] * np.exp(1j * np.deg2rad(degrees))
    return v


def _worst(circuit: Circuit, holding: Holding, v: Complexes) -> list[str]:
    """The nodes where the power of the solved state does not add up most; none next to a node whose state is not known."""
    known = np.isfinite(v)
    matrix: Any = holding.matrix
    beside = (abs(matrix) @ (~known).astype(float)) > 0
    whole = np.where(known, v, 0)
    miss = np.abs(whole * np.conj(matrix @ whole) + circuit.demand)
    miss[circuit.source_node] = 0.0
    miss[circuit.hold_by] = np.abs((whole * np.conj(matrix @ whole) + circuit.demand).real)[circuit.hold_by]
    miss = np.where(known & ~beside, miss, 0.0)
    most = np.argsort(-miss)[:5]
    return [
        f"{_name(circuit, k)} {miss[k]:.1f} MVA" for k in most.tolist() if miss[k] > 0.01 * miss[most[0]] > 0
    ]


def _name(circuit: Circuit, node: int) -> str:
    return circuit.network.buses.id[int(circuit.first_bus[node])]
