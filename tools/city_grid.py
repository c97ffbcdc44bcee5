"""``jiedian demo-grid FOLDER``: convert the demo city's grid once. SimBench 1-MVLV-urban with the measured year of its profiles."""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from jiedian.core.findings import Refused
from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.circuit.calc.packing import pack
from jiedian.grid.circuit.calc.territory import NONE, territory
from jiedian.grid.readers.calc import simbench

CODE, SMALL = "1-MVLV-urban-all-0-sw", "1-MV-urban--0-sw"
NETWORK, PEAKS = "network.npz", "peaks.npz"


def main(argv: list[str]) -> int:
    """Write ``network.npz`` (the peak quarter-hour) and ``peaks.npz`` (the highest load a month); done once a folder."""
    parser = argparse.ArgumentParser(prog="jiedian demo-grid", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--small", action="store_true", help=f"{SMALL}: without its low-voltage grids")
    options = parser.parse_args(argv)
    folder: Path = options.folder
    if (folder / PEAKS).exists():
        return 0
    begun = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        net = simbench.load(SMALL if options.small else CODE)
    except Refused as refusal:
        print("\n".join(refusal.words("en")), file=sys.stderr)
        return 2
    rated = net.load[["bus", "p_mw", "q_mvar", "profile"]].copy()
    simbench.at_peak(net)
    network, _ = simbench.grid_network(net, SMALL if options.small else CODE)
    kinds, codes, peaks = monthly_peaks(network, net, rated)
    _whole(folder / NETWORK, pack(network))
    with (folder / ".peaks").open("wb") as part:
        np.savez_compressed(part, kind=kinds, code=codes, peak_kva=peaks)
    (folder / ".peaks").replace(folder / PEAKS)
    print(
        f"the city's grid: {len(network.buses.id)} buses in {time.monotonic() - begun:.0f} s", file=sys.stderr
    )
    return 0


def _whole(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}")
    part.write_bytes(content)
    part.replace(path)


def monthly_peaks(network: Network, net: Any, rated: Any) -> tuple[Any, Any, Any]:
    """(kind, code, kVA [device, month]) of every transformer area, feeder and main transformer.

    The load of a device is the sum of its loads' profiles; the year of the profiles has 366 days.
    """
    land, table = territory(network), simbench.profiles(net)
    names = list(table)
    row = {name: i for i, name in enumerate(network.buses.id)}
    bus = np.asarray([row[str(b)] for b in rated["bus"]])
    column = np.asarray([names.index(p) if p in table else 0 for p in rated["profile"]])
    groups: list[tuple[str, str, Any]] = []
    groups += [
        ("area", network.transformers.id[t], land.area[bus] == t)
        for t in np.unique(land.area).tolist()
        if t != NONE
    ]
    groups += [
        ("feeder", network.lines.id[f.head], land.feeder[bus] == i) for i, f in enumerate(land.feeders)
    ]
    for number, section in enumerate(land.sections):
        own = (land.section[bus] == number) / max(len(section.transformers), 1)
        groups += [("main", network.transformers.id[t], own) for t in section.transformers]
    p_weight, q_weight = (
        np.stack(
            [np.bincount(column, rated[part].to_numpy() * own * 1000, len(names)) for _, _, own in groups]
        )
        for part in ("p_mw", "q_mvar")
    )
    active = p_weight.astype(np.float32) @ np.stack([table[name][0] for name in names])
    reactive = q_weight.astype(np.float32) @ np.stack([table[name][1] for name in names])
    kva = np.hypot(active, reactive)
    days = np.cumsum([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) * 96
    peaks = np.stack([kva[:, a:b].max(axis=1) for a, b in zip(days[:-1], days[1:], strict=True)], axis=1)
    return np.asarray([g[0] for g in groups]), np.asarray([g[1] for g in groups]), peaks
