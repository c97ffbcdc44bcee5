"""CIM machines that keep a voltage: whose control is on, at what voltage, where, and whether they still can."""

import math
from dataclasses import dataclass, replace

import numpy as np

from jiedian.grid.circuit.calc.circuit import groups
from jiedian.grid.circuit.calc.network import Ints, Lines, Links, Transformers

from .cim_lines import Rows, joined_lines, say
from .cim_nodes import Nodes
from .cim_objects import Objects, Thing, flag, number

KINDS = (
    "SynchronousMachine",
    "PowerElectronicsConnection",
    "StaticVarCompensator",
    "VsConverter",
    "EquivalentInjection",
    "ExternalNetworkInjection",
)
MET_PU = 1e-4
"""A solved voltage so near its target is kept there."""
AT_LIMIT = 0.005
"""Solved reactive power so near a limit (as a share of it) is at the limit."""


@dataclass(frozen=True)
class Keeper:
    """A machine at ``bus`` that keeps ``vm_pu`` at ``regulated``, a bus too; ``slope_ohm`` stands between it and a compensator."""

    name: str
    bus: int
    regulated: int
    vm_pu: float
    slope_ohm: float = 0.0
    is_solved: bool = False
    """The solved state has another voltage than the target, and that is kept."""


@dataclass(frozen=True)
class Device:
    """Device that may keep a voltage: kind, identity, name and bus; ``q_mvar`` is what it gives in the solved state, else not a number."""

    kind: str
    identity: str
    name: str
    bus: int
    q_mvar: float


def keeper(found: Nodes, device: Device, solved_kv: dict[int, float]) -> Keeper | str:
    """Keeper of a device; else the reason for constant power: ``""`` (no control on), ``mode``, ``target`` or ``limit``."""
    thing = found.objects.get(device.identity)
    wanted = _control(found, device, thing) if device.kind in KINDS else ""
    if isinstance(wanted, str):
        return wanted
    regulated, value = wanted
    kv = found.kv[regulated]
    held = [v for v in (value * found.scale, value / 1000) if kv > 0 and 0.5 < v / kv < 1.5]
    if not held or not math.isfinite(held[0]):
        return "target"
    slope, own = number(thing, "StaticVarCompensator.slope", 0.0), regulated == device.bus
    solved = solved_kv.get(regulated, math.nan)
    is_met = not abs(solved - held[0] + (slope * device.q_mvar if own and slope else 0.0)) > MET_PU * kv
    if not is_met and _at_limit(found, device, thing, solved_kv.get(device.bus, math.nan)):
        return "limit"
    slope = slope if own and is_met and found.scale == 1.0 else 0.0
    vm = held[0] if is_met else solved
    return Keeper(
        device.name,
        device.bus,
        regulated,
        vm / kv,
        max(slope, 0.0) * (solved if solved > 0 else held[0]),
        not is_met,
    )


def _control(found: Nodes, device: Device, thing: Thing) -> tuple[int, float] | str:
    """The bus that is regulated and the voltage wanted there; else why there is none."""
    if device.kind == "VsConverter":
        bus = found.bus_of.get(thing.get("ACDCConverter.PccTerminal", ""), device.bus)
        is_on = thing.get("VsConverter.qPccControl", "").endswith("voltagePcc")
        return (bus, number(thing, "VsConverter.targetUpcc")) if is_on else ""
    if device.kind == "EquivalentInjection":
        is_on = flag(thing, "EquivalentInjection.regulationStatus", default=False)
        return (device.bus, number(thing, "EquivalentInjection.regulationTarget")) if is_on else ""
    if not flag(thing, "RegulatingCondEq.controlEnabled", default=True):
        return ""
    control = found.objects.get(thing.get("RegulatingCondEq.RegulatingControl", ""))
    if not control:
        is_on = thing.get("StaticVarCompensator.sVCControlMode", "").endswith(".voltage")
        return (device.bus, number(thing, "StaticVarCompensator.voltageSetPoint")) if is_on else ""
    if not flag(control, "RegulatingControl.enabled", default=True):
        return ""
    if not control.get("RegulatingControl.mode", "").endswith(".voltage"):
        return "mode"
    regulated = found.bus_of.get(control.get("RegulatingControl.Terminal", ""), device.bus)
    return regulated, number(control, "RegulatingControl.targetValue")


def _at_limit(found: Nodes, device: Device, thing: Thing, kv: float) -> bool:
    """Whether the solved reactive power is at one of the limits."""
    if device.kind == "StaticVarCompensator":
        ohms = [number(thing, f"StaticVarCompensator.{n}Rating") for n in ("inductive", "capacitive")]
        limits = [kv**2 / ohm if ohm else 0.0 for ohm in ohms]
    else:
        limits = [number(thing, f"SynchronousMachine.{name}Q") * found.scale**2 for name in ("min", "max")]
        limits += _curve(found, thing)
    close = AT_LIMIT * max((abs(q) for q in limits if math.isfinite(q)), default=0.0)
    return any(abs(device.q_mvar - q) <= close for q in limits)


def _curve(found: Nodes, thing: Thing) -> list[float]:
    """The reactive limits of a capability curve at the present active power, Mvar."""
    points = found.curves.get(thing.get("SynchronousMachine.InitialReactiveCapabilityCurve", ""), [])
    if not points:
        return []
    p = -number(thing, "RotatingMachine.p", 0.0) * found.scale**2
    x = [row[0] for row in points]
    return [float(np.interp(p, x, [row[k] for row in points])) for k in (1, 2)]


def susceptance(found: Nodes, device: Device, kv: float) -> float:
    """Siemens of a compensator at its limit, capacitive positive; 0 where it is not known."""
    thing = found.objects.get(device.identity)
    ohms = [number(thing, f"StaticVarCompensator.{n}Rating") for n in ("inductive", "capacitive")]
    near = [1 / ohm for ohm in ohms if ohm and math.isfinite(ohm)]
    return min(near, key=lambda b: abs(b * kv**2 - device.q_mvar), default=0.0)


def with_slopes(found: Nodes, keepers: list[Keeper], lines: Lines) -> tuple[list[Keeper], Lines]:
    """The keepers, those with a slope at a bus of their own behind it; and the lines, with the reactances between."""
    rows, moved = Rows(), []
    for one in keepers:
        if one.slope_ohm > 0:
            inner = found.add(f"inner {one.name}", f"{one.name} inner", found.kv[one.bus])
            found.stars.append(found.ids[inner])
            rows.add(f"{one.name} slope", from_bus=one.bus, to_bus=inner, x_ohm=one.slope_ohm)
            one = replace(one, bus=inner, regulated=inner)  # noqa: PLW2901
        moved.append(one)
    none, yes = np.zeros(len(rows.ids)), np.ones(len(rows.ids), np.bool_)
    ends = rows.whole("from_bus"), rows.whole("to_bus")
    slopes = Lines(
        tuple(rows.ids), *ends, none, rows.reals("x_ohm"), none, none, none + np.inf, none, yes, yes
    )
    return moved, joined_lines(lines, slopes)


def held_pu(
    found: Nodes, keepers: list[Keeper], joined: tuple[Ints, Ints], sources: Ints
) -> tuple[dict[str, float], dict[str, tuple[str, ...]]]:
    """Bus → the voltage kept there; and → the buses of those who keep it, where they do not stand there. Who cannot is named.

    ``joined`` are the node and the island of every bus, ``sources`` the buses with a source: no machine keeps their voltage.
    """
    objects, ids, (node, island) = found.objects, found.ids, joined
    fixed = {int(node[bus]) for bus in sources}
    near = [
        replace(one, regulated=one.bus if node[one.bus] == node[one.regulated] else one.regulated)
        for one in keepers
        if island[one.bus] == island[one.regulated] and not {node[one.bus], node[one.regulated]} & fixed
    ]
    known = {one.name for one in near}
    say(
        objects,
        "grid.voltage_far",
        [one.name for one in keepers if one.name not in known],
        "RegulatingControl",
    )
    say(objects, "grid.voltage_held", [one.name for one in near], "RegulatingControl")
    apart = [one.name for one in near if one.bus != one.regulated]
    say(objects, "grid.voltage_remote", apart, "RegulatingControl")
    say(objects, "grid.voltage_solved", [one.name for one in near if one.is_solved], "RegulatingControl")
    held: dict[int, tuple[int, float]] = {}
    by: dict[int, list[str]] = {}
    unlike = []
    for one in near:
        bus, vm = held.setdefault(int(node[one.regulated]), (one.regulated, one.vm_pu))
        if abs(vm - one.vm_pu) > MET_PU:
            unlike.append(one.name)
        by.setdefault(bus, []).append(ids[one.bus])
    say(objects, "grid.voltage_unlike", unlike, "RegulatingControl")
    elsewhere = {ids[bus]: tuple(dict.fromkeys(names)) for bus, names in by.items() if {*names} != {ids[bus]}}
    return {ids[bus]: vm for bus, vm in held.values()}, elsewhere


def joined_buses(found: Nodes, lines: Lines, links: Links, trafos: Transformers) -> tuple[Ints, Ints]:
    """The label of every bus by what is joined without impedance, and by what hangs together at all."""
    on, up, shut = lines.from_closed & lines.to_closed, trafos.hv_closed & trafos.lv_closed, links.is_closed
    none = on & (lines.r_ohm == 0) & (lines.x_ohm == 0)
    close, far = (
        (
            np.concatenate([lines.from_bus[k], links.a_bus[shut]]),
            np.concatenate([lines.to_bus[k], links.b_bus[shut]]),
        )
        for k in (none, on)
    )
    every = (np.concatenate([far[0], trafos.hv_bus[up]]), np.concatenate([far[1], trafos.lv_bus[up]]))
    return groups(len(found.ids), *close), groups(len(found.ids), *every)


def say_others(objects: Objects, others: dict[str, list[str]]) -> None:
    """Name the machines whose control is on but not followed, and the taps and shunts that stay where they are."""
    say(objects, "grid.control_mode", others.get("mode", []), "RegulatingControl")
    say(objects, "grid.control_target", others.get("target", []), "RegulatingControl")
    say(objects, "grid.at_limit", others.get("limit", []), "RegulatingControl")
    stepped = []
    kinds = (
        "RatioTapChanger",
        *(f"PhaseTapChanger{k}" for k in ("Linear", "Symmetrical", "Asymmetrical", "Tabular")),
    )
    for identity, thing in objects.all(*kinds, "LinearShuntCompensator", "NonlinearShuntCompensator"):
        name = thing.get("TapChanger.TapChangerControl", thing.get("RegulatingCondEq.RegulatingControl", ""))
        is_on = flag(thing, "TapChanger.controlEnabled", default=False)
        is_on |= flag(thing, "RegulatingCondEq.controlEnabled", default=False)
        if is_on and flag(objects.get(name), "RegulatingControl.enabled", default=False):
            stepped.append(thing.get("IdentifiedObject.name", identity))
    say(objects, "grid.step_control", stepped, "TapChangerControl")
