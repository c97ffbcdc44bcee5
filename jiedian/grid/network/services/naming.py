"""Names for the devices of a version: its own where the network brings them, else stations S1, feeders S1-B1-F03, areas
S1-B1-F03-A07; known ones keep theirs."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jiedian.grid.circuit.calc.network import Network, line_kva
from jiedian.grid.circuit.calc.territory import LOW_KV, NONE, Territory

from ..models import Device, Version
from ..queries.network import network_of, territory_of

UPDATED = ["name", "parent", "at_bus", "kv", "rated_kva", "lon", "lat", "is_retired"]


@dataclass
class _Named:
    """The devices of one grid, by kind and code; new ones get the next serial under their parent."""

    version: Version
    own: dict[str, str]
    known: dict[tuple[str, str], Device]
    serial: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    taken: set[str] = field(default_factory=set)
    fresh: list[Device] = field(default_factory=list)
    changed: list[Device] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def put(self, kind: str, code: str, stem: str = "", width: int = 2, **values: Any) -> Device:
        """A device as this version has it; called as the network calls it, else by its stem and the next serial or its code."""
        self.seen.add((kind, code))
        values["is_retired"] = False
        if own := self.own.get(f"{kind}:{code}"):
            values["name"] = own[:120]
        device = self.known.get((kind, code))
        if device is None:
            values.setdefault("name", self._next(stem, width) if stem and not own else code)
            device = Device(grid_id=self.version.grid_id, kind=kind, code=code, **values)
            self.fresh.append(device)
        elif any(_differs(getattr(device, key), value) for key, value in values.items()):
            for key, value in values.items():
                setattr(device, key, value)
            self.changed.append(device)
        return device

    def _next(self, stem: str, width: int) -> str:
        if not self.taken:
            self.taken = {device.name for device in self.known.values()} | {""}
        while True:
            self.serial[stem] += 1
            name = f"{stem}{self.serial[stem]:0{width}d}"
            if name not in self.taken:
                self.taken.add(name)
                return name

    def save(self) -> None:
        """Write what is new or different; parents must be saved before their parts are put."""
        Device.objects.bulk_create(self.fresh, batch_size=2000)
        Device.objects.bulk_update(self.changed, UPDATED, batch_size=500)
        self.fresh, self.changed = [], []

    def retire(self) -> None:
        """What this version does not have any more."""
        gone = [d.pk for key, d in self.known.items() if key not in self.seen and not d.is_retired]
        Device.objects.filter(pk__in=gone).update(is_retired=True)


def _differs(old: object, new: object) -> bool:
    if isinstance(old, float) and isinstance(new, float):
        return abs(old - new) > 1e-9 * max(abs(old), 1.0)
    return old != new


def name_devices(version: Version) -> None:
    """Give every named thing of a version its row; what it lacks is retired. Parents first, one bulk write a level."""
    network, land = network_of(version.pk), territory_of(version.pk)
    known = {(d.kind, d.code): d for d in Device.objects.filter(grid_id=version.grid_id)}
    named = _Named(version, network.names, known)
    stations = _stations(named, network, land)
    sections = _sections(named, network, land, stations)
    feeders = _feeders(named, network, land, sections)
    areas = _areas(named, network, land, feeders, sections)
    _nodes(named, network, land, sections, feeders, areas)
    named.retire()


def _place(network: Network, bus: int) -> dict[str, Any]:
    lon, lat = network.places.get(network.buses.id[bus], (None, None))
    return {"lon": lon, "lat": lat}


def _at(network: Network, bus: int) -> dict[str, Any]:
    return {
        "at_bus": network.buses.id[bus],
        "kv": float(network.buses.kv[bus]),
        **_place(network, bus),
    }


def _stations(named: _Named, network: Network, land: Territory) -> list[Device]:
    found = []
    for members in land.stations:
        section = land.sections[members[0]]
        rows = [row for i in members for row in land.sections[i].transformers]
        code = network.transformers.id[min(rows)] if rows else network.buses.id[section.bus]
        rated = float(sum(network.transformers.rated_kva[r] * network.transformers.parallel[r] for r in rows))
        values = {"rated_kva": rated or None, "parent": None, **_at(network, section.bus)}
        found.append(named.put("station", code, "S", 1, **values))
    named.save()
    return found


def _sections(named: _Named, network: Network, land: Territory, stations: list[Device]) -> list[Device]:
    found, trafos = [], network.transformers
    for section in land.sections:
        station, code = stations[section.station], network.buses.id[section.bus]
        where = _at(network, section.bus)
        found.append(named.put("section", code, f"{station.name}-B", 1, parent=station, **where))
    named.save()
    for section, device in zip(land.sections, found, strict=True):
        for row in section.transformers:
            rated = float(trafos.rated_kva[row] * trafos.parallel[row])
            where = _at(network, int(trafos.lv_bus[row]))
            stem = f"{stations[section.station].name}-T"
            named.put("main", trafos.id[row], stem, 1, rated_kva=rated, parent=device, **where)
    named.save()
    return found


def _feeders(named: _Named, network: Network, land: Territory, sections: list[Device]) -> list[Device]:
    found = []
    for feeder in land.feeders:
        section, code = sections[feeder.section], network.lines.id[feeder.head]
        kva = line_kva(section.kv, float(network.lines.rated_a[feeder.head]))
        rated = kva if np.isfinite(kva) else None
        where = _at(network, int(np.flatnonzero(land.spot_of == feeder.bus)[0]))
        found.append(named.put("feeder", code, f"{section.name}-F", rated_kva=rated, parent=section, **where))
    named.save()
    return found


def _areas(
    named: _Named, network: Network, land: Territory, feeders: list[Device], sections: list[Device]
) -> dict[int, Device]:
    found: dict[int, Device] = {}
    trafos = network.transformers
    rows = np.flatnonzero((network.buses.kv[trafos.lv_bus] <= LOW_KV) & trafos.hv_closed & trafos.lv_closed)
    order = sorted(rows.tolist(), key=lambda r: (int(land.depth[trafos.hv_bus[r]]), r))
    for row in order:
        high, low = int(trafos.hv_bus[row]), int(trafos.lv_bus[row])
        if land.area[low] == NONE:
            continue
        owner = _owner(land, high, feeders, sections)
        code = trafos.id[row]
        rated = float(trafos.rated_kva[row] * trafos.parallel[row])
        place = _place(network, low) if network.buses.id[low] in network.places else _place(network, high)
        values = {**_at(network, low), **place, "rated_kva": rated, "parent": owner}
        found[row] = named.put("area", code, f"{owner.name}-A", **values)
    named.save()
    return found


def _owner(land: Territory, bus: int, feeders: list[Device], sections: list[Device]) -> Device:
    return feeders[int(land.feeder[bus])] if land.feeder[bus] != NONE else sections[int(land.section[bus])]


def _nodes(
    named: _Named,
    network: Network,
    land: Territory,
    sections: list[Device],
    feeders: list[Device],
    areas: dict[int, Device],
) -> None:
    for bus, code in enumerate(network.buses.id):
        parent = None
        if land.area[bus] != NONE:
            parent = areas.get(int(land.area[bus]))
        elif land.section[bus] != NONE:
            parent = _owner(land, bus, feeders, sections)
        named.put("node", code, parent=parent, **_at(network, bus))
    named.save()
