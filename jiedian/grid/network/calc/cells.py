"""台区的地面: the piece of land around each transformer area, reckoned from where its nodes stand; for a map, no border of property."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Point = tuple[float, float]
Rings = tuple[tuple[Point, ...], ...]
LEAST_M, MOST_M = 60.0, 600.0
"""A cell reaches so far from its nodes at least and at most, however thinly the areas stand."""
MOST_NODES = 24
"""Of an area with more nodes as many as this are taken, evenly."""
BESIDE_M = 12.0
"""Areas at one spot (two transformers in one house) are drawn so far apart, side by side."""
EARTH_M = 111_195.0


@dataclass(frozen=True)
class Cell:
    """Land of one area: its rings and a point inside, in degrees."""

    rings: Rings
    at: Point


def cells(spots: Mapping[str, Sequence[Point]], blocks: Sequence[Rings] = ()) -> dict[str, Cell]:
    """Land of every area by the places of its nodes: what lies nearer to their middle than to any other area's.

    Not farther from a node than one and a half times the usual distance between areas; within ``blocks`` (rings of the base map),
    and there cut off at the streets, unless that leaves nothing. Areas without a place have no cell.
    """
    import shapely

    names = sorted(name for name, points in spots.items() if points)
    if not names:
        return {}
    lat = float(np.mean([spots[name][0][1] for name in names]))
    flat = max(math.cos(math.radians(lat)), 0.05)
    owner, points = _flat_points(names, spots, flat)
    reach = min(max(1.5 * _usual_distance(owner, points), LEAST_M), MOST_M)
    town = _town(blocks, flat)
    found = {}
    middles = _middles(owner, points)
    for row, shape in enumerate(_voronoi(middles, reach)):
        own = shapely.MultiPoint(points[owner == row])
        near = shape.intersection(own.buffer(reach, quad_segs=6))
        if near.is_empty:  # its nodes stand around others: its middle stands for them
            near = shape.intersection(shapely.Point(middles[row]).buffer(reach, quad_segs=6))
        inside = near.intersection(town) if town is not None else near
        rings = _rings(inside if not inside.is_empty and inside.area > 0.02 * near.area else near, flat)
        if rings:
            at = shapely.Polygon(max(_flat_rings(rings, flat), key=_area)).representative_point()
            found[names[row]] = Cell(rings, _degrees(at.x, at.y, flat))
    return found


def _flat_points(names: Sequence[str], spots: Mapping[str, Sequence[Point]], flat: float) -> tuple[Any, Any]:
    """Owner and place in metres of every node that counts; no two at one spot."""
    owner, points, taken = [], [], set[tuple[int, int]]()
    for row, name in enumerate(names):
        given = sorted(set(spots[name]))
        for lon, lat in given[:: max(1, math.ceil(len(given) / MOST_NODES))]:
            x, y = lon * flat * EARTH_M, lat * EARTH_M
            while (round(x), round(y)) in taken:
                x += BESIDE_M
            taken.add((round(x), round(y)))
            owner.append(row)
            points.append((x, y))
    return np.array(owner), np.array(points)


def _usual_distance(owner: Any, points: Any) -> float:
    """Median distance from an area's middle to the nearest other area's; a wide reach for one alone."""
    from scipy.spatial import cKDTree

    middles = _middles(owner, points)
    if len(middles) < 2:
        return MOST_M / 3
    away, _rows = cKDTree(middles).query(middles, k=2)
    return float(np.median(away[:, 1]))


def _middles(owner: Any, points: Any) -> Any:
    """The middle of the nodes of each area; no two at one spot. By single nodes two areas of one street would be a comb."""
    found, taken = [], set[tuple[int, int]]()
    for row in range(owner.max() + 1):
        x, y = points[owner == row].mean(axis=0)
        while (round(x), round(y)) in taken:
            x += BESIDE_M
        taken.add((round(x), round(y)))
        found.append((x, y))
    return np.array(found)


def _voronoi(middles: Any, reach: float) -> list[Any]:
    """The Voronoi cell of each middle."""
    import shapely

    low, high = middles.min(axis=0) - 20 * reach, middles.max(axis=0) + 20 * reach
    if len(middles) == 1:
        return [shapely.box(*low, *high)]
    points = shapely.MultiPoint(middles)
    return list(
        shapely.get_parts(shapely.voronoi_polygons(points, extend_to=shapely.box(*low, *high), ordered=True))
    )


def _town(blocks: Sequence[Rings], flat: float) -> Any:
    """All blocks as one shape in metres, of each every ring (holes out: even-odd); None without any."""
    import shapely

    shapes = []
    for rings in blocks:
        parts = [shapely.make_valid(shapely.Polygon(ring)) for ring in _flat_rings(rings, flat)]
        shapes.append(shapely.symmetric_difference_all(parts))
    return shapely.union_all(shapes) if shapes else None


def _flat_rings(rings: Rings, flat: float) -> list[list[Point]]:
    return [[(lon * flat * EARTH_M, lat * EARTH_M) for lon, lat in ring] for ring in rings]


def _degrees(x: float, y: float, flat: float) -> Point:
    return round(x / flat / EARTH_M, 7), round(y / EARTH_M, 7)


def _rings(shape: Any, flat: float) -> Rings:
    """The rings of a shape in degrees, the small crumbs of a cut left out."""
    import shapely

    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    largest = max((part.area for part in polygons), default=0.0)
    kept = [part for part in polygons if part.area >= 0.05 * largest]
    lines = [line for part in kept for line in (part.exterior, *part.interiors)]
    return tuple(tuple(_degrees(x, y, flat) for x, y in line.coords) for line in lines)


def _area(ring: Sequence[Point]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)))
