"""The network of the made-up city while it is being built: devices by the names dispatchers use, conductors, transformers."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jiedian.grid.circuit.calc.network import (
    Buses,
    Injections,
    Lines,
    Links,
    Network,
    Shunts,
    Sources,
    Transformers,
)

from .ground import Spot, length, lonlat

CONDUCTORS = {
    "LGJ-150/35": (0.21, 0.38, 2.97, 380.0),
    "YJV22-3×300": (0.0617, 0.090, 116.0, 450.0),
    "YJV22-3×120": (0.155, 0.095, 82.0, 275.0),
    "YJV22-3×70": (0.270, 0.103, 69.0, 205.0),
    "JKLYJ-240": (0.125, 0.30, 3.6, 425.0),
    "LGJ-120": (0.27, 0.36, 3.2, 335.0),
    "LGJ-70": (0.45, 0.38, 3.0, 234.0),
    "LGJ-50": (0.65, 0.39, 2.9, 187.0),
    "2×YJLV22-4×240": (0.064, 0.036, 0.0, 690.0),
    "JKLYJ-1-185": (0.164, 0.27, 0.0, 355.0),
    "BLV-120": (0.27, 0.28, 0.0, 265.0),
    "BLV-70": (0.46, 0.29, 0.0, 190.0),
}
"""Conductor → Ω/km, Ω/km, µS/km, A. As in the usual tables, AC at 20 °C, ratings in the ground or at 40 °C air."""
LOSSES = {
    30: (0.6, 0.1), 50: (0.87, 0.13), 80: (1.25, 0.18), 100: (1.5, 0.2), 160: (2.2, 0.28), 200: (2.6, 0.34),
    250: (3.05, 0.4), 315: (3.65, 0.48), 400: (4.3, 0.57), 500: (5.15, 0.68), 630: (6.2, 0.81), 800: (7.5, 0.98),
}  # fmt: skip
"""Distribution transformer kVA → load loss and no-load loss in kW (S11)."""
MAINS = {
    50_000: (17.0, 194.0, 38.0, 0.3), 40_000: (10.5, 156.0, 31.0, 0.35), 31_500: (10.5, 133.0, 27.0, 0.4),
    5_000: (7.0, 31.2, 4.8, 0.6),
}  # fmt: skip
"""Main transformer kVA → vk %, load loss kW, no-load loss kW, i0 %."""
PF = 0.95
TAN = math.tan(math.acos(PF))
NAME, NOTE = (
    "示范市城区电网（虚构）",
    "虚构城市的电网，不指任何真实地方 · A made-up city's grid; no real place is meant",
)


@dataclass(frozen=True)
class Load:
    """A load: at which bus, how much at the peak, whose kind; behind a public transformer or not."""

    bus: str
    kw: float
    kind: str


@dataclass
class Wiring:
    """Network built so far, one tuple a row. Every id is there once."""

    buses: dict[str, tuple[float, Spot]] = field(default_factory=dict)
    lines: dict[str, tuple[str, str, str, list[Spot], bool]] = field(default_factory=dict)
    trafos: dict[str, tuple[str, str, int, float]] = field(default_factory=dict)
    links: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    loads: list[Load] = field(default_factory=list)
    roofs: list[tuple[str, float]] = field(default_factory=list)
    sources: dict[str, float] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def bus(self, name: str, kv: float, at: Spot) -> str:
        """A bus by its dispatch name; its id is the name without "#"."""
        code = name.replace("#", "")
        assert code not in self.buses, code
        self.buses[code] = (kv, at)
        self.names[f"node:{code}"] = name
        return code

    def line(self, code: str, a: str, b: str, conductor: str, way: list[Spot], *, closed: bool = True) -> str:
        """A line from ``a`` to ``b`` along a way; ``closed`` False: its switch at ``b`` is open."""
        assert code not in self.lines, code
        self.lines[code] = (a, b, conductor, way, closed)
        return code

    def trafo(self, code: str, high: str, low: str, kva: int, tap: float) -> str:
        assert code not in self.trafos, code
        self.trafos[code] = (high, low, kva, tap)
        return code

    def link(self, code: str, a: str, b: str, *, closed: bool) -> None:
        assert code not in self.links, code
        self.links[code] = (a, b, closed)

    def load(self, bus: str, kw: float, kind: str) -> None:
        self.loads.append(Load(bus, kw, kind))

    def network(self, share_of_pv: float) -> Network:
        """The network at the peak: a hot afternoon, roofs giving ``share_of_pv`` of their power."""
        row = {name: i for i, name in enumerate(self.buses)}
        kw = np.asarray([round(load.kw, 3) for load in self.loads])
        sun = np.asarray([round(kwp * share_of_pv, 3) for _, kwp in self.roofs])
        nothing = np.zeros(0)
        return Network(
            name=NAME,
            buses=Buses(tuple(self.buses), np.asarray([kv for kv, _ in self.buses.values()])),
            lines=self._lines(row),
            transformers=self._transformers(row),
            links=Links(
                tuple(self.links),
                np.asarray([row[a] for a, _, _ in self.links.values()], np.int64),
                np.asarray([row[b] for _, b, _ in self.links.values()], np.int64),
                np.asarray([closed for _, _, closed in self.links.values()], np.bool_),
            ),
            loads=_injections("L", row, [load.bus for load in self.loads], kw, kw * TAN),
            generators=_injections("PV", row, [bus for bus, _ in self.roofs], sun, sun * 0.0),
            shunts=Shunts(np.zeros(0, np.int64), nothing, nothing),
            sources=Sources(
                np.asarray([row[bus] for bus in self.sources], np.int64),
                np.asarray(list(self.sources.values())),
                np.zeros(len(self.sources)),
            ),
            note=NOTE,
            places={name: lonlat(at) for name, (_, at) in self.buses.items()},
            routes={code: tuple(lonlat(at) for at in values[3]) for code, values in self.lines.items()},
            names=dict(self.names),
        )

    def _lines(self, row: dict[str, int]) -> Lines:
        rows = list(self.lines.values())
        km = np.asarray([max(round(length(way), 1), 5.0) / 1000 for _, _, _, way, _ in rows])
        values: Any = np.asarray([CONDUCTORS[conductor] for _, _, conductor, _, _ in rows])
        return Lines(
            id=tuple(self.lines),
            from_bus=np.asarray([row[a] for a, *_ in rows], np.int64),
            to_bus=np.asarray([row[b] for _, b, *_ in rows], np.int64),
            r_ohm=values[:, 0] * km,
            x_ohm=values[:, 1] * km,
            b_us=values[:, 2] * km,
            g_us=np.zeros(len(rows)),
            rated_a=values[:, 3],
            length_m=km * 1000,
            from_closed=np.ones(len(rows), np.bool_),
            to_closed=np.asarray([closed for *_, closed in rows], np.bool_),
        )

    def _transformers(self, row: dict[str, int]) -> Transformers:
        rows = list(self.trafos.values())
        kva = np.asarray([float(kva) for _, _, kva, _ in rows])
        data: Any = np.asarray([_data(int(size)) for size in kva])
        high = np.asarray([row[a] for a, *_ in rows], np.int64)
        low = np.asarray([row[b] for _, b, *_ in rows], np.int64)
        kv = np.asarray([kv for kv, _ in self.buses.values()])
        rated = {10.0: 10.5, 35.0: 38.5, 0.38: 0.4}
        return Transformers(
            id=tuple(self.trafos),
            hv_bus=high,
            lv_bus=low,
            rated_kva=kva,
            rated_hv_kv=kv[high],
            rated_lv_kv=np.asarray([rated[float(v)] for v in kv[low]]),
            vk_percent=data[:, 0],
            vkr_percent=data[:, 1] / kva * 100,
            pfe_kw=data[:, 2],
            i0_percent=data[:, 3],
            ratio_pu=np.asarray([tap for *_, tap in rows]),
            shift_deg=np.where(kv[low] < 1, -30.0, np.where(kv[high] > 100, -30.0, 0.0)),
            parallel=np.ones(len(rows), np.int64),
            hv_closed=np.ones(len(rows), np.bool_),
            lv_closed=np.ones(len(rows), np.bool_),
        )


def _data(kva: int) -> tuple[float, float, float, float]:
    """vk %, load loss kW, no-load loss kW, i0 % of a transformer by its size."""
    if kva in MAINS:
        return MAINS[kva]
    load, idle = LOSSES[kva]
    return (4.0 if kva <= 400 else 4.5), load, idle, 0.9


def _injections(stem: str, row: dict[str, int], buses: list[str], p: Any, q: Any) -> Injections:
    ids = tuple(f"{stem}{n:05d}" for n in range(1, len(buses) + 1))
    return Injections(ids, np.asarray([row[bus] for bus in buses], np.int64), p, np.round(q, 3))
