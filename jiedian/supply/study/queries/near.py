"""候选供电点的搜寻: which nodes around a place are looked at, how far, and how many of each station or section."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from jiedian.grid.capacity.queries.present import Present, network_now
from jiedian.grid.circuit.calc.ground import distance_m
from jiedian.grid.circuit.calc.newline import Load
from jiedian.grid.network.models import Device
from jiedian.grid.network.queries.places import Near, Place, candidates_near

from .high import HIGH_KV
from .rules import amount, figures

LIMITS = {False: 24, True: 60}
"""Points looked at around a customer, the nearest: low voltage, and above."""

EARTH_M = 200_000.0
"""Farther than any customer is from his grid."""

FAR, OF_EACH = 600, 12
"""Where sources must be apart: points looked through, and how many of each station or section are kept."""

BEYOND = 5
"""Where no point lies within the radius: how many of the nearest are looked at, to say how far they are and what drops."""

LEVELS = ((0.0, 1.0, "SEARCH-LV"), (1.0, 30.0, "SEARCH-MV"), (30.0, 1000.0, "SEARCH-HV"))
"""Low, medium and high voltage: from (kV), below (kV), the radii of their search."""


@dataclass(frozen=True)
class Wanted:
    """A search for points: where, of which voltage, for how much load, how far sources must be apart, in which month.

    ``radius_m`` is how far the planner asked to look at least (0: as the rule says), ``added`` the buses he added himself.
    """

    grid_code: str
    lon: float
    lat: float
    kv: float
    load: Load
    apart: str
    on: date
    radius_m: float = 0.0
    added: tuple[str, ...] = ()

    @property
    def is_apart(self) -> bool:
        """True where two sources must lie in different stations or bus sections, so that two of those are looked for."""
        return self.apart in ("station", "section")


def radii(kv: float, asked_m: float = 0.0) -> tuple[float, ...]:
    """Radii of the search at a voltage, the smallest first (m); where a planner asked for one, that and the larger ones."""
    table = figures(next(name for low, below, name in LEVELS if low <= kv < below))
    return (asked_m, *(each for each in table if each > asked_m)) if asked_m > 0 else table


def levels_of(present: Present, kv: float) -> list[float]:
    """The nominal voltages of the network that belong to the asked level; from 35 kV on the asked one alone, where something
    in the network feeds it, since 110 kV is another connection than 35 kV."""
    low, below = next(level[:2] for level in LEVELS if level[0] <= kv < level[1])
    if kv >= HIGH_KV:
        fed = present.grid.devices.filter(
            kind=Device.Kind.NODE, is_retired=False, parent__isnull=False, kv__range=(kv * 0.9, kv * 1.1)
        )
        return sorted({float(each) for each in fed.values_list("kv", flat=True) if each})
    return sorted({round(float(v), 6) for v in np.unique(present.network.buses.kv) if low <= v < below})


def nearer_first(
    place: Place, levels: Sequence[float], wanted: Wanted
) -> Iterator[tuple[list[Near], dict[int, Device], float]]:
    """The nodes within each radius that holds enough feeders, the smallest first; where none holds any, the nearest beyond the last.

    Where one point will do, only the first is asked for; where sources must be apart, all until two of those can take the load.
    What the planner added stands among them, however far it is.
    """
    reach, limit = radii(wanted.kv, wanted.radius_m), LIMITS[max(levels, default=0) > 1]
    is_wide = wanted.is_apart or wanted.radius_m > 0
    own, found = _added(place, levels, wanted), list[Near]()
    for radius in reach:
        found = _within(place, levels, radius, FAR if is_wide else limit)
        parents = parents_above([*found, *own])
        enough = len({item.node.parent_id for item in found}) >= amount("FEEDERS-WANTED")
        if found and (enough or radius == reach[-1]):
            near = _thinned(found, parents, wanted.apart if wanted.is_apart else "section", limit)
            yield _joined(near if is_wide else found, own), parents, radius
    if not found:
        near = _joined(_within(place, levels, EARTH_M, BEYOND), own)
        yield near, parents_above(near), reach[-1]


def _added(place: Place, levels: Sequence[float], wanted: Wanted) -> list[Near]:
    """Nodes that the planner added, those of the asked level."""
    nodes = place.grid.devices.filter(
        kind=Device.Kind.NODE,
        is_retired=False,
        parent__isnull=False,
        at_bus__in=wanted.added,
        lon__isnull=False,
    )
    here = (place.lon, place.lat)
    return [
        Near(node, distance_m(here, (node.lon or 0.0, node.lat or 0.0)))
        for node in nodes.select_related("parent")
        if any(abs(node.kv - kv) <= 0.1 * kv for kv in levels)
    ]


def is_point(grid_code: str, bus: str, kv: float) -> bool:
    """True if a bus is a living node of a grid at which a customer of a voltage could be supplied."""
    present = network_now(grid_code)
    nodes = present.grid.devices.filter(
        kind=Device.Kind.NODE, is_retired=False, at_bus=bus, lon__isnull=False
    )
    levels = levels_of(present, kv)
    return any(abs(node.kv - level) <= 0.1 * level for node in nodes for level in levels)


def _joined(near: Sequence[Near], own: Sequence[Near]) -> list[Near]:
    """The nodes found with those added, nearest first, each once."""
    known = {item.node.pk: item for item in (*near, *own)}
    return sorted(known.values(), key=lambda item: item.distance_m)


def _within(place: Place, levels: Sequence[float], radius_m: float, limit: int) -> list[Near]:
    """The nodes of some voltages within a radius, nearest first."""
    near = [n for kv in levels for n in candidates_near(place, kv=kv, radius_m=radius_m, limit=limit)]
    return sorted(near, key=lambda item: item.distance_m)[:limit]


def _thinned(found: Sequence[Near], parents: dict[int, Device], apart: str, limit: int) -> list[Near]:
    """The nearest points, and the nearest few of every station or section."""
    chosen = list(found[:limit])
    seen: dict[int, int] = {}
    for item in found:
        home = home_of(item.node, parents, apart)
        seen[home] = seen.get(home, 0) + 1
        if seen[home] <= OF_EACH and item not in chosen:
            chosen.append(item)
    return sorted(chosen, key=lambda item: item.distance_m)


def home_of(node: Device, parents: dict[int, Device], kind: str) -> int:
    above = node.parent_id
    while above and parents[above].kind != kind:
        above = parents[above].parent_id
    return above or 0


def parents_above(near: Sequence[Near]) -> dict[int, Device]:
    """Everything that feeds the nodes, read level by level."""
    known: dict[int, Device] = {}
    wanted = {item.node.parent_id for item in near if item.node.parent_id}
    while wanted:
        rows = Device.objects.in_bulk([pk for pk in wanted if pk not in known])
        known |= rows
        wanted = {row.parent_id for row in rows.values() if row.parent_id} - set(known)
    return known
