"""CIM lines, series branches and switches."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jiedian.grid.circuit.calc.network import Bools, Ints, Lines, Links, Reals

from .cim_nodes import SWITCHES, Names, Nodes, is_in_service
from .cim_objects import Objects, Thing, flag, number

FOREVER_S = 1e5
"""A limit that may be held longer than this (or for ever) is the permanent one."""


@dataclass
class Rows:
    """Rows being collected: ids and, per column, values."""

    ids: list[str] = field(default_factory=list)
    columns: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, **values: float) -> None:
        self.ids.append(name)
        for key, value in values.items():
            self.columns[key].append(value)

    def reals(self, name: str) -> Reals:
        return np.asarray(self.columns.get(name, []), np.float64)

    def whole(self, name: str) -> Ints:
        return np.asarray(self.columns.get(name, []), np.int64)

    def flags(self, name: str) -> Bools:
        return np.asarray(self.columns.get(name, []), np.bool_)

    def column(self, name: str, whole: Sequence[str], flags: Sequence[str]) -> Any:
        """A column by its kind."""
        if name in whole:
            return self.whole(name)
        return self.flags(name) if name in flags else self.reals(name)


@dataclass(frozen=True)
class Limits:
    """Permanent current limit in ampere of an equipment or a terminal, by id."""

    ampere: dict[str, float]

    def of(self, equipment: str, terminals: list[str]) -> float:
        """The least of what stands at the equipment and its terminals; infinite when nothing does."""
        known = [self.ampere[i] for i in (equipment, *terminals) if i in self.ampere]
        return float(np.min(known)) if known else math.inf


def limits(found: Nodes) -> Limits:
    """Read the operational limits once."""
    objects = found.objects
    permanent: dict[str, float] = {}
    other: dict[str, float] = {}
    sets = _limit_sets(objects)
    for _, limit in objects.all("CurrentLimit", "ApparentPowerLimit", "ActivePowerLimit"):
        kind = objects.get(limit.get("OperationalLimit.OperationalLimitType", ""))
        ampere = _ampere(limit)
        if ampere is None or ampere <= 0:
            continue
        for owner, kv in sets.get(limit.get("OperationalLimit.OperationalLimitSet", ""), []):
            value = (
                ampere
                if "CurrentLimit.value" in limit or "CurrentLimit.normalValue" in limit
                else _by_power(ampere, kv, found)
            )
            target = permanent if _is_permanent(kind) else other
            target[owner] = float(np.minimum(value, target.get(owner, np.inf)))
    return Limits({**other, **permanent})


def _limit_sets(objects: Objects) -> dict[str, list[tuple[str, str]]]:
    """Limit set → (terminal or equipment, equipment whose voltage counts)."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for identity, one in objects.all("OperationalLimitSet"):
        for key in ("OperationalLimitSet.Terminal", "OperationalLimitSet.Equipment"):
            if key in one:
                found[identity].append((one[key], one[key]))
    for terminal, thing in objects.all("Terminal"):
        if "ACDCTerminal.OperationalLimitSet" in thing:
            found[thing["ACDCTerminal.OperationalLimitSet"]].append((terminal, terminal))
    return found


VALUES = (
    *("CurrentLimit.value", "CurrentLimit.normalValue", "ApparentPowerLimit.value"),
    *("ApparentPowerLimit.normalValue", "ActivePowerLimit.value"),
)


def _ampere(limit: Thing) -> float | None:
    """The first value a limit has, in its own unit; None without any, not a number where it is none."""
    return next((number(limit, key) for key in VALUES if key in limit), None)


def _by_power(power: float, owner: str, found: Nodes) -> float:
    """A limit in MVA (or VA) as ampere at the voltage of its terminal."""
    bus = found.bus_of.get(owner, -1)
    if bus < 0:
        ends = found.ends(owner)
        bus = ends[0][0] if ends else -1
    if bus < 0 or not found.kv[bus] > 0:
        return float("nan")
    mva = power if found.scale == 1.0 else power * 1e-6
    return float(mva * 1e3 / (np.sqrt(3) * found.kv[bus]))


def _is_permanent(kind: Thing) -> bool:
    words = kind.get("OperationalLimitType.limitType", kind.get("OperationalLimitType.kind", "")).lower()
    if words:
        return words.endswith("patl")
    is_endless = flag(kind, "OperationalLimitType.isInfiniteDuration", default=False)
    return is_endless or number(kind, "OperationalLimitType.acceptableDuration", np.inf) >= FOREVER_S


def lines(found: Nodes, limited: Limits, off: set[str]) -> tuple[Lines, dict[str, str]]:
    """Line segments, series compensators and equivalent branches; also object id → line id, for the routes."""
    objects, rows = found.objects, Rows()
    classes = ("ACLineSegment", "SeriesCompensator", "EquivalentBranch")
    names = Names(objects, [i for name in classes for i, _ in objects.all(name)])
    per_length = _per_length(objects)
    name_of: dict[str, str] = {}
    free, unlimited, odd = [], [], []
    for name in classes:
        for identity, thing in objects.all(name):
            ends = found.ends(identity)
            if len(ends) != 2 or min(ends[0][0], ends[1][0]) < 0:
                free.append(names.of(identity))
                continue
            if not is_in_service(objects, identity, thing, off):
                continue
            values = _impedance(found, thing, per_length)
            rated = limited.of(identity, found.terminals[identity])
            if np.isinf(rated):
                unlimited.append(names.of(identity))
            if abs(found.kv[ends[0][0]] - found.kv[ends[1][0]]) > 0.25 * found.kv[ends[0][0]]:
                odd.append(names.of(identity))
                continue
            name_of[identity] = names.of(identity)
            (a, a_on), (b, b_on) = ends
            rows.add(
                name_of[identity],
                **values,
                from_bus=a,
                to_bus=b,
                rated_a=rated,
                from_closed=a_on,
                to_closed=b_on,
            )
    _say_lines(objects, free, odd, unlimited)
    _judge(objects, rows)
    return _table(rows), name_of


def _say_lines(objects: Objects, free: list[str], odd: list[str], unlimited: list[str]) -> None:
    where = "ACLineSegment"
    say(objects, "grid.free", free, where)
    say(objects, "grid.line_left_out", odd, where)
    say(objects, "grid.no_rating", unlimited, where)


def _judge(objects: Objects, rows: Rows) -> None:
    r, x, length = rows.reals("r_ohm"), rows.reals("x_ohm"), rows.reals("length_m")
    ids = np.asarray(rows.ids, object)
    wrong = ~(np.isfinite(r) & np.isfinite(x)) | (length < 0)
    say(objects, "grid.bad_line", ids[wrong].tolist(), "ACLineSegment")
    nothing = (r == 0) & (x == 0)
    say(objects, "grid.zero_impedance", ids[nothing].tolist(), "ACLineSegment")


def _table(rows: Rows) -> Lines:
    whole, flags = ("from_bus", "to_bus"), ("from_closed", "to_closed")
    columns = [c for c in Lines.__dataclass_fields__ if c != "id"]
    return Lines(tuple(rows.ids), *(rows.column(c, whole, flags) for c in columns))


def _impedance(
    found: Nodes, thing: Thing, per_length: dict[str, tuple[complex, complex]]
) -> dict[str, float]:
    """Positive-sequence values of the whole length. Lengths are km in CGMES, metres where the file counts in volts."""
    length = number(thing, "Conductor.length", 0.0)
    z = complex(
        number(
            thing,
            "ACLineSegment.r",
            number(thing, "SeriesCompensator.r", number(thing, "EquivalentBranch.r")),
        ),
        number(
            thing,
            "ACLineSegment.x",
            number(thing, "SeriesCompensator.x", number(thing, "EquivalentBranch.x")),
        ),
    )
    y = complex(number(thing, "ACLineSegment.gch", 0.0), number(thing, "ACLineSegment.bch", 0.0))
    code = thing.get("ACLineSegment.PerLengthImpedance", "")
    if "ACLineSegment.r" not in thing and code in per_length:
        z, y = (value * length for value in per_length[code])
    if z.real < 0 and "EquivalentBranch.r" not in thing:
        z = complex(math.nan, z.imag)
    metres = length * 1000 if found.scale == 1.0 else length
    return {"r_ohm": z.real, "x_ohm": z.imag, "g_us": y.real * 1e6, "b_us": y.imag * 1e6, "length_m": metres}


def _per_length(objects: Objects) -> dict[str, tuple[complex, complex]]:
    """Series impedance and shunt admittance of a unit of length; of a phase matrix, its positive sequence if transposed."""
    found = {}
    for identity, thing in objects.all("PerLengthSequenceImpedance"):
        stem = "PerLengthSequenceImpedance"
        z = complex(number(thing, f"{stem}.r"), number(thing, f"{stem}.x"))
        found[identity] = (z, complex(number(thing, f"{stem}.gch", 0.0), number(thing, f"{stem}.bch", 0.0)))
    own: dict[str, list[tuple[complex, float]]] = defaultdict(list)
    mutual: dict[str, list[tuple[complex, float]]] = defaultdict(list)
    for _, thing in objects.all("PhaseImpedanceData"):
        z = complex(number(thing, "PhaseImpedanceData.r"), number(thing, "PhaseImpedanceData.x"))
        is_own = thing.get("PhaseImpedanceData.row") == thing.get("PhaseImpedanceData.column")
        target = own if is_own else mutual
        code = thing.get("PhaseImpedanceData.PhaseImpedance", "")
        target[code].append((z, number(thing, "PhaseImpedanceData.b", 0.0)))
    for code, values in own.items():
        others = mutual.get(code, [(0j, 0.0)])
        z = sum(v[0] for v in values) / len(values) - sum(v[0] for v in others) / len(others)
        b = sum(v[1] for v in values) / len(values) - sum(v[1] for v in others) / len(others)
        found[code] = (z, 1j * b)
    return found


def links(found: Nodes, off: set[str]) -> Links:
    """Switches between two buses. Present state where the file has one, else the normal one."""
    objects, rows = found.objects, Rows()
    names = Names(objects, [i for name in SWITCHES for i, _ in objects.all(name)])
    for identity, thing in objects.all(*SWITCHES):
        ends = found.ends(identity)
        if len(ends) != 2 or min(ends[0][0], ends[1][0]) < 0 or ends[0][0] == ends[1][0]:
            continue
        is_open = flag(thing, "Switch.open", default=flag(thing, "Switch.normalOpen", default=False))
        is_on = ends[0][1] and ends[1][1] and is_in_service(objects, identity, thing, off)
        rows.add(names.of(identity), a_bus=ends[0][0], b_bus=ends[1][0], is_closed=is_on and not is_open)
    _tanks(found, rows)
    return Links(tuple(rows.ids), rows.whole("a_bus"), rows.whole("b_bus"), rows.flags("is_closed"))


def _tanks(found: Nodes, rows: Rows) -> None:
    """A bank of single-phase tanks between buses of one voltage (a regulator) keeps its two sides joined."""
    objects = found.objects
    wound = {
        end.get("PowerTransformerEnd.PowerTransformer", "") for _, end in objects.all("PowerTransformerEnd")
    }
    names = Names(objects, [i for i, _ in objects.all("PowerTransformer")])
    for identity, _thing in objects.all("PowerTransformer"):
        buses = sorted({bus for bus, _ in found.ends(identity) if bus >= 0})
        if identity not in wound and len(buses) == 2 and found.kv[buses[0]] == found.kv[buses[1]]:
            rows.add(names.of(identity), a_bus=buses[0], b_bus=buses[1], is_closed=True)


def joined_lines(*parts: Lines) -> Lines:
    """Lines one after the other."""
    columns = [c for c in Lines.__dataclass_fields__ if c != "id"]
    ids = tuple(name for part in parts for name in part.id)
    return Lines(ids, *(np.concatenate([getattr(part, c) for part in parts]) for c in columns))


def say(objects: Objects, code: str, names: list[str], where: str) -> None:
    """One finding for all devices with the same trouble; says how many and names the first few."""
    if names:
        objects.say(code, where, count=len(names), first=names[:5])
