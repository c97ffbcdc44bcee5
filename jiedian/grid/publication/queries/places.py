"""Places of the devices of an issue: a feeder along its lines, everything else at its own place; and what is nearest."""

from typing import Any

from jiedian.grid.circuit.calc.ground import distance_m
from jiedian.grid.network.queries.land import ways_of

Point = tuple[float, float]


def geometry_of(row: dict[str, Any], version_id: int) -> dict[str, Any] | None:
    """GeoJSON geometry of a row: the lines of a feeder, the point of any other device; None where no place is known."""
    if row["kind"] == "feeder" and (ways := ways_of(version_id).get(row["code"])):
        lines = [[list(point) for point in way] for way in ways]
        is_one = len(lines) == 1
        return {
            "type": "LineString" if is_one else "MultiLineString",
            "coordinates": lines[0] if is_one else lines,
        }
    if row["kind"] == "feeder" or row["lon"] is None or row["lat"] is None:
        return None
    return {"type": "Point", "coordinates": [row["lon"], row["lat"]]}


def nearest_first(
    rows: tuple[dict[str, Any], ...], at: Point, kinds: tuple[str, ...]
) -> list[tuple[dict[str, Any], float]]:
    """The rows of some kinds with a place, nearest first, each with its straight distance in metres."""
    found = [
        (row, distance_m(at, (row["lon"], row["lat"])))
        for row in rows
        if row["kind"] in kinds and row["lon"] is not None and row["lat"] is not None
    ]
    return sorted(found, key=lambda pair: pair[1])
