"""CIM loads, machines, shunts and sources: what draws, what gives, and who holds the voltage."""

import math
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

import numpy as np

from jiedian.grid.circuit.calc.network import Injections, Shunts, Sources

from .cim_dc import CONVERTERS, DcSides
from .cim_holding import Device, Keeper, keeper, say_others, susceptance
from .cim_lines import Rows, say
from .cim_nodes import Names, Nodes, is_in_service
from .cim_objects import Objects, Thing, number

LOADS = ("EnergyConsumer", "ConformLoad", "NonConformLoad", "StationSupply")
MACHINES = ("SynchronousMachine", "AsynchronousMachine", "ExternalNetworkInjection", "EnergySource")
OTHERS = (
    "EquivalentInjection",
    "PowerElectronicsConnection",
    "StaticVarCompensator",
    "CsConverter",
    "VsConverter",
)
P_Q = {
    "EnergyConsumer": ("EnergyConsumer.p", "EnergyConsumer.q"),
    "ExternalNetworkInjection": ("ExternalNetworkInjection.p", "ExternalNetworkInjection.q"),
    "EquivalentInjection": ("EquivalentInjection.p", "EquivalentInjection.q"),
    "PowerElectronicsConnection": ("PowerElectronicsConnection.p", "PowerElectronicsConnection.q"),
    "StaticVarCompensator": ("", "StaticVarCompensator.q"),
    "CsConverter": ("ACDCConverter.p", "ACDCConverter.q"),
    "VsConverter": ("ACDCConverter.p", "ACDCConverter.q"),
    "EnergySource": ("EnergySource.activePower", "EnergySource.reactivePower"),
    "SynchronousMachine": ("RotatingMachine.p", "RotatingMachine.q"),
    "AsynchronousMachine": ("RotatingMachine.p", "RotatingMachine.q"),
}

Shunt = Literal["LinearShuntCompensator", "NonlinearShuntCompensator", "EquivalentShunt"]


@dataclass(frozen=True)
class Power:
    """Everything that is not a branch."""

    loads: Injections
    generators: Injections
    shunts: Shunts
    sources: Sources
    keepers: list[Keeper]
    solved: dict[int, tuple[float, float]]
    """Bus → kV and degrees of the authors' solved state."""


def power(found: Nodes, off: set[str]) -> Power:
    """Read loads, machines, shunts and sources. CIM counts what is drawn as positive, machines included."""
    objects = found.objects
    sv = {t.get("SvPowerFlow.Terminal", ""): t for _, t in objects.all("SvPowerFlow")}
    voltage = _solved(found)
    solved_kv = {bus: kv for bus, (kv, _) in voltage.items()}
    holders = _holders(found, off)
    loads, generators, fixed = Rows(), Rows(), _shunts(found, off, sv, solved_kv)
    keepers: list[Keeper] = []
    others: dict[str, list[str]] = {}
    names = Names(objects, [i for kind in (*LOADS, *MACHINES, *OTHERS) for i, _ in objects.all(kind)])
    drawn = _Drawn(found, sv, DcSides(objects), _responding(objects))
    for kind in (*LOADS, *MACHINES, *OTHERS):
        for identity, thing in objects.all(kind):
            ends = found.ends(identity)
            if identity in holders or not ends or ends[0][0] < 0 or not ends[0][1]:
                continue
            if not is_in_service(objects, identity, thing, off):
                continue
            name, bus = names.of(identity), ends[0][0]
            p, q = drawn.of(kind, identity, thing)
            device = Device(kind, identity, name, bus, -drawn.solved_q(identity))
            kept = keeper(found, device, solved_kv)
            if kept == "limit" and kind == "StaticVarCompensator":
                q = _as_shunt(found, device, solved_kv, fixed)
            is_giving = p < 0 or kind in ("SynchronousMachine", "PowerElectronicsConnection")
            sign, target = (-1.0, generators) if is_giving else (1.0, loads)
            target.add(name, bus=bus, p_kw=sign * p, q_kvar=sign * q)
            if isinstance(kept, Keeper):
                keepers.append(kept)
            elif kept:
                others.setdefault(kept, []).append(name)
    say_others(objects, others)
    if loads.ids and not any(loads.columns["p_kw"]):
        objects.say("grid.no_load_values", "EnergyConsumer")
    say(objects, "grid.load_response", sorted(_responding(objects).values()), "EnergyConsumer")
    shunts = Shunts(fixed.whole("bus"), fixed.reals("p_kw"), fixed.reals("q_kvar"))
    sources = _sources(found, holders, voltage)
    return Power(_injections(loads), _injections(generators), shunts, sources, keepers, voltage)


def _as_shunt(found: Nodes, device: Device, solved_kv: dict[int, float], fixed: Rows) -> float:
    """Make a compensator at its limit a shunt; it draws no reactive power beside that."""
    kv = found.kv[device.bus]
    b = susceptance(found, device, solved_kv.get(device.bus, kv))
    fixed.add(device.identity, bus=device.bus, p_kw=0.0, q_kvar=-b * kv**2 * 1000)
    return 0.0


def _injections(rows: Rows) -> Injections:
    return Injections(tuple(rows.ids), rows.whole("bus"), rows.reals("p_kw"), rows.reals("q_kvar"))


@dataclass(frozen=True)
class _Drawn:
    """What devices draw: as solved (loads only where they vary with the voltage), else as supposed, else the fixed values."""

    nodes: Nodes
    sv: dict[str, Thing]
    dc: DcSides
    responding: dict[str, str]

    def solved_q(self, identity: str) -> float:
        """Mvar drawn in the solved state, else not a number."""
        terminals = self.nodes.terminals.get(identity, [""])
        return number(self.sv.get(terminals[0], Thing()), "SvPowerFlow.q") * self.nodes.scale**2

    def of(self, kind: str, identity: str, thing: Thing) -> tuple[float, float]:
        """kW and kvar."""
        p_name, q_name = P_Q["EnergyConsumer" if kind in LOADS else kind]
        scale = 1000.0 if self.nodes.scale == 1.0 else 1e-3
        sv = self.sv.get(self.nodes.terminals[identity][0], Thing())
        fixed = [number(thing, f"EnergyConsumer.{name}fixed", 0.0) for name in "pq"]
        supposed = [number(thing, p_name), number(thing, q_name)]
        if identity in self.dc.of:
            supposed = self.dc.drawn(identity, supposed)
        solved = [number(sv, f"SvPowerFlow.{name}") for name in "pq"]
        if kind in CONVERTERS and not any(solved):  # left at nought by who solved it
            solved = [math.nan, math.nan]
        first, second = (
            (supposed, solved) if kind in LOADS and identity not in self.responding else (solved, supposed)
        )
        fixed = [
            math.nan if name in thing and not math.isfinite(number(thing, name)) else value
            for name, value in zip((p_name, q_name), fixed, strict=True)
        ]  # written, yet no number: not nought
        p, q = (
            next((v for v in (a, b) if math.isfinite(v)), c)
            for a, b, c in zip(first, second, fixed, strict=True)
        )
        return p * scale, q * scale


def _solved(found: Nodes) -> dict[int, tuple[float, float]]:
    """Bus → solved voltage (kV) and angle, where the state variables have one."""
    return {
        bus: (number(thing, "SvVoltage.v") * found.scale, number(thing, "SvVoltage.angle", 0.0))
        for _, thing in found.objects.all("SvVoltage")
        for bus in found.of_topology.get(thing.get("SvVoltage.TopologicalNode", ""), ())
    }


def _holders(found: Nodes, off: set[str]) -> dict[str, int]:
    """Who holds the voltage: the machine of first reference, else grid injections, else sources, else the largest machine."""
    objects = found.objects
    alive = {}
    for kind in MACHINES:
        for identity, thing in objects.all(kind):
            ends = found.ends(identity)
            if ends and ends[0][0] >= 0 and ends[0][1] and is_in_service(objects, identity, thing, off):
                alive[identity] = (kind, thing, ends[0][0])
    ranked = {
        i: number(
            t,
            "SynchronousMachine.referencePriority",
            number(t, "ExternalNetworkInjection.referencePriority", 0.0),
        )
        for i, (_, t, _) in alive.items()
    }
    first = [i for i, rank in ranked.items() if rank > 0]
    if first:
        best = min(ranked[i] for i in first)
        return {i: alive[i][2] for i in first if ranked[i] == best}
    reference = _reference(found)
    at_reference = {i: row[2] for i, row in alive.items() if row[2] in reference}
    if at_reference:
        return at_reference
    for kinds in (("ExternalNetworkInjection",), ("EnergySource",)):
        chosen = {i: row[2] for i, row in alive.items() if row[0] in kinds}
        if chosen:
            return chosen
    machines = {i: row for i, row in alive.items() if row[0] == "SynchronousMachine"}
    if not machines:
        return _from_island(found)
    largest = max(machines, key=lambda i: abs(number(machines[i][1], "RotatingMachine.ratedS", 0.0)))
    name = machines[largest][1].get("IdentifiedObject.name", largest)
    objects.say("grid.source_machine", name=name)
    return {largest: machines[largest][2]}


def _reference(found: Nodes) -> set[int]:
    """The buses of the angle references of the solved state."""
    return {
        bus
        for _, island in found.objects.all("TopologicalIsland")
        for bus in found.of_topology.get(island.get("TopologicalIsland.AngleRefTopologicalNode", ""), ())
    }


def _from_island(found: Nodes) -> dict[str, int]:
    """Without any machine: the angle reference, or for a part of a larger grid its boundary injection."""
    objects = found.objects
    reference = sorted(_reference(found))
    if reference:
        return {found.ids[reference[0]]: reference[0]}
    for identity, _thing in objects.all("EquivalentInjection"):
        ends = found.ends(identity)
        if ends and ends[0][0] >= 0:
            objects.say("grid.source_boundary")
            return {identity: ends[0][0]}
    objects.say("grid.no_source")
    return {}


def _sources(found: Nodes, holders: dict[str, int], voltage: dict[int, tuple[float, float]]) -> Sources:
    rows = Rows()
    for identity, bus in holders.items():
        thing, kv = found.objects.get(identity), found.kv[bus]
        solved, angle = voltage.get(bus, (float("nan"), 0.0))
        control = found.objects.get(thing.get("RegulatingCondEq.RegulatingControl", ""))
        wanted = number(control, "RegulatingControl.targetValue") * found.scale
        own = number(thing, "EnergySource.voltageMagnitude") * found.scale
        held = next((v for v in (solved, wanted, own) if math.isfinite(v) and 0.5 < v / kv < 1.5), kv)
        rows.add(identity, bus=bus, vm_pu=held / kv if kv > 0 else 1.0, va_deg=angle)
    buses, keep = np.unique(rows.whole("bus"), return_index=True)
    return Sources(buses, rows.reals("vm_pu")[keep], rows.reals("va_deg")[keep])


def _shunts(found: Nodes, off: set[str], sv: dict[str, Thing], solved_kv: dict[int, float]) -> Rows:
    objects, rows = found.objects, Rows()
    sections = {
        t.get("SvShuntCompensatorSections.ShuntCompensator", ""): number(
            t, "SvShuntCompensatorSections.sections"
        )
        for _, t in objects.all("SvShuntCompensatorSections")
    }
    for kind in get_args(Shunt):
        for identity, thing in objects.all(kind):
            ends = found.ends(identity)
            if (
                not ends
                or ends[0][0] < 0
                or not ends[0][1]
                or not is_in_service(objects, identity, thing, off)
            ):
                continue
            count = number(
                thing, "ShuntCompensator.sections", number(thing, "ShuntCompensator.normalSections", 0.0)
            )
            count = sections[identity] if math.isfinite(sections.get(identity, math.nan)) else count
            y = _admittance(objects, kind, identity, thing, count)
            solved = _solved_admittance(found, identity, sv, solved_kv.get(ends[0][0]))
            y = y if solved is None else solved
            kw = found.kv[ends[0][0]] ** 2 * 1000
            rows.add(identity, bus=ends[0][0], p_kw=y.real * kw, q_kvar=-y.imag * kw)
    return rows


def _solved_admittance(found: Nodes, shunt: str, sv: dict[str, Thing], kv: float | None) -> complex | None:
    """Siemens of a shunt by what it draws in the solved state; None where that does not say."""
    flow = sv.get(found.terminals[shunt][0], Thing())
    p, q = number(flow, "SvPowerFlow.p", 0.0), number(flow, "SvPowerFlow.q")
    return complex(p, -q) * found.scale**2 / kv**2 if kv and math.isfinite(p + q) else None


def _admittance(objects: Objects, kind: Shunt, identity: str, thing: Thing, count: float) -> complex:
    if kind == "EquivalentShunt":
        return complex(number(thing, "EquivalentShunt.g", 0.0), number(thing, "EquivalentShunt.b", 0.0))
    if kind == "LinearShuntCompensator":
        stem = "LinearShuntCompensator"
        return count * complex(
            number(thing, f"{stem}.gPerSection", 0.0), number(thing, f"{stem}.bPerSection", 0.0)
        )
    if kind != "NonlinearShuntCompensator":
        assert_never(kind)
    stem = "NonlinearShuntCompensatorPoint"
    return sum(
        (
            complex(number(point, f"{stem}.g", 0.0), number(point, f"{stem}.b", 0.0))
            for _, point in objects.all(stem)
            if point.get(f"{stem}.NonlinearShuntCompensator") == identity
            and number(point, f"{stem}.sectionNumber", 0.0) <= count
        ),
        0j,
    )


def _responding(objects: Objects) -> dict[str, str]:
    """The loads that vary with the voltage, and their names."""
    responses = dict(objects.all("LoadResponseCharacteristic"))
    names = {}
    for identity, thing in objects.all(*LOADS):
        response = responses.get(thing.get("EnergyConsumer.LoadResponse", ""), Thing())
        stem = "LoadResponseCharacteristic"
        parts = [
            number(response, f"{stem}.{p}Constant{k}", 0.0) for p in "pq" for k in ("Current", "Impedance")
        ]
        exponents = [number(response, f"{stem}.{p}VoltageExponent", 0.0) for p in "pq"]
        if any(parts) or any(exponents):
            names[identity] = thing.get("IdentifiedObject.name", identity)
    return names
