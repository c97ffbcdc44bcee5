"""``jiedian demo-grid FOLDER``: make the demo city's grid, its measured year and its base map once, without a database."""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

from demo.town.city import City, make
from jiedian.grid.circuit.calc.packing import pack

NETWORK, PEAKS, MAP = "network.npz", "peaks.npz", "map.geojson"


def main(argv: list[str]) -> int:
    """Write ``network.npz``, ``peaks.npz`` (the highest load a month) and ``map.geojson``; done once a folder."""
    parser = argparse.ArgumentParser(
        prog="jiedian demo-grid",
        description="生成虚构城市的电网、实测年和底图 / make the made-up city: network, measured year, base map",
    )
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(argv).folder
    if (folder / PEAKS).exists():
        return 0
    begun = time.monotonic()
    city = make()
    try:
        write(city, folder)
    except OSError as error:
        print(f"jiedian: {error}", file=sys.stderr)
        return 2
    buses, took = len(city.network.buses.id), time.monotonic() - begun
    print(f"the city's grid: {buses} buses in {took:.0f} s", file=sys.stderr)
    return 0


def write(city: City, folder: Path) -> None:
    """The three files of a city; the peaks come last and say that all are there. The same bytes for the same city."""
    folder.mkdir(parents=True, exist_ok=True)
    _whole(folder / NETWORK, pack(city.network))
    _whole(folder / MAP, json.dumps(city.basemap, ensure_ascii=False, separators=(",", ":")).encode())
    with (folder / ".peaks").open("wb") as part:
        peaks = city.peaks
        np.savez_compressed(
            part, kind=np.asarray(peaks.kind), code=np.asarray(peaks.code), peak_kva=peaks.kva
        )
    (folder / ".peaks").replace(folder / PEAKS)


def _whole(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}")
    part.write_bytes(content)
    part.replace(path)
