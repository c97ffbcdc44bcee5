"""交会: where two ways on the map meet, and the point so many metres from another one."""

import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]
"""Longitude and latitude in WGS-84 degrees."""
Way = Sequence[Point]
METRES = 111_195.0
"""Metres of a degree of latitude."""
TOUCH_M = 25.0
"""Streets of a map that come so near to each other meet: a side street ends at the kerb of the main one."""
ONE_M = 80.0
"""Crossings of two streets within so many metres are one: those of the two carriageways of a main road."""


def moved(at: Point, bearing: int, metres: float) -> Point:
    """A point so many metres from another one, by the compass."""
    turn, flat = math.radians(bearing), max(math.cos(math.radians(at[1])), 0.05)
    return (
        round(at[0] + metres * math.sin(turn) / METRES / flat, 7),
        round(at[1] + metres * math.cos(turn) / METRES, 7),
    )


Segment = tuple[float, float, float, float]
"""A piece of a street in metres from a corner: x and y of both its ends."""


def meetings(first: Sequence[Way], second: Sequence[Way]) -> list[Point]:
    """Points where two streets meet, each crossing once."""
    points = [p for side in (first, second) for way in side for p in way]
    if not points:
        return []
    lon, lat = min(p[0] for p in points), min(p[1] for p in points)
    flat = max(math.cos(math.radians(lat)), 0.05) * METRES
    ways = [
        [
            ((a[0] - lon) * flat, (a[1] - lat) * METRES, (b[0] - lon) * flat, (b[1] - lat) * METRES)
            for way in side
            for a, b in pairwise(way)
        ]
        for side in (first, second)
    ]
    near = [_near(ways[0], ways[1]), _near(ways[1], ways[0])]
    found: list[tuple[float, float]] = []
    for a in near[0]:
        for b in near[1]:
            if (at := _meet(a, b)) and all(math.dist(at, each) > ONE_M for each in found):
                found.append(at)
    return [(round(x / flat + lon, 7), round(y / METRES + lat, 7)) for x, y in found]


def _near(ways: Sequence[Segment], others: Sequence[Segment]) -> list[Segment]:
    """The pieces of a street that lie where the other one is, so that two long streets are not compared piece by piece."""
    if not others:
        return []
    xs, ys = [x for w in others for x in w[::2]], [y for w in others for y in w[1::2]]
    west, east, south, north = min(xs) - TOUCH_M, max(xs) + TOUCH_M, min(ys) - TOUCH_M, max(ys) + TOUCH_M
    return [
        w
        for w in ways
        if max(w[0], w[2]) >= west
        and min(w[0], w[2]) <= east
        and max(w[1], w[3]) >= south
        and min(w[1], w[3]) <= north
    ]


def _meet(a: Segment, b: Segment) -> tuple[float, float] | None:
    """The point where two pieces cross, or where an end of one touches the other; None where they stay apart."""
    ax, ay, bx, by = a[2] - a[0], a[3] - a[1], b[2] - b[0], b[3] - b[1]
    turn = ax * by - ay * bx
    if turn:
        t = ((b[0] - a[0]) * by - (b[1] - a[1]) * bx) / turn
        u = ((b[0] - a[0]) * ay - (b[1] - a[1]) * ax) / turn
        if 0 <= t <= 1 and 0 <= u <= 1:
            return a[0] + t * ax, a[1] + t * ay
    ends = [(a[:2], b), (a[2:], b), (b[:2], a), (b[2:], a)]
    return next((end for end, way in ends if _away(end, way) <= TOUCH_M), None)


def _away(at: tuple[float, float], way: Segment) -> float:
    """Metres from a point to a piece of a street."""
    x, y = way[2] - way[0], way[3] - way[1]
    long = x * x + y * y
    t = min(max(((at[0] - way[0]) * x + (at[1] - way[1]) * y) / long, 0.0), 1.0) if long else 0.0
    return math.dist(at, (way[0] + t * x, way[1] + t * y))
