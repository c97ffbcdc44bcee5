"""Distances on the ground, between (longitude, latitude) in degrees."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from .network import Reals

EARTH_M = 6_371_000.0
Point = tuple[float, float]


def distance_m(a: Point, b: Point) -> float:
    """Great-circle distance in metres.

    >>> round(distance_m((11.0, 53.0), (11.0, 53.01)))
    1112
    """
    (lon_a, lat_a), (lon_b, lat_b) = ((math.radians(x), math.radians(y)) for x, y in (a, b))
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    )
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def way_m(points: Sequence[Point]) -> float:
    """Length of a route in metres.

    >>> round(way_m([(11.0, 53.0), (11.0, 53.01), (11.0, 53.0)]))
    2224
    """
    return sum(distance_m(a, b) for a, b in pairwise(points))


def degrees_around(point: Point, radius_m: float) -> tuple[float, float]:
    """Degrees of (longitude, latitude) that a radius spans at a place."""
    high = math.degrees(radius_m / EARTH_M)
    return high / max(math.cos(math.radians(point[1])), 0.05), high


def nearest(points: Sequence[Point], spots: Reals, *, within_m: float) -> list[int]:
    """For each point the row of the nearest of ``spots`` [n, (longitude, latitude)]; -1 where none lies within the radius.

    Flat around each point: exact to a few parts in ten thousand over the width of a city.

    >>> nearest([(11.0, 53.0), (12.0, 53.0)], np.array([[11.02, 53.0], [11.001, 53.0]]), within_m=2000)
    [1, -1]
    """
    found = []
    for lon, lat in points:
        wide = (spots[:, 0] - lon) * math.cos(math.radians(lat))
        away = np.hypot(wide, spots[:, 1] - lat)
        row = int(away.argmin()) if len(away) else -1
        is_near = row >= 0 and math.radians(float(away[row])) * EARTH_M <= within_m
        found.append(row if is_near else -1)
    return found
