"""CIM converters: the power of the one that keeps the voltage of a direct-current grid is what the others leave."""

import math
from dataclasses import dataclass, field

import numpy as np

from jiedian.grid.circuit.calc.circuit import groups

from .cim_objects import Objects, Thing, number

CONVERTERS = ("CsConverter", "VsConverter")
SIX_PULSE = 3 * math.sqrt(2) / math.pi
"""Direct voltage of an ideal bridge over the alternating one."""
JOINING = ("DCLineSegment", "DCSeriesDevice")


@dataclass
class DcSides:
    """The direct-current grids: converter → the converters joined with it, and ``ohm`` → the resistance of what joins them."""

    objects: Objects
    of: dict[str, list[str]] = field(init=False, default_factory=dict)
    ohm: dict[str, float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        ends: dict[str, list[str]] = {}
        for _, terminal in self.objects.all("DCTerminal", "ACDCConverterDCTerminal"):
            for stem in ("DCTerminal", "ACDCConverterDCTerminal"):
                owner = terminal.get(f"{stem}.DCConductingEquipment", "")
                if owner:
                    ends.setdefault(owner, []).append(terminal.get("DCBaseTerminal.DCNode", ""))
        rows = {node: k for k, node in enumerate(sorted({n for nodes in ends.values() for n in nodes}))}
        pairs = [(rows[nodes[0]], rows[one]) for nodes in ends.values() for one in nodes[1:]]
        a, b = np.array(pairs, np.int64).reshape(-1, 2).T
        label = groups(len(rows), a, b) if rows else a
        grids: dict[int, list[str]] = {}
        for identity, _ in self.objects.all(*CONVERTERS):
            if identity in ends:
                grids.setdefault(int(label[rows[ends[identity][0]]]), []).append(identity)
        for grid, members in grids.items():
            ohm = sum(
                number(thing, f"{kind}.resistance", 0.0)
                for kind in JOINING
                for identity, thing in self.objects.all(kind)
                if identity in ends and int(label[rows[ends[identity][0]]]) == grid
            )
            for identity in members:
                self.of[identity], self.ohm[identity] = [m for m in members if m != identity], ohm

    def drawn(self, identity: str, supposed: list[float]) -> list[float]:
        """MW and Mvar that a converter draws where the file leaves them to its control; else as supposed."""
        thing = self.objects.get(identity)
        p, q = supposed
        if thing.get("VsConverter.qPccControl", "").endswith("reactivePcc") and not (math.isfinite(q) and q):
            q = number(thing, "VsConverter.targetQpcc", q)
        control = thing.get("VsConverter.pPccControl", thing.get("CsConverter.pPccControl", ""))
        is_left = control.endswith((".udc", ".dcVoltage")) and not (math.isfinite(p) and p)
        if is_left and self.of[identity]:
            p = self._left(identity, thing)
        turned = _cosine(thing)
        if identity in self.objects.of["CsConverter"] and turned < 1:
            q = abs(p) * math.tan(math.acos(turned))
        return [p, q]

    def _left(self, identity: str, thing: Thing) -> float:
        """MW drawn by the one that keeps the voltage: the others' power and every loss."""
        given = 0.0
        for one in self.of[identity]:
            other = self.objects.get(one)
            p = number(other, "ACDCConverter.p", 0.0)
            given += p - _loss(other, p / _kv(other, thing) if p else 0.0)
        ampere = number(thing, "ACDCConverter.idc", given / _kv(thing, thing) * 1000) / 1000
        return -(given - self.ohm[identity] * ampere**2) + _loss(thing, ampere)


def _cosine(thing: Thing) -> float:
    """Power factor of a line-commutated bridge in the solved state: its direct voltage over that of an ideal one; else not a number."""
    udc, uc = number(thing, "ACDCConverter.udc"), number(thing, "ACDCConverter.uc", 0.0)
    found = udc / (SIX_PULSE * uc) if uc > 0 else math.nan
    return found if 0 < found <= 1 else math.nan


def _kv(thing: Thing, keeping: Thing) -> float:
    """The direct voltage, solved or wanted or rated."""
    values = (
        number(thing, "ACDCConverter.udc"),
        number(keeping, "ACDCConverter.targetUdc"),
        number(thing, "ACDCConverter.ratedUdc"),
    )
    return next((v for v in values if math.isfinite(v) and v > 0), 1.0)


def _loss(thing: Thing, kiloampere: float) -> float:
    """MW lost in a converter, solved or by its idle, switching and resistive share (MW, MW/A, ohm)."""
    idle, switching, ohm = (
        number(thing, f"ACDCConverter.{name}Loss", 0.0) for name in ("idle", "switching", "resistive")
    )
    own = idle + switching * abs(kiloampere) * 1000 + ohm * kiloampere**2
    return number(thing, "ACDCConverter.poleLossP", own)
