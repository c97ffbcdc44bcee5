"""CIM transformers of two and three windings, with their taps."""

import cmath
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

from jiedian.grid.circuit.calc.network import Transformers

from .cim_lines import Limits, Rows, say
from .cim_nodes import Names, Nodes, is_in_service
from .cim_objects import Objects, Thing, number

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
    turn: float
    shift_deg: float


def transformers(found: Nodes, limited: Limits, off: set[str]) -> Transformers:
    """Every transformer as two-winding rows; a star point is added to ``found`` for three windings."""
    objects, rows = found.objects, Rows()
    names = Names(objects, [i for i, _ in objects.all("PowerTransformer")])
    ends_of = _windings(found, limited)
    odd, unrated = [], []
    for identity, thing in objects.all("PowerTransformer"):
        ends, shift = ends_of.get(identity, ([], 0.0))
        name = names.of(identity)
        if not ends and objects.count["TransformerTank"]:
            continue
        if len(ends) not in (2, 3) or any(end.bus < 0 or not end.rated_kv > 0 for end in ends):
            odd.append(name)
        elif is_in_service(objects, identity, thing, off):
            if any(end.rated_kva == UNRATED_KVA for end in ends):
                unrated.append(name)
            if len(ends) == 2:
                _put(rows, name, ends[0], ends[1], shift)
            else:
                _star(found, rows, name, ends)
    say(objects, "grid.trafo_left_out", odd, "PowerTransformer")
    say(objects, "grid.no_rated_power", unrated, "PowerTransformer")
    return _table(rows)


def _windings(found: Nodes, limited: Limits) -> dict[str, tuple[list[End], float]]:
    """Transformer → its windings in the order of their numbers, and the shift of its clock."""
    objects = found.objects
    beside = _Beside(found, limited, _Taps(objects), *_mesh(objects))
    held: dict[str, list[tuple[float, str, Thing]]] = defaultdict(list)
    for identity, end in objects.all("PowerTransformerEnd"):
        owner = end.get("PowerTransformerEnd.PowerTransformer", "")
        held[owner].append((number(end, "TransformerEnd.endNumber", 9.0), identity, end))
    windings = {}
    for owner, rows in held.items():
        rows.sort(key=lambda row: row[:2])
        windings[owner] = [_end(beside, end, name) for _, name, end in rows], _clock(rows)
    return windings


@dataclass(frozen=True)
class _Beside:
    """What a file says of a winding elsewhere: its node, its current limit, its tap, its impedances by its identity."""

    nodes: Nodes
    limited: Limits
    taps: "_Taps"
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
    if not rated_kva > 0:
        ampere = beside.limited.of(terminal, [terminal])
        rated_kva = math.sqrt(3) * kv * ampere if math.isfinite(ampere) and kv > 0 else UNRATED_KVA
    z = complex(number(end, "PowerTransformerEnd.r", 0.0), number(end, "PowerTransformerEnd.x", 0.0))
    y = complex(number(end, "PowerTransformerEnd.g", 0.0), number(end, "PowerTransformerEnd.b", 0.0))
    z, y = beside.z_mesh.get(identity, 0j) or z, beside.y_core.get(identity, 0j) or y
    return End(bus, is_on, kv, rated_kva, z, y, *beside.taps.of(identity))


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


def _clock(held: list[tuple[float, str, Thing]]) -> float:
    hours = [number(end, "PowerTransformerEnd.phaseAngleClock", 0.0) for _, _, end in held]
    return 30.0 * (hours[1] - hours[0]) if len(hours) > 1 else 0.0


def _put(rows: Rows, name: str, a: End, b: End, shift_deg: float) -> None:
    """A two-winding row; impedances of both ends are taken to the high side."""
    if b.rated_kv > a.rated_kv:
        a, b, shift_deg = b, a, -shift_deg
    square = (a.rated_kv / b.rated_kv) ** 2
    low_turn = b.turn**2
    z = a.z_ohm + b.z_ohm * square
    y = a.y_siemens + b.y_siemens / square
    rated = min(a.rated_kva, b.rated_kva)
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
        ratio_pu=a.turn / b.turn,
        shift_deg=shift_deg + a.shift_deg - b.shift_deg,
        parallel=1,
        hv_closed=a.is_on,
        lv_closed=b.is_on,
    )


def _star(found: Nodes, rows: Rows, name: str, ends: list[End]) -> None:
    top = max(ends, key=lambda end: end.rated_kv)
    star = found.add(f"star {name}", f"{name} star", top.rated_kv)
    found.stars.append(found.ids[star])
    for i, end in enumerate(ends, start=1):
        point = End(star, True, top.rated_kv, end.rated_kva, 0j, 0j, 1.0, 0.0)
        first, second = (end, point) if end is top else (point, end)
        _put(rows, f"{name} {i}", first, second, 0.0)


def _table(rows: Rows) -> Transformers:
    whole, flags = ("hv_bus", "lv_bus", "parallel"), ("hv_closed", "lv_closed")
    columns = [c for c in Transformers.__dataclass_fields__ if c != "id"]
    return Transformers(tuple(rows.ids), *(rows.column(c, whole, flags) for c in columns))


Changer = Literal["Linear", "Symmetrical", "Asymmetrical", "Tabular"]
"""The kinds of phase tap changer; ``PhaseTapChanger`` stands before each."""


class _Taps:
    """The present tap of every winding: SSH step, else the state variable, else the normal or neutral one."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.sv = {
            t.get("SvTapStep.TapChanger", ""): number(t, "SvTapStep.position")
            for _, t in objects.all("SvTapStep")
        }
        self.of_end: dict[str, complex] = {}
        self.tables: dict[str, list[Thing]] = defaultdict(list)
        for stem in ("RatioTapChanger", "PhaseTapChanger"):
            for _, point in objects.all(f"{stem}TablePoint"):
                self.tables[point.get(f"{stem}TablePoint.{stem}Table", "")].append(point)
        unread = []
        for identity, changer in objects.all("RatioTapChanger"):
            end = changer.get("RatioTapChanger.TransformerEnd", "")
            self._multiply(end, self._ratio(identity, changer))
        for kind in get_args(Changer):
            for identity, changer in objects.all(f"PhaseTapChanger{kind}"):
                end = changer.get("PhaseTapChanger.TransformerEnd", "")
                turn = self._phase(identity, changer, kind)
                self._multiply(end, turn if turn is not None else 1 + 0j)
                if turn is None:
                    unread.append(changer.get("IdentifiedObject.name", identity))
        say(objects, "grid.phase_tap", unread, "PhaseTapChanger")

    def of(self, end: str) -> tuple[float, float]:
        """(turns ratio, phase shift in degrees) of a winding."""
        turn = self.of_end.get(end, 1 + 0j)
        return abs(turn), math.degrees(cmath.phase(turn))

    def _multiply(self, end: str, turn: complex) -> None:
        self.of_end[end] = self.of_end.get(end, 1 + 0j) * turn

    def _steps(self, identity: str, changer: Thing) -> tuple[float, float]:
        neutral = number(changer, "TapChanger.neutralStep", 0.0)
        sv = self.sv.get(identity, float("nan"))
        step = number(
            changer,
            "TapChanger.step",
            sv if math.isfinite(sv) else number(changer, "TapChanger.normalStep", neutral),
        )
        return step, step - neutral

    def _ratio(self, identity: str, changer: Thing) -> complex:
        step, away = self._steps(identity, changer)
        point = self._point(changer.get("RatioTapChanger.RatioTapChangerTable", ""), step)
        if point:
            return complex(
                number(
                    point, "TapChangerTablePoint.ratio", number(point, "RatioTapChangerTablePoint.ratio", 1.0)
                )
            )
        return complex(1 + away * number(changer, "RatioTapChanger.stepVoltageIncrement", 0.0) / 100)

    def _point(self, table: str, step: float) -> Thing:
        for point in self.tables.get(table, ()):
            if number(point, "TapChangerTablePoint.step") == step:
                return point
        return {}

    def _phase(self, identity: str, changer: Thing, kind: Changer) -> complex | None:
        step, away = self._steps(identity, changer)
        if kind == "Tabular":
            point = self._point(changer.get("PhaseTapChangerTabular.PhaseTapChangerTable", ""), step)
            angle = number(point, "PhaseTapChangerTablePoint.angle")
            if not math.isfinite(angle):
                return 1 + 0j if away == 0 else None
            return number(point, "TapChangerTablePoint.ratio", 1.0) * cmath.exp(1j * math.radians(angle))
        if kind == "Linear":
            angle = away * number(changer, "PhaseTapChangerLinear.stepPhaseShiftIncrement", 0.0)
            return cmath.exp(1j * math.radians(angle))
        increment = away * number(changer, "PhaseTapChangerNonLinear.voltageStepIncrement", 0.0) / 100
        if kind == "Symmetrical":
            return cmath.exp(2j * math.atan(increment / 2))
        if kind != "Asymmetrical":
            assert_never(kind)
        angle = math.radians(number(changer, "PhaseTapChangerAsymmetrical.windingConnectionAngle", 90.0))
        return 1 + increment * cmath.exp(1j * angle)
