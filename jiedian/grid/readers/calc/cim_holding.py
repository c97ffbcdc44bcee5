"""CIM machines that keep a voltage: whose control is on, at what voltage, and where."""

import math
from dataclasses import dataclass

import numpy as np

from jiedian.grid.circuit.calc.circuit import groups
from jiedian.grid.circuit.calc.network import Lines, Links

from .cim_lines import say
from .cim_nodes import Nodes
from .cim_objects import Objects, Thing, flag, number

KINDS = ("SynchronousMachine", "PowerElectronicsConnection", "StaticVarCompensator")


@dataclass(frozen=True)
class Keeper:
    """A machine at ``bus`` that keeps ``vm_pu`` at ``regulated``, a bus too."""

    name: str
    bus: int
    regulated: int
    vm_pu: float


def keeper(found: Nodes, name: str, bus: int, thing: Thing) -> Keeper | str:
    """Keeper of a machine; else the reason for constant power: ``""`` (no control on), ``mode`` or ``target``."""
    control = found.objects.get(thing.get("RegulatingCondEq.RegulatingControl", ""))
    if not control or not flag(thing, "RegulatingCondEq.controlEnabled", default=True):
        return ""
    if not flag(control, "RegulatingControl.enabled", default=True):
        return ""
    if not control.get("RegulatingControl.mode", "").endswith(".voltage"):
        return "mode"
    regulated = found.bus_of.get(control.get("RegulatingControl.Terminal", ""), bus)
    kv, value = found.kv[regulated], number(control, "RegulatingControl.targetValue")
    held = [v / kv for v in (value * found.scale, value / 1000) if kv > 0 and 0.5 < v / kv < 1.5]
    return Keeper(name, bus, regulated, held[0]) if held and math.isfinite(held[0]) else "target"


def held_pu(
    objects: Objects, ids: list[str], lines: Lines, links: Links, keepers: list[Keeper]
) -> dict[str, float]:
    """Bus → the voltage kept there, for machines that stand at the node they regulate; the others are named."""
    joined = (lines.r_ohm == 0) & (lines.x_ohm == 0) & lines.from_closed & lines.to_closed
    node = groups(
        len(ids),
        np.concatenate([links.a_bus[links.is_closed], lines.from_bus[joined]]),
        np.concatenate([links.b_bus[links.is_closed], lines.to_bus[joined]]),
    )
    near = [one for one in keepers if node[one.bus] == node[one.regulated]]
    say(objects, "grid.voltage_far", [one.name for one in keepers if one not in near], "RegulatingControl")
    say(objects, "grid.voltage_held", [one.name for one in near], "RegulatingControl")
    return {ids[one.bus]: one.vm_pu for one in reversed(near)}


def say_others(objects: Objects, others: dict[str, list[str]]) -> None:
    """Name the machines whose control is on but not understood."""
    say(objects, "grid.control_mode", others.get("mode", []), "RegulatingControl")
    say(objects, "grid.control_target", others.get("target", []), "RegulatingControl")
