"""CIM topology: which bus every terminal stands on, at which voltage, and what the buses and devices are called."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from .cim_objects import Objects, Thing, flag, number

SWITCHES = (
    "Breaker",
    "Cut",
    "Disconnector",
    "DisconnectingCircuitBreaker",
    "Fuse",
    "Jumper",
    "LoadBreakSwitch",
    "ProtectedSwitch",
    "Recloser",
    "Sectionaliser",
    "Switch",
)
NODES = ("ConnectivityNode", "TopologicalNode")
VOLTS = 1500.0
"""No nominal voltage in kV is higher: above it the file counts in volts, watts and metres."""


@dataclass
class Nodes:
    """Buses in the order of ``ids``; ``bus_of`` maps a terminal to its bus row; ``terminals`` an equipment to its own.

    ``stars`` are the star points of three windings, added later. ``of_topology`` gives the bus rows of a topological node (one, or the connectivity nodes in it).
    """

    objects: Objects
    scale: float
    is_node_breaker: bool
    ids: list[str] = field(default_factory=list)
    kv: list[float] = field(default_factory=list)
    row: dict[str, int] = field(default_factory=dict)
    bus_of: dict[str, int] = field(default_factory=dict)
    of_topology: dict[str, set[int]] = field(default_factory=dict)
    terminals: dict[str, list[str]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)

    @cached_property
    def curves(self) -> dict[str, list[tuple[float, float, float]]]:
        """Capability curve → its points in order: active power, least and most reactive power."""
        found: dict[str, list[tuple[float, float, float]]] = {}
        for _, point in self.objects.all("CurveData"):
            x, low, high = (number(point, f"CurveData.{name}value") for name in ("x", "y1", "y2"))
            found.setdefault(point.get("CurveData.Curve", ""), []).append((x, low, high))
        return {curve: sorted(points) for curve, points in found.items()}

    def ends(self, equipment: str) -> list[tuple[int, bool]]:
        """(bus row, connected) of each terminal in the order of their numbers; -1 where no bus is named."""
        found = []
        for terminal in self.terminals.get(equipment, []):
            thing = self.objects.get(terminal)
            is_on = flag(
                thing, "ACDCTerminal.connected", default=flag(thing, "Terminal.connected", default=True)
            )
            found.append((self.bus_of.get(terminal, -1), is_on))
        return found

    def add(self, identity: str, name: str, kv: float) -> int:
        self.row[identity] = len(self.ids)
        self.ids.append(name)
        self.kv.append(kv)
        return self.row[identity]


def nodes(objects: Objects) -> Nodes:
    """Connectivity nodes where every terminal has one, else topological nodes."""
    terminals = list(objects.all("Terminal"))
    is_node_breaker = bool(terminals) and all("Terminal.ConnectivityNode" in t for _, t in terminals)
    found = Nodes(objects, 1e-3 if _is_in_volts(objects) else 1.0, is_node_breaker)
    _order(found, terminals)
    used = {_node(objects, t, is_node_breaker) for _, t in terminals} - {""}
    known = [i for kind in NODES for i, _ in objects.all(kind) if i in used]
    beyond = sorted(used - set(known))
    names = Names(objects, known)
    levels = _Levels(found, terminals)
    for identity in (*known, *beyond):
        found.add(identity, names.of(identity), levels.of(identity, objects.get(identity)))
    if beyond:
        objects.say("grid.boundary", NODES[not is_node_breaker], count=len(beyond))
    _stand(found, terminals)
    _topology(found, terminals)
    _spread(found)
    unknown = [found.ids[i] for i, kv in enumerate(found.kv) if not kv > 0]
    if unknown:
        objects.say("grid.no_voltage", NODES[not is_node_breaker], count=len(unknown), unknown=unknown[:5])
    return found


def _stand(found: Nodes, terminals: list[tuple[str, Thing]]) -> None:
    """Put every terminal on its bus."""
    objects, is_node_breaker = found.objects, found.is_node_breaker
    lost = 0
    for terminal, thing in terminals:
        node = _node(objects, thing, is_node_breaker)
        if node in found.row:
            found.bus_of[terminal] = found.row[node]
        else:
            lost += 1
    if lost:
        objects.say("grid.loose_terminals", "Terminal", count=lost)


def _topology(found: Nodes, terminals: list[tuple[str, Thing]]) -> None:
    for identity, thing in found.objects.all("ConnectivityNode"):
        if identity in found.row and "ConnectivityNode.TopologicalNode" in thing:
            node = thing["ConnectivityNode.TopologicalNode"]
            found.of_topology.setdefault(node, set()).add(found.row[identity])
    for terminal, thing in terminals:
        if "Terminal.TopologicalNode" in thing and terminal in found.bus_of:
            node = thing["Terminal.TopologicalNode"]
            found.of_topology.setdefault(node, set()).add(found.bus_of[terminal])


def _spread(found: Nodes) -> None:
    """A node without a voltage (the far end at a boundary) has that of the line or switch that ends there."""
    for identity, _ in found.objects.all("ACLineSegment", "EquivalentBranch", *SWITCHES):
        ends = found.ends(identity)
        if len(ends) == 2 and min(ends[0][0], ends[1][0]) >= 0:
            (a, _), (b, _) = ends
            for here, there in ((a, b), (b, a)):
                if not found.kv[here] > 0 and found.kv[there] > 0:
                    found.kv[here] = found.kv[there]


def _is_in_volts(objects: Objects) -> bool:
    kvs = [number(t, "BaseVoltage.nominalVoltage", 0.0) for _, t in objects.all("BaseVoltage")]
    loads = [abs(number(t, "EnergyConsumer.p", 0.0)) for _, t in objects.all("EnergyConsumer", "ConformLoad")]
    return any(kv > VOLTS for kv in kvs) or any(load > 20_000 for load in loads)


def _order(found: Nodes, terminals: list[tuple[str, Thing]]) -> None:
    held: dict[str, list[tuple[float, int, str]]] = {}
    for place, (identity, thing) in enumerate(terminals):
        equipment = thing.get("Terminal.ConductingEquipment", "")
        sequence = number(
            thing, "ACDCTerminal.sequenceNumber", number(thing, "Terminal.sequenceNumber", float(place + 1))
        )
        held.setdefault(equipment, []).append((sequence, place, identity))
    found.terminals = {equipment: [i for _, _, i in sorted(rows)] for equipment, rows in held.items()}


def _node(objects: Objects, terminal: Thing, is_node_breaker: bool) -> str:
    connectivity = terminal.get("Terminal.ConnectivityNode", "")
    if is_node_breaker:
        return connectivity
    own = terminal.get("Terminal.TopologicalNode", "")
    return own or objects.get(connectivity).get("ConnectivityNode.TopologicalNode", connectivity)


class Names:
    """Readable and distinct: the name, or name and the beginning of the id where a name is used twice."""

    def __init__(self, objects: Objects, ids: list[str]) -> None:
        self.plain = {i: objects.get(i).get("IdentifiedObject.name", "").strip() for i in ids}
        self.times = Counter(self.plain.values())

    def of(self, identity: str) -> str:
        name = self.plain.get(identity, "")
        if not name:
            return identity
        return name if self.times[name] == 1 else f"{name} ({identity[:8]})"


class _Levels:
    """Nominal voltage of a node: its own, its voltage level's, or that of the equipment that stands on it."""

    def __init__(self, found: Nodes, terminals: list[tuple[str, Thing]]) -> None:
        self.objects, self.scale = found.objects, found.scale
        self.by_equipment: dict[str, float] = {}
        ends = {
            t.get("TransformerEnd.Terminal", ""): t
            for _, t in self.objects.all("PowerTransformerEnd", "TransformerTankEnd")
        }
        for identity, thing in terminals:
            node = _node(self.objects, thing, found.is_node_breaker)
            if node and node not in self.by_equipment:
                end = ends.get(identity, Thing())
                equipment = self.objects.get(thing.get("Terminal.ConductingEquipment", ""))
                kv = self._base(
                    end.get(
                        "TransformerEnd.BaseVoltage", equipment.get("ConductingEquipment.BaseVoltage", "")
                    )
                )
                kv = kv or number(end, "PowerTransformerEnd.ratedU", 0.0) * self.scale
                if kv:
                    self.by_equipment[node] = kv

    def _base(self, identity: str) -> float:
        return number(self.objects.get(identity), "BaseVoltage.nominalVoltage", 0.0) * self.scale

    def of(self, identity: str, thing: Thing) -> float:
        own = self._base(thing.get("TopologicalNode.BaseVoltage", ""))
        container = thing.get(
            "ConnectivityNode.ConnectivityNodeContainer",
            thing.get("TopologicalNode.ConnectivityNodeContainer", ""),
        )
        level = self.objects.get(container)
        level = self.objects.get(level.get("Bay.VoltageLevel", "")) or level
        own = own or self._base(level.get("VoltageLevel.BaseVoltage", ""))
        return own or self.by_equipment.get(identity, float("nan"))


def is_in_service(objects: Objects, identity: str, thing: Thing, off: set[str]) -> bool:
    """True if a device works: SSH and EQ flags, and the state variable where there is one (``off`` lists the idle)."""
    normally = flag(thing, "Equipment.normallyInService", default=True)
    return flag(thing, "Equipment.inService", default=normally) and identity not in off
