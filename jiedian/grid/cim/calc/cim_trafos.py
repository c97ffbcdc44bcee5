"""CIM transformers of two and three windings, with their taps."""

import cmath
import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from jiedian.grid.circuit.calc.network import Transformers

from .cim_lines import Limits, Rows, say
from .cim_nodes import Names, Nodes, is_in_service
from .cim_objects import Objects, Thing, number
from .cim_taps import PLAIN, Tap, Taps

UNRATED_KVA = 1e6
"""Stands for "no rating": nothing in a city reaches it."""


@dataclass(frozen=True)
class End:
    """One winding: impedance and admittance at its own voltage, tap as turns ratio and phase shift."""

    bus: int
    is_on: bool
    rated_kv: float
    rated_kva: float
    z_ohm: complex
    y_siemens: complex
    tap: Tap
    clock: float


def transformers(found: Nodes, limited: Limits, off: set[str]) -> tuple[Transformers, list[float]]:
    """Every transformer as two-winding rows, and the clock of each; a star point is added to ``found`` for three windings.

    The clocks are no part of the phase shift: the angles of sources and of solved states are written without them.
    """
    objects, rows = found.objects, Rows()
    names = Names(objects, [i for i, _ in objects.all("PowerTransformer")])
    ends_of = _windings(found, limited)
    odd, unrated = [], []
    for identity, thing in objects.all("PowerTransformer"):
        ends = ends_of.get(identity, [])
        name = names.of(identity)
        if not ends and objects.count["TransformerTank"]:
            continue
        if len(ends) not in (2, 3) or any(end.bus < 0 or not end.rated_kv > 0 for end in ends):
            odd.append(name)
        elif is_in_service(objects, identity, thing, off):
            if any(end.rated_kva == UNRATED_KVA for end in ends):
                unrated.append(name)
            if len(ends) == 2:
                _put(rows, name, ends[0], ends[1])
            else:
                _star(found, rows, name, ends)
    say(objects, "grid.trafo_left_out", odd, "PowerTransformer")
    say(objects, "grid.no_rated_power", unrated, "PowerTransformer")
    return _table(rows), rows.columns["clock"]


def _windings(found: Nodes, limited: Limits) -> dict[str, list[End]]:
    """Transformer → its windings in the order of their numbers."""
    objects = found.objects
    beside = _Beside(found, limited, Taps(objects), *_mesh(objects))
    held: dict[str, list[tuple[float, str, Thing]]] = defaultdict(list)
    for identity, end in objects.all("PowerTransformerEnd"):
        owner = end.get("PowerTransformerEnd.PowerTransformer", "")
        held[owner].append((number(end, "TransformerEnd.endNumber", 9.0), identity, end))
    windings = {}
    for owner, rows in held.items():
        rows.sort(key=lambda row: row[:2])
        windings[owner] = [_end(beside, end, name) for _, name, end in rows]
    return windings


@dataclass(frozen=True)
class _Beside:
    """What a file says of a winding elsewhere: its node, its current limit, its tap, its impedances by its identity."""

    nodes: Nodes
    limited: Limits
    taps: Taps
    z_mesh: dict[str, complex]
    y_core: dict[str, complex]


def _end(beside: _Beside, end: Thing, identity: str) -> End:
    found = beside.nodes
    terminal = end.get("TransformerEnd.Terminal", "")
    bus = found.bus_of.get(terminal, -1)
    thing = found.objects.get(terminal)
    is_on = thing.get("ACDCTerminal.connected", thing.get("Terminal.connected", "true")).lower() != "false"
    kv = number(end, "PowerTransformerEnd.ratedU") * found.scale
    mva = number(end, "PowerTransformerEnd.ratedS", 0.0) * (1.0 if found.scale == 1.0 else 1e-6)
    rated_kva = mva * 1000
    if rated_kva <= 0:
        ampere = beside.limited.of(terminal, [terminal])
        rated_kva = math.sqrt(3) * kv * ampere if not math.isinf(ampere) and kv > 0 else UNRATED_KVA
    z = complex(number(end, "PowerTransformerEnd.r", 0.0), number(end, "PowerTransformerEnd.x", 0.0))
    y = complex(number(end, "PowerTransformerEnd.g", 0.0), number(end, "PowerTransformerEnd.b", 0.0))
    z, y = beside.z_mesh.get(identity, 0j) or z, beside.y_core.get(identity, 0j) or y
    clock = number(end, "PowerTransformerEnd.phaseAngleClock", 0.0)
    return End(bus, is_on, kv, rated_kva, z, y, beside.taps.of(identity, z.imag), clock)


def _mesh(objects: Objects) -> tuple[dict[str, complex], dict[str, complex]]:
    """Impedances between ends (CIM100) at their first end, and core admittances at theirs."""
    z, y = {}, {}
    for _, mesh in objects.all("TransformerMeshImpedance"):
        value = complex(
            number(mesh, "TransformerMeshImpedance.r", 0.0), number(mesh, "TransformerMeshImpedance.x", 0.0)
        )
        z[mesh.get("TransformerMeshImpedance.FromTransformerEnd", "")] = value
    for _, core in objects.all("TransformerCoreAdmittance"):
        value = complex(
            number(core, "TransformerCoreAdmittance.g", 0.0), number(core, "TransformerCoreAdmittance.b", 0.0)
        )
        y[core.get("TransformerCoreAdmittance.TransformerEnd", "")] = value
    return z, y


def _put(rows: Rows, name: str, a: End, b: End) -> None:
    """A two-winding row; impedances of both ends are taken to the high side."""
    if b.rated_kv > a.rated_kv:
        a, b = b, a
    square = (a.rated_kv / b.rated_kv) ** 2
    turn, low_turn = a.tap.turn / b.tap.turn, abs(b.tap.turn) ** 2
    z = b.tap.stretch_z(a.tap.stretch_z(a.z_ohm + b.z_ohm * square))
    y = b.tap.stretch_y(a.tap.stretch_y(a.y_siemens + b.y_siemens / square))
    rated = float(np.minimum(a.rated_kva, b.rated_kva))
    base_ohm = a.rated_kv**2 * 1000 / rated
    rows.add(
        name,
        hv_bus=a.bus,
        lv_bus=b.bus,
        rated_kva=rated,
        rated_hv_kv=a.rated_kv,
        rated_lv_kv=b.rated_kv,
        vk_percent=math.copysign(abs(z), z.imag) / base_ohm * 100 * low_turn,
        vkr_percent=z.real / base_ohm * 100 * low_turn,
        pfe_kw=y.real * a.rated_kv**2 * 1000 / low_turn,
        i0_percent=abs(y) * base_ohm * 100 / low_turn,
        ratio_pu=abs(turn),
        shift_deg=math.degrees(cmath.phase(turn)),
        parallel=1,
        hv_closed=a.is_on,
        lv_closed=b.is_on,
        clock=b.clock - a.clock,
    )


def _star(found: Nodes, rows: Rows, name: str, ends: list[End]) -> None:
    top = max(ends, key=lambda end: end.rated_kv)
    star = found.add(f"star {name}", f"{name} star", top.rated_kv)
    found.stars.append(found.ids[star])
    for i, end in enumerate(ends, start=1):
        point = End(star, True, top.rated_kv, end.rated_kva, 0j, 0j, PLAIN, 0.0)
        first, second = (end, point) if end is top else (point, end)
        _put(rows, f"{name} {i}", first, second)


def _table(rows: Rows) -> Transformers:
    whole, flags = ("hv_bus", "lv_bus", "parallel"), ("hv_closed", "lv_closed")
    columns = [c for c in Transformers.__dataclass_fields__ if c != "id"]
    return Transformers(tuple(rows.ids), *(rows.column(c, whole, flags) for c in columns))
