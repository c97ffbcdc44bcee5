"""Ground of the made-up city: metres east and north of its south-west corner, and where that lies on the globe."""

import math

Spot = tuple[float, float]
"""Metres east and north."""
SEED = "示范市"
ORIGIN = (116.62, 42.86)
"""South-west corner of the city (degrees east, north): grassland far from any town, so that none is taken for it."""
M_PER_DEGREE = 111_195.0


def lonlat(at: Spot) -> tuple[float, float]:
    """Degrees of a spot, to about a centimetre.

    >>> lonlat((0.0, 0.0))
    (116.62, 42.86)
    """
    east, north = at
    lon = ORIGIN[0] + east / (M_PER_DEGREE * math.cos(math.radians(ORIGIN[1])))
    return round(lon, 7), round(ORIGIN[1] + north / M_PER_DEGREE, 7)


def apart(a: Spot, b: Spot) -> float:
    """Metres between two spots."""
    return math.hypot(a[0] - b[0], a[1] - b[1])


def length(way: list[Spot]) -> float:
    """Metres along a way."""
    return sum(apart(a, b) for a, b in zip(way, way[1:], strict=False))


def along(way: list[Spot], metres: float) -> Spot:
    """Spot so many metres along a way; its end when it is shorter.

    >>> along([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)], 15.0)
    (10.0, 5.0)
    """
    left = metres
    for a, b in zip(way, way[1:], strict=False):
        step = apart(a, b)
        if left <= step and step > 0:
            share = left / step
            return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
        left -= step
    return way[-1]


def between(way: list[Spot], start: float, end: float) -> list[Spot]:
    """Part of a way from ``start`` to ``end`` metres, corners kept.

    >>> between([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)], 5.0, 15.0)
    [(5.0, 0.0), (10.0, 0.0), (10.0, 5.0)]
    """
    kept, done = [along(way, start)], 0.0
    for a, b in zip(way, way[1:], strict=False):
        done += apart(a, b)
        if start + 1e-6 < done < end - 1e-6:
            kept.append(b)
    return [*kept, along(way, end)]


def beside(a: Spot, b: Spot, at: Spot, metres: float) -> Spot:
    """Spot to the left (negative: right) of the way from ``a`` to ``b``, level with ``at``.

    >>> beside((0.0, 0.0), (10.0, 0.0), (5.0, 0.0), 3.0)
    (5.0, 3.0)
    """
    size = apart(a, b) or 1.0
    return at[0] - (b[1] - a[1]) / size * metres, at[1] + (b[0] - a[0]) / size * metres
