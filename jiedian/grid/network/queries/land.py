"""The ground of a grid as maps draw it: the land around each transformer area, and the lines put together by feeder."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.circuit.calc.territory import LOW_KV, NONE
from jiedian.shell.atlas import Stroke

from ..calc.cells import Cell, Point, cells
from .basemap import blocks_of, ground_now
from .network import network_of, territory_of

HIGH_KV = 60.0


def land_of(version_id: int) -> Mapping[str, Cell]:
    """Code of a transformer → the land around its nodes, cut at the streets of the base map in force."""
    return _land(version_id, ground_now().pk)


@lru_cache(maxsize=8)
def _land(version_id: int, map_id: int) -> Mapping[str, Cell]:
    network, land = network_of(version_id), territory_of(version_id)
    spots: dict[str, list[Point]] = {}
    for bus in np.flatnonzero(land.area != NONE).tolist():
        place = network.places.get(network.buses.id[bus])
        if place is not None:
            spots.setdefault(network.transformers.id[int(land.area[bus])], []).append(place)
    for row in set(land.area[land.area != NONE].tolist()):  # where only the high side has a place
        code, high = network.transformers.id[row], int(network.transformers.hv_bus[row])
        place = network.places.get(network.buses.id[high])
        if code not in spots and place is not None:
            spots[code] = [place]
    return cells(spots, _blocks_near(spots, map_id))


def _blocks_near(spots: Mapping[str, Sequence[Point]], map_id: int) -> list[tuple[tuple[Point, ...], ...]]:
    """The blocks of the base map around some places."""
    points = [p for each in spots.values() for p in each]
    if not points or not map_id:
        return []
    west, east = min(p[0] for p in points) - 0.02, max(p[0] for p in points) + 0.02
    south, north = min(p[1] for p in points) - 0.02, max(p[1] for p in points) + 0.02
    return [
        parts
        for parts in blocks_of(map_id)
        if west <= parts[0][0][0] <= east and south <= parts[0][0][1] <= north
    ]


def wires_of(version_id: int, names: Mapping[str, str] | None = None, *, feeder: str = "") -> list[Stroke]:
    """The medium-voltage lines of a version (of the feeder with that head alone), those of a feeder put together.

    ``names`` gives a feeder's name by its code; it is written along it. Open lines (ties) are dashed and stand alone.
    A network without medium voltage, a village, shows its low voltage.
    """
    called = dict(names or {})
    return [
        Stroke(points, is_open, title=called.get(code, code), name=called.get(code, ""))
        for code, points, is_open in _wires(version_id)
        if not feeder or code == feeder
    ]


def ways_of(version_id: int) -> dict[str, tuple[tuple[Point, ...], ...]]:
    """Feeder (the code of its first line) → the routes of its lines, put together as far as they do not branch.

    An open tie belongs to neither of its two feeders.
    """
    found: dict[str, list[tuple[Point, ...]]] = {}
    for code, way, is_open in _wires(version_id):
        if code and not is_open:
            found.setdefault(code, []).append(way)
    return {code: tuple(ways) for code, ways in found.items()}


@lru_cache(maxsize=8)
def _wires(version_id: int) -> tuple[tuple[str, tuple[Point, ...], bool], ...]:
    """Code of the feeder, way, whether it is open."""
    network, land = network_of(version_id), territory_of(version_id)
    lines = network.lines
    is_low = network.buses.kv[lines.from_bus] <= LOW_KV
    chosen = ~is_low & (network.buses.kv[lines.from_bus] < HIGH_KV)
    chosen = chosen if chosen.any() else is_low
    found: list[tuple[str, tuple[Point, ...], bool]] = []
    closed: dict[str, list[tuple[Point, ...]]] = {}
    for row in np.flatnonzero(chosen).tolist():
        way = way_of(network, row)
        if len(way) < 2:
            continue
        feeders = (int(land.feeder[lines.from_bus[row]]), int(land.feeder[lines.to_bus[row]]))
        heads = [land.feeders[own].head for own in feeders if own != NONE]
        code = lines.id[heads[0]] if heads and heads[0] != NONE else ""
        if lines.from_closed[row] and lines.to_closed[row]:
            closed.setdefault(code, []).append(way)
        else:
            found.append((code, way, True))
    return (*((code, way, False) for code, ways in closed.items() for way in _merged(ways)), *found)


def _merged(ways: Sequence[tuple[Point, ...]]) -> list[tuple[Point, ...]]:
    """Ways put together end to end as far as they do not branch."""
    import shapely

    whole = shapely.line_merge(shapely.MultiLineString([way for way in ways if len(set(way)) > 1]))
    return [tuple((x, y) for x, y in part.coords) for part in shapely.get_parts(whole)]


def way_of(network: Network, row: int) -> tuple[Point, ...]:
    """The route of a line, or straight between its ends."""
    way = network.routes.get(network.lines.id[row])
    if way:
        return way
    ends = (network.lines.from_bus[row], network.lines.to_bus[row])
    names = [network.buses.id[int(bus)] for bus in ends]
    return tuple(network.places[name] for name in names if name in network.places)
