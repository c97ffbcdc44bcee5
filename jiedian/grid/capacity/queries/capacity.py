"""Open capacity now: the administrative formula and the physical result side by side, with why."""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import assert_never

import numpy as np
from django.db.models import Count, Max, Q, QuerySet, Sum

from jiedian.core.findings import Finding
from jiedian.core.words import Text
from jiedian.core.workdays import add_months
from jiedian.grid.circuit.calc.network import Ints, Reals
from jiedian.grid.load.models import Measured
from jiedian.grid.network.models import Device, Grid, Version
from jiedian.grid.network.queries.network import bus_index, network_of, parameter, version_now

from ..calc.openness import Month, Open, Parameters, Transit, least, main_allowed, open_kva
from ..models import Reservation, Standing
from .present import factor_of, formula_parameters
from .standing import Answers

QUARTERS_A_DAY = 96


@dataclass(frozen=True)
class Picture:
    """The physical result of a version, one row a bus: kW (NaN: by hand or not computed), what binds, its margin."""

    kw: Reals
    binding: tuple[str, ...]
    element: tuple[str, ...]
    margin: Reals
    took_ms: float
    section: Ints
    broken: dict[int, tuple["Broken", ...]]
    """By section what is over its limit already, whether it binds somebody or not."""

    def kind_at(self, bus: int) -> str:
        """Kind of what binds at a bus: of ``base`` that of the element that is over its limit already."""
        if self.binding[bus] != "base":
            return self.binding[bus]
        own = [b for b in self.broken.get(int(self.section[bus]), ()) if b.element == self.element[bus]]
        return min(own, key=lambda b: abs(b.margin - self.margin[bus])).kind if own else ""


@dataclass(frozen=True)
class Broken:
    """现状越限: a limit that is broken before anything is added; ``kind`` is voltage, line or transformer."""

    kind: str
    element: str
    margin: float


def picture(version: Version, direction: str = "load") -> Picture:
    """The sections of a version put together; kept by the process until one of them is computed anew."""
    return _picture(version.pk, direction, standing_stamp(version, direction))


def standing_stamp(version: Version, direction: str = "load") -> tuple[object, ...]:
    """Stamp that changes when a section is computed anew, be it that what was only lowered is made exact."""
    rows = Standing.objects.filter(version=version, direction=direction).order_by("section")
    return tuple(rows.values_list("pk", "computed_at", "is_exact", "took_ms"))


@lru_cache(maxsize=8)
def _picture(version_id: int, direction: str, _stamp: object) -> Picture:
    n = len(network_of(version_id).buses.id)
    kw, margin = np.full(n, np.nan), np.full(n, np.nan)
    binding, element = np.full(n, "", object), np.full(n, "", object)
    section = np.full(n, -1, np.int64)
    took, broken = 0.0, {}
    for row in Standing.objects.filter(version_id=version_id, direction=direction):
        found = Answers.unpacked(bytes(row.table or b""))
        kw[found.bus], margin[found.bus], section[found.bus] = found.kw, found.margin, row.section
        broken[row.section] = tuple(Broken(**one) for one in row.refusals if isinstance(one, dict))
        took = max(took, row.took_ms)
        binding[found.bus], element[found.bus] = found.binding, found.element
    return Picture(kw, tuple(binding), tuple(element), margin, took, section, broken)


@dataclass(frozen=True)
class Figure:
    """One device's answer. None in ``open_kw`` means: to be checked by hand, and ``why`` says why.

    ``path`` are the formula's devices from here to the main transformer with their own answers, ``formula_by`` the one that
    binds; ``physical_kw`` with ``binding``, ``element`` and ``margin`` is the kernel's, ``kind`` what the element is.
    """

    device: Device
    open_kw: float | None
    formula_kw: float | None
    formula_by: Device | None
    path: tuple[tuple[Device, Open], ...]
    physical_kw: float | None
    binding: str
    element: str
    margin: float | None
    kind: str = ""
    is_generation: bool = False
    elsewhere: tuple[Broken, ...] = ()
    """What is over its limit already in its section and does not bind it: made noticeably worse from elsewhere only."""
    why: tuple[Finding, ...] = ()

    @property
    def formula_at(self) -> str:
        """Name of the device by which the formula binds."""
        return self.formula_by.name if self.formula_by else ""


@dataclass
class Ledger:
    """Everything the formula needs of a grid, read at once: its named devices, their months, what is in transit."""

    grid: Grid
    version: Version
    parameters: Parameters = field(default_factory=formula_parameters)
    devices: dict[int, Device] = field(default_factory=dict)
    months: dict[int, list[Month]] = field(default_factory=lambda: defaultdict(list))
    transit: dict[int, list[Transit]] = field(default_factory=lambda: defaultdict(list))
    peak_months: dict[int, date] = field(default_factory=dict)
    newest_on: date | None = None

    def chain(self, device: Device) -> list[Device]:
        """The device's own formula device and those above: area, feeder, section, station (nodes left out)."""
        found = [] if device.kind == Device.Kind.NODE else [self.devices.get(device.pk, device)]
        above = device.parent_id
        while above is not None and above in self.devices:
            found.append(self.devices[above])
            above = self.devices[above].parent_id
        return found

    @cached_property
    def names(self) -> dict[tuple[str, str], str]:
        """(kind, code) → the name people give a device."""
        return {(device.kind, device.code): device.name for device in self.devices.values()}

    def element_name(self, kind: str, element: str) -> str:
        """Name people give an element: a transformer by its device, everything else by its code."""
        if kind != "transformer":
            return element
        found = (self.names.get((own, element)) for own in (Device.Kind.AREA, Device.Kind.MAIN))
        return next((name for name in found if name), element)

    def peers_of(self, main: Device) -> list[Device]:
        """The main transformers of the same station, itself among them."""
        return self._mains_by_station[self.devices[main.parent_id or 0].parent_id]

    @cached_property
    def _mains_by_station(self) -> dict[int | None, list[Device]]:
        found = defaultdict(list)
        for device in self.devices.values():
            if device.kind == Device.Kind.MAIN:
                found[self.devices[device.parent_id or 0].parent_id].append(device)
        return found

    def mains_of(self, section: Device) -> list[Device]:
        return [d for d in self.devices.values() if d.kind == Device.Kind.MAIN and d.parent_id == section.pk]

    def answer(self, device: Device) -> Open:
        """The formula for one device."""
        return open_kva(
            self._allowed(device), self.months[device.pk], self.transit[device.pk], self.parameters
        )

    def _allowed(self, device: Device) -> float:
        rated = device.rated_kva or float("nan")
        kind = Device.Kind(device.kind)
        match kind:
            case Device.Kind.AREA:
                return rated * self.parameters.loading_area
            case Device.Kind.FEEDER:
                return rated * self.parameters.loading_feeder
            case Device.Kind.MAIN:
                return self._main_allowed(device)
            case Device.Kind.STATION | Device.Kind.SECTION | Device.Kind.NODE:
                raise ValueError(f"{device.code}: a {kind} is not rated")
        assert_never(kind)

    def _main_allowed(self, device: Device) -> float:
        """What a main transformer may carry when the largest beside it fails."""
        peers = self.peers_of(device)
        ratings = [other.rated_kva or 0.0 for other in peers]
        return main_allowed(ratings, peers.index(device), self.parameters)

    def path(self, device: Device) -> list[tuple[Device, Open]]:
        """The devices between a place and the substation, each with its own answer."""
        found = []
        for one in [device] if device.kind == Device.Kind.MAIN else self.chain(device):
            if one.kind in (Device.Kind.AREA, Device.Kind.FEEDER, Device.Kind.MAIN):
                found.append((one, self.answer(one)))
            elif one.kind == Device.Kind.SECTION:
                found += [(main, self.answer(main)) for main in self.mains_of(one)]
        return found


def ledger(grid: Grid, *, on: date) -> Ledger:
    """Read a grid's ledger as of a day: three queries. What was measured too long before it does not count."""
    found = Ledger(grid, version_now(grid))
    rows = grid.devices.exclude(kind=Device.Kind.NODE).filter(is_retired=False)
    found.devices = {device.pk: device for device in rows}
    _months(found, on)
    for row in _in_transit(found):
        item = Transit(row.kw / row.pf, factor_of(row.customer_class))
        for device in found.chain(row.node):
            found.transit[device.pk].append(item)
            if device.kind == Device.Kind.SECTION:
                for main in found.mains_of(device):
                    found.transit[main.pk].append(item)
    return found


def _in_transit(found: Ledger) -> QuerySet[Reservation]:
    """Load that no measured month has: held, or energised in the newest measured month (its peak may lie before) or later."""
    held, running = Q(state=Reservation.State.HELD), Q(state=Reservation.State.CONNECTED)
    if found.newest_on is not None:
        running &= Q(ended_at__date__gte=found.newest_on)
    rows = found.grid.reservations.filter(held | running, is_generation=False)
    return rows.select_related("node")


def measured_stamp(grid: Grid) -> tuple[object, ...]:
    """Stamp that changes when measured load is taken in."""
    rows = Measured.objects.filter(device__grid=grid)
    return tuple(rows.aggregate(n=Count("id"), at=Max("loaded_at"), kva=Sum("peak_kva")).values())


def _months(found: Ledger, on: date) -> None:
    """The twelve measured months up to the newest, unless that one lies too long before the day."""
    rows = Measured.objects.filter(device__grid=found.grid, month_on__lte=on).values_list(
        "device_id", "month_on", "peak_kva", "points"
    )
    newest = max((row[1] for row in rows), default=None)
    if newest is None or newest < add_months(on.replace(day=1), -int(parameter("GATE_AGE"))):
        return
    found.newest_on = newest
    first = newest.year * 12 + newest.month - 12
    highest: dict[int, tuple[float, date]] = {}
    for device_id, month, peak, points in rows:
        if month.year * 12 + month.month > first:
            whole = calendar.monthrange(month.year, month.month)[1] * QUARTERS_A_DAY
            found.months[device_id].append(Month(peak, points / whole))
            if points / whole >= found.parameters.gate_points:
                highest[device_id] = max(highest.get(device_id, (peak, month)), (peak, month))
    found.peak_months = {device_id: month for device_id, (_peak, month) in highest.items()}


def capacity_of(node: Device, *, on: date, direction: str = "load") -> Figure:
    """Open capacity at one node or device on a day."""
    return figures_of([node], ledger(node.grid, on=on), direction=direction)[0]


def figures_of(devices: Sequence[Device], book: Ledger, *, direction: str = "load") -> list[Figure]:
    """The same for many devices of one grid, whose ledger was read once."""
    seen = picture(book.version, direction)
    index = bus_index(book.version.pk)
    return [_figure(device, book, seen, index.get(device.at_bus), direction) for device in devices]


def _figure(device: Device, book: Ledger, seen: Picture, bus: int | None, direction: str) -> Figure:
    physical = None if bus is None or np.isnan(seen.kw[bus]) else float(seen.kw[bus])
    is_generation = direction == "generation"
    path = () if is_generation else tuple(book.path(device))
    kva, row = least([(str(row), answer) for row, (_, answer) in enumerate(path)])
    formula = None if kva is None else kva * parameter("OPEN_PF")
    why = [finding for _, answer in path for finding in answer.why]
    if physical is None:
        why += _no_physics(book.version, "" if bus is None else seen.binding[bus])
    known = [physical] if is_generation else [formula, physical]
    kind = "" if bus is None else seen.kind_at(bus)
    return Figure(
        device=device,
        open_kw=None if any(v is None for v in known) else min(v for v in known if v is not None),
        formula_kw=formula,
        formula_by=path[int(row)][0] if row else None,
        path=path,
        physical_kw=physical,
        binding="" if bus is None else seen.binding[bus],
        element="" if bus is None else book.element_name(kind, seen.element[bus]),
        margin=None if bus is None or np.isnan(seen.margin[bus]) else float(seen.margin[bus]),
        kind=kind,
        is_generation=is_generation,
        elsewhere=() if bus is None else _elsewhere(book, seen, bus),
        why=tuple(why),
    )


def _elsewhere(book: Ledger, seen: Picture, bus: int) -> tuple[Broken, ...]:
    binds = (seen.kind_at(bus), seen.element[bus]) if seen.binding[bus] == "base" else ("", "")
    return tuple(
        replace(one, element=book.element_name(one.kind, one.element))
        for one in seen.broken.get(int(seen.section[bus]), ())
        if (one.kind, one.element) != binds
    )


REASONS = {
    "source": ("位于电源处，没有可限制它的设备", "at a stiff source: nothing limits it"),
    "upstream": ("不在任何母线段之下", "not below any busbar"),
    "unsupplied": ("没有电源到达", "no source reaches it"),
    "data": ("所在片区有不能用的数据", "its section has data that cannot be used"),
    "unsolved": ("现状潮流无解", "the present state has no solution"),
    "": ("现版本未计算到此处", "not computed in the version in force"),
}


def _no_physics(version: Version, reason: str) -> list[Finding]:
    if version.refusals:
        return [Finding.from_row(row) for row in version.refusals]
    zh, en = REASONS.get(reason, REASONS[""])
    return [Finding("grid.by_hand", reason=Text(zh, en))]


def capacity_range(nodes: Iterable[Device], version: Version) -> tuple[float, float] | None:
    """The least and the most that physics leaves among some nodes; None when nothing is known."""
    seen, index = picture(version), bus_index(version.pk)
    values = [float(seen.kw[index[node.at_bus]]) for node in nodes if node.at_bus in index]
    known = [value for value in values if np.isfinite(value)]
    return (min(known), max(known)) if known else None
