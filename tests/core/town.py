"""A small town whose grid is known by heart: two substations, three sections, four feeders, one low-voltage area."""

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

LON, LAT = 118.05, 36.81
STEP = 0.004
"""Degrees between nodes of a feeder, some 360 m in longitude."""


def network() -> Network:
    """S1 feeds sections B1 (feeders a, b) and B2 (feeder c); S2 feeds B3 (feeder d). Node names: feeder and serial."""
    ids, kv, places = ["H1", "H2", "B1", "B2", "B3"], [110.0, 110.0, 10.0, 10.0, 10.0], {}
    places |= {"H1": (LON, LAT), "B1": (LON, LAT), "B2": (LON, LAT + STEP / 4)}
    places |= {"H2": (LON + 9 * STEP, LAT), "B3": (LON + 9 * STEP, LAT)}
    lines: list[tuple[str, str, str, float, float]] = []
    for name, root, north, sign in (
        ("a", "B1", 1, 1),
        ("b", "B1", -1, 1),
        ("c", "B2", 2, 1),
        ("d", "B3", 1.5, -1),
    ):
        before = root
        for n in range(1, 5):
            bus = f"{name}{n}"
            ids.append(bus)
            kv.append(10.0)
            places[bus] = (places[root][0] + sign * n * STEP, LAT + north * STEP)
            lines.append((f"L-{bus}", before, bus, 400.0, 10.0))
            before = bus
    for n in range(4):
        ids.append(f"v{n}")
        kv.append(0.4)
        places[f"v{n}"] = (places["a2"][0] + n * STEP / 8, LAT + 1.2 * STEP)
        if n:
            lines.append((f"L-v{n}", f"v{n - 1}", f"v{n}", 50.0, 0.4))
    at = {bus: i for i, bus in enumerate(ids)}
    return Network(
        "town",
        Buses(tuple(ids), np.array(kv)),
        _lines(lines, at),
        _transformers(at),
        Links((), *(np.array([], np.int64) for _ in range(2)), np.array([], np.bool_)),
        _loads(at),
        _nothing(),
        Shunts(np.array([], np.int64), np.array([]), np.array([])),
        Sources(np.array([at["H1"], at["H2"]]), np.array([1.02, 1.02]), np.array([0.0, 0.0])),
        note="made up for tests",
        places=places,
    )


def _lines(rows: list[tuple[str, str, str, float, float]], at: dict[str, int]) -> Lines:
    km = np.array([row[3] / 1000 for row in rows])
    is_low = np.array([row[4] < 1 for row in rows])
    n = len(rows)
    return Lines(
        tuple(row[0] for row in rows),
        np.array([at[row[1]] for row in rows]),
        np.array([at[row[2]] for row in rows]),
        np.where(is_low, 0.2, 0.16) * km,
        np.where(is_low, 0.08, 0.12) * km,
        np.where(is_low, 0.0, 90.0) * km,
        np.zeros(n),
        np.where(is_low, 270.0, 320.0),
        1000 * km,
        np.ones(n, np.bool_),
        np.ones(n, np.bool_),
    )


def _transformers(at: dict[str, int]) -> Transformers:
    rows = [
        ("T1", "H1", "B1", 20_000),
        ("T2", "H1", "B2", 20_000),
        ("T3", "H2", "B3", 20_000),
        ("D1", "a2", "v0", 400),
    ]
    n = len(rows)
    is_main = np.array([row[3] > 1000 for row in rows])
    return Transformers(
        tuple(row[0] for row in rows),
        np.array([at[row[1]] for row in rows]),
        np.array([at[row[2]] for row in rows]),
        np.array([float(row[3]) for row in rows]),
        np.where(is_main, 110.0, 10.0),
        np.where(is_main, 10.0, 0.4),
        np.where(is_main, 10.5, 4.0),
        np.where(is_main, 0.4, 1.0),
        np.where(is_main, 12.0, 0.6),
        np.full(n, 0.2),
        np.ones(n),
        np.zeros(n),
        np.ones(n, np.int64),
        np.ones(n, np.bool_),
        np.ones(n, np.bool_),
    )


def _loads(at: dict[str, int]) -> Injections:
    buses = [f"{name}{n}" for name in "abcd" for n in range(1, 5)] + ["v1", "v2", "v3"]
    p = np.array([200.0] * 16 + [30.0] * 3)
    return Injections(tuple(f"load {bus}" for bus in buses), np.array([at[b] for b in buses]), p, 0.3 * p)


def _nothing() -> Injections:
    return Injections((), np.array([], np.int64), np.array([]), np.array([]))
