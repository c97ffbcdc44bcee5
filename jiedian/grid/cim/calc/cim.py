"""CIM-XML → Network: CGMES 2.4.15 and 3 (EQ, SSH, TP, SV, boundary, GL; XML files or archives), and plain CIM-XML such as CIM100."""

import re

import numpy as np

from jiedian.core.findings import Finding
from jiedian.grid.circuit.calc.network import Buses, Network

from .cim_clocks import say_clocks
from .cim_holding import held_pu, joined_buses, with_slopes
from .cim_lines import limits, lines, links
from .cim_nodes import Nodes, nodes
from .cim_objects import Objects, flag, number, read_objects
from .cim_power import power
from .cim_solved import say_difference
from .cim_trafos import transformers

Way = tuple[tuple[float, float], ...]
FULL = {"ABC", "ABCN", "A", "B", "C", "N"}


def read(files: list[tuple[str, bytes]]) -> tuple[Network, list[Finding]]:
    """One network from all the files together, and what a reader must know of it.

    Devices are called by their name, with the beginning of their id where a name is used twice. Units are those of CGMES
    (kV, MW, km), or SI where the nominal voltages are in volts. Classes that were not understood are counted in the
    findings. A network modelled phase by phase is read as its positive sequence and marked ``grid.unbalanced``.
    Raises Refused for broken XML, document types, entities, or a file without any terminal.
    """
    objects = read_objects(files)
    _need_terminals(objects)
    found = nodes(objects)
    off = _off(objects)
    branches, name_of = lines(found, limited := limits(found), off)
    trafos, clocks = transformers(found, limited, off)
    joined, held = links(found, off), power(found, off)
    keepers, branches = with_slopes(found, held.keepers, branches)
    kept, by = held_pu(found, keepers, joined_buses(found, branches, joined, trafos), held.sources.bus)
    places, routes = _ground(found, name_of)
    _phases(objects)
    say_clocks(objects, trafos, clocks, (branches, joined))
    objects.not_read()
    network = Network(
        name=_title(objects, files),
        buses=Buses(tuple(found.ids), np.asarray(found.kv, np.float64)),
        lines=branches,
        transformers=trafos,
        links=joined,
        loads=held.loads,
        generators=held.generators,
        shunts=held.shunts,
        sources=held.sources,
        hz=50.0,
        stars=tuple(found.stars),
        places=places,
        routes=routes,
        held_pu=kept,
        held_by=by,
    )
    say_difference(objects, network, held.solved)
    return network, objects.findings


def _off(objects: Objects) -> set[str]:
    """Equipment that the state variables say is idle; a converter that carries a solved current is not."""
    idle = {
        t.get("SvStatus.ConductingEquipment", "")
        for _, t in objects.all("SvStatus")
        if not flag(t, "SvStatus.inService", default=True)
    }
    return {one for one in idle if not number(objects.get(one), "ACDCConverter.idc", 0.0)}


def _need_terminals(objects: Objects) -> None:
    from jiedian.core.findings import refuse

    if not objects.of.get("Terminal"):
        raise refuse(
            "cim.no_terminal", ", ".join(f"{name} {count}" for name, count in objects.count.most_common(5))
        )


def _title(objects: Objects, files: list[tuple[str, bytes]]) -> str:
    for kind in ("Feeder", "Substation"):
        for _, thing in objects.all(kind):
            if thing.get("IdentifiedObject.name"):
                return thing["IdentifiedObject.name"]
    return files[0][0] if files else "CIM"


def _phases(objects: Objects) -> None:
    """Phase-by-phase models: single- or two-phase lines, tanks, loads by phase."""
    kinds = (
        "ACLineSegmentPhase",
        "EnergyConsumerPhase",
        "SwitchPhase",
        "TransformerTankEnd",
        "PerLengthPhaseImpedance",
    )
    seen = {kind: objects.count[kind] for kind in kinds if objects.count[kind]}
    if not seen:
        return
    listed = ", ".join(f"{kind} {count}" for kind, count in seen.items())
    objects.say("grid.unbalanced", listed=listed)
    tanks = objects.count["TransformerTank"]
    if tanks:
        objects.say("grid.tanks", "TransformerTank", count=tanks)


def _ground(found: Nodes, line_of: dict[str, str]) -> tuple[dict[str, tuple[float, float]], dict[str, Way]]:
    """Places of the buses and routes of the lines, where the coordinates are longitude and latitude."""
    objects = found.objects
    ways, is_local = _ways(objects)
    if is_local:
        objects.say("grid.local_coordinates", "CoordinateSystem")
        return {}, {}
    places: dict[str, tuple[float, float]] = {}
    routes = {line_of[i]: way for i, way in ways.items() if i in line_of and len(way) > 1}
    for equipment, way in ways.items():
        ends = found.ends(equipment)
        points = (way[0], way[-1]) if len(ends) == 2 else (way[0],) * len(ends)
        for (bus, _), point in zip(ends, points, strict=False):
            if bus >= 0:
                places.setdefault(found.ids[bus], point)
    _from_stations(found, ways, places)
    return places, routes


def _ways(objects: Objects) -> tuple[dict[str, Way], bool]:
    points: dict[str, list[tuple[float, float, float]]] = {}
    is_local = False
    for _, point in objects.all("PositionPoint"):
        x, y = number(point, "PositionPoint.xPosition"), number(point, "PositionPoint.yPosition")
        if abs(x) <= 180 and abs(y) <= 90:
            row = (number(point, "PositionPoint.sequenceNumber", 1.0), x, y)
            points.setdefault(point.get("PositionPoint.Location", ""), []).append(row)
        else:
            is_local = True
    for _, system in objects.all("CoordinateSystem"):
        urn = system.get("CoordinateSystem.crsUrn", "")
        is_local |= bool(urn) and not re.search(r"4326|CRS84|WGS", urn, re.I)
    owner = {
        i: t["Location.PowerSystemResources"]
        for i, t in objects.all("Location")
        if "Location.PowerSystemResources" in t
    }
    for kind in list(objects.of):
        for identity, thing in objects.all(kind):
            if "PowerSystemResource.Location" in thing:
                owner.setdefault(thing["PowerSystemResource.Location"], identity)
    ways = {
        owner[location]: tuple((x, y) for _, x, y in sorted(rows))
        for location, rows in points.items()
        if location in owner
    }
    return ways, is_local


def _from_stations(found: Nodes, ways: dict[str, Way], places: dict[str, tuple[float, float]]) -> None:
    objects = found.objects
    kind = "ConnectivityNode" if found.is_node_breaker else "TopologicalNode"
    for identity, thing in objects.all(kind):
        if identity not in found.row or found.ids[found.row[identity]] in places:
            continue
        level = objects.get(thing.get(f"{kind}.ConnectivityNodeContainer", ""))
        level = objects.get(level.get("Bay.VoltageLevel", "")) or level
        way = ways.get(
            level.get("VoltageLevel.Substation", thing.get(f"{kind}.ConnectivityNodeContainer", ""))
        )
        if way:
            places[found.ids[found.row[identity]]] = way[0]
