"""The land of the areas: none on another's, within reach of its nodes, cut at the blocks; whatever stands where."""

import itertools
import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedian.grid.network.calc.cells import MOST_M, Cell, cells
from jiedian.grid.network.queries.basemap import blocks_of, ground_now
from jiedian.grid.network.queries.land import land_of, wires_of
from jiedian.grid.network.queries.network import version_now
from jiedian.grid.network.services.basemap import take_map
from tests.cast import moment
from tests.grid.conftest import PLANNER

from .maps import box, feature, town_map

LON, LAT = 118.0, 36.8
METRE = 1 / 111_195


def shape(cell: Cell) -> shapely.Geometry:
    """The cell as a shape in metres; holes count out."""
    flat = math.cos(math.radians(LAT))
    rings = [[(lon * flat / METRE, lat / METRE) for lon, lat in ring] for ring in cell.rings]
    found = shapely.Polygon(rings[0]).buffer(0)
    for ring in rings[1:]:
        found = found.symmetric_difference(shapely.Polygon(ring).buffer(0))
    return found


def spot(x: int, y: int) -> tuple[float, float]:
    """A place so many metres from the corner."""
    return LON + x * METRE / math.cos(math.radians(LAT)), LAT + y * METRE


PLACES = st.lists(
    st.lists(st.builds(spot, st.integers(0, 3000), st.integers(0, 3000)), min_size=1, max_size=5),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(PLACES)
def test_no_land_lies_on_another_and_none_is_far_from_its_nodes(
    places: list[list[tuple[float, float]]],
) -> None:
    found = cells({str(row): each for row, each in enumerate(places)})
    assert set(found) == {str(row) for row in range(len(places))}
    shapes = {name: shape(cell) for name, cell in found.items()}
    for a, b in itertools.combinations(shapes.values(), 2):
        assert a.intersection(b).area < 1 + 0.001 * min(a.area, b.area)
    flat = math.cos(math.radians(LAT))
    for name, cell in found.items():
        nodes = shapely.MultiPoint([(x * flat / METRE, y / METRE) for x, y in places[int(name)]])
        at = shapely.Point(cell.at[0] * flat / METRE, cell.at[1] / METRE)
        assert shapes[name].area > 0 and at.distance(shapes[name]) < 0.1
        assert shapes[name].hausdorff_distance(nodes) < 2 * MOST_M + 5000 * (len(places[int(name)]) > 1)


def test_two_areas_in_one_house_lie_side_by_side() -> None:
    found = cells({"1": [spot(100, 100)], "2": [spot(100, 100)], "3": [spot(900, 100)]})
    assert len(found) == 3 and shape(found["1"]).intersection(shape(found["2"])).area < 1


def test_land_is_cut_at_the_blocks_and_stays_whole_where_there_is_none() -> None:
    block = (tuple(spot(x, y) for x, y in ((0, 0), (200, 0), (200, 200), (0, 200), (0, 0))),)
    near, far = spot(100, 100), spot(2500, 2500)
    found = cells({"in": [near], "out": [far]}, [block])
    assert shape(found["in"]).area == pytest.approx(200 * 200, rel=0.01)
    assert shape(found["out"]).area > 200 * 200
    assert cells({"none": []}) == {}


def square(x: int, y: int, side: int) -> tuple[tuple[float, float], ...]:
    return tuple(spot(x + a * side, y + b * side) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0)))


def test_every_part_of_a_block_is_town_and_its_hole_is_not() -> None:
    block = (square(0, 0, 200), square(2000, 0, 300), square(50, 50, 20))
    found = cells({"first": [spot(100, 100)], "second": [spot(2150, 150)]}, [block])
    assert shape(found["second"]).area == pytest.approx(300 * 300, rel=0.01)
    assert shape(found["first"]).area == pytest.approx(200 * 200 - 20 * 20, rel=0.005)


@pytest.mark.django_db
def test_the_land_of_a_grid_follows_the_base_map_in_force(town: object) -> None:
    from jiedian.grid.network.models import Grid

    version = version_now(Grid.objects.get())
    whole = land_of(version.pk)["D1"]
    small = feature("Polygon", box(19.5, 9.5, 1, 1), kind="block")
    take_map(town_map(small), name="x", actor=PLANNER, at=moment("2025-06-01 09:00"))
    cut = land_of(version.pk)["D1"]
    assert shape(cut).area < shape(whole).area
    assert len(blocks_of(ground_now().pk)) == 5


@pytest.mark.django_db
def test_the_lines_of_a_feeder_are_drawn_as_one_and_a_tie_is_open(town: object) -> None:
    from jiedian.grid.network.models import Grid

    version = version_now(Grid.objects.get())
    wires = wires_of(version.pk, {"LA1": "城西一线"})
    assert sorted(len(wire.points) for wire in wires if not wire.is_open) == [3, 4], (
        "two lines each, one a route"
    )
    assert [wire.name for wire in wires if wire.points[0] == (118.0, 36.8)].count("城西一线") == 1
    assert sum(wire.is_open for wire in wires) == 1
    assert {
        wire.name for wire in wires_of(version.pk, {"LA1": "城西一线"}, feeder="LA1") if not wire.is_open
    } == {"城西一线"}
