"""A small made-up town as GeoJSON: the streets, river, blocks and places under the town of the grid tests."""

from typing import Any

WEST, SOUTH = 117.99, 36.79


def at(x: float, y: float) -> list[float]:
    """A point in thousandths of a degree from the corner of the town."""
    return [round(WEST + x / 1000, 6), round(SOUTH + y / 1000, 6)]


def feature(shape: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": shape, "coordinates": coordinates},
        "properties": properties,
    }


def street(name: str, name_en: str, *points: tuple[float, float], **more: Any) -> dict[str, Any]:
    """A street along points; its numbers with ``first`` and ``last``."""
    return feature("LineString", [at(*p) for p in points], kind="street", name=name, name_en=name_en, **more)


def box(x: float, y: float, w: float, h: float) -> list[list[list[float]]]:
    return [[at(x, y), at(x + w, y), at(x + w, y + h), at(x, y + h), at(x, y)]]


def town_map(*more: dict[str, Any]) -> dict[str, Any]:
    """The town: three streets, a river, a park, a district, four blocks, three places."""
    places = [
        ("学府小学", "Xuefu School", "school", (12, 22)),
        ("柳林村", "Liulin Village", "village", (3, 3)),
        ("城西市场", "West Market", "market", (22, 9)),
    ]
    rows = [
        street("学府路", "Xuefu Road", (0, 20), (40, 20), rank=1, first=1, last=200),
        street("人民路", "Renmin Road", (20, 0), (20, 40), rank=2, first=2, last=151),
        street("柳巷", "Liu Lane", (5, 5), (15, 5), rank=3),
        feature(
            "LineString",
            [at(0, 35), at(20, 30), at(40, 33)],
            kind="water",
            name="云溪河",
            name_en="Yunxi River",
        ),
        feature("Polygon", box(30, 5, 6, 6), kind="park", name="书院公园", name_en="Academy Park"),
        feature("Polygon", box(0, 0, 20, 20), kind="district", name="老城", name_en="Old Town"),
        *(feature("Polygon", box(x, y, 19, 19), kind="block") for x in (0, 21) for y in (0, 21)),
        *(
            feature("Point", at(*spot), kind="place", name=name, name_en=name_en, what=what)
            for name, name_en, what, spot in places
        ),
        *more,
    ]
    return {
        "type": "FeatureCollection",
        "name": "云溪",
        "is_made_up": True,
        "note": "虚构",
        "features": rows,
    }
