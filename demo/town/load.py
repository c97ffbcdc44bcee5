"""Load of the made-up city: shapes by customer kind, and the highest load a month of every area, feeder and main transformer."""

from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.circuit.calc.territory import NONE, territory

from .ground import SEED
from .wiring import TAN, Wiring

SHAPES = {
    "residential": (0.86, 0.80, 0.66, 0.58, 0.62, 0.82, 0.98, 1.0, 0.80, 0.60, 0.68, 0.84),
    "old": (0.90, 0.86, 0.70, 0.60, 0.62, 0.80, 0.97, 1.0, 0.78, 0.62, 0.72, 0.88),
    "shops": (0.80, 0.84, 0.70, 0.68, 0.76, 0.88, 0.98, 1.0, 0.88, 0.74, 0.70, 0.78),
    "school": (0.70, 0.40, 0.82, 0.80, 0.84, 1.0, 0.72, 0.62, 0.96, 0.84, 0.80, 0.80),
    "hospital": (0.88, 0.86, 0.82, 0.80, 0.86, 0.94, 1.0, 1.0, 0.92, 0.84, 0.84, 0.88),
    "office": (0.76, 0.66, 0.72, 0.72, 0.80, 0.92, 1.0, 0.99, 0.88, 0.74, 0.74, 0.78),
    "factory": (0.86, 0.56, 0.92, 0.95, 0.96, 0.98, 1.0, 1.0, 0.97, 0.95, 0.96, 0.94),
    "village": (0.92, 1.0, 0.64, 0.62, 0.70, 0.90, 0.94, 0.96, 0.72, 0.64, 0.70, 0.86),
}
"""Kind → share of its yearly peak in every month, January first. Ours, after what such customers usually do."""
EVENING = 0.94
"""What residential load is after sunset, of the afternoon's."""
GAP_EVERY = 17
"""Of so many areas one was never measured …"""
LATE_EVERY = 29
"""… and of so many devices one has lost months."""


@dataclass(frozen=True)
class Peaks:
    """(kind, code) of a device, and its highest load in kVA by month; NaN where it was not measured."""

    kind: tuple[str, ...]
    code: tuple[str, ...]
    kva: Any


def peaks(network: Network, w: Wiring, pv_share: float) -> Peaks:
    """Monthly peaks in keeping with the network's own loads: no month is above what it carries at its peak by more than 1 %."""
    land = territory(network)
    row = {name: i for i, name in enumerate(network.buses.id)}
    bus = np.asarray([row[load.bus] for load in w.loads])
    kw = np.asarray([load.kw for load in w.loads])
    shape = np.asarray([SHAPES[load.kind] for load in w.loads])
    roofs = np.asarray([row[name] for name, _ in w.roofs])
    sun = np.asarray([kwp * pv_share for _, kwp in w.roofs])
    kinds, codes, rows = [], [], []
    for n, (kind, code, buses) in enumerate(_groups(network, land)):
        own = buses[bus]
        p = (kw[own, None] * shape[own]).sum(axis=0)
        noon = np.hypot(p - sun[buses[roofs]].sum(), p * TAN)
        kva = np.maximum(noon, EVENING * np.hypot(p, p * TAN)) if sun[buses[roofs]].any() else noon
        kinds.append(kind)
        codes.append(code)
        rows.append(_measured(kva, kind, code, n))
    return Peaks(tuple(kinds), tuple(codes), np.stack(rows))


def _groups(network: Network, land: Any) -> list[tuple[str, str, Any]]:
    """Kind, code and which buses are below, for every device that is measured."""
    found: list[tuple[str, str, Any]] = [
        ("area", network.transformers.id[t], land.area == t)
        for t in np.unique(land.area).tolist()
        if t != NONE
    ]
    for i, feeder in enumerate(land.feeders):
        found.append(("feeder", network.lines.id[feeder.head], _below(network, land, land.feeder == i)))
    for n, section in enumerate(land.sections):
        own = _below(network, land, land.section == n)
        found += [("main", network.transformers.id[t], own) for t in section.transformers]
    return found


def _below(network: Network, land: Any, own: Any) -> Any:
    """Buses given, and those of sections fed from them through other main transformers."""
    trafos, found = network.transformers, own
    for n, lower in enumerate(land.sections):
        if any(own[trafos.hv_bus[t]] for t in lower.transformers):
            found = found | (land.section == n)
    return found


def _measured(kva: Any, kind: str, code: str, n: int) -> Any:
    """A year as measured: a little less than it was, with the gaps that meters have."""
    rng = Random(f"{SEED}:{code}:measured")
    found = np.asarray([value * rng.uniform(0.95, 1.0) for value in kva])
    if kind == "area" and n % GAP_EVERY == GAP_EVERY - 1:
        found[:] = np.nan
    elif kind != "main" and n % LATE_EVERY == LATE_EVERY - 1:
        found[rng.sample(range(12), 4)] = np.nan
    return np.round(found, 1)
