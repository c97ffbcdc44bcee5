"""Given the made-up city, then its map is read without a finding, addresses and coordinates agree, and customers fit their places."""

import json
import re
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest

from demo.life import application
from demo.town import basemap, city
from demo.town.ground import Spot, along, length, lonlat
from demo.town.places import Site, sites
from jiedian.grid.circuit.calc.ground import distance_m
from jiedian.grid.network.calc.geojson import read_map
from tests.cast import moment

AT = moment("2026-03-02 09:00")


@cache
def town() -> city.City:
    return city.make()


@cache
def streets() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for feature in town().basemap["features"]:
        if feature["properties"]["kind"] == "street":
            found.setdefault(feature["properties"]["name"], []).append(feature)
    return found


def house(street: str, number: int) -> tuple[float, float]:
    """Where the base map's own numbers put a house, in degrees; half of a street's numbers are on either side."""
    for feature in streets()[street]:
        first, last = feature["properties"]["first"], feature["properties"]["last"]
        if first <= number <= last + 1:
            way: list[Spot] = [(x, y) for x, y in feature["geometry"]["coordinates"]]
            return along(way, length(way) * (number - first) / max(last - first, 1))
    raise AssertionError(f"{street} {number}")


def test_the_map_is_read_without_a_finding_and_says_that_it_is_made_up() -> None:
    found = read_map(json.dumps(town().basemap).encode())
    assert found.findings == () and found.is_made_up and "虚构" in found.name and "Made up" in found.note
    kinds = Counter(feature.kind for feature in found.features)
    assert kinds["street"] > 100 and kinds["block"] > 150 and kinds["district"] == 6 and kinds["water"] == 1
    whats = {feature.what for feature in found.features if feature.kind == "place"}
    assert whats >= {
        "hospital",
        "school",
        "station",
        "market",
        "village",
        "estate",
        "factory",
        "government",
        "park",
    }
    assert all(
        feature.name and feature.name_en for feature in found.features if feature.kind in ("street", "place")
    )


def test_no_block_and_no_place_stands_in_the_river() -> None:
    ring = np.asarray([lonlat(at) for at in basemap.river()])
    for feature in town().basemap["features"]:
        if feature["properties"]["kind"] in ("block", "place"):
            points = feature["geometry"]["coordinates"]
            points = points[0] if feature["geometry"]["type"] == "Polygon" else [points]
            assert not any(inside(point, ring) for point in points), feature["properties"]


def inside(point: Any, ring: Any) -> bool:
    x, y = point
    a, b = ring[:-1], ring[1:]
    crosses = (a[:, 1] > y) != (b[:, 1] > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])
    return bool((crosses & (x < at)).sum() % 2)


@pytest.mark.parametrize("kind", ["home", "shop", "village", "high", "important", "high_35", "far"])
def test_an_address_is_where_its_number_says(kind: str) -> None:
    own = [site for site in sites() if site.kind == kind]
    assert own
    for site in own:
        street, number = split(site)
        assert distance_m(house(street, number), (site.lon, site.lat)) < 35, site


def split(site: Site) -> tuple[str, int]:
    found = re.match(r"(\S+) (\d+) 号（(.+)）$", site.address)
    assert found, site.address
    return found[1], int(found[2])


def test_every_address_is_one_persons() -> None:
    assert len({site.address for site in sites()}) == len(sites()) > 500


def test_low_voltage_is_near_but_for_the_one_too_far() -> None:
    network = town().network
    posts = np.asarray(
        [network.places[name] for name, kv in zip(network.buses.id, network.buses.kv, strict=True) if kv < 1]
    )

    def nearest(site: Site) -> float:
        close = np.argsort(np.hypot((posts[:, 0] - site.lon) * 0.73, posts[:, 1] - site.lat))[:3]
        return min(distance_m((site.lon, site.lat), tuple(posts[i])) for i in close)

    near = [nearest(site) for site in sites() if site.kind in ("home", "shop", "village")]
    assert np.quantile(near, 0.9) < 250 and max(near) < 500
    assert all(nearest(site) > 1000 for site in sites() if site.kind == "far")


@pytest.mark.django_db
def test_customers_settle_where_their_kind_does() -> None:
    at = {site.address: site for site in sites()}
    kinds = Counter()
    for number in range(400):
        made = application(number, AT)
        site = at[made.address]
        kinds[made.declared_class, site.kind] += 1
        assert made.area == site.area
    assert {kind for case_class, kind in kinds if case_class == "RES"} == {"home"}
    assert {kind for case_class, kind in kinds if case_class == "HV2"} == {"high", "high_35", "important"}
    assert {kind for case_class, kind in kinds if case_class == "HV1"} == {"high"}
    assert kinds["LV0", "far"] and kinds["LV0", "village"] and kinds["LVN", "shop"]


@pytest.mark.django_db
def test_the_same_customer_comes_again() -> None:
    assert application(7, AT) == application(7, AT)
